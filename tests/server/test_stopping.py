"""A charge that is stopped from here."""

import asyncio
from decimal import Decimal

import pytest

from custom_components.ykc.protocol import ReadRealtime, RemoteStart, RemoteStop, RemoteStopReply
from custom_components.ykc.server.errors import StopRefused
from custom_components.ykc.server.state import GunStatus
from tests.server.conftest import MakeHouse
from tests.server.house import House, accepted, charging, eventually, hurried, requested, starting
from tests.server.peer import CODE


async def test_a_stop_and_its_record(house: House) -> None:
    """A stop and its record."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop()
    await stopping
    assert house.gun().status is GunStatus.STOPPING
    peer.send(peer.charge_end(transaction))
    await peer.heard()
    assert house.gun().status is GunStatus.CHARGING  # the gun's last report
    peer.send(peer.report(plugged=1))
    await eventually(lambda: house.gun().status is GunStatus.FINISHED)
    assert house.gun().total_energy == Decimal("1.5")
    await peer.bill(peer.record(transaction, "1.6", "2.6"))
    gun = house.gun()
    assert gun.status is GunStatus.FINISHED
    assert gun.transaction is None
    assert gun.total_energy == Decimal("1.6")
    last = gun.last_session
    assert last is not None
    assert (last.energy, last.cost, last.stop_reason) == (Decimal("1.6"), Decimal("2.6"), "stopped_remotely")
    peer.send(peer.report())
    await eventually(lambda: house.gun().status is GunStatus.IDLE)


async def test_a_record_before_the_reply_to_a_stop(house: House) -> None:
    """A record before the reply to a stop."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.expect(RemoteStop)
    await peer.bill(peer.record(transaction))
    peer.send(RemoteStopReply(pile=CODE, gun=1, result=1))
    await stopping
    assert house.gun().transaction is None


@pytest.mark.parametrize("reason", [1, 3, 9])
async def test_a_refused_stop(house: House, reason: int) -> None:
    """A refused stop."""
    pile, peer = await house.online()
    await charging(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=reason)
    with pytest.raises(StopRefused) as error:
        await stopping
    assert error.value.placeholders["reason"] == {1: "wrong_pile", 3: "other", 9: "code_09"}[reason]
    assert house.gun().status is GunStatus.CHARGING


async def test_stopping_what_does_not_charge(house: House) -> None:
    """Stopping what does not charge."""
    pile, peer = await house.online()
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=2)
    with pytest.raises(StopRefused) as error:
        await stopping
    assert error.value.placeholders["reason"] == "not_charging"


async def test_stopping_a_charge_that_the_pile_says_is_over(make_house: MakeHouse) -> None:
    """Stopping a charge that the pile says is over."""
    house = await make_house(hurried(record=0.1))
    pile, peer = await house.online()
    await charging(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=2)
    await stopping
    await eventually(lambda: house.gun().last_session)
    last = house.gun().last_session
    assert last is not None
    assert last.stop_reason == "no_record"


@pytest.mark.parametrize("reason", [0, 2, 3])
async def test_stopping_while_the_pile_waits_for_the_plug(house: House, reason: int) -> None:
    """Stopping while the pile waits for the plug."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    peer.answer_start(start, reason=5)
    await task
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=reason)
    await stopping
    assert house.gun().status is GunStatus.IDLE
    last = house.gun().last_session
    assert last is not None
    assert last.stop_reason == "cancelled"
    peer.answer_start(start)
    await peer.answer_stop()


@pytest.mark.parametrize("reason", [0, 2])
async def test_stopping_between_the_yes_and_the_charge(make_house: MakeHouse, reason: int) -> None:
    """Stopping between the yes and the charge."""
    house = await make_house(hurried(record=0.1))
    pile, peer = await house.online()
    transaction = await accepted(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=reason)
    await stopping
    await eventually(lambda: house.gun().last_session)
    last = house.gun().last_session
    assert last is not None
    assert last.stop_reason == "cancelled"
    peer.send(peer.report(transaction, "1"))
    await peer.answer_stop()


async def test_a_stop_that_the_pile_does_not_follow(make_house: MakeHouse) -> None:
    """A stop that the pile does not follow."""
    house = await make_house(hurried(record=0.5, insist=0.6))
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop()
    await stopping
    # It goes on charging for longer than a record would take.
    for energy in range(2, 9):
        await asyncio.sleep(0.1)
        peer.send(peer.report(transaction, str(energy)))
    await peer.answer_stop()
    assert house.gun().status is GunStatus.STOPPING
    assert house.gun().total_energy >= 2
    await peer.bill(peer.record(transaction, "9"))
    assert house.gun().total_energy == 9


async def test_a_stop_that_was_meant_for_a_charge_that_is_over_spares_the_next(make_house: MakeHouse) -> None:
    """A stop that was meant for a charge that is over spares the next."""
    house = await make_house(hurried(charging_report=0.1))
    pile, peer = await house.online()
    await accepted(pile, peer)
    reading = asyncio.create_task(pile.read_realtime(2))
    await peer.expect(ReadRealtime)
    house.listener.timing = hurried()
    begun: list[asyncio.Task[object]] = []

    def start_again() -> None:
        if house.gun().transaction is None and not begun:
            begun.append(starting(pile))

    pile.subscribe(start_again)
    # The order is closed, and who has waited for that starts anew before the line is free.
    async with asyncio.timeout(20):
        while not begun:
            await asyncio.sleep(0.01)
    peer.send(peer.report(gun=2))
    await reading
    messages = [await peer.receive()]
    if isinstance(messages[0], RemoteStop):
        peer.send(RemoteStopReply(pile=CODE, gun=1, result=0, reason=2))
        messages.append(await peer.receive())
    assert isinstance(messages[-1], RemoteStart)
    peer.answer_start(messages[-1])
    await begun[0]
    await peer.silence()
