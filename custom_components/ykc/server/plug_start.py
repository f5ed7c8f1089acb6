"""Vehicles are charged when they are plugged in, at once or in a period of the billing model.

Which vehicle is there, and what was done about it, is a gun's `PlugWatch`; here
the time for a start is waited for and the start is sent. What is known of a
vehicle is in the ledger before anything is sent for it, so that a restart
never starts again what a person stopped. A start that fails is tried again
after growing pauses, `MAX_PLUG_STARTS` times in all; nothing is sent, and
nothing counted, while something is known to be in the way.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
import logging
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, override

from ..protocol import UNKNOWN_CODE
from .conversation import Conversation
from .errors import CommandError, LedgerFailed, NoReply, OrderOpen, PileOffline, StartRefused
from .gun import Gun
from .history import LedgerError, PileHistory
from .limits import PLUG_RETRY_GROWTH
from .order import Phase
from .plug import Plug, PlugWatch, Reason, Stage
from .settings import AT_ONCE, NOT_WHEN_PLUGGED, START_PERIODS, StartWhenPlugged
from .state import NO_PLUG_START, GunState, GunStatus, PlugProgress, PlugStart

if TYPE_CHECKING:
    from .pile import Pile

_LOGGER = logging.getLogger(__name__)

OFFLINE: Final = "offline"
FAULT: Final = "fault"
BUSY: Final = "busy"
OUT_OF_SERVICE: Final = "out_of_service"
JUST_CONNECTED: Final = "just_connected"
PERIOD: Final = "period"
NO_PERIOD: Final = "no_period"
NO_REPLY: Final = "no_reply"
NOT_PLUGGED: Final = "not_plugged"
LEDGER_FAILED: Final = "ledger_failed"
OBSTACLES: Final = (OFFLINE, FAULT, BUSY, OUT_OF_SERVICE, JUST_CONNECTED, PERIOD, NO_PERIOD, NO_REPLY, LEDGER_FAILED)
"""Why a vehicle waits or was given up, beside the reasons of a pile that refused."""

_FAILURES: Final[Mapping[type[CommandError], str]] = MappingProxyType(
    {PileOffline: OFFLINE, NoReply: NO_REPLY, OrderOpen: BUSY, LedgerFailed: LEDGER_FAILED}
)
_NOT_SENT: Final = (OrderOpen, LedgerFailed)
_BEGUN: Final = frozenset({Phase.ACCEPTED, Phase.CHARGING, Phase.STOPPING})


_NOTHING: Final[Mapping[int, Plug]] = MappingProxyType({})
_NO_GUNS: Final[frozenset[int]] = frozenset()


@dataclass(frozen=True, slots=True)
class _Obstacle:
    """What is in the way of a start."""

    reason: str
    until: datetime | None = None
    """When it is gone by itself."""
    look_again: float | None = None
    """Seconds after which to look; None: the pile's next word will do."""


