"""Charges with several guns on one car that are started from here: 0xA4 and 0xA3 (12.3, 12.4)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from custom_components.ykc.protocol import ParallelRemoteStart, ReadRealtime, RemoteStop, RemoteStopReply
from custom_components.ykc.server.errors import (
    LedgerFailed,
    NoReply,
    OrderOpen,
    ParallelNeedsGuns,
    PileOffline,
    StartCancelled,
    StartRefused,
    StopRefused,
    UnknownGun,
)
from custom_components.ykc.server.parallel_gun import ParallelGun
from custom_components.ykc.server.sessions import SessionState
from custom_components.ykc.server.state import GunStatus

from .house import House, accepted, charging, eventually, hurried
from .parallel import NUMBER, both_charging, commanded, one_charge, orders, reply, starting_both
from .peer import Peer
from .test_access import CARD

type MakeHouse = Callable[..., Awaitable[House]]
IMPATIENT = hurried(parallel_command=0.05)


async def told_to_stop(peer: Peer, gun: int) -> None:
    """Expect a 0x36 for a gun, which does not charge."""
    await peer.answer_stop(gun=gun, reason=2)


async def test_both_guns_one_charge(house: House) -> None:
    """All guns are told alike; each has its own order, and both records make one charge."""
    pile, peer = await house.online()
    task = starting_both(pile, card=CARD, logical_card="0000000000001234", balance=Decimal(50))
    first = await commanded(peer, 1)
    assert [row[:4] for row in orders(house)] == [(1, NUMBER, "", "requested"), (2, NUMBER, "", "requested")]
    peer.send(reply(first))
    second = await commanded(peer, 2)
    assert (first.card, first.logical_card, first.balance) == (second.card, second.logical_card, second.balance)
    assert (first.card, first.balance) == (CARD, Decimal(50))
    assert house.gun(2).parallel == ParallelGun(number=NUMBER, guns=(1, 2))
    peer.send(reply(second))
    charge = await task
    assert list(charge.charges) == [1, 2]
    assert house.gun(1).parallel == ParallelGun(number=NUMBER, guns=(1, 2), role="main")
    assert house.gun(2).parallel == ParallelGun(number=NUMBER, guns=(1, 2), role="auxiliary")
    for start in (first, second):
        peer.send(peer.report(start.transaction, "1", "1", gun=start.gun))
    await eventually(lambda: house.rows("SELECT began FROM orders") == [(1,), (1,)])
    assert (await one_charge(house)).state is SessionState.OPEN
    await peer.bill(peer.record(first.transaction, "10.5", "12.25"))
    assert house.gun(1).parallel is None
    part = await one_charge(house)
    assert (part.state, part.ended, part.energy) == (SessionState.OPEN, None, Decimal("11.5"))
    await peer.bill(peer.record(second.transaction, "9.5", "10", gun=2))
    whole = await one_charge(house)
    assert (whole.parallel, whole.guns, whole.main_gun) == (NUMBER, (1, 2), 1)
    assert whole.transactions == (first.transaction, second.transaction)
    assert (whole.state, whole.energy, whole.amount) == (SessionState.SETTLED, Decimal(20), Decimal("22.25"))
    assert whole.ended is not None
    assert [row[2:] for row in orders(house)] == [("main", "closed", "settled"), ("auxiliary", "closed", "settled")]


async def test_pile_that_answers_at_the_end(make_house: MakeHouse) -> None:
    """Some piles answer when they have the commands of all guns: the second one does not wait for ever."""
    house = await make_house(IMPATIENT)
    pile, peer = await house.online()
    task = starting_both(pile, 2, 1)
    second = await commanded(peer, 2)
    first = await commanded(peer, 1)
    peer.send(reply(second, role=0), reply(first, role=1))
    assert list((await task).charges) == [2, 1]
    assert house.gun(2).parallel == ParallelGun(number=NUMBER, guns=(1, 2), role="main")


async def test_three_guns(house: House) -> None:
    """Never are two commands under way at a pile that answers each at once."""
    pile, peer = await house.online(gun_count=3)
    task = starting_both(pile, 1, 2, 3)
    for gun in (1, 2, 3):
        start = await commanded(peer, gun)
        await peer.silence()
        peer.send(reply(start))
    assert list((await task).charges) == [1, 2, 3]
    assert house.gun(3).parallel == ParallelGun(number=NUMBER, guns=(1, 2, 3), role="auxiliary")


async def test_second_gun_refuses(house: House) -> None:
    """The first gun, which accepted, is stopped again; the error names the gun that did not."""
    pile, peer = await house.online()
    task = starting_both(pile)
    peer.send(reply(await commanded(peer, 1)))
    peer.send(reply(await commanded(peer, 2), reason=3))
    with pytest.raises(StartRefused) as refusal:
        await task
    assert refusal.value.placeholders == {"pile": pile.code, "gun": "2", "reason": "fault"}
    await told_to_stop(peer, 1)
    await eventually(lambda: {row[4] for row in orders(house)} == {"other_gun_failed", "start_refused"})
    assert house.gun(1).status is GunStatus.IDLE
    assert house.gun(1).last_session is None


async def test_first_gun_refuses(house: House) -> None:
    """The second gun is not asked any more."""
    pile, peer = await house.online()
    task = starting_both(pile)
    peer.send(reply(await commanded(peer, 1), reason=2))
    with pytest.raises(StartRefused, match="start_refused") as refusal:
        await task
    assert refusal.value.placeholders["gun"] == "1"
    await peer.silence()
    assert [row[3:] for row in orders(house)] == [("closed", "start_refused"), ("closed", "other_gun_failed")]


async def test_a_gun_that_charges_all_the_same(house: House) -> None:
    """A pile that begins with one gun alone is told to stop, and its record settles what it charged."""
    pile, peer = await house.online()
    task = starting_both(pile)
    first = await commanded(peer, 1)
    peer.send(reply(first), peer.report(first.transaction, "0.5", "1"))
    second = await commanded(peer, 2)
    peer.send(reply(second, reason=3))
    with pytest.raises(StartRefused):
        await task
    await peer.answer_stop(gun=1)
    await peer.bill(peer.record(first.transaction, "0.6", "1.2"))
    session = house.gun(1).last_session
    assert session is not None
    assert session.energy == Decimal("0.6")


async def test_a_gun_that_is_not_free(house: House) -> None:
    """Nothing is sent and nothing is written when one of the guns has a charge."""
    pile, peer = await house.online()
    await accepted(pile, peer, 2)
    with pytest.raises(OrderOpen) as busy:
        await pile.parallel.start((1, 2))
    assert busy.value.placeholders["gun"] == "2"
    await peer.silence()
    assert len(orders(house)) == 1


async def test_wrong_requests(house: House) -> None:
    """One gun is no parallel charge, and a gun must be there."""
    pile, peer = await house.online()
    for guns in ((), (1,), (1, 1)):
        with pytest.raises(ParallelNeedsGuns):
            await pile.parallel.start(guns)
    with pytest.raises(UnknownGun):
        await pile.parallel.start((1, 3))
    await peer.silence()
    assert orders(house) == []


async def test_no_answer(make_house: MakeHouse) -> None:
    """A pile that answers for one gun only has not started: it is told to stop."""
    house = await make_house(hurried(parallel_command=0.05, start_reply=0.4))
    pile, peer = await house.online()
    task = starting_both(pile)
    peer.send(reply(await commanded(peer, 1)))
    await commanded(peer, 2)
    with pytest.raises(NoReply):
        await task
    stopped = []
    for _ in range(2):
        stop = await peer.expect(RemoteStop)
        peer.send(RemoteStopReply(pile=pile.code, gun=stop.gun, result=0, reason=2))
        stopped.append(int(stop.gun))
    assert sorted(stopped) == [1, 2]


async def test_the_ledger_fails(house: House) -> None:
    """When the second order cannot be written, the first one is closed and nothing is sent."""
    pile, peer = await house.online()
    busy = await charging(pile, peer, 2)
    peer.send(peer.report(busy, gun=2, status=2, plugged=1))
    await eventually(lambda: not house.gun(2).charging)
    house.disk.hold("open_order")
    task = starting_both(pile)
    await eventually(lambda: "open_order" in house.disk.calls)
    house.disk.fails.add("draw_counter")
    house.disk.release()
    with pytest.raises(Exception, match="ledger_failed"):
        await task
    house.disk.fails.clear()
    await peer.silence()
    assert house.gun(1).transaction is None


async def test_plugged_late(house: House) -> None:
    """Guns that wait for their plug are answered once more; when one stays away, the other one is stopped."""
    pile, peer = await house.online()
    task = starting_both(pile)
    first = await commanded(peer, 1)
    peer.send(reply(first, reason=5))
    second = await commanded(peer, 2)
    peer.send(reply(second, reason=5))
    assert [charge.outcome for charge in (await task).charges.values()] == ["waiting_for_plug"] * 2
    assert house.gun(2).status is GunStatus.WAITING_FOR_PLUG
    peer.send(reply(first), reply(second))
    await eventually(lambda: house.gun(2).status is GunStatus.STARTING)


async def test_plug_stays_away(make_house: MakeHouse) -> None:
    """A charge whose second gun is not plugged in time does not begin with the first one."""
    house = await make_house(hurried(late_plug=0.2))
    pile, peer = await house.online()
    task = starting_both(pile)
    peer.send(reply(await commanded(peer, 1)))
    peer.send(reply(await commanded(peer, 2), reason=5))
    assert [charge.outcome for charge in (await task).charges.values()] == ["started", "waiting_for_plug"]
    await told_to_stop(peer, 1)
    await eventually(lambda: {row[4] for row in orders(house)} == {"other_gun_failed", "not_plugged_in_time"})


# Stop


@pytest.mark.parametrize("gun", [1, 2])
async def test_stop_is_for_all_guns(house: House, gun: int) -> None:
    """One gun is stopped, and so are the others; each record settles its own order."""
    pile, peer = await house.online()
    first, second = await both_charging(house, pile, peer)
    task = asyncio.create_task(pile.stop_charging(gun))
    await peer.answer_stop(gun=1)
    await peer.answer_stop(gun=2)
    await task
    assert house.gun(1).status is house.gun(2).status is GunStatus.STOPPING
    await peer.bill(peer.record(second, "3", gun=2))
    await peer.bill(peer.record(first, "4"))
    assert (await one_charge(house)).energy == 7


async def test_both_are_stopped_at_once(house: House) -> None:
    """Who stops both guns stops one charge once, also where the pile ends both at the first word."""
    pile, peer = await house.online()
    first, second = await both_charging(house, pile, peer)
    tasks = [asyncio.create_task(pile.stop_charging(gun)) for gun in (1, 2)]
    await peer.answer_stop(gun=1)
    await peer.expect(RemoteStop, gun=2)
    await peer.bill(peer.record(second, "3", gun=2))
    peer.send(RemoteStopReply(pile=pile.code, gun=2, result=0, reason=2))
    await asyncio.gather(*tasks)
    await peer.bill(peer.record(first, "4"))
    await peer.silence()


async def test_a_stop_that_is_refused(house: House) -> None:
    """All guns are told, and the first refusal is the caller's."""
    pile, peer = await house.online()
    await both_charging(house, pile, peer)
    task = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(gun=1, reason=3)
    await peer.answer_stop(gun=2)
    with pytest.raises(StopRefused) as refusal:
        await task
    assert refusal.value.placeholders["gun"] == "1"
    assert house.gun(1).status is GunStatus.CHARGING
    assert house.gun(2).status is GunStatus.STOPPING


