"""What is known of a pile and its guns: values that are replaced and never changed.

A `PileState` is made anew whenever something in it changes, so two states can
be compared, kept and handed on without a copy. Nothing here knows a byte of the
protocol, and nothing here knows an entity.

What is made anew with every report is not frozen, though as little changed as
the rest: a frozen dataclass of so many fields takes four times as long to make.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from .bms import Bms
from .card_list import NO_OFFLINE_CARDS, OfflineCardsState
from .charge_limits import NO_LIMITS, ChargeLimits, Limit
from .logins import NO_LOGINS, LoginsState
from .maintenance import FirmwareUpdate
from .parallel_gun import ParallelGun
from .parking import ParkingLock
from .settings import NOT_WHEN_PLUGGED, StartWhenPlugged, WorkingParameters, nothing_chosen
from .tariff import ModelState


class GunStatus(StrEnum):
    """What a gun is doing, in the order in which a charge runs through it."""

    OFFLINE = "offline"
    FAULT = "fault"
    IDLE = "idle"
    PLUGGED = "plugged"
    STARTING = "starting"
    WAITING_FOR_PLUG = "waiting_for_plug"
    CHARGING = "charging"
    STOPPING = "stopping"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class PileInfo:
    """What a pile says of itself when it logs in (6.1)."""

    code: str
    """14 hex digits, given by the operator."""
    pile_type: str = "dc"
    """`dc` or `ac`."""
    gun_count: int = 1
    protocol_version: str | None = None
    """As people write it: `1.6`."""
    software_version: str | None = None
    network: str | None = None
    """`sim`, `lan`, `wan`, `other`; a number as text when the table has no name."""
    operator: str | None = None
    sim: str | None = None
    """SIM card number, 20 hex digits, None when the pile names none; private, never logged in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSession:
    """How a gun's newest session ended."""

    transaction: str
    energy: Decimal
    """kWh of the record; as last reported where no record came."""
    cost: Decimal
    """CNY, service price included; as last reported where no record came."""
    stop_reason: str
    """Slug of the record's stop reason, or of the outcome when there is no record."""
    started: datetime | None = None
    ended: datetime | None = None
    """Aware datetimes; when the order was closed where no record came."""
    limit: Limit | None = None
    """The limit that it was stopped at."""


@dataclass(frozen=True, slots=True)
class ClosedCharge:
    """What an order came to that was open until now."""

    session: LastSession
    """As its record has it; as last reported, with the outcome for a stop reason, where no record came."""
    failed: bool
    """It was not started; then the stop reason says why."""


class PlugProgress(StrEnum):
    """How far a vehicle that is plugged in is from being charged by itself."""

    OFF = "off"
    NO_VEHICLE = "no_vehicle"
    WAITING = "waiting"
    STARTING = "starting"
    STARTED = "started"
    NOT_STARTED = "not_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlugStart:
    """What becomes of starting when plugged in."""

    setting: StartWhenPlugged = NOT_WHEN_PLUGGED
    progress: PlugProgress | None = PlugProgress.OFF
    """None while it is not known whether a vehicle is there."""
    reason: str | None = None
    """Slug: why it waits, or was not started; the pile's own for a refusal (8.4)."""
    until: datetime | None = None
    """When a start is due, in the pile's time zone, where that is known."""


NO_PLUG_START: Final = PlugStart()
"""Of a gun where nobody chose."""


@dataclass(frozen=True, slots=True)
class MonthToDate:
    """What a gun's sessions have come to in the month that it is."""

    began: datetime
    """Aware, local."""
    energy: Decimal
    """kWh of the month's records and of what is not billed yet."""
    cost: Decimal
    """CNY of the same, service price included."""
    unbilled_energy: Decimal = Decimal(0)
    """Of the energy what is not billed yet, as last reported; also while the pile is offline."""
    unbilled_cost: Decimal = Decimal(0)
    """The same of the cost."""


