"""Several guns on one car (chapter 12), as the virtual pile plays them."""

from collections.abc import Sequence

import pytest

from simulator import Vehicle, VirtualPile
from simulator.actions import ACTIONS, BadWords
from simulator.behaviour import ParallelStyle
from simulator.console import Console

from .conftest import CARD, PILE, TRANSACTION, MakePile, start
from .raw_platform import Bill, RawPlatform
from .test_access import answer

NUMBER = "261122180000"
OTHER = "261122180001"
SECOND = TRANSACTION[:14] + "02" + TRANSACTION[16:]
FULL, STOPPED_MANUALLY = 0x41, 0x45


def command(gun: int = 1, number: str = NUMBER, balance: int = 100_00) -> str:
    """Make the body of 0xA4 for gun 1 or 2."""
    return start(SECOND if gun == 2 else TRANSACTION, f"{gun:02}", balance) + number


def reply(gun: int, reason: int = 0, number: str = NUMBER, role: int | None = None) -> str:
    """Make the body of 0xA3 that is expected."""
    its_role = gun - 1 if role is None else role
    return (
        (SECOND if gun == 2 else TRANSACTION) + PILE + f"{gun:02}{int(not reason):02}{reason:02x}{its_role:02}{number}"
    )


async def replies(platform: RawPlatform, count: int) -> list[str]:
    """Return the bodies of the 0xA3 that came."""
    return [raw.body.hex() for raw in await platform.wait(0xA3, count)]


async def one_car(pile: VirtualPile, guns: Sequence[int] = (1, 2), soc: float = 35.0) -> Vehicle:
    """Put guns into the same car."""
    car = Vehicle(soc=soc)
    for gun in guns:
        await pile.plug(gun, car)
    return car


async def both_charging(pile: VirtualPile) -> None:
    """Wait until the guns 1 and 2 charge."""
    await pile.wait_for(lambda: pile.gun(1).charging and pile.gun(2).charging)


async def test_start_together(platform: RawPlatform, pile: VirtualPile) -> None:
    """The first command waits for the other one; then both are answered alike, the first gun is the main one."""
    await one_car(pile)
    platform.send(0xA4, command(1), b"\x01\x00")
    platform.send(0x12, PILE + "01")
    await platform.wait(0x13, 3)
    assert platform.all(0xA3) == []
    assert pile.idle
    platform.send(0xA4, command(2), b"\x02\x00")
    assert await replies(platform, 2) == [reply(1), reply(2)]
    assert [raw.sequence for raw in platform.all(0xA3)] == [b"\x01\x00", b"\x02\x00"]
    await both_charging(pile)
    assert pile.complaints == []


async def test_one_battery(platform: RawPlatform, pile: VirtualPile) -> None:
    """The guns share what the battery takes and show the same charge; each has a record of its own."""
    car = await one_car(pile, soc=97.0)
    alone = car.draw_dc(60_000.0)
    platform.send(0xA4, command(1))
    platform.send(0xA4, command(2))
    await both_charging(pile)
    assert car.draw_dc(60_000.0).current <= car.max_current / 2
    assert pile.gun(1).soc == pile.gun(2).soc >= 97.0
    await pile.wait_for(lambda: 0 < pile.gun(1).power + pile.gun(2).power <= alone.power)
    bills = [Bill.of(raw) for raw in await platform.wait(0x3B, 2)]
    assert {raw.text(0, 16) for raw in platform.all(0x3B)} == {TRANSACTION, SECOND}
    assert {bill.stop_reason for bill in bills} == {FULL}
    assert all(bill.energy > 0 for bill in bills)
    stored = sum(bill.energy for bill in bills) / 10_000 * car.efficiency
    assert stored == pytest.approx(car.capacity * 0.03, rel=0.05)
    assert car.guns == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (command(1), command(2, balance=50_00)),
        (command(1), command(2).replace(CARD, "00" * 8)),
    ],
)
async def test_commands_that_differ(platform: RawPlatform, pile: VirtualPile, first: str, second: str) -> None:
    """Guns that are told different balances or cards do not start."""
    await one_car(pile)
    platform.send(0xA4, first)
    platform.send(0xA4, second)
    assert await replies(platform, 2) == [reply(1, 1), reply(2, 1)]
    assert pile.idle


async def test_two_numbers(platform: RawPlatform, pile: VirtualPile) -> None:
    """Commands with different parallel numbers are no charge: each lacks the other gun in the end."""
    await one_car(pile)
    platform.send(0xA4, command(1))
    platform.send(0xA4, command(2, OTHER))
    assert sorted(await replies(platform, 2)) == sorted([reply(1, 3), reply(2, 3, OTHER, role=0)])
    assert pile.idle
    assert pile.plans.open == {}