async def test_a_stop_without_a_connection(house: House) -> None:
    """Whoever stops a charge of a pile that is away is told so, and the charge is what it was."""
    pile, peer = await house.online()
    await both_charging(house, pile, peer)
    await peer.hang_up()
    await eventually(lambda: not pile.state.connected)
    with pytest.raises(PileOffline):
        await pile.stop_charging(1)
    assert house.gun(1).charging
    assert house.gun(2).charging


async def test_stop_while_it_starts(house: House) -> None:
    """A stop goes through at once, and the second gun is not asked any more."""
    pile, peer = await house.online()
    task = starting_both(pile)
    await commanded(peer, 1)
    stop = asyncio.create_task(pile.stop_charging(2))
    await peer.answer_stop(gun=1)
    with pytest.raises(StartCancelled):
        await task
    await stop
    await peer.silence()
    assert house.gun(2).transaction is None


# The line


async def test_disconnect_between(house: House) -> None:
    """A connection that is lost between the commands ends the start; should the pile charge, it is told to stop."""
    pile, peer = await house.online()
    task = starting_both(pile)
    first = await commanded(peer, 1)
    peer.send(reply(first))
    await commanded(peer, 2)
    await peer.hang_up()
    with pytest.raises(PileOffline):
        await task
    await eventually(lambda: {row[3] for row in orders(house)} == {"closed"})
    peer = await house.dial()
    peer.send(peer.login())
    await peer.receive()
    await peer.answer_clock()
    await peer.expect(ReadRealtime, gun=1)
    peer.send(peer.report(first.transaction, "1", "1"))
    came = {type(await peer.receive()) for _ in range(2)}
    assert came == {ReadRealtime, RemoteStop}


