"""The page in the sidebar: there while a listener wants it."""

from collections.abc import AsyncIterator
from http import HTTPStatus
import re
from typing import Any
from unittest.mock import AsyncMock, patch

from homeassistant.components import frontend
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.ykc.const import CONF_SHOW_PAGE, DOMAIN
from custom_components.ykc.panel import CARDS, FOLDER, PANEL

from .conftest import listener_entry, set_up

TITLES = {"en": "YKC charging piles", "zh-Hans": "云快充充电桩"}


@pytest.fixture
async def interface(hass: HomeAssistant) -> AsyncIterator[None]:
    """Have Home Assistant's user interface, without the port that it is served on."""
    with patch("homeassistant.components.http.server.HomeAssistantHTTP.start", AsyncMock()):
        assert await async_setup_component(hass, "frontend", {})
        await hass.async_block_till_done()
        yield


def page(hass: HomeAssistant) -> dict[str, Any] | None:
    """Return the page as the sidebar shows it."""
    panel = hass.data[frontend.DATA_PANELS].get(DOMAIN)
    return None if panel is None else dict(panel.to_response())


def extra_modules(hass: HomeAssistant) -> list[str]:
    """Return our modules that every page loads."""
    return [url for url in hass.data[frontend.DATA_EXTRA_MODULE_URL].urls if DOMAIN in url]


@pytest.mark.usefixtures("interface")
async def test_page_comes_and_goes(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, unused_tcp_port_factory: Any
) -> None:
    """It stays while any listener that is loaded wants it, and comes under an address of its contents."""
    first = await set_up(hass, listener_entry(unused_tcp_port_factory()))
    shown = page(hass)
    assert shown is not None
    assert (shown["title"], shown["icon"], shown["require_admin"]) == (TITLES["en"], "mdi:ev-station", False)
    module = shown["config"]["_panel_custom"]["module_url"]
    client = await hass_client()
    for url, name in ((module, PANEL), (*extra_modules(hass), CARDS)):
        response = await client.get(url)
        assert response.status == HTTPStatus.OK
        assert await response.read() == (FOLDER / f"{name}.js").read_bytes()
        assert "max-age" in response.headers["Cache-Control"]

    second = await set_up(hass, listener_entry(unused_tcp_port_factory(), options={CONF_SHOW_PAGE: False}))
    assert await hass.config_entries.async_reload(first.entry_id)
    assert page(hass) == shown
    assert await hass.config_entries.async_set_disabled_by(first.entry_id, ConfigEntryDisabler.USER)
    assert page(hass) is None
    assert extra_modules(hass) == []
    hass.config_entries.async_update_entry(second, options={CONF_SHOW_PAGE: True})
    await hass.async_block_till_done()
    assert page(hass) == shown
    assert len(extra_modules(hass)) == 1
    # A page that is open is not taken away by a reload.
    assert await hass.config_entries.async_unload(second.entry_id)
    assert page(hass) == shown
    await hass.config_entries.async_remove(second.entry_id)
    assert page(hass) is None


@pytest.mark.usefixtures("interface")
async def test_title_follows_the_language(hass: HomeAssistant, listener: MockConfigEntry) -> None:
    """The page is called as the integration is, in Home Assistant's language."""
    await hass.config.async_update(language="zh-Hans")
    await hass.async_block_till_done()
    shown = page(hass)
    assert shown is not None
    assert shown["title"] == TITLES["zh-Hans"]


async def test_no_page_without_an_interface(hass: HomeAssistant, listener: MockConfigEntry) -> None:
    """A Home Assistant without a user interface lacks nothing else."""
    assert frontend.DATA_PANELS not in hass.data


def test_nothing_is_loaded_from_elsewhere() -> None:
    """The files name each other, and where the documents are; nothing else."""
    scripts = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.js")}
    assert {f"{PANEL}.js", f"{CARDS}.js"} < scripts.keys()
    named = {name for text in scripts.values() for name in re.findall(r"""["'`]\./([\w-]+\.js)["'`]""", text)}
    assert named == scripts.keys() - {f"{PANEL}.js", f"{CARDS}.js"}
    addresses = {address for text in scripts.values() for address in re.findall(r"https?:/[^\"'`\s)]+", text)}
    assert addresses == {"https://github.com/ykc-ha/ykc"}
