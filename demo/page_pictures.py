"""Take the pictures of the page in the sidebar: by day and by night, on a desk and on a phone."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from . import flows
from .browser import Browser, opened
from .flows import Kind
from .piles import Pile
from .scene import AC_PILE, DC_PILE, Scene
from .states import Part
from .texts import TEXTS

PAGE = "/ykc"

_DESK = (1400, 960)
_PHONE = (400, 866)
_CARDS = ("d14b0a54", "a3f09c12")
_ENERGY = 3.0
"""KWh of each session in the history."""

_TARIFF = {
    "sharp": (1.16, 0.35, "19:00-21:00"),
    "peak": (0.96, 0.35, "08:00-11:00, 17:00-19:00, 21:00-22:00"),
    "flat": (0.66, 0.35, "06:00-08:00, 11:00-17:00"),
    "valley": (0.31, 0.35, "22:00-06:00"),
}

_LIMITS = {1: {"limit_energy": 60, "limit_amount": 80}, 2: {"limit_soc": 80}}
"""Of every charge, by gun of the DC pile."""

type Save = Callable[[Browser, Path], None]


async def set_prices(scene: Scene) -> None:
    """Have four prices."""
    (entry,) = await flows.entries(scene.client)
    step = await flows.start(scene.client, entry["entry_id"], Kind.OPTIONS)
    step = await flows.answer(scene.client, step, {"next_step_id": "billing_model"}, Kind.OPTIONS)
    answers: dict[str, object] = {}
    for period, (energy, service, times) in _TARIFF.items():
        prices = {f"{period}_energy_price": energy, f"{period}_service_price": service, f"{period}_times": times}
        answers |= prices
    await flows.answer(scene.client, step, answers, Kind.OPTIONS)


async def fill_history(scene: Scene) -> None:
    """Let drivers charge: two with their cards, and one by the page."""
    (entry,) = await flows.entries(scene.client)
    for driver, known in zip(TEXTS[scene.hass.language].drivers, _CARDS, strict=True):
        step = await flows.start(scene.client, [entry["entry_id"], "driver"], Kind.SUBENTRY)
        await flows.answer(scene.client, step, {"name": driver, "card": known}, Kind.SUBENTRY)
    charges: tuple[tuple[Pile, int, str | None], ...] = (
        (DC_PILE, 1, _CARDS[0]),
        (DC_PILE, 2, _CARDS[1]),
        (DC_PILE, 1, None),
        (AC_PILE, 1, _CARDS[0]),
        (DC_PILE, 2, _CARDS[0]),
    )
    for pile, number, card in charges:
        await _charge(scene, pile, number, card)


async def _charge(scene: Scene, pile: Pile, number: int, card: str | None) -> None:
    gun = Part(scene.states, pile.code, number)
    if card is None:
        await scene.client.call("ykc.start_charging", target={"entity_id": await gun.id("status")})
    else:
        await scene.piles.do(f"card {number} {card}", pile)
    await gun.state("status", "charging")
    await gun.number("session_energy", lambda kwh: kwh > (_ENERGY if pile.dc else 0.3), seconds=120)
    await scene.client.call("ykc.stop_charging", target={"entity_id": await gun.id("status")})
    await gun.state("status", "finished")
    # Another car comes.
    await scene.piles.do(f"unplug {number}", pile)
    await gun.state("plugged", "off", "binary_sensor")
    await scene.piles.do(f"plug {number}", pile)
    await gun.state("plugged", "on", "binary_sensor")


async def take(scene: Scene, folder: Path, save: Save) -> None:
    """Take all pictures while two guns charge, and the third one could."""
    gun = Part(scene.states, DC_PILE.code, 2)
    await scene.client.call("ykc.stop_charging", target={"entity_id": await gun.id("status")})
    await gun.state("status", "finished")
    for number, limits in _LIMITS.items():
        await scene.client.command("ykc/set_gun", pile=DC_PILE.code, gun=number, **limits)
    await asyncio.to_thread(_take, scene, folder, save)


def _take(scene: Scene, folder: Path, save: Save) -> None:
    language = scene.hass.language
    with opened(scene.hass.url, language, *_DESK) as browser:
        browser.look(*_DESK)
        # The piles' clocks are those of Shanghai, and so is the person who looks.
        browser.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Shanghai"})
        browser.log_in()
        for view, name, shown in (
            ("", "page", "canvas"),
            ("/history", "page-history", "tbody tr"),
            ("/drivers", "page-drivers", "li"),
        ):
            browser.go(f"{PAGE}{view}")
            browser.see(shown)
            save(browser, folder / f"{name}.{language}.png")
        _open_limits(browser)
        save(browser, folder / f"page-limits.{language}.png")
        browser.look(*_PHONE, dark=True)
        browser.go(PAGE)
        browser.see("canvas")
        save(browser, folder / f"page-phone.{language}.png")
        browser.go(f"{PAGE}/history")
        browser.see("tbody tr")
        save(browser, folder / f"page-phone-history.{language}.png")


def _open_limits(browser: Browser) -> None:
    """Open what is set for every charge of the last gun."""
    browser.go(PAGE)
    browser.see("canvas")
    browser.driver.execute_script("arguments[0].click()", browser.all("button[aria-haspopup=dialog]")[-1])
    every = browser.all("label", within=browser.see(".scope"))[-1]
    browser.driver.execute_script("arguments[0].click()", every)
    browser.see("input[name=start_when_plugged]")
