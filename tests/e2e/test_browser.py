"""What a person sees and touches, in a real browser."""

import asyncio
from collections.abc import AsyncIterator, Iterator
import json
from typing import Any

import pytest
import pytest_asyncio

from demo import dashboard, flows, pages
from demo.browser import Browser, opened
from demo.hass import REPOSITORY, set_language
from demo.piles import Pile, VirtualPiles
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


def config_texts(language: str) -> dict[str, Any]:
    """Return what the integration says in its config flow."""
    file = REPOSITORY / "custom_components" / "ykc" / "translations" / f"{language}.json"
    texts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["config"]
    return texts


@pytest.mark.parametrize(("language", "pile", "name"), [("en", DC_PILE, DC_NAME), ("zh-Hans", AC_PILE, AC_NAME)])
async def test_approve_a_card(
    home: Home, piles: VirtualPiles, browser: Browser, language: str, pile: Pile, name: str
) -> None:
    """The card tells in the user's language what has called; two clicks and the pile is there."""
    await set_language(home.client, language)
    texts = config_texts(language)
    form, end = texts["step"]["approve"], texts["abort"]["pile_added"].format(name=name)
    told = {"code": pile.code, "type": pile.kind.upper(), "guns": pile.guns, "version": "V1.6.0"}
    await asyncio.to_thread(pages.open_card, browser, language, pile.code)
    for text in (form["title"], form["description"].format(**told)):
        await asyncio.to_thread(browser.see, pages.DIALOG, text)
    await asyncio.to_thread(pages.approve, browser, language, name)
    await asyncio.to_thread(browser.see, pages.DIALOG, end)
    await Part(home.states, pile.code).state("connection", "on", "binary_sensor")
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
    await Part(home.states, first.pile, first.number).number("session_energy", lambda kwh: kwh > 0.3)
    text = await asyncio.to_thread(browser.read)
    assert "kWh" in text
    assert "CN¥" in text
    for other in others:
        section = await asyncio.to_thread(browser.see, "hui-grid-section", other.title)
        assert "Status Plugged in" in await asyncio.to_thread(browser.read, section)

    await asyncio.to_thread(pages.press_tile, browser, first.title, "Stop charging")
    await asyncio.to_thread(follow, "Finished")
    await asyncio.to_thread(browser.see, "hui-tile-card", "Session energy")