@dataclass(slots=True, eq=False)
class Bay:
    """A gun with the vehicle at it."""

    watch: PlugWatch
    kept: Plug | None
    """The vehicle as the ledger has it."""
    lost: bool = False
    """It could not be written."""
    seen: GunState | None = None
    concerns: tuple[object, ...] = ()
    """What of it was acted on."""
    starting: bool = False
    transaction: str = ""
    """Of the order that was begun by itself."""
    not_before: float = field(default=float("-inf"))
    """Monotonic time of the next try."""
    retry: datetime | None = None
    timer: asyncio.TimerHandle | None = None
    writing: asyncio.Task[None] | None = None
    """What brings it to the ledger, or did."""

    def stop_timer(self) -> None:
        """Wait no longer."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class PlugStarts(Conversation):
    """The starts of one pile that nobody asks for."""

    __slots__ = ("_before", "_in_order", "_loop", "_ready", "wanted")

    def __init__(self, pile: Pile, history: PileHistory) -> None:
        """Take up the vehicles that were there before a restart."""
        super().__init__(pile)
        self.wanted: Mapping[int, StartWhenPlugged] = pile.settings.start_when_plugged
        self._loop = asyncio.get_running_loop()
        self._before: Mapping[int, Plug] = history.plugs or _NOTHING
        """By gun, the vehicle that was there before a restart."""
        self._in_order = frozenset(order.gun for order in history.orders) if history.orders else _NO_GUNS
        self._ready: float | None = None
        """Monotonic time from which the connection counts as settled."""

    # What people want

    def set(self, gun: int, *, enabled: bool | None = None, period: str | None = None) -> None:
        """Change what is not None, for one gun.

        Turning it on is a person's word for the vehicle that is there, too;
        yet what had its charge, or was stopped, stays so until it is unplugged.
        Raises `UnknownGun`.
        """
        if period is not None and period not in START_PERIODS:
            raise ValueError(f"{period} is not one of {START_PERIODS}")
        number = self.pile.gun(gun).number
        old = self._wanted(number)
        new = StartWhenPlugged(
            enabled=old.enabled if enabled is None else enabled,
            period=old.period if period is None else period,
        )
        if new.enabled and not old.enabled:
            bay = self._bay(self.pile.guns[number])
            bay.not_before = float("-inf")
            bay.watch.want()
        self.wanted = MappingProxyType({**self.wanted, number: new})
        self._consider(self.pile.gun(number))
        self.pile.publish()

    def apply(self) -> None:
        """Take the settings of the pile."""
        self.wanted = self.pile.settings.start_when_plugged
        self._consider_all()
        self.pile.publish()

    def stopped(self, gun: Gun) -> None:
        """Start no charge any more for the vehicle that is there: a person stops it."""
        self._bay(gun).watch.spend(Reason.STOPPED)
        self._consider(gun)

    async def written(self, gun: Gun) -> None:
        """Wait until the ledger has what is known of the vehicle, no longer than a command may take."""
        if (writing := self._bay(gun).writing) is not None:
            await asyncio.wait([writing], timeout=self.site.timing.command)

    def accepted(self, gun: Gun) -> None:
        """Learn that the pile begins a charge, which shows in no state before the first report."""
        self._consider(gun)

    def billed(self, gun: Gun) -> None:
        """Learn of a charge that nobody saw, at a time that nobody knows: it may have been this vehicle's."""
        watch = self._bay(gun).watch
        if watch.plug is not None and watch.plug.stage is not Stage.STARTING:
            watch.spend(Reason.CHARGED)
            self._consider(gun)

    def close(self) -> None:
        """Wait for nothing any more."""
        for gun in self.pile.known_guns.values():
            if gun.bay is not None:
                gun.bay.stop_timer()

    @override
    async def greet(self) -> None:
        if self._ready is None:
            self._ready = self._loop.time() + self.site.timing.plug_hold
            self._consider_all()

    @override
    def suspend(self) -> None:
        self._ready = None

    # What the pile says

    def look(self) -> None:
        """Take what the guns have become."""
        for number, state in self.pile.state.guns.items():
            gun = self.pile.guns[number]
            bay = self._bay(gun)
            if state is not bay.seen:
                bay.seen = state
                # Most of what a gun reports is of no concern here.
                if self._concerns(gun, state) != bay.concerns:
                    self._consider(gun)

    def _concerns(self, gun: Gun, state: GunState) -> tuple[object, ...]:
        """Return what a start depends on, beside the time."""
        order = None if gun.order is None else gun.order.phase
        there = self.pile.line.connection is not None
        return (
            there,
            state.status,
            state.plugged,
            state.charging,
            order,
            state.last_session,
            self.pile.state.desired_parameters,
        )

    def _consider_all(self) -> None:
        for gun in self.pile.guns.values():
            self._consider(gun)

    def _consider(self, gun: Gun) -> None:
        """Take what a gun has become, and do what follows."""
        if self.pile.closing or (state := self.pile.state.guns.get(gun.number)) is None:
            return
        bay = self._bay(gun)
        bay.stop_timer()
        bay.concerns = _shared(*self._concerns(gun, state))
        bay.watch.take(state, self.site.now(), self._loop.time(), self.site.timing.plug_flicker)
        order = gun.order
        if order is not None and order.phase in _BEGUN:
            ours = order.transaction == bay.transaction or bay.starting
            bay.watch.spend(Reason.STARTED if ours else Reason.CHARGED)
        elif gun.charging:
            bay.watch.spend(Reason.CHARGED)
        obstacle = None
        if self._is_due(gun, bay) and (obstacle := self._obstacle(gun, bay, state)) is None:
            self._begin(gun, bay)
        if obstacle is not None and obstacle.look_again is not None:
            bay.timer = self._loop.call_later(obstacle.look_again, self._consider, gun)
        self._keep(gun, bay)
        gun.plug_start = self._shown(gun, bay, obstacle)
        self.pile.publish(gun)

    def _is_due(self, gun: Gun, bay: Bay) -> bool:
        plug = bay.watch.plug
        return self._wanted(gun.number).enabled and plug is not None and plug.stage is Stage.WAITING

    def _obstacle(self, gun: Gun, bay: Bay, state: GunState) -> _Obstacle | None:
        """Return what keeps a vehicle waiting, None when it may be charged."""
        service = self.pile.state.desired_parameters
        now = self._loop.time()
        if self._ready is None or state.status in (GunStatus.OFFLINE, None):
            return _Obstacle(OFFLINE)
        if state.status is GunStatus.FAULT:
            return _Obstacle(FAULT)
        if bay.starting or gun.order is not None or not state.plugged or state.charging:
            return _Obstacle(BUSY)
        if service is not None and not service.in_service:
            return _Obstacle(OUT_OF_SERVICE)
        if now < self._ready:
            return _Obstacle(JUST_CONNECTED, look_again=self._ready - now)
        if now < bay.not_before:
            reason = bay.watch.plug.reason if bay.watch.plug is not None else None
            return _Obstacle(reason or BUSY, bay.retry, bay.not_before - now)
        return self._not_in_period(self._wanted(gun.number).period)

    def _not_in_period(self, period: str) -> _Obstacle | None:
        if period == AT_ONCE:
            return None
        now = self.site.now()
        zone = self.site.time_zone
        begins = self.pile.billing.model.next_start(period, now, zone)
        watch = self.site.timing.plug_watch
        if begins is None:
            return _Obstacle(NO_PERIOD, look_again=watch)
        if begins <= now:
            return None
        return _Obstacle(PERIOD, begins.astimezone(zone), min(watch, (begins - now).total_seconds()))

    # What is done

    def _begin(self, gun: Gun, bay: Bay) -> None:
        plug = bay.watch.start()
        if plug is not None:
            bay.kept, bay.starting = plug, True
            self.pile.spawn(self._start(gun, bay, plug))

    async def _start(self, gun: Gun, bay: Bay, plug: Plug) -> None:
        """Write down that a vehicle is to be charged, and have it charged."""
        try:
            await self._write_start(gun, bay, plug)
            # A person may have been faster, or the vehicle is gone.
            if bay.watch.plug == plug and self._wanted(gun.number).enabled:
                charge = await self.pile.start_charging(gun.number)
                bay.transaction = charge.transaction
                if charge.outcome == "waiting_for_plug":
                    # It may begin yet; then that counts.
                    self._failed(gun, bay, plug, NOT_PLUGGED, sent=True)
                elif bay.watch.plug == plug:
                    bay.watch.spend(Reason.STARTED)
            elif bay.watch.plug == plug:
                bay.watch.wait(plug)
        except CommandError as err:
            self._failed(gun, bay, plug, _reason(err), sent=not isinstance(err, _NOT_SENT))
        finally:
            bay.starting = False
            self._keep(gun, bay)
            self._consider(gun)

    async def _write_start(self, gun: Gun, bay: Bay, plug: Plug) -> None:
        try:
            await self.site.ledger.keep_plug(self.pile.ledger_id, gun.number, plug)
        except LedgerError as err:
            bay.lost = True
            raise LedgerFailed(error=str(err)) from err

    def _failed(self, gun: Gun, bay: Bay, plug: Plug, reason: str, *, sent: bool) -> None:
        """Try again after a pause, or never for this vehicle."""
        if bay.watch.plug != plug:
            return
        failed = bay.watch.fail(plug, reason, sent=sent)
        pause = self.site.timing.plug_retry * PLUG_RETRY_GROWTH ** max(0, failed.tries - 1)
        bay.not_before = self._loop.time() + pause
        bay.retry = (self.site.now() + timedelta(seconds=pause)).astimezone(self.site.time_zone)
        self.site.trouble.note(
            "plug_start",
            "Pile %s gun %d could not be started when plugged in: %s; %s",
            self.pile.code,
            gun.number,
            reason,
            "it is not tried again" if failed.stage is Stage.GIVEN_UP else f"it is tried again in {pause:.0f} s",
        )

    def _keep(self, gun: Gun, bay: Bay) -> None:
        """Have the ledger know what is known of the vehicle."""
        plug = bay.watch.plug
        if plug != bay.kept or bay.lost:
            bay.kept, bay.lost = plug, False
            bay.writing = self.pile.spawn(self._write(gun, bay, plug))

    async def _write(self, gun: Gun, bay: Bay, plug: Plug | None) -> None:
        try:
            await self.site.ledger.keep_plug(self.pile.ledger_id, gun.number, plug)
        except LedgerError as err:
            bay.lost = True
            self.site.trouble.note("ledger", "The vehicle at %s could not be written: %s", self.pile.code, err)
            if bay.timer is None and not self.pile.closing:
                # Nothing more may happen at the gun.
                bay.timer = self._loop.call_later(self.site.timing.rewrite, self._consider, gun)

    # What is shown

    def _shown(self, gun: Gun, bay: Bay, obstacle: _Obstacle | None) -> PlugStart:
        setting = self._wanted(gun.number)
        plug = bay.watch.plug
        if setting == NOT_WHEN_PLUGGED:
            return NO_PLUG_START
        shown = PlugStart(setting=setting)
        if not setting.enabled:
            return shown
        if plug is None:
            return replace(shown, progress=None if bay.watch.free is None else PlugProgress.NO_VEHICLE)
        match plug.stage:
            case Stage.STARTING:
                return replace(shown, progress=PlugProgress.STARTING)
            case Stage.WAITING if obstacle is not None:
                return replace(shown, progress=PlugProgress.WAITING, reason=obstacle.reason, until=obstacle.until)
            case Stage.SPENT if plug.reason == Reason.STARTED:
                return replace(shown, progress=PlugProgress.STARTED)
            case Stage.FOUND:
                return replace(shown, progress=PlugProgress.NOT_STARTED, reason=str(Reason.ALREADY_THERE))
        return replace(shown, progress=PlugProgress.NOT_STARTED, reason=plug.reason)

    def _wanted(self, number: int) -> StartWhenPlugged:
        return self.wanted.get(number, NOT_WHEN_PLUGGED)

    def _bay(self, gun: Gun) -> Bay:
        if gun.bay is None:
            kept = self._before.get(gun.number)
            known = None if kept is None else kept.taken_up(in_order=gun.number in self._in_order)
            gun.bay = Bay(PlugWatch(known), kept)
        return gun.bay


@lru_cache(maxsize=256)
def _shared(*concerns: object) -> tuple[object, ...]:
    """Return the tuple of some values, for all guns of which they hold the same one: most are at rest."""
    return concerns


def _reason(err: CommandError) -> str:
    """Return why a start failed, as a slug."""
    if isinstance(err, StartRefused):
        reason = err.placeholders["reason"]
        return "none" if reason == UNKNOWN_CODE else reason
    return _FAILURES.get(type(err), err.key)
