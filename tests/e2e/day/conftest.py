"""One Home Assistant and one pile for the whole day."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from demo.ports import LOOPBACK
from simulator import VirtualPile
from simulator.behaviour import Behaviour
from tests.e2e.conftest import Home, running_home

from .day import CHARGE_SPEED, CODE, GUNS, PACE, Day

LOGIN = 0x01
QR_DIALECTS = {0xF0, 0x5A, 0x9C}


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """Start Home Assistant."""
    async with running_home(tmp_path_factory.mktemp("day")) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def whole_day(home: Home) -> AsyncIterator[Day]:
    """Switch on a pile that nobody knows yet."""
    async with VirtualPile(
        CODE,
        guns=GUNS,
        host=LOOPBACK,
        port=home.port,
        pace=PACE,
        charge_speed=CHARGE_SPEED,
        parking_locks=True,
        behaviour=Behaviour(qr_dialects=QR_DIALECTS),
    ) as pile:
        yield Day(home, pile)


@pytest.fixture
def day(whole_day: Day, request: pytest.FixtureRequest) -> Iterator[Day]:
    """Give the day to a test, and look whether what it says that it plays was played."""
    marks = list(request.node.iter_markers("plays"))
    assert whole_day.approved or any(LOGIN in mark.args for mark in marks), "the pile was not let in"
    before = whole_day.frames()
    whole_day.touched.clear()
    yield whole_day
    played = whole_day.frames() - before
    assert sorted(frame for mark in marks for frame in mark.args if frame not in played) == []
    assert {used for mark in marks for used in mark.kwargs["serves"]} <= whole_day.touched
