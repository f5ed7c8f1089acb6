"""Charges end when they have reached a limit: of energy, of money, of time, or of the battery's state.

A gun has lasting limits, and a charge may have its own, which win. Reports come
every 15 s; between them a limit is foreseen by the pace of the charge, and the
pile is told to stop at that moment. It is told again as any charge that may
not be is, see `stops.py`.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
import logging
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, override

from ..protocol import Realtime
from .charge_limits import NO_LIMITS, ChargeLimits, Limit, Meter, together
from .conversation import Conversation
from .errors import NoStateOfCharge
from .gun import Gun
from .order import Order, Phase
from .reading import state_of_charge
from .settings import nothing_chosen

if TYPE_CHECKING:
    from .pile import Pile

_LOGGER = logging.getLogger(__name__)


class SessionLimits(Conversation):
    """The limits of one pile's charges."""

    __slots__ = ("_loop", "_meters", "_timers", "wanted")

    PARTS: ClassVar = {"_meters": lambda _: {}, "_timers": lambda _: {}}

    _meters: dict[int, Meter]
    """By gun, of its newest charge."""
    _timers: dict[int, asyncio.TimerHandle]
    """By gun, of the charge that will have reached a limit."""

    def __init__(self, pile: Pile) -> None:
        """Take up the lasting ones."""
        super().__init__(pile)
        self.wanted: Mapping[int, ChargeLimits] = pile.settings.session_limits
        """By gun, where a person chose."""
        self._loop = asyncio.get_running_loop()

    # What people want

    def of(self, gun: int) -> ChargeLimits:
        """Return a gun's lasting limits."""
        return self.wanted.get(gun, NO_LIMITS)

    def set(self, gun: int, **changes: Any) -> None:
        """Change some of a gun's lasting limits, see `ChargeLimits`; they hold for a charge under way, too.

        Raises `UnknownGun` and `NoStateOfCharge`.
        """
        known = self.pile.gun(gun)
        limits = replace(self.of(gun), **changes)
        self.check(known, limits)
        self._take({**self.wanted, gun: limits})
        self.pile.publish()

    def check(self, gun: Gun, limits: ChargeLimits) -> None:
        """Raise `NoStateOfCharge` for a limit that a gun can't know to be reached."""
        if limits.soc and gun.ac:
            raise NoStateOfCharge(pile=self.pile.code, gun=str(gun.number))

    def apply(self) -> None:
        """Take the settings of the pile."""
        self._take(self.pile.settings.session_limits)
        self.pile.publish()

    def _take(self, wanted: Mapping[int, ChargeLimits]) -> None:
        self.wanted = MappingProxyType(dict(wanted)) if wanted else nothing_chosen()
        for gun in self.pile.known_guns.values():
            gun.limits = self.of(gun.number)
            self._consider(gun)

    def close(self) -> None:
        """Wait for nothing any more."""
        for number in [*(self.made("_timers") or ())]:
            self._timers.pop(number).cancel()

    @override
    def suspend(self) -> None:
        """Stop nothing until the pile is back: its next report tells how far it has come."""
        self.close()

    # What the pile says

    def take_report(self, gun: Gun, report: Realtime) -> None:
        """Learn how far the gun's charge has come."""
        order = gun.orders.get(report.transaction)
        if order is None or not gun.charging:
            if (meter := self._meter_at(gun)) is not None:
                meter.rest()
        else:
            price = self._price() if order.limits.amount or gun.limits.amount else 0.0
            soc = 0 if gun.ac else state_of_charge(report) or 0
            self._meter(gun, order).take(report, self._loop.time(), price=price, soc=soc)
        self._consider(gun)

    def _price(self) -> float:
        """Return what a kWh costs now, in CNY."""
        model = self.pile.billing.model
        return float(model.prices[model.period_at(self.site.now().astimezone(self.site.time_zone))].total)

    def _meter_at(self, gun: Gun) -> Meter | None:
        """Return the meter of the gun's newest charge, if it was reported to charge."""
        return None if self.made("_meters") is None else self._meters.get(gun.number)

    def _meter(self, gun: Gun, order: Order) -> Meter:
        meter = self._meter_at(gun)
        if meter is None or meter.transaction != order.transaction:
            now = self.site.now()
            if order.charging_since is None:
                order.charging_since = now
            began = self._loop.time() - max(0.0, (now - order.charging_since).total_seconds())
            parallel = None if order.parallel is None else order.parallel.number
            meter = Meter(order.transaction, parallel, began, self.site.timing.limit_window)
            self._meters[gun.number] = meter
        return meter

    # What follows

    def _consider(self, gun: Gun) -> None:
        """Stop the gun's charge now, or when it will have reached a limit."""
        if gun.number in (self.made("_timers") or ()):
            self._timers.pop(gun.number).cancel()
        meter = self._meter_at(gun)
        order = None if meter is None else gun.orders.get(meter.transaction)
        if meter is None or order is None or order.phase is not Phase.CHARGING or not self._can_stop:
            return
        due = self._due(gun, order, meter)
        if due is None:
            return
        when, limit = due
        if when <= self._loop.time():
            self._stop(gun, order, limit)
        else:
            self._timers[gun.number] = self._loop.call_at(when, self._stop, gun, order, limit)

    @property
    def _can_stop(self) -> bool:
        return self.pile.line.connection is not None and not self.pile.closing

    def _due(self, gun: Gun, order: Order, meter: Meter) -> tuple[float, Limit] | None:
        """Return when the charge reaches which limit: the whole one its own, the gun's part the lasting ones."""
        whole = meter.reading
        if meter.parallel is not None:
            parts = [other.reading for other in self._meters.values() if other.parallel == meter.parallel]
            whole = together(parts, self._loop.time())
        due = (whole.due(order.limits), meter.reading.due(gun.limits.without(order.limits)))
        return min((found for found in due if found is not None), key=lambda found: found[0], default=None)

    def _stop(self, gun: Gun, order: Order, limit: Limit) -> None:
        """End a charge, with all guns that charge the same car."""
        if order.phase is not Phase.CHARGING or not self._can_stop:
            return
        _LOGGER.info("Pile %s gun %d: the charge is stopped at its limit: %s", self.pile.code, gun.number, limit)
        parts = [(gun, order)] if order.parallel is None else [*self.pile.parallel.parts(order.parallel.number)]
        for other, part in parts:
            self.pile.charges.stop_at_limit(other, part, limit)
