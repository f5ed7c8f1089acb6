"""Drivers who ask at the pile for a charge with several guns: 0xA1 and 0xA2 (12.1, 12.2)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from custom_components.ykc.protocol import LoginReply, ParallelStartRequestReply, StartDenial, StartRequestReply
from custom_components.ykc.server.access import Policy
from custom_components.ykc.server.parallel_gun import ParallelGun
from custom_components.ykc.server.state import GunStatus

from .house import House, accepted, eventually, hurried
from .parallel import ASKED, asks, authorised, charges, one_charge, orders, refused
from .peer import QUIET
from .test_access import ANNA, CARD, OTHER, request
from .test_start_requests import heard, let_in

type MakeHouse = Callable[..., Awaitable[House]]
IMPATIENT = hurried(parallel_request=0.05)
LATER = "260301120500"
NO_TIME = "0" * 12


async def test_both_guns(house: House) -> None:
    """Each gun gets its own number; both are answered when both were decided, and both records make one charge."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    events = heard(pile)
    peer.send(asks(1), sequence=b"\x01\x00")
    await eventually(lambda: len(orders(house)) == 1)
    await peer.silence()
    peer.send(asks(2), sequence=b"\x02\x00")
    first = await authorised(peer, 1)
    assert peer.frame.sequence == b"\x01\x00"
    second = await authorised(peer, 2)
    assert peer.frame.sequence == b"\x02\x00"
    assert [row[:3] for row in orders(house)] == [(1, ASKED, "main"), (2, ASKED, "auxiliary")]
    assert house.gun(1).parallel == ParallelGun(number=ASKED, guns=(1, 2), role="main")
    assert house.gun(2).parallel == ParallelGun(number=ASKED, guns=(1, 2), role="auxiliary")
    assert house.gun(2).status is GunStatus.STARTING
    assert [(event.gun, event.kind, event.driver, event.transaction) for event in events] == [
        (1, "authorised", "Anna", first),
        (2, "authorised", "Anna", second),
    ]
    for gun, transaction in ((1, first), (2, second)):
        peer.send(peer.report(transaction, "1", "1", gun=gun))
        await peer.bill(peer.record(transaction, "2.5", "3", gun=gun, started_by=2, card=CARD))
    charge = await one_charge(house)
    assert (charge.guns, charge.main_gun, charge.energy) == ((1, 2), 1, Decimal(5))


async def test_unknown_card(house: House) -> None:
    """Each gun is refused with the reason, and there is no order."""
    pile, peer = await house.online()
    events = heard(pile)
    peer.send(asks(1, card=OTHER), asks(2, card=OTHER))
    await refused(peer, 1, StartDenial.NO_ACCOUNT)
    await refused(peer, 2, StartDenial.NO_ACCOUNT)
    assert orders(house) == []
    assert [(event.gun, event.kind, event.reason) for event in events] == [
        (1, "refused", "no_account"),
        (2, "refused", "no_account"),
    ]


async def test_another_card_under_the_same_number(house: House) -> None:
    """Who comes after one that was refused is no part of it; a gun that was not asked for yet still is."""
    let_in(house, ANNA)
    _, peer = await house.online(gun_count=3)
    peer.send(asks(1, card=OTHER), asks(2, card=OTHER))
    for gun in (1, 2):
        await refused(peer, gun, StartDenial.NO_ACCOUNT)
    peer.send(asks(3))
    await refused(peer, 3, StartDenial.NO_ACCOUNT)
    peer.send(asks(1), asks(2))
    for gun in (1, 2):
        await authorised(peer, gun)