async def test_restart_in_a_charge(house: House) -> None:
    """After a restart the guns still know each other: one stop ends both."""
    pile, peer = await house.online()
    first, second = await both_charging(house, pile, peer)
    await eventually(lambda: [row[2] for row in orders(house)] == ["main", "auxiliary"])
    later = await house.restart()
    pile = later.listener.piles[pile.code]
    assert later.gun(1).parallel == ParallelGun(number=NUMBER, guns=(1, 2), role="main")
    peer = await later.dial()
    peer.send(peer.login())
    await peer.receive()
    await peer.greeted(
        gun_1=peer.report(first, "2", "2"),
        gun_2=peer.report(second, "3", "3", gun=2),
    )
    await eventually(lambda: later.gun(1).charging and later.gun(2).charging)
    task = asyncio.create_task(pile.stop_charging(2))
    await peer.answer_stop(gun=1)
    await peer.answer_stop(gun=2)
    await task
    await peer.bill(peer.record(first, "4"))
    await peer.bill(peer.record(second, "5", gun=2))
    assert (await one_charge(later)).energy == 9


async def test_one_record_is_late(make_house: MakeHouse) -> None:
    """A charge counts what was reported of a gun whose record is missing, and its record when that comes."""
    house = await make_house(hurried(record=0.1))
    pile, peer = await house.online()
    first, second = await both_charging(house, pile, peer)
    await peer.bill(peer.record(first, "4"))
    peer.send(peer.report(gun=2, plugged=1))
    await eventually(lambda: [row[4] for row in orders(house)] == ["settled", "no_record"])
    charge = await one_charge(house)
    assert (charge.state, charge.energy) == (SessionState.UNBILLED, Decimal("6.5"))
    house.now += timedelta(hours=2)
    await peer.bill(peer.record(second, "3", gun=2))
    charge = await one_charge(house)
    assert (charge.state, charge.energy) == (SessionState.SETTLED, Decimal(7))


