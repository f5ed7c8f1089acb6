"""Every number that bounds the conversation, in one place.

Times are seconds of monotonic time. Tests shorten them with `Timing.faster`.
"""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Final, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The deadlines and intervals of the conversation."""

    login: float = 30.0
    """A connection that has not logged in by then is closed."""
    refused: float = 1.0
    """A connection whose login was refused is kept so long, for another pile of a concentrator to log in on it."""
    stall: float = 5.0
    """A frame that began and does not go on for so long was none."""
    silence: float = 35.0
    """Three heartbeats of 10 s missed (6.3), and half a one of patience."""
    alive: float = 15.0
    """A pile that was heard no longer ago is still there: one heartbeat missed (6.3), and half a one of patience.

    A pile that lost its link misses several before it dials anew.
    """
    takeovers: float = 600.0
    """Takeovers of a live pile that are told of come within so long; they are over when none came for so long."""
    slow_takeovers: float = 24 * 3600.0
    """The same for takeovers that come so seldom that a few of them pass for restarts."""
    refusals: float = 10.0
    """Refused logins of a pile that come faster are told together."""
    hardware: float = 600.0
    """So long is waited before one change too many of what a pile says that it is, see `MAX_HARDWARE_CHANGES`."""
    watch: float = 0.1
    """Piles that fall silent within so long may be noticed together."""
    short_absence: float = 30.0
    """A pile that is back by then was never away: nothing but its connection changes."""
    pace: float = 0.25
    """Least time between frames that the pile did not ask for."""
    command: float = 10.0
    """How long a command holds the line while its reply is awaited."""
    parallel_command: float = 2.0
    """The same for a gun of a parallel charge before the next one's command: some piles answer all at the end."""
    parallel_request: float = 2.0
    """How long a driver's request for one gun of a parallel charge waits for that of another one."""
    parallel_refusal: float = 30.0
    """How long a refusal is for the guns of the parallel charge that are asked for later, too."""
    background: float = 5.0
    """The same for what no person waits for: clock and first reports after login."""
    start_reply: float = 60.0
    """The 0x33 must be here by then, else the order is closed (13.3, 2)."""
    start_answer: float = 10.0
    """How long a driver's request at the pile is held for a person or an automation."""
    late_plug: float = 60.0
    """A failed 0x33 'not plugged' may be followed by a successful one until then (8.4)."""
    charging_report: float = 90.0
    """A 0x13 'charging' must be here by then, counted from the 0x34 (13.3, 1)."""
    record: float = 30.0
    """The record must be here this long after the end of charging (13.3, 7)."""
    resumed: float = 30.0
    """What a pile that is back gets at least, to report the order it was in."""
    limit_window: float = 60.0
    """What was measured within so long tells how fast a charge comes near its limits."""
    insist: float = 60.0
    """A pile that charges without an order is told to stop again after so long."""
    parameters: float = 60.0
    """Least time between two 0x52: changes that come faster are sent together."""
    clock: float = 24 * 3600.0
    """The pile's clock is set after login and then this often (9.3)."""
    offline_cards: float = 5.0
    """Changes of drivers that follow each other so fast are told to a pile together."""
    model: float = 60.0
    """A pile that has not asked for its billing model so long after its login is given it."""
    plug_flicker: float = 5.0
    """A gun that was unplugged for less was not: contacts bounce."""
    plug_hold: float = 30.0
    """What a pile that is back gets to tell of charges meanwhile, before a vehicle is charged by itself."""
    plug_retry: float = 60.0
    """The pause before a start by itself is tried again; each further one is five times as long."""
    plug_watch: float = 60.0
    """How often is looked whether a period has begun, should the clock be set meanwhile."""
    time_zone: float = 60.0
    """How often is looked whether local time has jumped, as with daylight saving time or a clock that was set."""
    clock_jump: float = 5.0
    """By so much our clock must have been set for the piles' clocks to be set too, without waiting a day."""
    rewrite: float = 60.0
    """What the disk did not take, and must, is written again after so long."""
    fresh: float = 60.0
    """A record whose charge was reported no longer ago tells what the pile's clock shows."""
    farewell: float = 5.0
    """What was written to a closed connection has so long to be read."""

    def faster(self, factor: float) -> Self:
        """Return the same conversation with every time divided by `factor`."""
        return type(self)(**{part.name: getattr(self, part.name) / factor for part in fields(self)})


