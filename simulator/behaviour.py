"""What a pile does differently from the specification, or where the specification leaves it a choice.

The defaults are a pile that does everything by the book. Every switch can be changed at any moment and counts from then on.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Literal


class SequenceScope(StrEnum):
    """What a firmware counts its frames for."""

    PILE = "pile"
    GUN = "gun"


class GunByte(StrEnum):
    """How guns from 10 on are written: 10h as in the tables, or 0Ah."""

    BCD = "bcd"
    BINARY = "binary"


class RecordDialect(Enum):
    """The layouts of the transaction record that piles send."""

    V16 = "v16"
    """0x3B with four tariff blocks: the specification."""
    DEEP_VALLEY = "deep_valley"
    """0x3B with a fifth tariff block behind valley."""
    V14 = "v14"
    """0x3F with short meter readings."""
    V12 = "v12"
    """0x39, the same layout; it may be acknowledged by 0x3A."""


class ParallelStyle(StrEnum):
    """How a pile goes about a charge with several guns."""

    TOGETHER = "together"
    """It waits for the commands of all guns of the car, answers them alike, and asks for all guns at once."""
    EACH = "each"
    """It answers each gun's command by itself and at once, and asks for one gun after the other."""
    ALONE = "alone"
    """The same, and each gun begins as soon as it may, whatever becomes of the others."""


class ModelQuestion(StrEnum):
    """How a pile asks for its billing model after the login."""

    CHECK_FIRST = "check_first"
    """0x05, and 0x09 when 0x06 said 'differs'."""
    CHECK_PER_GUN = "check_per_gun"
    """As before, with one 0x05 for each gun."""
    REQUEST_ONLY = "request_only"
    """Straight to 0x09."""
    REQUEST_ANYWAY = "request_anyway"
    """0x05, then 0x09 whatever 0x06 said."""


@dataclass(slots=True)
class Wire:
    """How the bytes of a pile's frames look and travel."""

    slow: float | None = None
    """Write each frame byte by byte, with this many real seconds between two bytes (0 only yields)."""
    coalesce: float | None = None
    """Gather what is sent within this many real seconds and write it in one go."""
    garbage: bytes = b""
    """Bytes written in front of every frame."""
    vendor_bytes: bytes = b""
    """Bytes that a vendor added to the end of every body."""
    swapped_crc: bool = False
    encrypted: set[int] = field(default_factory=set)
    """Frame types that carry the encrypted flag, with a scrambled body."""
    sequence_scope: SequenceScope = SequenceScope.PILE
    sequence_order: Literal["little", "big"] = "little"
    sequence_start: int = 0
    """Where the count begins on each connection."""
    gun_byte: GunByte = GunByte.BCD


@dataclass(slots=True)
class Behaviour:
    """How a pile holds its conversations."""

    wire: Wire = field(default_factory=Wire)

    # Any conversation
    ignores: set[int] = field(default_factory=set)
    """Types of the platform's frames that get lost on the way: nothing happens, nothing is answered."""
    mute: set[int] = field(default_factory=set)
    """Types of the pile's own frames that get lost on the way: it acts, but nobody hears of it."""
    reply_delay: float = 0.0
    """Seconds of the pile between a command and its reply."""

    deaf_seconds: float = 0.0
    """Lose a command that comes within this many real seconds of another one or of 0x02: firmware with one buffer, 0.1."""

    # Login
    login_attempts: int = 3
    """How often 0x01 is sent on one connection, 10 s apart, before the pile drops it. Some firmware: 1."""
    login_copies: int = 1
    """How often 0x01 is sent at once: some firmware stutters."""
    model_question: ModelQuestion = ModelQuestion.CHECK_FIRST
    stored_after_check: bool = False
    """Send what was stored offline after 0x06 (the flow chart) and not before 0x05 (the text of 5.1)."""
    stored_as_offline: bool = False
    """Give stored reports the status 'offline', which some firmware does."""

    # Start
    refuse_start: int | None = None
    """Answer every start with this reason of 0x33."""
    refuse_guns: dict[int, int] = field(default_factory=dict)
    """The same for some guns, by their number."""
    fail_start: int | None = None
    """Accept the start, and fail before the first ampere with this stop reason."""
    late_start: float | None = None
    """Answer 'not plugged' although a car is there, and 'ok' this many seconds later."""
    start_seconds: float = 2.0
    """From the accepted start to the closed contactor."""
    minimum_balance: Decimal = Decimal("0.01")
    """What a start has to bring with it; with less it is refused with 4Eh, as real firmware does."""

    parallel: ParallelStyle = ParallelStyle.TOGETHER
    stops_together: bool = False
    """End all guns of a parallel charge when one is told to stop."""

    # Start at the pile
    reversed_cards: bool = False
    """Send the bytes of a card in reverse, as some firmware does."""
    start_request_copies: int = 1
    """How often 0x31 is sent at once: some firmware stutters."""

    # Charge
    reports_idle: bool = False
    """Report the status 'idle' in the middle of a charge."""
    ignores_lock: bool = False
    """Apply only the power of 0x52, as some firmware does."""

    # Stop
    ignores_stop: bool = False
    """Answer 0x36 with 'ok' and go on charging."""
    refuse_stop: int | None = None
    """Answer 0x36 with this reason of 0x35 and go on charging."""
    settle_seconds: float = 1.0
    """From the last ampere to the record."""

    # Record
    no_record: bool = False
    """Keep the record back for ever."""
    record_dialect: RecordDialect = RecordDialect.V16
    deletes_on_any_ack: bool = False
    """Delete the record on a 0x40 that calls it invalid, too."""
    record_copies: int = 1
    """How often a record is sent at once: some firmware stutters."""

    # Settings and maintenance
    refuses_parameters: bool = False
    """Answer every 0x52 with 'failed'."""
    refuses_model: bool = False
    """Answer every 0x58 with 'failed', also when idle."""
    tells_old_time: bool = False
    """Give in 0x55 the time that the clock showed before it was set."""
    card_space: int = 1000
    """How many offline cards fit."""
    bad_cards: set[str] = field(default_factory=set)
    """Offline cards whose number this firmware calls wrong."""
    keeps_cards: bool = False
    """Remove no offline card that it has."""
    answers_other_cards: bool = False
    """Answer for other offline cards than those that it was asked about."""
    qr_dialects: set[int] = field(default_factory=lambda: {0xF0})
    """Frame types of QR codes that this firmware knows: 0xF0, 0x5A, 0x9C."""
    refuse_qr: bool = False
    """Answer every QR code with 'failed'."""
    update_result: int = 0
    """What a 0x94 comes to, with the codes of 0x93."""
    refuse_reboot: bool = False
