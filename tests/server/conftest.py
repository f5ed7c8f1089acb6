"""A listener for each test, and proof that it leaves nothing behind."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
import threading
from typing import Any

import pytest

from custom_components.ykc.server.limits import Timing

from .house import PATIENT, House

type MakeHouse = Callable[..., Awaitable[House]]


@pytest.fixture(autouse=True)
async def nothing_left() -> AsyncIterator[None]:
    """Hold that no task and no thread outlives a test, and that no error went astray."""
    errors: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: errors.append(context))
    before = asyncio.all_tasks()
    yield
    assert not [t for t in threading.enumerate() if t.name.startswith("ykc_ledger")]
    # Closed sockets are let go of in the loop's next turns.
    for _ in range(3):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() <= before | {asyncio.current_task()}
    assert not errors


@pytest.fixture
async def make_house(nothing_left: None, tmp_path: Path) -> AsyncIterator[MakeHouse]:
    """Give a way to open listeners with a timing."""
    async with AsyncExitStack() as houses:

        async def make(timing: Timing = PATIENT) -> House:
            house = House(tmp_path / "ledger.db", timing)
            houses.push_async_callback(house.close)
            return await house.open()

        yield make


@pytest.fixture
async def house(make_house: MakeHouse) -> House:
    """Give a listener whose deadlines do not come in a test's time."""
    return await make_house()
