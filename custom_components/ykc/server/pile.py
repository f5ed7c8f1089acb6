"""One pile: routes its messages, holds its state, and does what is asked of it.

What a pile says goes to the gun it is about, and what that changes is published
as a new `PileState`. Charges are kept in `charges.py`, commands go over `line.py`.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from decimal import Decimal
import logging
from types import MappingProxyType
from typing import Any, ClassVar, Final

from ..protocol import GunNumber, Message
from .access import Driver
from .changed import changed
from .charge_limits import NO_LIMITS, ChargeLimits
from .connection import Connection
from .errors import CommandError, UnknownGun
from .gun import Gun
from .hardware import Hardware, described
from .history import GunHistory, PileHistory
from .limits import MAX_GUNS, MAX_WORK
from .line import Line
from .logins import NO_LOGINS, Logins
from .offline_cards import OfflineCards
from .plug_start import PlugStarts
from .presence import Presence
from .settings import PileSettings
from .site import Site
from .starts import StartedCharge
from .state import GunState, PileInfo, PileState
from .subjects import CONVERSATIONS, Subjects

__all__ = ["Pile", "StartedCharge"]

_LOGGER = logging.getLogger(__name__)
_NO_HISTORY: Final[Mapping[int, GunHistory]] = MappingProxyType({})


class Pile(Subjects):
    """An approved pile, whether it is connected or not."""

    __slots__ = (
        "_address",
        "_greet_again",
        "_greeting",
        "_history",
        "_info",
        "_loop",
        "_presence",
        "_subscribers",
        "_tasks",
        "closing",
        "code",
        "guns",
        "hardware",
        "known_guns",
        "ledger_id",
        "line",
        "logins",
        "settings",
        "site",
        "state",
    )

    PARTS: ClassVar = {
        **CONVERSATIONS,
        "_tasks": lambda _: set(),
        "hardware": lambda pile: Hardware(pile.site.timing, pile.site.trouble, pile.become, pile.publish),
        "logins": lambda pile: Logins(pile.code, pile.site.timing, pile.site.trouble, pile.publish),
    }

    _tasks: set[asyncio.Task[None]]
    """What is under way; there is no set while nothing is."""
    hardware: Hardware
    """What logins say that the pile is; there is none while they say the same."""
    logins: Logins
    """What is odd about logins; there is none while nothing is."""

    def __init__(self, info: PileInfo, site: Site, history: PileHistory, settings: PileSettings) -> None:
        """Take up what the ledger knows; nothing is known of the pile itself yet."""
        self.code = info.code
        self.ledger_id = history.pile_id
        self.line = Line(info.code, site.timing)
        self.site = site
        self.settings = settings
        self.guns: Mapping[int, Gun] = {}
        """By number, those that the pile says it has."""
        self.known_guns: Mapping[int, Gun] = {}
        """By number, all that the pile ever said it has: they have orders, and a total."""
        self._info = info
        self._history: Mapping[int, GunHistory] = history.guns or _NO_HISTORY
        self._presence = Presence(site.timing)
        self._address: str | None = None
        self._subscribers: tuple[Callable[[], None], ...] = ()
        self._loop = asyncio.get_running_loop()
        self._greeting: asyncio.Task[None] | None = None
        self._greet_again: float | None = None
        """When the daily greeting is due, in monotonic time."""
        self.closing = False
        """Nothing is begun any more, what is under way is brought to its end."""
        self.offline_cards = OfflineCards(self, history.cards)
        self.plug_starts = PlugStarts(self, history)
        self._fit_guns()
        for order in history.orders:
            self.known_gun(order.gun).add(order)
        if history.orders:
            self.prepaid.take_up()
        self.state = self._new_state()
        self.plug_starts.apply()
        self.session_limits.apply()

    def apply(self, settings: PileSettings) -> None:
        """Take new settings; no connection is dropped."""
        is_moved = settings.address != self.settings.address
        self.settings = settings
        if is_moved and (logins := self.made("logins")) is not None:
            logins.settle()
        if (connection := self.line.connection) is not None and not settings.allow(connection.address):
            self._hang_up("it may not come from there any more")
        self.billing.apply()
        self.plug_starts.apply()
        self.session_limits.apply()

    # What people want

    async def start_charging(
        self,
        gun: int,
        *,
        card: str | None = None,
        logical_card: str | None = None,
        balance: Decimal | None = None,
        driver: Driver | None = None,
        limits: ChargeLimits = NO_LIMITS,
    ) -> StartedCharge:
        """Start a charge and return once the pile has answered (8.3).

        `card` and `logical_card` are 16 hex digits, `balance` CNY. It is booked on
        `driver`, or on whom the card belongs to; of a prepaid one's balance at
        most `balance` is reserved. The charge's own limits win over the gun's. Raises a `CommandError` when the charge was not
        started.
        """
        (charge,) = await self.charges.start(
            self.gun(gun), card=card, logical_card=logical_card, balance=balance, driver=driver, limits=limits
        )
        return charge

    async def stop_charging(self, gun: int) -> None:
        """Stop the gun's charge, whoever began it, a parallel one with all its guns (8.5); raises `CommandError`."""
        stopped = self.gun(gun)
        self.plug_starts.stopped(stopped)
        try:
            await self.parallel.stop(stopped)
        finally:
            # Whoever was told that it is done must not find it undone after a restart.
            await self.plug_starts.written(stopped)

    async def read_realtime(self, gun: int) -> None:
        """Have the gun report at once (7.1); raises `CommandError`."""
        await self.reports.read(gun)

    async def synchronise_clock(self) -> None:
        """Set the pile's clock to its local time (9.3); raises `CommandError`."""
        await self.clock.synchronise()

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after each change of `state`; returns how to end that."""
        self._subscribers = (*self._subscribers, callback)

        def unsubscribe() -> None:
            self._subscribers = tuple(other for other in self._subscribers if other != callback)

        return unsubscribe

    def close(self) -> None:
        """Let go of the connection and the timers; what is under way ends by itself."""
        self.closing = True
        self._subscribers = ()
        if (connection := self.line.connection) is not None:
            self._let_go()
            connection.detach(self, "closed by the platform")
        self.charges.close()
        self.plug_starts.close()
        self.session_limits.close()
        for part in (self.made("hardware"), self.made("logins")):
            if part is not None:
                part.close()

    async def closed(self) -> None:
        """Wait until commands have failed and the ledger has all that was to be written."""
        async with self.line.held:
            pass
        while tasks := self.made("_tasks"):
            await asyncio.wait(tasks)

    # Coming and going

    def connect(self, connection: Connection, info: PileInfo) -> None:
        """Take a login that was accepted; the newest connection wins."""
        old = self.line.connection
        if old is connection:
            _LOGGER.debug("Pile %s repeated its login", self.code)
        elif old is not None:
            if self._presence.heard_within(self.site.timing.alive, self._loop.time()):
                self.logins.take_over(old.address, connection.address)
            self._let_go()
            old.detach(self, "the pile logged in anew")
        self.line.connection = connection
        connection.attach(self)
        # The first login since our start may well differ from what was known, and then nobody need count.
        is_first = self._address is None
        if self.made("hardware") is not None or not (is_first or described(info) == described(self._info)):
            self.hardware.say(self._info, info)
        elif info != self._info:
            self.become(info)
        self._presence.arrive(self._loop.time())
        self.site.watch.expect(self._presence.due)
        self._address = connection.address
        self.reports.expect_stored()
        if old is not connection:
            self.charges.resume()
            self._greeting = self.spawn(self._greet())
        self.publish()

    def become(self, info: PileInfo) -> None:
        """Be what `hardware` lets pass."""
        # One text of the code for all that is known of the pile.
        self._info = replace(info, code=self.code)
        self._fit_guns()

    def disconnected(self, connection: Connection, reason: str) -> None:
        """Learn that a connection is gone; an older one no longer matters."""
        if connection is not self.line.connection:
            return
        self._let_go()
        _LOGGER.debug("Pile %s lost its connection: %s", self.code, reason)
        self._leave()

    def _let_go(self) -> None:
        self.line.lost()
        for conversation in self.begun():
            conversation.suspend()
        self._greet_again = None
        if self._greeting is not None:
            self._greeting.cancel()
            self._greeting = None

    def look(self, now: float) -> float | None:
        """Be offline, or greet, when that is due; return when the next of both is, None for never."""
        if self.closing:
            return None
        due = self._presence.due
        if due is not None and due <= now:
            self._go_offline()
            return None
        if self._greet_again is not None and self._greet_again <= now:
            self._greet_again = None
            self._greeting = self.spawn(self._greet())
        return min((when for when in (due, self._greet_again) if when is not None), default=None)

    def _go_offline(self) -> None:
        self._presence.online = False
        for gun in self.guns.values():
            gun.forget_report()
        self.publish()
        self._hang_up("silent")

    def _hang_up(self, reason: str) -> None:
        """End the connection that there may be."""
        if (connection := self.line.connection) is not None:
            self._let_go()
            connection.detach(self, reason)
            self._leave()

    def _leave(self) -> None:
        """Be offline soon, unless that is so already: the connection is gone."""
        self._presence.leave(self._loop.time())
        self.site.watch.expect(self._presence.due)
        self.publish()

    async def _greet(self) -> None:
        """Say what is to be said after a login, and daily."""
        for conversation in self.begun():
            await conversation.greet()
        self._greeting = None
        self._greet_again = self._loop.time() + self.site.timing.clock
        self.site.watch.expect(self._greet_again)

    async def quietly(self, command: Coroutine[Any, Any, object]) -> None:
        """Do what no person waits for; its failure is a debug line."""
        try:
            await command
        except CommandError as err:
            _LOGGER.debug("Pile %s: %s", self.code, err)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` beside the conversation, until the pile is closed."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        if len(self._tasks) >= MAX_WORK and self.line.connection is not None:
            self.line.connection.hold(self)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        left = len(self._tasks)
        if not left:
            del self._tasks
        if left <= MAX_WORK // 2 and self.line.connection is not None:
            self.line.connection.go_on(self)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, CommandError):
            # What a command fails with is for who awaits it; all else is a fault of ours.
            text = "Something of pile %s could not be done"
            self.site.trouble.note("fault", text, self.code, level=logging.ERROR, error=error)

    # Guns and state

    def _fit_guns(self) -> None:
        """Have as many guns as the pile says."""
        count = min(max(1, self._info.gun_count), MAX_GUNS)
        guns = {number: self.known_gun(number) for number in range(1, count + 1)}
        # Nearly always the same guns: then one mapping is enough.
        self.guns = self.known_guns if guns == self.known_guns else guns
        for gun in self.guns.values():
            gun.ac = self._info.pile_type == "ac"

    def known_gun(self, number: int) -> Gun:
        """Return gun `number` (1..99), whether or not the pile says now that it has one."""
        gun = self.known_guns.get(number)
        if gun is None:
            gun = Gun(number, self._history.get(number, GunHistory()), self.site)
            gun.limits = self.session_limits.of(number)
            self.known_guns = {**self.known_guns, number: gun}
        return gun

    def gun(self, number: int) -> Gun:
        """Return a gun that the pile has; raises `UnknownGun`."""
        try:
            return self.guns[number]
        except KeyError:
            raise UnknownGun(pile=self.code, gun=str(number), gun_count=str(len(self.guns))) from None

    def _new_state(self) -> PileState:
        # Begun when somebody wants something of it, to be said after each login.
        wishes = self.made("parameters") if self.settings.parameters is None else self.parameters
        return PileState(
            info=self._info,
            connected=self.line.connection is not None,
            online=self._presence.online,
            address=self._address,
            logins=NO_LOGINS if (logins := self.made("logins")) is None else logins.state,
            firmware_update=None if (talk := self.made("maintenance")) is None else talk.firmware_update,
            offline_cards=self.offline_cards.state,
            billing_model=self.billing.state,
            clock_offset=self.clock.offset,
            parameters=None if wishes is None else wishes.confirmed,
            desired_parameters=None if wishes is None else wishes.desired,
            start_when_plugged=self.plug_starts.wanted,
            session_limits=self.session_limits.wanted,
            guns=MappingProxyType({n: gun.state(online=self._presence.online) for n, gun in self.guns.items()}),
        )

    def publish(self, gun: Gun | None = None) -> None:
        """Make the state anew, of one gun or of all, and tell who listens if it changed."""
        if gun is None:
            new = self._new_state()
            if new != self.state:
                self.state = new
                self._tell()
        elif gun is self.guns.get(gun.number):
            self._publish_gun(gun.state(online=self._presence.online))

    def publish_vehicle(self, gun: Gun) -> None:
        """Make a gun's state anew where only its vehicle spoke."""
        known = self.state.guns.get(gun.number)
        if known is None or gun is not self.guns.get(gun.number):
            return
        self._publish_gun(changed(known, bms=gun.bms))

    def _publish_gun(self, new: GunState) -> None:
        if new != self.state.guns.get(new.number):
            self.state = changed(self.state, guns=MappingProxyType({**self.state.guns, new.number: new}))
            self._tell()

    def _tell(self) -> None:
        if not self.closing:
            self.billing.give_if_due()
            self.plug_starts.look()
        for callback in self._subscribers:
            callback()

    # What the pile says

    def receive(self, message: Message, sequence: bytes, when: float) -> None:
        """Take a message of this pile that came at `when`, in monotonic time."""
        self._presence.heard = when
        if not self.take(message, sequence) and not self.line.answered(message):
            self.site.trouble.note(
                "not_handled",
                "Pile %s sent %s, which is not handled",
                self.code,
                message.NAME,
                level=logging.DEBUG,
            )

    def reply(self, message: Message, sequence: bytes) -> None:
        """Answer over the connection there is."""
        if self.line.connection is not None:
            self.line.connection.reply(message, sequence)

    def gun_of(self, number: int) -> Gun | None:
        """Return the gun that a message speaks of, and note how it is written."""
        gun = self.guns.get(number)
        if gun is None:
            self.site.trouble.note(
                "unknown_gun",
                "Pile %s has %d guns and speaks of gun %d",
                self.code,
                len(self.guns),
                number,
            )
        elif isinstance(number, GunNumber):
            gun.wire = number
        return gun
