"""A virtual charging pile: what people do to it, what hangs on it, and how its parts play together."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
import logging
from typing import Any, Self, override

from custom_components.ykc.protocol import (
    GunNumber,
    Message,
    PileType,
    StartMethod,
    StopReason,
    card as card_number,
    pile_code,
)

from .behaviour import Behaviour, GunByte
from .charge import Charge, Order
from .clock import Clock
from .conversations.access import Driver, ask_to_start
from .conversations.charging import carry_out, charges_with, plugged_late, settle
from .conversations.parallel import ask_for_all, plugged
from .conversations.parking import report_lock
from .gun import Gun
from .handset import Handset
from .line import Line
from .parallel import Plans
from .parking import ParkingLock
from .post import Post
from .records import RecordBook
from .reports import Reporter
from .tariff import Tariff
from .vehicle import Vehicle

_LOGGER = logging.getLogger(__name__)

DEFAULT_PORT = 27600
GUN_POWER = {PileType.DC: 60.0, PileType.AC: 7.0}
"""What one gun gives, in kW."""

POWER_OFF_SECONDS = 5.0


class VirtualPile:
    """A pile that dials in to a platform and behaves by the book, but for its `behaviour`.

    Used as an async context manager it starts and stops by itself.
    """

    def __init__(
        self,
        code: str,
        *,
        pile_type: str | PileType = PileType.DC,
        guns: int = 2,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        line: Line | None = None,
        pace: float = 1.0,
        charge_speed: float = 1.0,
        max_power: float | None = None,
        parking_locks: bool = False,
        software_version: str = "V1.6.0",
        behaviour: Behaviour | None = None,
    ) -> None:
        """Make a pile that is not plugged to the mains yet.

        `pace` divides its waiting times, `charge_speed` makes its cars fill faster than the clock, `max_power` is what
        one gun gives in kW. Piles that share a `line` sit behind one concentrator; host and port are the line's then.
        """
        self.code = pile_code(code)
        self.type = PileType[pile_type.upper()] if isinstance(pile_type, str) else pile_type
        self.software_version = software_version
        self._behaviour = behaviour or Behaviour()
        self.charge_speed = charge_speed
        self.clock = Clock(pace=pace)
        self.line = line or Line(host, port, pace=pace)
        self.post = Post(self.code, self._behaviour, self.clock)
        self.records = RecordBook(self)
        self.reporter = Reporter(self)
        self.handset = Handset(self)
        self.plans = Plans()
        self.tariff: Tariff | None = None
        self.beating = True
        self.unanswered_beats: dict[int, int] = {}
        self.out_of_use = False
        self.updating = False
        self.power_percent = 100
        self.offline_cards: dict[str, str] = {}
        """Logical card numbers by physical ones; they outlive the mains."""
        self.offline_charges = 0
        """How many charges it has let begin by itself, up to 9999."""
        self.qr_codes: dict[int, str] = {}
        power = (max_power or GUN_POWER[self.type]) * 1000
        holster = self.type is PileType.DC
        self.guns = {n: Gun(n, max_power=power, holster=holster) for n in range(1, guns + 1)}
        self.locks = {n: ParkingLock() for n in self.guns} if parking_locks else {}
        self._life: asyncio.Task[None] | None = None
        self._chores: asyncio.TaskGroup | None = None

    @override
    def __repr__(self) -> str:
        """Show what a failed assertion needs."""
        return f"<pile {self.code}: {'online' if self.online else 'offline'}, {list(self.guns.values())}>"

    # Life

    async def start(self) -> None:
        """Switch the pile on: it dials in, now and whenever the line was lost."""
        ready = asyncio.Event()
        self._life = asyncio.create_task(self._live(ready), name=f"pile {self.code}")
        await ready.wait()
        await self.line.attach(self.handset)

    async def stop(self) -> None:
        """Switch the pile off without a word; a charge ends, and its record waits for the next start.

        Raise what the pile failed of, if it did.
        """
        life, self._life = self._life, None
        if life is None:
            return
        try:
            await self.line.detach(self.handset)
        finally:
            life.cancel()
            with suppress(asyncio.CancelledError):
                await life
            self.reporter.stop()
            for gun in self.guns.values():
                if charge := self._lose_power(gun):
                    settle(self, gun, charge)

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        """Stop."""
        await self.stop()

    # Looking at it

    def gun(self, number: int) -> Gun:
        """Return a gun; guns are numbered from 1."""
        return self.guns[number]

    @property
    def behaviour(self) -> Behaviour:
        """Return the switches; set their fields at any time."""
        return self._behaviour

    @property
    def online(self) -> bool:
        """Tell whether the platform accepted the login on the present connection."""
        return self.handset.logged_in

    @property
    def ready(self) -> bool:
        """Tell whether the talk after the login is over, too."""
        return self.handset.ready

    @property
    def idle(self) -> bool:
        """Tell whether no gun has a charge."""
        return all(gun.charge is None for gun in self.guns.values())

    @property
    def sent(self) -> deque[Message]:
        """Return the last messages that went out."""
        return self.post.sent

    @property
    def received(self) -> deque[Message]:
        """Return the last messages that came in."""
        return self.post.received

    @property
    def complaints(self) -> list[str]:
        """Return what a strict firmware would have dropped of the platform's frames, in plain words."""
        return self.post.complaints

    @property
    def overlaps(self) -> int:
        """Return how many commands came while another one waited for its reply; a 0x12 may be answered by any report."""
        return self.handset.overlaps

    def all_sent[M: Message](self, kind: type[M]) -> list[M]:
        """Return what went out of one kind, oldest first."""
        return [message for message in self.sent if isinstance(message, kind)]

    def all_received[M: Message](self, kind: type[M]) -> list[M]:
        """Return what came in of one kind, oldest first."""
        return [message for message in self.received if isinstance(message, kind)]

    def check(self) -> None:
        """Raise what the pile or its line failed of."""
        self.line.check()
        if self._life is not None and self._life.done():
            self._life.result()

    # Waiting for it; these timeouts are real seconds

    async def wait_for(self, condition: Callable[[], object], timeout: float = 10.0) -> None:
        """Wait until something holds, here or elsewhere; raise TimeoutError, or what the pile failed of."""
        try:
            async with asyncio.timeout(timeout):
                while not condition():
                    self.check()
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise TimeoutError(f"still not so after {timeout} s: {self!r}") from None

    async def wait_online(self, timeout: float = 10.0) -> None:
        """Wait for an accepted login."""
        await self.wait_for(lambda: self.online, timeout)

    async def wait_ready(self, timeout: float = 10.0) -> None:
        """Wait until the conversation after the login is over: what was stored is sent, the tariff was asked for."""
        await self.wait_for(lambda: self.ready, timeout)

    async def next_sent[M: Message](
        self, kind: type[M], where: Callable[[M], bool] | None = None, timeout: float = 10.0
    ) -> M:
        """Return the next message of a kind that goes out from now on."""
        return await self.post.next_sent(kind, where, timeout)

    async def next_received[M: Message](
        self, kind: type[M], where: Callable[[M], bool] | None = None, timeout: float = 10.0
    ) -> M:
        """Return the next message of a kind that comes in from now on."""
        return await self.post.next_received(kind, where, timeout)

    # What people do

    async def plug(self, gun: int, vehicle: Vehicle | None = None) -> None:
        """Put a gun into a car: the given one, or a fresh one of the gun's usual kind."""
        self.guns[gun].take(vehicle)
        self.say("gun %s plugged", gun)
        await self.arrive(gun)
        self.report(gun)
        plugged_late(self, self.guns[gun])
        plugged(self)

    async def unplug(self, gun: int) -> None:
        """Take a gun out of the car. A charge ends at once."""
        charged = self.guns[gun].charging
        self.guns[gun].release()
        self.say("gun %s unplugged", gun)
        if not charged:
            self.report(gun)

    async def arrive(self, gun: int) -> None:
        """Drive a car on the space of a gun; only a parking lock notices."""
        self._occupy(gun, occupied=True)

    async def leave(self, gun: int) -> None:
        """Drive away from the space of a gun."""
        self._occupy(gun, occupied=False)

    async def stop_locally(self, gun: int) -> None:
        """Press the pile's own stop button, which ends a parallel charge at all its guns."""
        if charge := self.guns[gun].charge:
            for each in charges_with(self, charge):
                each.end(StopReason.STOPPED_MANUALLY)

    async def show_card(self, gun: int, card: str, password: str | None = None) -> None:
        """Hold a card, up to 16 hex digits, to the reader of a gun; some piles want a password with it."""
        await self._ask(gun, Driver(StartMethod.CARD, card_number(card), password=password))

    async def reset(self) -> None:
        """Forget the offline cards, as a pile does that is reset to how it left the factory."""
        self.offline_cards.clear()
        self.say("reset: no offline card is known any more")

    async def type_account(self, gun: int, account: str, password: str) -> None:
        """Type an account, up to 16 digits, and its password."""
        await self._ask(gun, Driver(StartMethod.ACCOUNT, card_number(account), password=password))

    async def show_vin(self, gun: int, vin: str) -> None:
        """Let the pile read the car's VIN and ask whether it may charge."""
        await self._ask(gun, Driver(StartMethod.VIN, vin=vin))

    async def show_card_for_all(
        self, main: int, others: tuple[int, ...], card: str, password: str | None = None
    ) -> None:
        """Choose several guns for one car, the main gun first, and hold a card to the reader."""
        guns = [self.guns[gun] for gun in (main, *others)]
        ask_for_all(self, guns, Driver(StartMethod.CARD, card_number(card), password=password))

    async def _ask(self, gun: int, driver: Driver) -> None:
        ask_to_start(self, self.guns[gun], driver)

    async def fault(self, gun: int, fault: int) -> None:
        """Let a fault of 0x13's table (1 emergency stop … 13 door open) occur."""
        self.guns[gun].fail(fault)
        self.say("gun %s has fault %s", gun, fault)
        self.report(gun)

    async def clear_fault(self, gun: int) -> None:
        """Repair everything at a gun."""
        self.guns[gun].faults = 0
        self.say("gun %s works again", gun)
        self.report(gun)

    def silent(self, silent: bool = True) -> None:
        """Stop the heartbeats, or let them go on."""
        self.beating = not silent

    async def drop(self) -> None:
        """Lose the network: the socket is closed, and charging goes on. With a shared line all its piles are gone."""
        self.line.drop()
        await self.wait_for(lambda: not self.line.connected)

    async def vanish(self) -> None:
        """Lose the network without a trace: the platform's socket stays open and nobody is behind it."""
        self.line.vanish()
        await self.wait_for(lambda: not self.line.connected)

    async def come_back(self) -> None:
        """Find the network again, and dial at once."""
        self.line.come_back()

    async def power_cycle(self, seconds: float = POWER_OFF_SECONDS) -> None:
        """Cut the mains for some of the pile's seconds. Charges end; records, tariff and clock outlive it."""
        self.say("power lost")
        await self.drop()
        for gun in self.guns.values():
            self._lose_power(gun)
        await self.clock.sleep(seconds)
        self.say("power is back")
        await self.come_back()

    def _lose_power(self, gun: Gun) -> Charge | None:
        """End a gun's charge, and return it."""
        if gun.charge is not None:
            gun.charge.end(StopReason.ABORTED_PILE_POWER_LOST)
        return gun.charge

    # What the conversations use

    def say(self, text: str, *values: object) -> None:
        """Log what happens in plain words."""
        if _LOGGER.isEnabledFor(logging.INFO):
            _LOGGER.info("%s: %s", self.code, text % values)

    def wire_gun(self, gun: Gun | int) -> GunNumber:
        """Return a gun's number as this firmware writes it."""
        number = gun.number if isinstance(gun, Gun) else gun
        binary = self.behaviour.wire.gun_byte is GunByte.BINARY
        return GunNumber(number, number) if binary else GunNumber(number)

    def chore(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that outlives the connection."""
        if self._chores is None:
            raise RuntimeError("the pile is not started")
        self._chores.create_task(work)

    def begin_charge(self, gun: Gun, order: Order) -> None:
        """Start what was authorised and accepted."""
        if gun.vehicle is None or self.tariff is None:
            raise RuntimeError(f"{gun!r} cannot charge")
        gun.waiting = None
        gun.charge = Charge(
            order,
            pile_type=self.type,
            vehicle=gun.vehicle,
            tariff=self.tariff,
            clock=self.clock,
            speed=self.charge_speed,
            max_power=gun.max_power * self.power_percent / 100,
            meter_start=gun.meter,
        )
        self.chore(carry_out(self, gun, gun.charge))

    def report(self, gun: int, *, sequence: bytes | None = None, with_bms: bool = False) -> None:
        """Send a gun's realtime report now, under the sequence number of the command that asked for it, if one did."""
        self.reporter.report(self.guns[gun], sequence=sequence, with_bms=with_bms)

    def _occupy(self, gun: int, *, occupied: bool) -> None:
        lock = self.locks.get(gun)
        if lock is not None and lock.occupied is not occupied:
            lock.occupied = occupied
            report_lock(self, gun)

    async def _live(self, ready: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as chores:
            self._chores = chores
            ready.set()
            await asyncio.Event().wait()
