"""A person's stop reaches the ledger: before it is said to be done, and after a disk that took nothing."""

import asyncio

import pytest

from custom_components.ykc.protocol import StopFailure
from custom_components.ykc.server.errors import StopRefused
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.state import PlugProgress

from .conftest import MakeHouse
from .house import House, eventually
from .peer import Peer
from .plugging import automatic, plug, settled, shows

QUERY = "SELECT stage, reason FROM plugs"
STOPPED = [("spent", "stopped")]


async def waiting(house: House) -> tuple[Pile, Peer]:
    """Return a pile with a vehicle that waits for its period, as the ledger knows."""
    pile, peer = await automatic(house, "valley")
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "period")
    await eventually(lambda: house.rows(QUERY) == [("waiting", None)])
    return pile, peer


async def test_a_stop_is_done_when_it_is_written(make_house: MakeHouse) -> None:
    """Nobody is told of a stop that a kill at this moment would undo."""
    house = await make_house(settled())
    pile, peer = await waiting(house)
    house.disk.hold("transact")
    stop = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=StopFailure.NOT_CHARGING)
    await shows(pile, PlugProgress.NOT_STARTED, "stopped")
    await peer.heard()
    assert not stop.done()
    assert house.rows(QUERY) == [("waiting", None)]
    house.disk.release()
    with pytest.raises(StopRefused):
        await stop
    assert house.rows(QUERY) == STOPPED


async def test_a_disk_that_hangs_holds_nobody_for_ever(make_house: MakeHouse) -> None:
    """A stop that the pile has taken is not waited for without end."""
    house = await make_house(settled(command=0.2))
    pile, peer = await waiting(house)
    house.disk.hold("transact")
    stop = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop()
    await stop
    house.disk.release()
    await eventually(lambda: house.rows(QUERY) == STOPPED)


async def test_a_stop_is_written_when_the_disk_takes_it(make_house: MakeHouse) -> None:
    """Though nothing more happens at the gun, what the disk did not take is written by itself."""
    house = await make_house(settled(rewrite=0.05))
    pile, peer = await waiting(house)
    house.disk.fails = {"transact"}
    stop = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop()
    await stop
    failed = house.disk.calls.count("transact")
    await eventually(lambda: house.disk.calls.count("transact") > failed + 2)
    assert house.rows(QUERY) == [("waiting", None)]
    house.disk.fails.clear()
    await eventually(lambda: house.rows(QUERY) == STOPPED)
