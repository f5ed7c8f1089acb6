"""One gun: what it last reported, its open orders, and what it has delivered.

It takes what the pile says and gives a `GunState`. It sends nothing and writes
nothing: the pile does.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from ..protocol import NO_TRANSACTION, GunHealth, GunNumber, GunStatus as Reported, Realtime
from .bms import Bms
from .charge_limits import NO_LIMITS, Limit
from .history import ClosedOrder, GunHistory, Stored
from .month import add_session, month_to_date
from .order import MUST_NOT_CHARGE, OVER, STARTING, Order, Outcome, Phase
from .parking import ParkingLock
from .reading import Reading
from .state import NO_PLUG_START, ClosedCharge, GunState, GunStatus, LastSession

if TYPE_CHECKING:
    from .plug_start import Bay
    from .site import Site

_REMEMBERED = 16
"""Transaction numbers of closed orders that a gun may still speak of."""
_FAILED_START = "start_failed_"
"""What stop reasons of charges begin with that were not started (13.1)."""

_NONE: Final[Mapping[str, Any]] = MappingProxyType({})
_packed = cache(GunNumber)
"""One object for all guns of a number."""


class Gun:
    """A gun of a pile."""

    __slots__ = (
        "_closed",
        "_counted",
        "_finished",
        "_last_over",
        "_months",
        "_order_closed",
        "_shown",
        "_site",
        "_unhealthy",
        "ac",
        "bay",
        "bill_mismatch",
        "bms",
        "last_session",
        "limits",
        "number",
        "orders",
        "parking_lock",
        "plug_start",
        "report",
        "wire",
    )

    def __init__(self, number: int, history: GunHistory, site: Site) -> None:
        """Take up what the ledger knows."""
        self.number = number
        self.wire = _packed(number)
        """The gun as this pile writes it: it gets the same byte back."""
        self.ac = False
        """AC piles know nothing of the vehicle's battery."""
        self.report: Reading | None = None
        self.orders: Mapping[str, Order] = _NONE
        """Open ones, by transaction number."""
        self._closed: Mapping[str, ClosedOrder] = _NONE
        self.last_session = history.last_session
        self._last_over = history.last_over
        self._order_closed: ClosedCharge | None = None
        self.bill_mismatch: bool | None = None
        """What was found when the newest record was checked."""
        self.bms: Bms | None = None
        """What the vehicle said in the charge that was reported last."""
        self.parking_lock: ParkingLock | None = None
        self.plug_start = NO_PLUG_START
        """Whether a vehicle that is plugged in is charged by itself."""
        self.bay: Bay | None = None
        """The vehicle at it, which `plug_start.py` watches."""
        self.limits = NO_LIMITS
        """What each of its charges may come to."""
        self._site = site
        self._counted = history.counted
        self._shown = history.shown
        self._months = history.months
        self._unhealthy = False
        self._finished = False

    # Orders

    @property
    def order(self) -> Order | None:
        """The order that the gun is busy with."""
        for order in reversed([*self.orders.values()]):
            if order.phase not in OVER:
                return order
        return None

    def add(self, order: Order) -> None:
        """Take up an order."""
        order.timing = self._site.timing
        self.orders = {**self.orders, order.transaction: order}
        if order.phase in STARTING:
            self._finished = False

    def drop(self, order: Order, now: datetime) -> None:
        """Let go of an order that is closed."""
        if order.transaction not in self.orders:
            return
        self.orders = {number: other for number, other in self.orders.items() if number != order.transaction} or _NONE
        assert order.outcome is not None
        if order.outcome is Outcome.SETTLED:
            self.remember(order.transaction, ClosedOrder(order.outcome))
            return
        self.remember(order.transaction, ClosedOrder(order.outcome, order.energy))
        # What was delivered stays counted, until a late record says better.
        self._counted += order.energy
        session = LastSession(
            transaction=order.transaction,
            energy=order.energy,
            cost=order.amount,
            stop_reason=str(order.outcome),
            ended=now,
            limit=order.limit_reached,
        )
        if order.is_session:
            self.last_session = session
            self._last_over = now
        self._order_closed = _closed(order, session)
        if order.began:
            self._finished = True

    def knows(self, transaction: str) -> bool:
        """Whether a transaction number is that of an order of this gun."""
        return transaction in self.orders or transaction in self._closed

    def saw(self, transaction: str) -> bool:
        """Whether the charge of a transaction number was reported while it ran."""
        order, closed = self.orders.get(transaction), self._closed.get(transaction)
        if order is not None:
            return order.began
        return closed is not None and closed.outcome not in MUST_NOT_CHARGE

    def remember(self, transaction: str, closed: ClosedOrder) -> None:
        """Keep what became of an order, for what the pile says of it later."""
        newest = [(number, other) for number, other in self._closed.items() if number != transaction]
        self._closed = dict([*newest[1 - _REMEMBERED :], (transaction, closed)])

    @property
    def deadline(self) -> float | None:
        """When the next order is due, in monotonic time."""
        due = [o.deadline for o in self.orders.values() if o.deadline is not None]
        return min(due, default=None)

    # What the pile says

    def take_health(self, health: int) -> bool:
        """Take a heartbeat's state of the gun; True if it changed."""
        unhealthy = health == GunHealth.FAULT
        changed = unhealthy is not self._unhealthy
        self._unhealthy = unhealthy
        return changed

    def take_report(self, report: Realtime, now: float) -> bool:
        """Take a 0x13; False if it speaks of a charge that no order knows."""
        self.report = Reading(report)
        self._unhealthy = report.status == Reported.FAULT
        if not report.plugged:
            self._finished = False
        numbered = report.transaction != NO_TRANSACTION
        if report.status != Reported.CHARGING:
            for order in self.orders.values():
                if not numbered or order.transaction == report.transaction:
                    order.report_idle(now)
            return True
        known = self.orders.get(report.transaction)
        if known is not None:
            known.report_charging(report.energy, report.amount, now)
            for order in self.orders.values():
                if order is not known:
                    order.end(now)
        return not numbered or self.knows(report.transaction)

    def take_record(self, session: LastSession, stored: Stored) -> None:
        """Take what a new record in the ledger says; it may be an old session's."""
        # What the ledger had counted holds where the gun does not remember the order itself.
        counted = stored.counted
        order = self.orders.get(session.transaction)
        closed = self._closed.get(session.transaction)
        if order is not None:
            order.settle()
            self._order_closed = _closed(order, session)
            counted = Decimal(0)
            self._finished = True
        elif closed is not None:
            counted = closed.counted
            self.remember(session.transaction, ClosedOrder(Outcome.SETTLED))
        self._counted += session.energy - counted
        self._months = add_session(self._months, session)
        last, last_over = self.last_session, self._last_over
        if (
            last is None
            or last_over is None
            or stored.over >= last_over
            # Only a clock that was wrong puts an end into the future.
            or last_over > self._site.now()
            or session.transaction == last.transaction != NO_TRANSACTION
        ):
            self.last_session = session
            self._last_over = stored.over

    @property
    def charging(self) -> bool:
        """Whether the pile reported last that the gun charges."""
        return self.report is not None and self.report.status == Reported.CHARGING

    @property
    def plugged(self) -> bool:
        """Whether the pile reported last that the gun is in a vehicle."""
        return self.report is not None and self.report.plugged

    def must_not_charge(self, transaction: str) -> bool:
        """Whether a charge is one that was asked to stop, or closed as not started."""
        order = self.orders.get(transaction)
        if order is not None:
            return order.asked_to_stop
        closed = self._closed.get(transaction)
        return closed is not None and closed.outcome in MUST_NOT_CHARGE

    def is_about_other(self, transaction: str) -> bool:
        """Whether the gun is busy with another charge, one that may go on."""
        order = self.order
        if order is not None:
            return order.transaction != transaction
        report = self.report
        return (
            report is not None
            and self.charging
            and report.transaction not in (transaction, NO_TRANSACTION)
            and not self.must_not_charge(report.transaction)
        )

    def forget_report(self) -> None:
        """Let go of what the pile said last: it is away, and no longer so."""
        self.report = None
        self.parking_lock = None
        self._unhealthy = False

    # What is known

    @property
    def total_energy(self) -> Decimal:
        """KWh: settled records and running sessions, never lowered."""
        running = sum((o.counted for o in self.orders.values()), Decimal(0))
        self._shown = max(self._shown, self._counted + running)
        return self._shown

    def state(self, *, online: bool) -> GunState:
        """Return the gun as it is now."""
        order = self.order
        report = self.report if online else None
        return GunState(
            number=self.number,
            status=self._status(order) if online else GunStatus.OFFLINE,
            transaction=None if order is None else order.transaction,
            parallel=None if order is None else order.parallel,
            opened=None if order is None else order.opened,
            began=order is not None and order.began,
            total_energy=self.total_energy,
            month=month_to_date(self._months, self._site.now(), self._site.time_zone, self.orders.values()),
            last_session=self.last_session,
            closed=self._order_closed,
            bill_mismatch=self.bill_mismatch,
            bms=self.bms,
            parking_lock=self.parking_lock,
            plug_start=self.plug_start,
            limits=self.limits,
            charge_limits=NO_LIMITS if order is None else order.limits.over(self.limits),
            limit_reached=self._limit_reached(),
            **({"problem": (online and self._unhealthy) or None} if report is None else self._live(report)),
        )

    def _live(self, report: Reading) -> dict[str, Any]:
        """Return what a report says of now, as a `GunState` has it."""
        charging = report.status == Reported.CHARGING
        # Without a vehicle the charge is sent as 0.
        soc = report.soc if report.soc or charging else None
        return {
            "plugged": report.plugged,
            "charging": charging,
            "problem": report.status == Reported.FAULT or self._unhealthy or bool(report.faults),
            "faults": report.faults,
            "voltage": report.voltage,
            "current": report.current,
            "power": round(report.voltage * report.current, 2) or 0.0,
            "session_energy": report.energy,
            "session_cost": report.amount,
            "charging_time": report.charging_minutes,
            "remaining_time": None if self.ac else report.remaining_minutes,
            "state_of_charge": None if self.ac else soc,
            "cable_temperature": report.cable_temperature,
            "battery_temperature": report.battery_temperature,
        }

    def _limit_reached(self) -> Limit | None:
        """Return the limit that the newest charge was stopped at."""
        for order in reversed([*self.orders.values()]):
            return order.limit_reached
        return None if self.last_session is None else self.last_session.limit

    def _status(self, order: Order | None) -> GunStatus | None:
        report = self.report
        if report is not None and report.status == Reported.FAULT:
            return GunStatus.FAULT
        if order is not None:
            return _OF_PHASE[order.phase]
        if report is None:
            return GunStatus.FAULT if self._unhealthy else None
        if self.charging:
            return GunStatus.CHARGING
        if self._unhealthy:
            return GunStatus.FAULT
        if report.plugged:
            ended = any(o.phase is Phase.ENDED for o in self.orders.values())
            return GunStatus.FINISHED if ended or self._finished else GunStatus.PLUGGED
        return GunStatus.IDLE


def _closed(order: Order, session: LastSession) -> ClosedCharge | None:
    """Return what an order came to, with its record or what stands for it; None for one that was called off or never sent."""
    if order.outcome is Outcome.CANCELLED or (order.outcome is Outcome.NO_REPLY and not order.sent):
        return None
    if order.outcome is Outcome.START_REFUSED and order.reason:
        session = replace(session, stop_reason=order.reason)
    # Some piles send a record of a charge that could not begin.
    failed = order.outcome in MUST_NOT_CHARGE or session.stop_reason.startswith(_FAILED_START)
    return ClosedCharge(session, failed=failed and not order.began)


_OF_PHASE = {
    Phase.REQUESTED: GunStatus.STARTING,
    Phase.ACCEPTED: GunStatus.STARTING,
    Phase.WAITING_FOR_PLUG: GunStatus.WAITING_FOR_PLUG,
    Phase.CHARGING: GunStatus.CHARGING,
    Phase.STOPPING: GunStatus.STOPPING,
}
