"""A listener on a free port, and virtual piles that dial in to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
import logging
from typing import Any
from unittest.mock import PropertyMock, patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.const import DOMAIN
from custom_components.ykc.server.limits import Timing
from custom_components.ykc.server.listener import Listener
from custom_components.ykc.server.state import PileInfo
from custom_components.ykc.subentry import new_pile
from simulator import VirtualPile

from .spoken import TextListener, heard

DC_PILE = "32010200000001"
AC_PILE = "32010200000002"
PACE = 40.0
"""How much faster than the clock the conversation runs, on both sides."""

# The plugin for tests in Home Assistant has every statement of the recorder logged.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)

type MakePile = Callable[..., Awaitable[VirtualPile]]


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Give every test a folder, and so a ledger, of its own."""
    return hass_tmp_config_dir


@pytest.fixture(autouse=True)
def find_our_integration(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant load the integration from this repository.

    The recorder, where a test asks for it, must be made before Home Assistant is.
    """
    if "recorder_mock" in request.fixturenames:
        request.getfixturevalue("recorder_mock")
    request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(autouse=True)
def everything_told_has_its_text() -> Iterator[TextListener]:
    """Find each flow, error and issue that lacks a text, or what a text fills in."""
    with heard() as listener:
        yield listener
    assert listener.faults == []


@pytest.fixture(autouse=True)
def fast(socket_enabled: None) -> Iterator[None]:
    """Have sockets, and do not wait for real time."""

    def hurried(**arguments: Any) -> Listener:
        return Listener(**arguments, timing=Timing().faster(PACE))

    with patch("custom_components.ykc.hub.Listener", hurried):
        yield


@pytest.fixture
def entity_registry_enabled_by_default() -> Iterator[None]:
    """Enable all entities, also those that a person would have to ask for."""
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default",
        new_callable=PropertyMock(return_value=True),
    ):
        yield


@pytest.fixture
def port(unused_tcp_port_factory: Callable[[], int]) -> int:
    """Return a free port."""
    return unused_tcp_port_factory()


def listener_entry(port: int, *piles: PileInfo, **arguments: Any) -> MockConfigEntry:
    """Return a listener with approved piles."""
    return MockConfigEntry(
        domain=DOMAIN,
        title=f"YKC {port}",
        data={CONF_HOST: "127.0.0.1", CONF_PORT: port},
        subentries_data=[new_pile(info).as_dict() for info in piles],
        **arguments,
    )


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Add an entry to Home Assistant and set it up."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


@pytest.fixture
async def listener(hass: HomeAssistant, port: int) -> AsyncIterator[MockConfigEntry]:
    """Set up a listener that knows no pile."""
    entry = await set_up(hass, listener_entry(port))
    yield entry
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
async def site(hass: HomeAssistant, port: int) -> AsyncIterator[MockConfigEntry]:
    """Set up a listener with a DC pile with two guns and an AC pile with one."""
    entry = await set_up(
        hass,
        listener_entry(
            port,
            PileInfo(code=DC_PILE, gun_count=2),
            PileInfo(code=AC_PILE, pile_type="ac"),
        ),
    )
    yield entry
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
async def make_pile(port: int) -> AsyncIterator[MakePile]:
    """Switch on virtual piles, and off afterwards."""
    async with AsyncExitStack() as stack:

        async def make(code: str = DC_PILE, *, ready: bool = True, **options: Any) -> VirtualPile:
            options = {"port": port, "pace": PACE, "charge_speed": 600.0} | options
            pile = await stack.enter_async_context(VirtualPile(code, **options))
            if ready:
                await pile.wait_ready()
            return pile

        yield make


@pytest.fixture
async def pile(site: MockConfigEntry, make_pile: MakePile) -> VirtualPile:
    """Switch on the DC pile of the site."""
    return await make_pile(DC_PILE, guns=2)


def entity_id(hass: HomeAssistant, platform: str, key: str, *, code: str = DC_PILE, gun: int | None = None) -> str:
    """Return an entity by the unique id that is promised for it."""
    unique_id = f"{code}_{key}" if gun is None else f"{code}_{gun}_{key}"
    found = er.async_get(hass).async_get_entity_id(platform, DOMAIN, unique_id)
    assert found is not None, unique_id
    return found


def state(hass: HomeAssistant, platform: str, key: str, *, code: str = DC_PILE, gun: int | None = None) -> str | None:
    """Return the state of an entity, None where it has none."""
    found = hass.states.get(entity_id(hass, platform, key, code=code, gun=gun))
    return None if found is None else found.state


def device_id(hass: HomeAssistant, entry: MockConfigEntry, code: str = DC_PILE, gun: int | None = None) -> str:
    """Return the device of a pile or a gun."""
    registry = dr.async_get(hass)
    device: dr.AnyDeviceEntry | None
    if gun is None:
        device = registry.async_get_device_by_identifier((DOMAIN, code), entry.entry_id)
    else:
        device = registry.async_get_child_device_by_identifier((DOMAIN, f"{code}_{gun}"), entry.entry_id)
    assert device is not None
    return device.id


def is_loaded(entry: MockConfigEntry) -> bool:
    """Tell whether a listener runs."""
    return bool(entry.state is ConfigEntryState.LOADED)


async def wait_for(condition: Callable[[], object], timeout: float = 10.0) -> None:
    """Wait until something holds."""
    try:
        async with asyncio.timeout(timeout):
            while not condition():
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"still not so after {timeout} s") from None
