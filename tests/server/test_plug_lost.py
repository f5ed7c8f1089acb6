"""The connection is lost while a vehicle is being charged by itself: what the pile says of it then decides."""

from datetime import timedelta

import pytest

from custom_components.ykc.protocol import RemoteStart
from custom_components.ykc.server.state import PlugProgress

from .conftest import MakeHouse
from .house import SHANGHAI, eventually
from .plugging import automatic, back, plug, reopened, settled, shows, started


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


@pytest.mark.parametrize("restart", [False, True])
async def test_it_was_charged_all_the_same(make_house: MakeHouse, restart: bool) -> None:
    """A bill says that the vehicle had its charge, so whoever stopped that is heeded."""
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
    await peer.bill(peer.record(start.transaction, start=began, end=began + timedelta(minutes=5)))
    await shows(pile, PlugProgress.NOT_STARTED, "charged")
    await peer.silence(0.6)