async def test_one_gun_is_busy(house: House) -> None:
    """A gun with an open charge refuses both, whichever is asked for first, and the charge there goes on."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    await accepted(pile, peer, 2)
    for number, guns in ((ASKED, (1, 2)), (LATER, (2, 1))):
        for gun in guns:
            peer.send(asks(gun, number=number))
        answers = [await peer.expect(ParallelStartRequestReply, authorised=0) for _ in guns]
        assert {int(answer.gun) for answer in answers} == {1, 2}
        assert {answer.reason for answer in answers} == {StartDenial.PILE_HAS_UNPAID_SESSION}
    await peer.silence()
    assert house.gun(1).transaction is None
    assert house.gun(2).status is GunStatus.STARTING
    assert [row[4] for row in orders(house) if row[1]] == ["other_gun_failed"] * 2


async def test_one_after_the_other(make_house: MakeHouse) -> None:
    """A pile that asks for the second gun when the first was authorised is not kept waiting for ever."""
    house = await make_house(IMPATIENT)
    let_in(house, ANNA)
    pile, peer = await house.online()
    peer.send(asks(1))
    await authorised(peer, 1)
    assert house.gun(1).parallel == ParallelGun(number=ASKED, guns=(1,), role="main")
    peer.send(asks(2))
    await authorised(peer, 2)
    both = (1, 2)
    assert [part.guns for gun in both if (part := house.gun(gun).parallel) is not None] == [both, both]


async def test_a_late_gun_is_refused(make_house: MakeHouse) -> None:
    """When the second gun is refused later, the first one may not begin either, and is told so when it does."""
    house = await make_house(IMPATIENT)
    let_in(house, ANNA)
    pile, peer = await house.online()
    peer.send(asks(1))
    first = await authorised(peer, 1)
    let_in(house, replace(ANNA, enabled=False))
    peer.send(asks(2))
    answers = [await peer.receive(), await peer.receive()]
    denial = next(answer for answer in answers if isinstance(answer, ParallelStartRequestReply))
    assert (int(denial.gun), denial.reason) == (2, StartDenial.ACCOUNT_FROZEN)
    await eventually(lambda: [row[4] for row in orders(house)] == ["other_gun_failed"])
    peer.send(asks(1), peer.report(first, "1", "1"))
    await refused(peer, 1, StartDenial.ACCOUNT_FROZEN)


async def test_three_guns(house: House) -> None:
    """A third gun joins a charge that was authorised, at once."""
    let_in(house, ANNA)
    pile, peer = await house.online(gun_count=3)
    peer.send(asks(1), asks(2))
    await authorised(peer, 1)
    await authorised(peer, 2)
    peer.send(asks(3))
    await authorised(peer, 3)
    guns = (1, 2, 3)
    assert [part.guns for gun in guns if (part := house.gun(gun).parallel) is not None] == [guns] * 3


async def test_said_again(house: House) -> None:
    """A request that is repeated while it waits is answered once, one whose answer was lost is answered the same."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    peer.send(asks(1), sequence=b"\x01\x00")
    peer.send(asks(1), sequence=b"\x02\x00")
    peer.send(asks(2), sequence=b"\x03\x00")
    first = await authorised(peer, 1)
    assert peer.frame.sequence == b"\x02\x00"
    await authorised(peer, 2)
    peer.send(asks(1), sequence=b"\x04\x00")
    assert await authorised(peer, 1) == first
    assert len(orders(house)) == 2


async def test_connection_lost_with_the_answers(house: House) -> None:
    """A pile that dials in anew and asks for both guns again gets the same answers."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    peer.send(asks(1), asks(2))
    transactions = [await authorised(peer, gun) for gun in (1, 2)]
    await peer.vanish()
    await eventually(lambda: not pile.state.connected)
    _, peer = await house.online()
    peer.send(asks(1), asks(2))
    assert [await authorised(peer, gun) for gun in (1, 2)] == transactions
    assert [row[3] for row in orders(house)] == ["accepted", "accepted"]


async def test_ask_policy(house: House) -> None:
    """One answer of a person is for all guns of the charge."""
    let_in(house, policy=Policy.ASK)
    pile, peer = await house.online()
    events = heard(pile)
    peer.send(asks(1, card=OTHER), asks(2, card=OTHER))
    await eventually(lambda: [event.kind for event in events] == ["asked", "asked"])
    pile.start_requests.answer(2, authorised=True)
    # Who answers for both guns has said all with the first word.
    pile.start_requests.answer(1, authorised=False)
    await authorised(peer, 1)
    await authorised(peer, 2)
    peer.send(asks(1, card=OTHER, number=LATER))


async def test_ask_policy_refused(house: House) -> None:
    """A refusal of one gun is for all of them, too."""
    let_in(house, policy=Policy.ASK)
    pile, peer = await house.online()
    events = heard(pile)
    peer.send(asks(1, card=OTHER), asks(2, card=OTHER))
    await eventually(lambda: len(events) == 2)
    pile.start_requests.answer(1, authorised=False)
    await refused(peer, 1, StartDenial.NOT_ALLOWED_HERE)
    await refused(peer, 2, StartDenial.NOT_ALLOWED_HERE)
    assert orders(house) == []


async def test_disconnect_while_one_gun_waits(house: House) -> None:
    """Nobody charges, and nothing is left that keeps the gun from the next charge."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    peer.send(asks(1))
    await eventually(lambda: pile.guns[1].order is not None)
    await peer.hang_up()
    await eventually(lambda: pile.guns[1].order is None)
    await eventually(lambda: [row[3:] for row in orders(house)] == [("closed", "no_reply")])
    pile, peer = await house.online()
    peer.send(asks(1), asks(2))
    await authorised(peer, 1)
    await authorised(peer, 2)


