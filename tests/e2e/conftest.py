"""One Home Assistant for each module of tests; the day (`day/`) has one for all its modules."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from demo import flows
from demo.client import Client
from demo.flows import Kind
from demo.hass import Hass
from demo.ports import LOOPBACK, free_port
from demo.states import States

# An integration that is not Home Assistant's own is announced; a refused action is the user's to read.
EXPECTED = ("has not been tested by Home Assistant", "Error during service call to")


@dataclass
class Home:
    """A running Home Assistant with a listener."""

    hass: Hass
    client: Client
    states: States
    entry_id: str
    port: int
    """Of the listener."""
    expected: list[str] = field(default_factory=lambda: [*EXPECTED])
    """Parts of the lines that may be in the log."""

    async def restart_after_kill(self) -> None:
        """Start Home Assistant again in the folder that a SIGKILL left."""
        await self._start()

    async def restart(self) -> None:
        """Stop Home Assistant in good order, and start it again."""
        await self.hass.stop()
        await self._start()

    async def _start(self) -> None:
        self.client = await self.hass.start()
        self.states = await States.open(self.client)
        await flows.loaded(self.client, self.entry_id)


@asynccontextmanager
async def running_home(folder: Path) -> AsyncIterator[Home]:
    """Start Home Assistant in a folder, with a listener through its config flow; look at what it leaves behind."""
    async with Hass(folder) as hass:
        client = await hass.start()
        port = free_port()
        entry_id = await flows.add_listener(client, LOOPBACK, port)
        home = Home(hass, client, await States.open(client), entry_id, port)
        yield home
        await hass.stop()
        assert hass.child.left_running() == []
        assert complaints(home) == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """Start Home Assistant for a module of tests."""
    async with running_home(tmp_path_factory.mktemp("hass")) as running:
        yield running


async def let_all_in(client: Client, entry_id: str) -> None:
    """Have a listener approve every pile, and let everybody charge."""
    menu = await flows.start(client, entry_id, Kind.OPTIONS)
    form = await flows.answer(client, menu, {"next_step_id": "general"}, Kind.OPTIONS)
    answers = {field["name"]: field["default"] for field in form["data_schema"] if "default" in field}
    wanted = answers | {"approve_automatically": True, "unknown_drivers": "allow"}
    result = await flows.answer(client, form, wanted, Kind.OPTIONS)
    assert result["type"] == "create_entry", result


def complaints(home: Home) -> list[str]:
    """Return the errors of the integration, and what Home Assistant itself says against it."""
    return [
        line
        for line in home.hass.child.log.read_text(encoding="utf-8").splitlines()
        if "ykc" in line
        and (" ERROR " in line or (" WARNING " in line and "[homeassistant." in line))
        and not any(text in line for text in home.expected)
    ]
