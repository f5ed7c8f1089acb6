"""Take the pictures of the documentation from a real run."""

import argparse
import asyncio
from contextlib import AsyncExitStack
from functools import partial
from operator import le
from pathlib import Path
import sys
import tempfile
import time

from . import dashboard, flows, page_pictures, pages
from .browser import Browser, opened
from .errors import Failed
from .hass import REPOSITORY, Hass
from .piles import VirtualPiles
from .ports import LOOPBACK, free_port
from .scene import AC_PILE, DC_PILE, PILES, Scene, set_up
from .states import Part
from .texts import LANGUAGES, TEXTS

IMAGES = REPOSITORY / "doc" / "images"

_SMALL = (1100, 740)
_LARGE = (1400, 1060)
_DRAWN_SECONDS = 3.0
"""Icons come late and graphs draw themselves with a flourish; neither says when it is done."""


def main() -> int:
    """Take all pictures, or those of one language."""
    parser = argparse.ArgumentParser(prog="scripts/screenshots", description=__doc__)
    parser.add_argument("--language", choices=LANGUAGES, action="append", help="only in this language")
    parser.add_argument("--into", type=Path, default=IMAGES, metavar="FOLDER", help="instead of doc/images")
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    try:
        for language in options.language or LANGUAGES:
            asyncio.run(_take(language, options.into))
    except Failed as err:
        print(f"scripts/screenshots: {err}", file=sys.stderr)
        return 1
    return 0


async def _take(language: str, folder: Path) -> None:
    """Take the pictures of one language."""
    with tempfile.TemporaryDirectory(prefix="ykc-screenshots-") as config:
        async with Hass(Path(config), language) as hass:
            await _take_flows(hass, folder)
    with tempfile.TemporaryDirectory(prefix="ykc-screenshots-") as config:
        async with AsyncExitStack() as stack:
            scene = await set_up(stack, Hass(Path(config), language), free_port(), print)
            await page_pictures.set_prices(scene)
            await page_pictures.fill_history(scene)
            await _charge_for_a_while(scene)
            await asyncio.to_thread(_take_dashboard, scene.hass, folder)
            await page_pictures.take(scene, folder, _save)


async def _take_flows(hass: Hass, folder: Path) -> None:
    """Take the listener's form, the cards, and the form behind a card."""
    client = await hass.start()
    await asyncio.to_thread(_take_listener, hass, folder)
    port = free_port()
    await flows.add_listener(client, LOOPBACK, port)
    async with VirtualPiles(*PILES, port=port, log=hass.folder / "piles.log"):
        for pile in PILES:
            await flows.card(client, pile.code)
        await asyncio.to_thread(_take_card, hass, folder)


def _take_listener(hass: Hass, folder: Path) -> None:
    with opened(hass.url, hass.language, *_SMALL) as browser:
        browser.log_in()
        pages.open_listener_form(browser)
        _save(browser, folder / f"listener.{hass.language}.png")


def _take_card(hass: Hass, folder: Path) -> None:
    with opened(hass.url, hass.language, *_SMALL) as browser:
        browser.log_in()
        browser.go(pages.INTEGRATIONS)
        browser.type("input[placeholder]", "YKC")
        for pile in PILES:
            browser.see("ha-config-flow-card", pile.code)
        _save(browser, folder / f"cards.{hass.language}.png")
        pages.open_card(browser, hass.language, DC_PILE.code)
        browser.type("input[name=name]", TEXTS[hass.language].dc_pile)
        _save(browser, folder / f"approve.{hass.language}.png")


async def _charge_for_a_while(scene: Scene) -> None:
    """Let the guns charge one after the other, so that there is something to see."""
    first, second, slow = (
        Part(scene.states, DC_PILE.code, 1),
        Part(scene.states, DC_PILE.code, 2),
        Part(scene.states, AC_PILE.code, 1),
    )
    for gun, energy in ((slow, 0.3), (first, 15.0), (second, 5.0)):
        await scene.client.call("ykc.start_charging", target={"entity_id": await gun.id("status")})
        await gun.number("session_energy", partial(le, energy), seconds=120)


def _take_dashboard(hass: Hass, folder: Path) -> None:
    with opened(hass.url, hass.language, *_LARGE) as browser:
        browser.log_in()
        browser.go(f"/{dashboard.URL_PATH}")
        browser.see("state-history-chart-line")
        browser.see("canvas")
        _save(browser, folder / f"dashboard.{hass.language}.png")


def _save(browser: Browser, file: Path) -> None:
    time.sleep(_DRAWN_SECONDS)
    browser.save(file)


if __name__ == "__main__":
    sys.exit(main())