MAX_CONNECTIONS: Final = 12_000
"""Sockets of one listener, logged in or not."""
MAX_STRANGERS: Final = 512
"""Sockets that have not logged in; many piles may be dialling in at once."""
MAX_STRANGERS_PER_ADDRESS: Final = 64
"""The same from one address: a whole site may share one behind a router."""
MAX_TAKEOVERS: Final = 3
"""Takeovers of a live pile within `Timing.takeovers` that pass for restarts; with one more, two machines have its code."""
MAX_HARDWARE_CHANGES: Final = 3
"""Changes of what a pile says that it is within `Timing.hardware` that are taken over: devices and entities follow."""
MAX_SLOW_TAKEOVERS: Final = 24
"""The same within `Timing.slow_takeovers`: no pile restarts so often, and who is in no hurry must not pass unnoticed."""
MAX_WRITE_BUFFER: Final = 64 * 1024
"""Bytes that a peer may leave unread before it counts as dead."""
MAX_READ: Final = 2048
"""Bytes that are taken of a peer before the others have their turn: made to cost the most, they take 2 ms."""
MAX_STRANGER_READ: Final = 512
"""The same of a peer that has not logged in, of which there may be `MAX_STRANGERS`."""
MAX_STRANGER_BYTES: Final = 16 * 1024
"""Bytes that a peer may send before it has logged in: a concentrator may try 256 piles that are not approved."""
MAX_PILES_PER_CONNECTION: Final = 256
"""Piles that a concentrator may carry on one connection."""
MAX_GUNS: Final = 99
"""Guns of a pile: their number is one byte of packed decimal."""
MAX_ORDERS: Final = 16
"""Open orders of one gun; a pile that reports ever new charges has no more."""
MAX_WORK: Final = 512
"""What a pile may have under way, such as writes to the disk, before no more is read of what it sends."""
MAX_RECORDS: Final = 256
"""Records of one pile on their way to the disk; it repeats what is not acknowledged."""
CLOCK_PATIENCE: Final = 300.0
"""Seconds that a pile's clock may be ahead when it shows which of two equal hours it is, at the end of daylight saving."""
LEDGER_PROBE: Final = 60.0
"""Seconds after which a ledger that could not be written is tried again, should nothing else be written."""
LATE_RECORD: Final = 600.0
"""Seconds from the end of its session after which a record is late; a connected pile repeats it for 6.5 minutes."""
MAX_RECENT_FRAMES: Final = 100
"""Frames of a pile that are kept to be shown to who looks for a fault: 26 kB of them at most."""

LOG_INTERVAL: Final = 60.0
"""A kind of trouble is logged at once, and next after so long; then the pauses double."""
MAX_LOG_INTERVAL: Final = 3600.0
"""The longest pause between two lines about a kind of trouble that goes on."""

MAX_PLUG_STARTS: Final = 3
"""Starts by itself that are sent for one vehicle while the pile refuses."""
PLUG_RETRY_GROWTH: Final = 5

MAX_CARD_SPLITS: Final = 60
"""How often refused lists of offline cards are halved, to find the cards that a pile does not take."""

PROGRESS_PAUSE: Final = 0.1
"""Seconds in which the progress of all running sessions is gathered, to be written in one transaction."""

NUMBER_TRIES: Final = 3
"""How often a transaction number is drawn again when it was given before."""

DEFAULT_BALANCE: Final = 10_000
"""CNY sent with a start: some piles refuse a start with a low balance."""
MAX_BALANCE: Final = Decimal(42_949_672)
"""CNY: four bytes of cents (8.2, 8.3, 8.9)."""
MIN_PREPAID: Final = 1
"""CNY that must be available for a prepaid driver to start: with less some piles refuse, and no car gets far."""
