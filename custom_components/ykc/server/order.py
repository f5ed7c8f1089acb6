"""One charge, from its authorisation to the settled record (5.2, 8.7, 13.3).

An `Order` is told what happened and at what monotonic time, and answers what
phase the charge is in, until when the next thing must have happened, and what
that makes of the order. It sends nothing and waits for nothing: the gun does.

    requested ──0x33 ok──> accepted ──0x13 charging──> charging
        │ └─not plugged─> waiting_for_plug ─0x33 ok─┘      │
        │                                           0x36 / end of charge
        └─refused, no reply: closed                         │
                                   stopping / ended ──0x3B──> closed (settled)
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ..protocol import NO_TRANSACTION, GunStatus, Realtime
from .booking import Booking
from .charge_limits import NO_LIMITS, ChargeLimits, Limit
from .limits import Timing
from .origin import Origin
from .parallel_gun import ParallelGun


class Phase(StrEnum):
    """How far an order has come."""

    REQUESTED = "requested"
    WAITING_FOR_PLUG = "waiting_for_plug"
    ACCEPTED = "accepted"
    CHARGING = "charging"
    STOPPING = "stopping"
    ENDED = "ended"
    """The charge is over and its record has not come."""
    CLOSED = "closed"


class Outcome(StrEnum):
    """What became of an order."""

    SETTLED = "settled"
    """Its record is in the ledger."""
    START_REFUSED = "start_refused"
    NO_REPLY = "no_reply"
    """No 0x33 in time."""
    NOT_PLUGGED_IN_TIME = "not_plugged_in_time"
    NO_CHARGING_REPORT = "no_charging_report"
    """The pile said yes, and did not report charging in time."""
    CANCELLED = "cancelled"
    """Stopped before it charged."""
    OTHER_GUN_FAILED = "other_gun_failed"
    """Another gun of its parallel charge was not started."""
    IDLE_DURING_ORDER = "idle_during_order"
    """Idle was reported twice where a charge should be, and no record came."""
    NO_RECORD = "no_record"


STARTING = frozenset({Phase.REQUESTED, Phase.WAITING_FOR_PLUG, Phase.ACCEPTED})
DELIVERING = frozenset({Phase.CHARGING, Phase.STOPPING})
OVER = frozenset({Phase.ENDED, Phase.CLOSED})
NEVER_BEGUN = frozenset({Outcome.START_REFUSED, Outcome.NO_REPLY, Outcome.OTHER_GUN_FAILED})
"""Outcomes that whoever asked for the start is told as an error."""
MUST_NOT_CHARGE = frozenset(
    {
        Outcome.NO_REPLY,
        Outcome.START_REFUSED,
        Outcome.NOT_PLUGGED_IN_TIME,
        Outcome.NO_CHARGING_REPORT,
        Outcome.CANCELLED,
        Outcome.OTHER_GUN_FAILED,
    }
)
"""After these a pile that charges all the same is told to stop (13.3, 1 to 3)."""


@dataclass(slots=True, kw_only=True, eq=False)
class Order:
    """An authorised charge of one gun."""

    transaction: str
    """Transaction number, 32 hex digits; ours, or the pile's for a foreign charge."""
    gun: int
    opened: datetime
    """UTC."""
    phase: Phase = Phase.REQUESTED
    outcome: Outcome | None = None
    reason: str | None = None
    """Slug of the pile's reason, where it refused."""
    energy: Decimal = Decimal(0)
    """kWh, as far as reported; never goes back."""
    amount: Decimal = Decimal(0)
    """CNY, as far as reported."""
    counted: Decimal = Decimal(0)
    """kWh of it in the gun's total: what the pile stored while away waits for a live report, or the end."""
    counted_amount: Decimal = Decimal(0)
    """The same of the amount, in CNY."""
    began: bool = False
    """Charging was reported."""
    waited: bool = False
    """The pile said that it waits for the plug."""
    asked_to_stop: bool = False
    origin: Origin = Origin.PLATFORM
    card: str = ""
    """Physical card that the charge is booked to, 16 hex digits; "" for none."""
    booking: Booking | None = None
    """On whom it is booked; None for nobody that is known."""
    reserved: Decimal = Decimal(0)
    """CNY, whole cents, of the driver's balance that it may cost; of a prepaid one, set when it is written."""
    parallel: ParallelGun | None = None
    """What its gun is to a parallel charge; None for a charge of its own."""
    limits: ChargeLimits = NO_LIMITS
    """Its own; they win over those of its gun, and a parallel charge's are for all its guns together."""
    limit_reached: Limit | None = None
    """The limit that it was stopped at."""
    charging_since: datetime | None = None
    """UTC, when charging was reported first."""
    timing: Timing = field(default_factory=Timing, repr=False)
    heard: float | None = None
    """Monotonic time of the last report of charging on this connection."""
    deadline: float | None = None
    """Monotonic time at which `expire` is due; None: no deadline runs."""
    _requested: float | None = None
    _idle_reports: int = 0

    def __post_init__(self) -> None:
        """Count what was reported before a restart."""
        self._count()

    def _count(self) -> None:
        self.counted, self.counted_amount = self.energy, self.amount

    @property
    def sent(self) -> bool:
        """Whether the pile may know of it: the 0x34 went out, now or before a restart."""
        return self._requested is not None

    @property
    def is_session(self) -> bool:
        """Whether a closed order is shown as a session, for want of another way to tell its outcome."""
        return self.waited or self.outcome not in NEVER_BEGUN

    # What the platform does

    def request(self, now: float) -> None:
        """Count the deadlines from now: the 0x34 goes out."""
        self._requested = now
        self.deadline = now + self.timing.start_reply

    def authorise(self, now: float) -> None:
        """Await the charge: the pile asked for it itself, and is told in a 0x32 that it may."""
        self._requested = now
        self.phase = Phase.ACCEPTED
        self.deadline = now + self.timing.charging_report

    def stop(self, now: float) -> None:
        """Await the end: the pile accepted the 0x36."""
        if self.phase in OVER:
            return
        self.asked_to_stop = True
        if self.phase is Phase.WAITING_FOR_PLUG:
            self.close(Outcome.CANCELLED)
        else:
            self.phase = Phase.STOPPING
            self.deadline = now + self.timing.record

    def stop_at(self, limit: Limit, now: float) -> None:
        """End it: it has reached a limit."""
        if self.phase not in OVER:
            self.limit_reached = limit
            self.stop(now)

    def call_off(self, now: float) -> None:
        """End it: another gun of its parallel charge was not started."""
        if self.began:
            self.stop(now)
        else:
            self.close(Outcome.OTHER_GUN_FAILED)

    def refuse_stop(self, now: float, *, not_charging: bool) -> bool:
        """Take a refused 0x36; True when there is nothing left to stop all the same."""
        if self.phase is not Phase.WAITING_FOR_PLUG and not not_charging:
            return False
        self.asked_to_stop = True
        if self.phase in STARTING:
            # Should the pile begin yet, it will be told that it must not.
            self.close(Outcome.CANCELLED)
        else:
            self.end(now)
        return True

    # What the pile says

    def accept(self, now: float) -> None:
        """Take a 0x33 'ok', the first or the one after the plug."""
        if self.phase in (Phase.REQUESTED, Phase.WAITING_FOR_PLUG):
            self.phase = Phase.ACCEPTED
            self.deadline = max(now, self._due(now, self.timing.charging_report))

    def refuse(self, reason: str, now: float) -> None:
        """Take a 0x33 'failed'; 'not_plugged' keeps the order open for a while."""
        if self.phase not in (Phase.REQUESTED, Phase.WAITING_FOR_PLUG):
            return
        self.reason = reason
        if reason == "not_plugged":
            self.phase = Phase.WAITING_FOR_PLUG
            self.waited = True
            self.deadline = self._due(now, self.timing.late_plug)
        else:
            self.close(Outcome.START_REFUSED)

    def take_report(self, report: Realtime, now: float) -> None:
        """Take a 0x13 of the gun, whichever charge it speaks of."""
        if report.status != GunStatus.CHARGING:
            if report.transaction in (self.transaction, NO_TRANSACTION):
                self.report_idle(now)
        elif report.transaction == self.transaction:
            self.report_charging(report.energy, report.amount, now)
        elif report.transaction != NO_TRANSACTION:
            # The gun is busy with another.
            self.end(now)

    def report_charging(self, energy: Decimal, amount: Decimal, now: float) -> None:
        """Take a 0x13 'charging' with this transaction number."""
        if self.phase is Phase.CLOSED:
            return
        self.energy = max(self.energy, energy)
        self.amount = max(self.amount, amount)
        self._count()
        self.began = True
        self.heard = now
        self._idle_reports = 0
        if self.asked_to_stop:
            # The time for the record counts from the end of charging, which is yet to come.
            self.phase = Phase.STOPPING
            self.deadline = now + self.timing.record
        else:
            self.phase = Phase.CHARGING
            self.deadline = None

    def take_stored(self, energy: Decimal, amount: Decimal) -> bool:
        """Take a 0x13 that is of some time in the past; True if it reports more than was known."""
        if self.phase is Phase.CLOSED or (energy <= self.energy and amount <= self.amount):
            return False
        self.energy = max(self.energy, energy)
        self.amount = max(self.amount, amount)
        return True

    def report_idle(self, now: float) -> None:
        """Take a 0x13 that says the gun does not charge."""
        if self.phase in (Phase.CHARGING, Phase.STOPPING, Phase.ENDED):
            if not self.asked_to_stop:
                self._idle_reports += 1
            self.end(now)

    def end(self, now: float) -> None:
        """Await the record: the charge is over (0x19, or a report)."""
        if self.phase in (Phase.CHARGING, Phase.STOPPING):
            self._count()
            self.phase = Phase.ENDED
            self.deadline = now + self.timing.record

    def settle(self) -> None:
        """Close the order well: its record is in the ledger, however late it came."""
        self.close(Outcome.SETTLED)

    # Time

    def suspend(self) -> None:
        """Stop the deadline: a pile without a connection can report nothing."""
        self.heard = None
        self.deadline = None

    def resume(self, now: float) -> None:
        """Give a pile that is back time to say what became of the order.

        A charge that goes on loses this deadline with its first report.
        """
        if self.phase is Phase.CLOSED:
            return
        if self._requested is None:
            # Taken up after a restart: when the 0x34 went out is no longer known.
            self._requested = now
        self.deadline = now + self.timing.resumed
        if self.phase is Phase.ACCEPTED:
            self.deadline = max(self.deadline, self._due(now, self.timing.charging_report))
        elif self.phase is Phase.WAITING_FOR_PLUG:
            self.deadline = max(self.deadline, self._due(now, self.timing.late_plug))

    def _due(self, now: float, patience: float) -> float:
        """Return when `patience` seconds after the 0x34 are over."""
        return (now if self._requested is None else self._requested) + patience

    def expire(self, now: float) -> Outcome | None:
        """Close the order if its deadline has passed; return what became of it."""
        if self.deadline is None or now < self.deadline:
            return None
        match self.phase:
            case Phase.REQUESTED:
                self.close(Outcome.NO_REPLY)
            case Phase.WAITING_FOR_PLUG:
                self.close(Outcome.NOT_PLUGGED_IN_TIME)
            case Phase.ACCEPTED:
                self.close(Outcome.NO_CHARGING_REPORT)
            case Phase.CHARGING:
                # Resumed, and not a word of it since: the charge is over.
                self.end(now)
                return None
            case _ if not self.began:
                self.close(Outcome.CANCELLED)
            case _ if self._idle_reports >= 2:
                self.close(Outcome.IDLE_DURING_ORDER)
            case _:
                self.close(Outcome.NO_RECORD)
        return self.outcome

    def close(self, outcome: Outcome) -> None:
        """End the order; a settled one stays settled."""
        if self.outcome is not Outcome.SETTLED:
            self.phase = Phase.CLOSED
            self.outcome = outcome
        self.deadline = None
