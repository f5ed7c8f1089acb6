"""Which session is a gun's last one, and what it says."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.server.conftest import MakeHouse
from tests.server.house import House, charging, eventually, hurried, last_session
from tests.server.peer import CODE

NUMBER = CODE + "01" + "2603011000000001"
OLDER = CODE + "01" + "2602011000000001"


async def test_a_late_record_of_an_older_session_leaves_the_unbilled_one(make_house: MakeHouse) -> None:
    """A late record of an older session leaves the unbilled one."""
    house = await make_house(hurried(record=0.1))
    pile, peer = await house.online()
    newest = await charging(pile, peer)
    peer.send(peer.report())
    await eventually(lambda: house.gun().last_session)
    await peer.bill(peer.record(OLDER, "4", end=datetime(2026, 2, 1, 11, 0)))
    assert last_session(house.gun()).transaction == newest
    house = await house.restart()
    assert last_session(house.gun()).transaction == newest
    assert last_session(house.gun()).stop_reason == "no_record"


@pytest.mark.parametrize("end", [None, datetime(2099, 1, 1)])
async def test_a_pile_with_a_wrong_clock(house: House, end: datetime | None) -> None:
    """Its session ended when its record came, and the next one is later."""
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER, "3", start=None, end=end, time=None))
    last = last_session(house.gun())
    assert last.ended == house.now
    assert last.started is None
    house.now += timedelta(hours=1)
    await peer.bill(peer.record(OLDER, "4", end=datetime(2026, 3, 1, 12, 30)))
    assert last_session(house.gun()).transaction == OLDER
    house = await house.restart()
    assert last_session(house.gun()).transaction == OLDER


@pytest.mark.parametrize("behind", [datetime(2020, 1, 1, 0, 10), datetime(2026, 3, 1, 2, 0)])
async def test_a_clock_that_is_behind_hides_no_session_that_we_saw(house: House, behind: datetime) -> None:
    """The session that just ended is the last one, whatever the pile's clock says; also after a restart."""
    pile, peer = await house.online()
    first = await charging(pile, peer)
    await peer.bill(peer.record(first, "2"))
    house.now += timedelta(minutes=30)
    second = await charging(pile, peer)
    await peer.bill(peer.record(second, "3", end=behind))
    assert last_session(house.gun()).transaction == second
    # What nobody saw is put in order by what it says itself.
    await peer.bill(peer.record(OLDER, "4", end=datetime(2026, 2, 28, 11, 0)))
    assert last_session(house.gun()).transaction == second
    house = await house.restart()
    assert last_session(house.gun()).transaction == second
    assert last_session(house.gun()).energy == 3
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER, "5", end=datetime(2026, 2, 28, 12, 0)))
    assert last_session(house.gun()).transaction == second


async def test_the_late_record_of_the_newest_order_is_the_last_session(make_house: MakeHouse) -> None:
    """A record that comes after its order was closed takes the place of it, and of nothing newer."""
    house = await make_house(hurried(record=0.1))
    pile, peer = await house.online()
    older = await charging(pile, peer)
    peer.send(peer.report())
    await eventually(lambda: house.gun().last_session)
    house.now += timedelta(minutes=30)
    newest = await charging(pile, peer)
    peer.send(peer.report())
    await eventually(lambda: last_session(house.gun()).transaction == newest)
    house = await house.restart()
    _, peer = await house.online()
    await peer.bill(peer.record(newest, "2", end=datetime(2020, 1, 1)))
    await peer.bill(peer.record(older, "2", end=datetime(2026, 3, 1, 11, 30)))
    assert last_session(house.gun()).transaction == newest
    assert last_session(house.gun()).energy == 2
    house = await house.restart()
    assert last_session(house.gun()).transaction == newest


async def test_times_are_the_piles_local_time(house: House) -> None:
    """Times are the pile's local time."""
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER))
    assert last_session(house.gun()).ended == datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
    assert house.rows("SELECT started, ended FROM records") == [
        ("2026-03-01T10:00:00+08:00", "2026-03-01T11:00:00+08:00")
    ]


async def test_an_unknown_stop_reason_and_starter(house: House) -> None:
    """An unknown stop reason and starter."""
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER, stop_reason=0xC8, started_by=9))
    assert last_session(house.gun()).stop_reason == "unknown_code"


async def test_the_total_is_never_lowered(house: House) -> None:
    """The total is never lowered."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer, energy="10")
    await peer.bill(peer.record(transaction, "9.5"))
    assert last_session(house.gun()).energy == Decimal("9.5")
    assert house.gun().total_energy == 10
    # Nor is it by a restart.
    house = await house.restart()
    assert house.gun().total_energy == 10
    pile, peer = await house.online()
    # The next session makes up for what the bill had less.
    transaction = await charging(pile, peer, energy="0.25")
    assert house.gun().total_energy == 10
    await peer.bill(peer.record(transaction, "1.5"))
    assert house.gun().total_energy == 11
