"""What an order came to, told when it is closed: finished with its bill, not started with the reason, or nothing."""

import asyncio
from decimal import Decimal

import pytest

from custom_components.ykc.server.errors import PileOffline, StartRefused
from custom_components.ykc.server.state import ClosedCharge
from tests.server.conftest import MakeHouse
from tests.server.house import House, accepted, charging, eventually, hurried, requested
from tests.server.peer import CODE


async def closed(house: House) -> ClosedCharge:
    """Return what gun 1's order came to, as soon as it did."""
    await eventually(lambda: house.gun().closed)
    found = house.gun().closed
    assert found is not None
    return found


async def test_finished(house: House) -> None:
    """A charge is finished when its bill is there, and began with its first report."""
    pile, peer = await house.online()
    transaction = await accepted(pile, peer)
    assert not house.gun().began
    peer.send(peer.report(transaction, "1", "2"))
    await eventually(lambda: house.gun().began)
    peer.send(peer.report())
    await eventually(lambda: house.gun().transaction is None)
    assert house.gun().closed is None
    await peer.bill(peer.record(transaction, "3"))
    over = await closed(house)
    assert not over.failed
    assert (over.session.transaction, over.session.energy) == (transaction, Decimal(3))
    assert over.session == house.gun().last_session
    # The same record again is no other end.
    await peer.bill(peer.record(transaction, "3"))
    assert house.gun().closed is over


async def test_finished_after_a_restart(house: House) -> None:
    """A charge that began before a restart did, and is finished once, after it."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    house = await house.restart()
    assert house.gun().began and house.gun().closed is None
    _, peer = await house.online()
    await peer.bill(peer.record(transaction, "3"))
    assert (await closed(house)).session.energy == 3
    house = await house.restart()
    assert house.gun().closed is None


async def test_without_a_bill(make_house: MakeHouse) -> None:
    """A charge that is closed for want of a record is finished with what was reported."""
    house = await make_house(hurried(record=0.1))
    pile, peer = await house.online()
    await charging(pile, peer)
    peer.send(peer.report())
    over = await closed(house)
    assert not over.failed
    assert (over.session.energy, over.session.stop_reason) == (Decimal("1.5"), "no_record")


async def test_an_old_bill_ends_nothing(house: House) -> None:
    """A record of a charge that was not open is no news, also where it becomes the last session."""
    _, peer = await house.online()
    await peer.bill(peer.record(CODE + "01" + "2602011000000001", "4"))
    assert house.gun().last_session is not None
    assert house.gun().closed is None


async def test_refused(house: House) -> None:
    """A refused start failed for the pile's reason."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    peer.answer_start(start, reason=3)
    with pytest.raises(StartRefused):
        await task
    over = await closed(house)
    assert over.failed
    assert over.session.stop_reason == "fault"
    assert house.gun().last_session is None


async def test_no_charging_report(make_house: MakeHouse) -> None:
    """A start after which nothing charges failed."""
    house = await make_house(hurried(charging_report=0.1))
    pile, peer = await house.online()
    await accepted(pile, peer)
    over = await closed(house)
    assert over.failed
    assert over.session.stop_reason == "no_charging_report"


async def test_not_plugged_in_time(make_house: MakeHouse) -> None:
    """A start for which nobody came with a plug failed."""
    house = await make_house(hurried(late_plug=0.1))
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    peer.answer_start(start, reason=5)
    assert (await task).outcome == "waiting_for_plug"
    over = await closed(house)
    assert over.failed
    assert over.session.stop_reason == "not_plugged_in_time"


async def test_taken_back(house: House) -> None:
    """A start that a person took back before it charged has not failed."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    peer.answer_start(start, reason=5)
    await task
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop()
    await stopping
    await eventually(lambda: house.gun().transaction is None)
    assert house.gun().closed is None


async def test_never_sent(house: House) -> None:
    """A start of which the pile never heard is an error for who asked, and no more."""
    pile, peer = await house.online()
    house.disk.hold("open_order")
    task = asyncio.create_task(pile.start_charging(1))
    await eventually(lambda: "open_order" in house.disk.calls)
    await peer.hang_up()
    await eventually(lambda: pile.line.connection is None)
    house.disk.release()
    with pytest.raises(PileOffline):
        await task
    await eventually(lambda: house.gun().transaction is None)
    assert house.gun().closed is None


@pytest.mark.parametrize(("began", "failed"), [(False, True), (True, False)])
async def test_record_of_a_failed_start(house: House, began: bool, failed: bool) -> None:
    """Some piles send a record of a charge that did not begin; one that was reported to charge did begin."""
    pile, peer = await house.online()
    transaction = await (charging if began else accepted)(pile, peer)
    await peer.bill(peer.record(transaction, "0", stop_reason=0x57))
    over = await closed(house)
    assert over.failed is failed
    assert over.session.stop_reason == "start_failed_insulation"