async def test_numbers_do_not_repeat(house: House) -> None:
    """A charge in the same second, and one after a restart with the clock set back, get numbers of their own."""
    pile, peer = await house.online()
    for number in (NUMBER, "260301120001"):
        task = starting_both(pile)
        peer.send(reply(await commanded(peer, 1, number), reason=3))
        with pytest.raises(StartRefused):
            await task
    later = await house.restart()
    later.now = house.now
    pile, peer = await later.online()
    task = starting_both(pile)
    start = await peer.expect(ParallelRemoteStart)
    assert start.parallel_id == "260301120002"
    peer.send(reply(start, reason=3))
    with pytest.raises(StartRefused):
        await task


async def test_plain_charges_are_not_touched(house: House) -> None:
    """Two guns with charges of their own are stopped one by one."""
    pile, peer = await house.online()
    await charging(pile, peer, 1)
    await charging(pile, peer, 2)
    task = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(gun=1)
    await task
    await peer.silence()
    assert house.gun(1).parallel is None
    assert house.gun(2).status is GunStatus.CHARGING


async def test_an_answer_with_a_strange_role(house: House) -> None:
    """A role that the table does not have is none, and the charge goes on."""
    pile, peer = await house.online()
    task = starting_both(pile)
    peer.send(reply(await commanded(peer, 1), role=7))
    peer.send(reply(await commanded(peer, 2)))
    await task
    assert house.gun(1).parallel == ParallelGun(number=NUMBER, guns=(1, 2))
    assert house.gun(2).parallel == ParallelGun(number=NUMBER, guns=(1, 2), role="auxiliary")


async def test_a_role_that_cannot_be_written(house: House) -> None:
    """A disk that does not take it costs a line of the log, and the charge goes on."""
    pile, peer = await house.online()
    task = starting_both(pile)
    house.disk.fails.add("note_part")
    peer.send(reply(await commanded(peer, 1), role=7))
    peer.send(reply(await commanded(peer, 2)))
    await task
    await eventually(lambda: house.counts["ledger"] == 1)
    assert house.gun(1).parallel == ParallelGun(number=NUMBER, guns=(1, 2))


async def test_a_number_that_cannot_be_drawn(house: House) -> None:
    """Without the ledger nobody knows which numbers there were: nothing is sent."""
    pile, peer = await house.online()
    house.disk.fails.add("has_parallel")
    with pytest.raises(LedgerFailed):
        await starting_both(pile)
    await peer.silence()
    assert orders(house) == []
