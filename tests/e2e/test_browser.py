"""What a person sees and touches, in a real browser."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from demo import dashboard, flows, pages
from demo.browser import Browser, opened
from demo.hass import set_language
from demo.piles import VirtualPiles
from demo.scene import AC_PILE, DC_PILE, guns
from demo.states import Part
from demo.texts import TEXTS

from .conftest import Home

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

DC_NAME, AC_NAME = TEXTS["en"].dc_pile, TEXTS["en"].ac_pile


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def piles(home: Home) -> AsyncIterator[VirtualPiles]:
    """Let two piles call that nobody has approved."""
    async with VirtualPiles(DC_PILE, AC_PILE, port=home.port, log=home.hass.folder / "piles.log") as running:
        for pile in (DC_PILE, AC_PILE):
            await flows.card(home.client, pile.code)
        yield running


@pytest.fixture(scope="module")
def browser(home: Home) -> Iterator[Browser]:
    """Open a browser and log in by the form."""
    with opened(home.hass.url) as browser:
        browser.log_in()
        yield browser


async def test_approve_in_english(home: Home, piles: VirtualPiles, browser: Browser) -> None:
    """The card tells what has called; two clicks and the pile is there."""
    text = await asyncio.to_thread(pages.open_card, browser, "en", DC_PILE.code)
    assert "Approve a charging pile" in text
    assert f"Pile {DC_PILE.code} calls this Home Assistant: DC, guns: 2" in text
    await asyncio.to_thread(pages.approve, browser, "en", DC_NAME)
    await asyncio.to_thread(browser.see, "dialog-data-entry-flow", f"{DC_NAME} is approved.")
    await Part(home.states, DC_PILE.code).state("connection", "on", "binary_sensor")


async def test_approve_in_chinese(home: Home, piles: VirtualPiles, browser: Browser) -> None:
    """The same in the other language of the user."""
    await set_language(home.client, "zh-Hans")
    text = await asyncio.to_thread(pages.open_card, browser, "zh-Hans", AC_PILE.code)
    assert "批准充电桩接入" in text
    assert f"充电桩 {AC_PILE.code} 正在连接此 Home Assistant：AC，枪数：1" in text
    await asyncio.to_thread(pages.approve, browser, "zh-Hans", AC_NAME)
    await asyncio.to_thread(browser.see, "dialog-data-entry-flow", f"{AC_NAME} 已批准接入")
    await Part(home.states, AC_PILE.code).state("connection", "on", "binary_sensor")
    await set_language(home.client, "en")


async def test_charge_from_the_dashboard(home: Home, piles: VirtualPiles, browser: Browser) -> None:
    """Touch start and stop, and see the status change on the page."""
    first, *others = guns(TEXTS["en"])
    await dashboard.create(home.client, home.states, TEXTS["en"], [first, *others])
    await asyncio.to_thread(browser.go, f"/{dashboard.URL_PATH}")

    def follow(status: str) -> None:
        section = browser.see("hui-grid-section", first.title)
        browser.see("hui-tile-card", f"Status {status}", section)

    await asyncio.to_thread(follow, "Plugged in")
    await asyncio.to_thread(pages.press_tile, browser, first.title, "Start charging")
    await asyncio.to_thread(follow, "Charging")
    energy = await Part(home.states, first.pile, first.number).number("session_energy", lambda kwh: kwh > 0.3)
    assert energy > 0
    text = await asyncio.to_thread(browser.read)
    assert "kWh" in text
    assert "CN¥" in text
    for other in others:
        section = await asyncio.to_thread(browser.see, "hui-grid-section", other.title)
        assert "Status Plugged in" in await asyncio.to_thread(browser.read, section)

    await asyncio.to_thread(pages.press_tile, browser, first.title, "Stop charging")
    await asyncio.to_thread(follow, "Finished")
    await asyncio.to_thread(browser.see, "hui-tile-card", "Session energy")