@dataclass(slots=True, kw_only=True)
class GunState:
    """A gun as the pile last reported it, with what the ledger knows of it.

    None means that the pile has not said: before its first report, or where it
    marks a value as not available.
    """

    number: int
    status: GunStatus | None = GunStatus.OFFLINE
    """None while the pile is online and has not reported this gun yet."""
    plugged: bool | None = None
    charging: bool | None = None
    problem: bool | None = None
    faults: int = 0
    """The 13 fault bits of 0x13, lowest first (7.2)."""
    voltage: float | None = None
    """V."""
    current: float | None = None
    """A."""
    power: float | None = None
    """W, voltage times current."""
    session_energy: Decimal | None = None
    """kWh since the session began."""
    session_cost: Decimal | None = None
    """CNY since the session began, service price included."""
    charging_time: int | None = None
    """Minutes since the session began."""
    remaining_time: int | None = None
    """Minutes, as the vehicle estimates; None for AC piles."""
    state_of_charge: int | None = None
    """Percent; None for AC piles and while no vehicle reports."""
    cable_temperature: int | None = None
    """°C."""
    battery_temperature: int | None = None
    """°C, the hottest point of the battery."""
    transaction: str | None = None
    """Transaction number of the open order, 32 hex digits."""
    opened: datetime | None = None
    """When the open order was authorised; UTC."""
    began: bool = False
    """The open order was reported to charge."""
    total_energy: Decimal = Decimal(0)
    """kWh: settled records and the running session, never lowered."""
    parallel: ParallelGun | None = None
    """What the gun is to a parallel charge that is under way; None for a charge of its own."""
    month: MonthToDate | None = None
    last_session: LastSession | None = None
    closed: ClosedCharge | None = None
    """The order that was closed last while the platform runs; None for one that was called off before it charged."""
    bill_mismatch: bool | None = None
    """The newest record bills other costs than the model in force; None where that is not known."""
    bms: Bms | None = None
    """What the vehicle's battery management said in the newest charge."""
    parking_lock: ParkingLock | None = None
    """None as long as the gun has reported none since it is online."""
    plug_start: PlugStart = NO_PLUG_START
    limits: ChargeLimits = NO_LIMITS
    """What each of its charges may come to."""
    charge_limits: ChargeLimits = NO_LIMITS
    """What the open order may come to: by its own limits, else by those of the gun. In a parallel charge its own
    ones are for all guns together."""
    limit_reached: Limit | None = None
    """The limit that the newest charge was or is being stopped at; None before, and where there was none."""


@dataclass(slots=True, kw_only=True)
class PileState:
    """A pile with its guns."""

    info: PileInfo
    connected: bool = False
    """A socket is open and logged in."""
    online: bool = False
    """Connected, or gone for less than the short absence that changes nothing."""
    address: str | None = None
    """Where the pile called from last."""
    logins: LoginsState = NO_LOGINS
    billing_model: ModelState = ModelState.UNKNOWN
    """Whether the pile has the model that it is to have."""
    clock_offset: float | None = None
    """Seconds that the pile's clock was ahead of local time, below 0 behind; None before it showed any.

    The newest of two: the time in the reply when the clock was set (9.4), which
    by firmware is the one before (how far it had drifted) or after (next to 0);
    and the end in a record of a charge that just ended, which is seconds old.
    """
    parameters: WorkingParameters | None = None
    """As the pile confirmed them last; None before it did."""
    desired_parameters: WorkingParameters | None = None
    """What it is to confirm, now or after its next login; None where nothing was chosen."""
    firmware_update: FirmwareUpdate | None = None
    """How the last update ended; None before one did."""
    offline_cards: OfflineCardsState = NO_OFFLINE_CARDS
    """The cards that may charge while the pile has no connection."""
    start_when_plugged: Mapping[int, StartWhenPlugged] = field(default_factory=nothing_chosen)
    """By gun, where a person chose."""
    session_limits: Mapping[int, ChargeLimits] = field(default_factory=nothing_chosen)
    """By gun, where a person chose."""
    guns: Mapping[int, GunState] = field(default_factory=lambda: MappingProxyType({}))
    """By gun number, 1 to gun_count."""
