"""The pile's clock: how far it is off, and that it follows local time."""

from datetime import UTC, datetime, timedelta
from math import inf
from zoneinfo import ZoneInfo

import pytest

from custom_components.ykc.protocol import TimeSyncReply, TransactionAck
from custom_components.ykc.server.listener import ListenerSettings
from custom_components.ykc.server.state import PileInfo

from .conftest import MakeHouse
from .house import House, billing_model, charging, eventually, hurried
from .peer import CODE

LOCAL = datetime(2026, 3, 1, 12, 0)
"""The house's time, as a clock in Shanghai shows it."""


async def test_unknown_at_first(house: House) -> None:
    """Before the pile showed a time nothing is known, also when its clock was never set."""
    pile = await house.approve()
    assert pile.state.clock_offset is None
    peer = await house.dial()
    peer.send(peer.login(), TimeSyncReply(pile=CODE, time=None))
    await eventually(lambda: pile.state.connected)
    assert pile.state.clock_offset is None


@pytest.mark.parametrize("offset", [0.0, 90.3, -3600.0])
async def test_from_a_reply(house: House, offset: float) -> None:
    """What the 0x55 says against our time, in both directions; it answers the command too."""
    pile, peer = await house.online()
    assert pile.state.clock_offset == 0
    peer.send(TimeSyncReply(pile=CODE, time=LOCAL + timedelta(seconds=offset)))
    await eventually(lambda: pile.state.clock_offset == offset)


async def test_behind_by_a_moment(house: House) -> None:
    """Less than is shown is nothing, without a sign."""
    pile, peer = await house.online()
    peer.send(TimeSyncReply(pile=CODE, time=LOCAL + timedelta(seconds=5)))
    await eventually(lambda: pile.state.clock_offset == 5)
    peer.send(TimeSyncReply(pile=CODE, time=LOCAL - timedelta(milliseconds=10)))
    await eventually(lambda: pile.state.clock_offset == 0)
    assert str(pile.state.clock_offset) == "0.0"


async def test_from_a_record(house: House) -> None:
    """The end of a charge that was just reported shows the clock; the repeated record does not."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    house.disk.hold("store_record")
    record = peer.record(transaction, end=LOCAL - timedelta(minutes=5))
    peer.send(record)
    await eventually(lambda: pile.state.clock_offset == -300)
    house.now += timedelta(minutes=1)
    peer.send(record)
    house.disk.release()
    await peer.expect(TransactionAck)
    await peer.expect(TransactionAck)
    assert pile.state.clock_offset == -300


async def test_not_from_a_stored_record(house: House) -> None:
    """A charge that may have ended while the pile was away says nothing of its clock."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    _, peer = await house.online()
    await peer.bill(peer.record(transaction, end=LOCAL - timedelta(minutes=5)))
    await peer.bill(peer.record("9" * 32, end=LOCAL - timedelta(days=5)))
    assert pile.state.clock_offset == 0


async def test_not_from_a_late_record(make_house: MakeHouse) -> None:
    """Nor does one that comes long after the last report of its charge."""
    house = await make_house(hurried(fresh=0.0))
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    await peer.bill(peer.record(transaction, end=LOCAL - timedelta(minutes=5)))
    assert pile.state.clock_offset == 0


async def test_daylight_saving_time(make_house: MakeHouse) -> None:
    """When local time jumps the clocks are set soon, once, and only of piles that are there."""
    house = await make_house(hurried(time_zone=0.01, clock_jump=inf))
    house.listener.apply(ListenerSettings(time_zone=ZoneInfo("Europe/Berlin"), billing_model=billing_model()))
    await house.listener.add_pile(PileInfo(code="32010200000009"))
    house.now = datetime(2026, 3, 29, 0, 59, 30, tzinfo=UTC)
    _, peer = await house.online()
    await peer.silence()
    house.now = datetime(2026, 3, 29, 1, 0, 30, tzinfo=UTC)
    assert await peer.answer_clock() == datetime(2026, 3, 29, 3, 0, 30)
    await peer.silence()
