"""The connection is lost while a vehicle is being charged by itself: what the pile says of it then decides."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from custom_components.ykc.protocol import RemoteStart
from custom_components.ykc.server.state import PlugProgress

from .conftest import MakeHouse
from .house import SHANGHAI, House, eventually
from .plugging import automatic, back, plug, reopened, settled, shows, started, unplug

NO_CLOCK: Final[dict[str, Any]] = {"start": None, "end": None, "time": None}
YEAR_2000: Final[dict[str, Any]] = {"start": datetime(2000, 1, 1), "end": datetime(2000, 1, 1, 1)}


@pytest.mark.parametrize("restart", [False, True])
async def test_nothing_came_of_it(make_house: MakeHouse, restart: bool) -> None:
    """A pile that does not charge when it is back is asked again; that was one try."""
    house = await make_house(settled(plug_retry=0.01))
    pile, peer = await automatic(house)
    plug(peer)
    await peer.expect(RemoteStart)
    if restart:
        house, pile = await reopened(house)
    else:
        await peer.hang_up()
        await shows(pile, PlugProgress.WAITING, "offline")
    waiting = [("waiting", "offline", 1)]
    await eventually(lambda: house.rows("SELECT stage, reason, tries FROM plugs") == waiting)
    peer = await back(house, pile)
    await started(pile, peer)
    await eventually(lambda: house.rows("SELECT stage, tries FROM plugs") == [("spent", 2)])


@pytest.mark.parametrize("clock", [True, False])
@pytest.mark.parametrize("restart", [False, True])
async def test_it_was_charged_all_the_same(make_house: MakeHouse, restart: bool, clock: bool) -> None:
    """A bill says that the vehicle had its charge, so whoever stopped that is heeded, also at a pile without a clock."""
    house = await make_house(settled(plug_retry=0.01, plug_hold=0.5))
    pile, peer = await automatic(house)
    plug(peer)
    start = await peer.expect(RemoteStart)
    if restart:
        house, pile = await reopened(house)
    else:
        await peer.hang_up()
    peer = await back(house, pile)
    await shows(pile, PlugProgress.WAITING, "just_connected")
    began = house.now.astimezone(SHANGHAI).replace(tzinfo=None) + timedelta(minutes=1)
    times = {"start": began, "end": began + timedelta(minutes=5)} if clock else NO_CLOCK
    await peer.bill(peer.record(start.transaction, **times))
    await shows(pile, PlugProgress.NOT_STARTED, "charged")
    await peer.silence(0.6)


@pytest.mark.parametrize("times", [NO_CLOCK, YEAR_2000], ids=["no clock", "2000"])
async def test_a_charge_of_nobody_knows_when(house: House, times: dict[str, Any]) -> None:
    """A charge that nobody saw, at a pile whose clock was never set, may have been this vehicle's."""
    pile, peer = await automatic(house, "valley")
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "just_connected")
    await peer.bill(peer.record("9" * 32, **times))
    await shows(pile, PlugProgress.NOT_STARTED, "charged")


async def test_the_charge_of_the_vehicle_before(make_house: MakeHouse) -> None:
    """One that was seen is no other vehicle's, whatever the pile's clock shows."""
    house = await make_house(settled())
    pile, peer = await automatic(house)
    plug(peer)
    first = await started(pile, peer)
    pile.plug_starts.set(1, period="valley")
    unplug(peer)
    await shows(pile, PlugProgress.NO_VEHICLE)
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "period")
    await peer.bill(peer.record(first, "1.5", **NO_CLOCK))
    await eventually(lambda: pile.state.guns[1].last_session is not None)
    await shows(pile, PlugProgress.WAITING, "period")