async def test_another_card_while_one_gun_waits(house: House) -> None:
    """A plain charge at the gun takes the place of the parallel one that waits there."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    peer.send(asks(1))
    await eventually(lambda: pile.guns[1].order is not None)
    peer.send(request(number=OTHER))
    await peer.expect(StartRequestReply, gun=1, authorised=0)
    await eventually(lambda: pile.guns[1].order is None)
    peer.send(asks(1, number=LATER), asks(2, number=LATER))
    await authorised(peer, 1, LATER)
    await authorised(peer, 2, LATER)


async def test_a_charge_that_nobody_waits_for(make_house: MakeHouse) -> None:
    """The next one under its number is a new one: its first gun waits for the second."""
    house = await make_house(hurried(parallel_request=2 * QUIET))
    let_in(house, ANNA)
    _, peer = await house.online()
    peer.send(asks(1, number=NO_TIME), request(number=OTHER))
    await peer.expect(StartRequestReply, gun=1, authorised=0)
    await peer.silence(3 * QUIET)
    peer.send(asks(1, number=NO_TIME))
    await peer.silence()
    peer.send(asks(2, number=NO_TIME))
    for gun in (1, 2):
        await authorised(peer, gun, NO_TIME)


async def test_stopped_while_it_waits(house: House) -> None:
    """A gun that is stopped while it waits for the other one is refused."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    peer.send(asks(1))
    await eventually(lambda: pile.guns[1].order is not None)
    stop = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=2)
    await stop
    await refused(peer, 1, StartDenial.NOT_ALLOWED_HERE)
    peer.send(asks(2))
    await refused(peer, 2, StartDenial.NOT_ALLOWED_HERE)


@pytest.mark.parametrize("fails", ["draw_counter", "open_order"])
async def test_the_ledger_fails(house: House, fails: str) -> None:
    """Without an order in the ledger no gun charges."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    house.disk.fails.add(fails)
    peer.send(asks(1), asks(2))
    await refused(peer, 1, StartDenial.PILE_DISABLED)
    await refused(peer, 2, StartDenial.PILE_DISABLED)
    house.disk.fails.clear()
    assert house.gun(1).transaction is None


async def test_stop_is_for_all_guns(house: House) -> None:
    """A charge that was begun at the pile is stopped with all its guns."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    peer.send(asks(1), asks(2))
    for gun in (1, 2):
        peer.send(peer.report(await authorised(peer, gun), "1", "1", gun=gun))
    await eventually(lambda: house.gun(1).charging and house.gun(2).charging)
    stop = asyncio.create_task(pile.stop_charging(2))
    await peer.answer_stop(gun=1)
    await peer.answer_stop(gun=2)
    await stop


@pytest.mark.parametrize("restarted", [False, True])
async def test_said_again_while_it_charges(house: House, restarted: bool) -> None:
    """A gun that is in the charge already is refused, and the charge goes on; so does that of a pile which numbers it alike."""
    let_in(house, ANNA)
    pile, peer = await house.online(gun_count=3)
    peer.send(asks(1), asks(2))
    transactions = [await authorised(peer, gun) for gun in (1, 2)]
    reports = {f"gun_{n}": peer.report(t, "1", "1", gun=n) for n, t in enumerate(transactions, 1)}
    if restarted:
        house = await house.restart()
        let_in(house, ANNA)
        await house.approve(gun_count=3)
        peer = await house.dial()
        peer.send(peer.login(gun_count=3))
        await peer.expect(LoginReply)
        await peer.greeted(3, **reports)
    else:
        peer.send(*reports.values())
    await eventually(lambda: house.gun(1).charging and house.gun(2).charging)
    peer.send(asks(1))
    await refused(peer, 1, StartDenial.PILE_HAS_UNPAID_SESSION)
    await peer.silence()
    assert [row[3] for row in orders(house)] == ["charging", "charging"]
    peer.send(asks(3))
    await authorised(peer, 3)


async def test_the_same_card_later_under_the_same_number(make_house: MakeHouse) -> None:
    """A pile without a clock numbers all charges alike: a refusal is not for ever."""
    house = await make_house(hurried(parallel_refusal=0.05))
    let_in(house, replace(ANNA, enabled=False))
    _, peer = await house.online()
    peer.send(asks(1), asks(2))
    for gun in (1, 2):
        await refused(peer, gun, StartDenial.ACCOUNT_FROZEN)
    let_in(house, ANNA)
    await asyncio.sleep(0.1)
    peer.send(asks(1), asks(2))
    for gun in (1, 2):
        await authorised(peer, gun)


async def test_all_charges_under_one_number(house: House) -> None:
    """A pile without a clock numbers all charges alike: those of different days are not one."""
    let_in(house, ANNA)
    _, peer = await house.online()
    for energy in ("2", "3"):
        peer.send(asks(1, number=NO_TIME), asks(2, number=NO_TIME))
        transactions = [await authorised(peer, gun, NO_TIME) for gun in (1, 2)]
        for gun, transaction in enumerate(transactions, 1):
            await peer.bill(peer.record(transaction, energy, "1", gun=gun, start=None, end=None, time=None))
        house.now += timedelta(days=1)
    later, earlier = await charges(house)
    assert (later.guns, later.energy) == ((1, 2), Decimal(6))
    assert (earlier.guns, earlier.energy) == ((1, 2), Decimal(4))
    assert await charges(house, 1) == [later]
