"""Starts without an answer, stopped before it, and charges that begin although they may not."""

import asyncio
from decimal import Decimal

import pytest

from custom_components.ykc.protocol import ReadRealtime
from custom_components.ykc.server.errors import NoReply, StartCancelled, StartRefused, StopRefused
from custom_components.ykc.server.state import GunStatus
from tests.server.conftest import MakeHouse
from tests.server.house import House, accepted, hurried, requested
from tests.server.peer import CODE


async def test_no_reply_to_a_start(make_house: MakeHouse) -> None:
    """No reply to a start."""
    house = await make_house(hurried(command=0.05, start_reply=0.2))
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    with pytest.raises(NoReply):
        await task
    await peer.answer_stop(reason=2)
    assert house.gun().last_session is None
    # The late answer is no surprise, and what was told before it ended nothing.
    peer.answer_start(start)
    await peer.answer_stop(reason=2)
    await peer.heard()
    assert house.gun().status is GunStatus.IDLE


async def test_the_line_is_free_while_a_slow_pile_thinks_about_a_start(make_house: MakeHouse) -> None:
    """The line is free while a slow pile thinks about a start."""
    house = await make_house(hurried(command=0.05))
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    reading = asyncio.create_task(pile.read_realtime(2))
    await peer.expect(ReadRealtime)
    peer.answer_start(start)
    assert (await task).outcome == "started"
    peer.send(peer.report(gun=2))
    await asyncio.gather(reading, return_exceptions=True)


async def test_stopping_a_start_that_has_no_answer(make_house: MakeHouse) -> None:
    """Stopping a start that has no answer."""
    house = await make_house(hurried(command=0.05))
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    pile.line._timing = hurried()
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop()
    await stopping
    with pytest.raises(StartCancelled):
        await task
    assert house.gun().status is GunStatus.STOPPING
    # It says yes after all, and charges: it is told again.
    peer.answer_start(start)
    peer.send(peer.report(start.transaction, "1"))
    await peer.answer_stop()
    assert house.gun().status is GunStatus.STOPPING


@pytest.mark.parametrize("reason", [0, 2])
async def test_a_stop_does_not_wait_for_the_answer_to_the_start(house: House, reason: int) -> None:
    """A stop is sent at once, and a start that it ended says so."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    async with asyncio.timeout(5):
        await peer.answer_stop(reason=reason)
        await stopping
        with pytest.raises(StartCancelled) as error:
            await task
    assert error.value.placeholders == {"pile": CODE, "gun": "1"}
    # It says yes after all: it is told again.
    peer.answer_start(start)
    await peer.answer_stop(reason=2)


async def test_a_refused_stop_leaves_the_start(house: House) -> None:
    """Where the pile does not stop, its answer to the start still counts."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=3)
    with pytest.raises(StopRefused):
        await stopping
    peer.answer_start(start)
    assert (await task).outcome == "started"


async def test_accepted_and_then_no_charging_report(make_house: MakeHouse) -> None:
    """Accepted and then no charging report."""
    house = await make_house(hurried(charging_report=0.2))
    pile, peer = await house.online()
    transaction = await accepted(pile, peer)
    peer.send(peer.report(plugged=1))
    await peer.answer_stop(reason=2)
    last = house.gun().last_session
    assert last is not None
    assert last.stop_reason == "no_charging_report"
    assert house.gun().status is GunStatus.PLUGGED
    # It charges later all the same.
    peer.send(peer.report(transaction, "1"))
    await peer.answer_stop()
    await peer.heard()
    assert house.gun().status is GunStatus.CHARGING
    assert house.gun().total_energy == 0
    # What it charged counts when its bill comes.
    await peer.bill(peer.record(transaction, "1.25"))
    assert house.gun().total_energy == Decimal("1.25")


async def test_a_pile_that_does_not_obey_is_told_again(make_house: MakeHouse) -> None:
    """A pile that does not obey is told again."""
    house = await make_house(hurried(charging_report=0.1, insist=0.3))
    pile, peer = await house.online()
    transaction = await accepted(pile, peer)
    await peer.answer_stop()
    for _ in range(2):
        await asyncio.sleep(0.35)
        peer.send(peer.report(transaction, "1"))
        await peer.answer_stop()


async def test_a_charge_that_begins_late_is_told_at_once(make_house: MakeHouse) -> None:
    """A stop that came before the charge ended nothing; one of a running charge is given time."""
    house = await make_house(hurried(start_reply=0.1))
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    with pytest.raises(NoReply):
        await task
    await peer.answer_stop(reason=2)
    peer.answer_start(start)
    await peer.answer_stop(reason=2)
    peer.answer_start(start)
    await peer.heard()
    peer.send(peer.report(start.transaction, "1"))
    await peer.answer_stop()
    for energy in ("1.1", "1.2"):
        peer.send(peer.report(start.transaction, energy))
    await peer.heard()
    await peer.silence()
    # It ended, and begins again.
    peer.send(peer.report(plugged=1), peer.report(start.transaction, "1.3"))
    await peer.answer_stop()


async def test_what_says_twice_that_a_charge_began_is_told_once(house: House) -> None:
    """A reply and a report in one go are one reason to stop."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    peer.answer_start(start, reason=1)
    with pytest.raises(StartRefused):
        await task
    peer.answer_start(start)
    peer.send(peer.report(start.transaction, "1"))
    await peer.answer_stop()
    await peer.silence()