@pytest.mark.parametrize(("gun", "reason"), [(1, 3), (2, 2)])
async def test_one_gun_refuses(platform: RawPlatform, pile: VirtualPile, gun: int, reason: int) -> None:
    """When one gun cannot, all answer the same, also the one whose command comes later."""
    pile.behaviour.refuse_guns = {gun: reason}
    await one_car(pile)
    platform.send(0xA4, command(1))
    platform.send(0xA4, command(2))
    assert await replies(platform, 2) == [reply(1, reason), reply(2, reason)]
    assert pile.idle


async def test_plugged_late(platform: RawPlatform, pile: VirtualPile) -> None:
    """A car with one gun waits for the other one; then both are answered again, and start."""
    car = await one_car(pile, (1,))
    platform.send(0xA4, command(1))
    platform.send(0xA4, command(2))
    assert await replies(platform, 2) == [reply(1, 5), reply(2, 5)]
    await pile.plug(2, Vehicle())
    await pile.unplug(2)
    assert len(platform.all(0xA3)) == 2
    await pile.plug(2, car)
    assert (await replies(platform, 4))[2:] == [reply(1), reply(2)]
    await both_charging(pile)


async def test_plugged_too_late(platform: RawPlatform, pile: VirtualPile) -> None:
    """After 60 s nothing starts, and nothing is said; nor after the line was lost."""
    car = await one_car(pile, (1,))
    for number in (NUMBER, OTHER):
        platform.send(0xA4, command(1, number))
        platform.send(0xA4, command(2, number))
        await platform.wait(0xA3, 2 if number == NUMBER else 4)
    pile.plans.open[NUMBER].until = pile.clock.elapsed()
    await pile.drop()
    await pile.come_back()
    await pile.wait_ready()
    await pile.plug(2, car)
    platform.send(0x12, PILE + "02")
    await platform.wait(0x13, 3, lambda raw: raw.body[23] == 2)
    assert pile.idle
    assert len(platform.all(0xA3)) == 4


async def test_stop(platform: RawPlatform, pile: VirtualPile) -> None:
    """Each gun is stopped by itself; with a firmware that stops all, the other one charges no more."""
    await one_car(pile)
    platform.send(0xA4, command(1))
    platform.send(0xA4, command(2))
    await both_charging(pile)
    platform.send(0x36, PILE + "01")
    await pile.wait_for(lambda: pile.gun(1).charge is None)
    assert pile.gun(2).charging
    platform.send(0x36, PILE + "02")
    await platform.wait(0x3B, 2)
    pile.behaviour.stops_together = True
    platform.send(0xA4, command(1, OTHER))
    platform.send(0xA4, command(2, OTHER))
    await both_charging(pile)
    platform.send(0x36, PILE + "02")
    platform.send(0x36, PILE + "01")
    stops = await platform.wait(0x35, 4)
    assert [raw.body[7:].hex() for raw in stops] == ["010100", "020100", "020100", "010002"]
    await pile.wait_for(lambda: pile.idle)


async def test_stopped_at_the_pile(platform: RawPlatform, pile: VirtualPile) -> None:
    """The pile's own button ends the charge at all guns; a gun that is pulled out ends its own part."""
    await one_car(pile)
    platform.send(0xA4, command(1))
    platform.send(0xA4, command(2))
    await both_charging(pile)
    await pile.stop_locally(2)
    bills = [Bill.of(raw) for raw in await platform.wait(0x3B, 2)]
    assert [bill.stop_reason for bill in bills] == [STOPPED_MANUALLY] * 2
    platform.send(0xA4, command(1, OTHER))
    platform.send(0xA4, command(2, OTHER))
    await both_charging(pile)
    await pile.unplug(1)
    await pile.wait_for(lambda: pile.gun(1).charge is None)
    assert pile.gun(2).charging


async def test_stopped_before_it_began(platform: RawPlatform, pile: VirtualPile) -> None:
    """A stop ends a charge that waits for its second command."""
    await one_car(pile)
    platform.send(0xA4, command(1))
    platform.send(0x36, PILE + "01")
    await platform.wait(0x35)
    platform.send(0xA4, command(2))
    assert await replies(platform, 1) == [reply(2, 3, role=0)]
    assert pile.idle


async def test_other_styles(platform: RawPlatform, make_pile: MakePile) -> None:
    """Some firmware answers each gun by itself, and some begins it at once, too."""
    pile = await make_pile()
    pile.behaviour.parallel = ParallelStyle.EACH
    await one_car(pile)
    platform.send(0xA4, command(1))
    assert await replies(platform, 1) == [reply(1)]
    assert pile.idle
    pile.behaviour.refuse_guns = {2: 3}
    platform.send(0xA4, command(2))
    assert (await replies(platform, 2))[1] == reply(2, 3)
    assert pile.idle
    pile.behaviour.parallel = ParallelStyle.ALONE
    platform.send(0xA4, command(1, OTHER))
    platform.send(0xA4, command(2, OTHER))
    assert (await replies(platform, 4))[2:] == [reply(1, 0, OTHER), reply(2, 3, OTHER)]
    await pile.wait_for(lambda: pile.gun(1).charging)
    assert pile.gun(2).charge is None


async def test_each_by_itself(platform: RawPlatform, pile: VirtualPile) -> None:
    """A pile that answers each gun by itself begins when it has answered for the last of them."""
    pile.behaviour.parallel = ParallelStyle.EACH
    await one_car(pile)
    platform.send(0xA4, command(1))
    assert await replies(platform, 1) == [reply(1)]
    assert pile.idle
    platform.send(0xA4, command(2))
    assert (await replies(platform, 2))[1] == reply(2)
    await both_charging(pile)
    assert pile.complaints == []


# Drivers at the pile


def authorised(gun: int, number: str, *, reason: int = 0) -> str:
    """Make the body of 0xA2."""
    body = answer(f"{gun:02}", reason=reason) + number
    return body.replace(TRANSACTION, SECOND, 1) if gun == 2 else body


async def asked(platform: RawPlatform, pile: VirtualPile, count: int = 2) -> str:
    """Hold a card to the reader for both guns; return the parallel number."""
    assert await Console({PILE: pile}).do("parallel 1 2 D14B0A54") == "ok"
    requests = await platform.wait(0xA1, count)
    number = requests[0].text(52, 6)
    head = PILE + "{:02}" + "01" + "00" + CARD + "00" * 16 + "00" * 17
    bodies = [head.format(1) + "00" + number, head.format(2) + "01" + number]
    assert [raw.body.hex() for raw in requests] == bodies[:count]
    return number


async def test_card_for_two_guns(platform: RawPlatform, pile: VirtualPile) -> None:
    """Both guns are asked for with one number, and begin when the second one is authorised."""
    await one_car(pile)
    number = await asked(platform, pile)
    platform.send(0xA2, authorised(2, number))
    await pile.wait_for(lambda: pile.gun(2).asking is None)
    assert pile.idle
    platform.send(0xA2, authorised(1, number))
    await both_charging(pile)
    charges = [pile.gun(gun).charge for gun in (1, 2)]
    orders = [charge.order for charge in charges if charge is not None]
    assert [(order.transaction, order.role, order.parallel_id) for order in orders] == [
        (TRANSACTION, 0, number),
        (SECOND, 1, number),
    ]
    assert pile.complaints == []


async def test_one_gun_is_refused(platform: RawPlatform, pile: VirtualPile) -> None:
    """One refusal is enough; so are guns in different cars."""
    await one_car(pile)
    number = await asked(platform, pile)
    platform.send(0xA2, authorised(1, number))
    platform.send(0xA2, authorised(2, number, reason=3))
    await pile.wait_for(lambda: pile.gun(2).asking is None)
    assert pile.idle
    assert pile.plans.open == {}
    platform.send(0xA2, authorised(1, number))
    await pile.wait_for(lambda: len(pile.complaints) == 1)
    await pile.plug(2, Vehicle())
    await pile.clock.sleep(110)
    platform.frames.clear()
    number = await asked(platform, pile)
    platform.send(0xA2, authorised(1, number))
    platform.send(0xA2, authorised(2, number))
    await pile.wait_for(lambda: pile.plans.open == {})
    assert pile.idle


async def test_one_after_the_other(platform: RawPlatform, pile: VirtualPile) -> None:
    """Some firmware asks for the second gun when the first one was authorised."""
    pile.behaviour.parallel = ParallelStyle.EACH
    await one_car(pile)
    number = await asked(platform, pile, 1)
    assert len(platform.all(0xA1)) == 1
    platform.send(0xA2, authorised(1, number))
    await platform.wait(0xA1, 2)
    assert pile.idle
    platform.send(0xA2, authorised(2, number))
    await both_charging(pile)


async def test_plugged_into_the_same_car(pile: VirtualPile) -> None:
    """A word puts a gun into the car of another one."""
    console = Console({PILE: pile})
    assert await console.do("plug 2 with=1") == "error: gun 1 is in no car"
    assert await console.do("plug 1 20") == "ok"
    assert await console.do("plug 2 with=1") == "ok"
    assert pile.gun(1).vehicle is pile.gun(2).vehicle


@pytest.mark.parametrize(("named", "message"), [("x", "must be guns"), ("3", "has guns 1 to 2, not 3")])
def test_bad_words(named: str, message: str) -> None:
    """Guns that the pile does not have are told."""
    words = {"gun": "1", "with": named, "card": CARD}
    with pytest.raises(BadWords, match=message):
        ACTIONS["parallel"].bind(words, VirtualPile(PILE))
