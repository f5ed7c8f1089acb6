"""The page in the sidebar and its cards, in a real browser."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from selenium.webdriver import Keys

from custom_components.ykc.server.limits import Timing
from demo import flows
from demo.browser import Browser, opened
from demo.hass import set_language
from demo.piles import VirtualPiles
from demo.scene import AC_PILE, DC_PILE
from demo.states import Part

from .conftest import Home

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

PAGE = "/ykc"
DESKTOP, PHONE = (1400, 900), (390, 844)
GUN = "Yard · Gun 1"
DARK, LIGHT = 100, 200
"""Below the one and above the other the three parts of a colour are on average."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def piles(home: Home) -> AsyncIterator[VirtualPiles]:
    """Let two piles call, both approved."""
    async with VirtualPiles(DC_PILE, AC_PILE, port=home.port, log=home.hass.folder / "piles.log") as running:
        for pile, name in ((DC_PILE, "Yard"), (AC_PILE, "Garage")):
            await flows.approve(home.client, pile.code, name, None)
            await Part(home.states, pile.code).state("connection", "on", "binary_sensor")
        yield running


@pytest.fixture(scope="module")
def browser(home: Home) -> Iterator[Browser]:
    """Open a browser and log in by the form."""
    with opened(home.hass.url) as browser:
        browser.log_in()
        yield browser


def brightness(browser: Browser, selector: str) -> float:
    """Return how bright the background of an element is, 0 to 255."""
    script = "return getComputedStyle(arguments[0]).backgroundColor.match(/[\\d.]+/g).slice(0, 3).map(Number)"
    parts: list[float] = browser.driver.execute_script(script, browser.see(selector))
    return sum(parts) / 3


def open_from_the_sidebar(browser: Browser) -> None:
    """Find the page where a person looks for it."""
    browser.look(*DESKTOP)
    browser.go("/")
    browser.driver.execute_script("arguments[0].click()", browser.see("a[href='/ykc']"))
    for name in (GUN, "Yard · Gun 2", "Garage"):
        browser.see("ykc-gun", name)
    browser.see("ykc-tariff-day", "Now flat, ¥1.00/kWh")


async def test_the_page_is_in_the_sidebar(home: Home, piles: VirtualPiles, browser: Browser) -> None:
    """It shows every gun with its status, and what charging costs."""
    await asyncio.to_thread(open_from_the_sidebar, browser)
    await asyncio.to_thread(browser.see, "ykc-gun", "Plugged in")


def charge_by_keyboard(browser: Browser) -> None:
    """Start a charge and stop it, without a mouse."""
    browser.tab_to(f"{GUN}: Start charging")
    browser.press(Keys.ENTER)
    browser.see("ykc-gun", "Charging")
    browser.see("canvas")
    browser.see("[role=progressbar]")
    browser.go(PAGE)
    browser.see(".status", "Charging")
    browser.tab_to(f"{GUN}: Stop charging")
    browser.press(Keys.ENTER)
    # A charge does not end by one touch; the question has the focus.
    browser.until("the question", lambda: browser.focused() == f"{GUN}: Stop now")
    browser.press(Keys.TAB, Keys.ENTER)
    browser.until("the way back", lambda: browser.focused() == f"{GUN}: Stop charging")
    browser.press(Keys.ENTER)
    browser.until("the question again", lambda: browser.focused() == f"{GUN}: Stop now")
    browser.press(Keys.ENTER)
    browser.see(".status", "Finished")
    browser.see("ykc-gun", "Stopped remotely")


async def test_charge_by_keyboard(home: Home, piles: VirtualPiles, browser: Browser) -> None:
    """Everything can be done with the keyboard, and the figures follow the charge."""
    gun = Part(home.states, DC_PILE.code, 1)
    await asyncio.to_thread(browser.go, PAGE)
    await asyncio.to_thread(charge_by_keyboard, browser)
    await gun.state("status", "finished")
    energy = await gun.number("last_session_energy", lambda kwh: kwh > 0)
    # The day's sum has the session once its bill is there.
    await asyncio.to_thread(browser.see, ".sums", f"{energy:.2f} kWh")


async def test_a_refusal_is_told(home: Home, piles: VirtualPiles, browser: Browser) -> None:
    """What the pile refuses is said on the page, in the user's words."""
    gun = Part(home.states, DC_PILE.code, 2)
    await piles.do("fault 2", DC_PILE)
    await gun.state("status", "fault")

    def refused() -> None:
        browser.click("button[aria-label='Yard · Gun 2: Start charging']")
        browser.see("[role=alert]", "refused to start gun 2: it has a fault")

    await asyncio.to_thread(refused)
    await piles.do("clear 2", DC_PILE)
    await gun.state("status", "plugged")


def open_dialog(browser: Browser, gun: str) -> None:
    """Open what is set for a gun, by the keyboard."""
    browser.tab_to(f"{gun}: Limits and automatic start", 90)
    browser.press(Keys.ENTER)
    browser.see("dialog")
    browser.until("the dialog's title has the focus", lambda: browser.focused() == gun)
    assert [role for role, name in browser.names() if not name.strip()] == []


def charge_to_a_limit(browser: Browser) -> None:
    """Start a charge with a limit of its own, and see how far it comes."""
    browser.look(*DESKTOP)
    browser.go(PAGE)
    browser.see("ykc-gun", GUN)
    open_dialog(browser, GUN)
    browser.press(Keys.ESCAPE)
    browser.until("the way back", lambda: browser.focused() == f"{GUN}: Limits and automatic start")
    browser.press(Keys.ENTER)
    browser.see("dialog")
    browser.type("input[name=once_energy]", "1")
    browser.press(Keys.ENTER)
    browser.see(".limits", "of 1 kWh")
    browser.see("[role=progressbar]")
    browser.see("ykc-gun", "Energy limit reached")


async def test_a_charge_with_a_limit(home: Home, piles: VirtualPiles, browser: Browser) -> None:
    """A person gives a charge a limit, by keyboard; it stops there, and says so there and in the history."""
    gun = Part(home.states, DC_PILE.code, 1)
    await piles.do("unplug 1", DC_PILE)
    await gun.state("plugged", "off", "binary_sensor")
    await piles.do("plug 1", DC_PILE)
    await gun.state("plugged", "on", "binary_sensor")
    await asyncio.to_thread(charge_to_a_limit, browser)
    await gun.number("last_session_energy", lambda kwh: 0.9 < kwh < 1.5)
    await asyncio.to_thread(browser.click, "nav a", "History")
    await asyncio.to_thread(browser.see, "tr", "Energy limit reached")


def set_for_every_charge(browser: Browser) -> None:
    """Limit all charges of a gun, and let it start by itself at once."""
    browser.go(PAGE)
    browser.see("ykc-gun", GUN)
    open_dialog(browser, GUN)
    browser.driver.execute_script("arguments[0].click()", browser.see("label", "Every charge"))
    browser.type("input[name=soc]", "80")
    browser.type("input[name=energy]", "2000")
    browser.click("dialog button", "Save")
    assert browser.all("dialog"), "a limit that is too high was taken"
    browser.type("input[name=energy]", "20.5")
    browser.see("input[name=start_when_plugged]").click()
    browser.see("select[name=start_period]")
    browser.click("dialog button", "Save")
    browser.see("ykc-gun", "Stops at 20.50 kWh · 80 %")


async def test_what_holds_for_every_charge(home: Home, piles: VirtualPiles, browser: Browser) -> None:
    """Limits and starting when plugged in are set on the page, without an entity, and hold."""
    gun = Part(home.states, DC_PILE.code, 1)
    await piles.do("unplug 1", DC_PILE)
    await gun.state("plugged", "off", "binary_sensor")
    await asyncio.to_thread(set_for_every_charge, browser)
    await asyncio.to_thread(browser.see, "ykc-gun", "Starts when plugged in")
    # A contact bounces for less than this: before it is over, the vehicle is the one that was charged already.
    await asyncio.sleep(Timing().plug_flicker + 1)
    await piles.do("plug 1 soc=30", DC_PILE)
    await gun.state("status", "charging")
    await asyncio.to_thread(browser.see, ".limits", "of 20.50 kWh")
    await home.client.command(
        "ykc/set_gun", pile=DC_PILE.code, gun=1, limit_energy=0, limit_soc=0, start_when_plugged=False
    )
    await asyncio.to_thread(browser.until, "no limits", lambda: not browser.all(".limits"))
    await home.client.call("ykc.stop_charging", target={"entity_id": await gun.id("status")})
    await gun.state("status", "finished")


def choose(browser: Browser, name: str, option: str) -> None:
    """Choose from a list of the filter."""
    script = """
        const [select, text] = arguments;
        select.value = [...select.options].find((option) => option.textContent === text).value;
        select.dispatchEvent(new Event('change'));
    """
    browser.driver.execute_script(script, browser.see(f"select[name={name}]"), option)


def look_at_the_history(browser: Browser, folder: Path) -> str:
    """Find the session and download it; return the table."""
    browser.click("nav a", "History")
    browser.see("tr", "Stopped remotely")
    browser.see("tr", GUN)
    choose(browser, "gun", "Garage")
    browser.see("ykc-history", "No charging sessions match")
    choose(browser, "gun", "All guns")
    browser.see("tr", GUN)
    browser.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder), "eventsEnabled": True}
    )
    browser.click("button", "Download as CSV")
    browser.until("the table", lambda: list(folder.glob("sessions_*.csv")))
    (file,) = folder.glob("sessions_*.csv")
    return file.read_text(encoding="utf-8-sig")


async def test_history(home: Home, piles: VirtualPiles, browser: Browser, tmp_path: Path) -> None:
    """The session is in the history, with filters and a table to download."""
    table = await asyncio.to_thread(look_at_the_history, browser, tmp_path)
    headings, *rows = table.splitlines()
    assert headings.startswith("Ended,Started,Name,Pile,Gun")
    assert len(rows) == 3
    assert f"Yard,\t{DC_PILE.code},1,settled,stopped_remotely" in rows[-1]


def walk_through(browser: Browser, menu: str) -> None:
    """Look at all views as on a phone in the dark; each fits, and all that can be used has a name."""
    browser.look(*PHONE, dark=True)
    for view in ("", "/history", "/drivers"):
        browser.go(f"{PAGE}{view}")
        browser.see(".card")
        assert brightness(browser, ".card") < DARK
        width = browser.driver.execute_script("return document.scrollingElement.scrollWidth")
        assert width <= PHONE[0]
        nameless = [role for role, name in browser.names() if not name.strip()]
        assert nameless == []
        assert ("button", menu) in browser.names()
    browser.click(f"button[aria-label='{menu}']")
    browser.until(
        "the sidebar", lambda: browser.driver.execute_script("return arguments[0].open", browser.see("ha-drawer"))
    )
    browser.look(*DESKTOP)
    browser.go(PAGE)
    assert brightness(browser, ".card") > LIGHT


@pytest.mark.parametrize(
    ("language", "menu", "words"),
    [
        ("en", "Open the sidebar", ("Electricity price", "Today", "Start charging")),
        ("zh-Hans", "打开侧边栏", ("电价", "今日", "启动充电", "已插枪")),
    ],
)
async def test_on_a_phone_in_the_dark(
    home: Home, piles: VirtualPiles, browser: Browser, language: str, menu: str, words: tuple[str, ...]
) -> None:
    """The page fits a phone, follows the dark mode, and speaks both languages."""
    await set_language(home.client, language)
    await asyncio.to_thread(walk_through, browser, menu)
    text = await asyncio.to_thread(browser.read)
    for word in words:
        assert word in text
    await set_language(home.client, "en")


async def device_of(home: Home, identifier: str) -> str:
    """Return the device of a gun."""
    devices: list[dict[str, Any]] = await home.client.command("config/device_registry/list")
    found: str = next(device["id"] for device in devices if ["ykc", identifier] in device["identifiers"])
    return found


async def test_cards(home: Home, piles: VirtualPiles, browser: Browser) -> None:
    """The same is there as cards for dashboards, without a resource that a person would add."""
    device = await device_of(home, f"{DC_PILE.code}_2")
    cards = [{"type": f"custom:ykc-{kind}-card", "device_id": device} for kind in ("gun", "tariff")]
    await home.client.command(
        "lovelace/dashboards/create", url_path="ykc-cards", title="Cards", mode="storage", require_admin=False
    )
    await home.client.command("lovelace/config/save", url_path="ykc-cards", config={"views": [{"cards": cards}]})
    await asyncio.to_thread(browser.go, "/ykc-cards")
    await asyncio.to_thread(browser.see, "ykc-gun-card", "Yard · Gun 2")
    await asyncio.to_thread(browser.see, "ykc-tariff-card", "¥1.00/kWh")
    offered = await asyncio.to_thread(browser.driver.execute_script, "return window.customCards.map((c) => c.type)")
    assert {"ykc-gun-card", "ykc-tariff-card"} <= set(offered)


def add_by_clicking(browser: Browser, card: str, name: str) -> str:
    """Add a card to the empty dashboard as a person does; return what its form says."""
    browser.look(*DESKTOP)
    browser.go("/ykc-picked?edit=1")
    section = browser.see("hui-grid-section")
    browser.driver.execute_script(
        "arguments[0].click()", browser.until("the way to add a card", lambda: browser.all("button", "", section)[-1])
    )
    dialog = browser.see("hui-dialog-create-card")
    tabs = browser.until("the kinds of picking", lambda: browser.all("ha-tab-group-tab", "", dialog))
    browser.driver.execute_script("arguments[0].click()", tabs[1])
    picker = browser.see("hui-card-picker")
    offer = browser.until("the offer", lambda: browser.all("div.card", card, picker))[0]
    browser.driver.execute_script("(arguments[0].querySelector('.overlay') ?? arguments[0]).click()", offer)
    editor = browser.see("hui-dialog-edit-card")
    browser.until("the form", lambda: browser.all("ha-selector-device", "", editor))
    # It shows a gun before anything was chosen.
    browser.until("the preview", lambda: browser.all("ykc-gun-card ykc-gun, ykc-gun", name, editor))
    return browser.read(editor)


@pytest.mark.parametrize(
    ("language", "card", "words"),
    [
        ("en", "YKC gun", ("Gun or pile", "Name", "Chart of the running session")),
        ("zh-Hans", "云快充充电枪", ("充电枪或充电桩", "名称", "显示本次充电曲线")),
    ],
)
async def test_the_card_is_picked(
    home: Home, piles: VirtualPiles, browser: Browser, language: str, card: str, words: tuple[str, ...]
) -> None:
    """A person finds the card among the others, and its form speaks the person's language."""
    dashboards = await home.client.command("lovelace/dashboards/list")
    if "ykc-picked" not in {each["url_path"] for each in dashboards}:
        await home.client.command(
            "lovelace/dashboards/create", url_path="ykc-picked", title="Picked", mode="storage", require_admin=False
        )
    sections = [{"type": "grid", "cards": []}]
    view = {"type": "sections", "sections": sections}
    await home.client.command("lovelace/config/save", url_path="ykc-picked", config={"views": [view]})
    await set_language(home.client, language)
    said = await asyncio.to_thread(add_by_clicking, browser, card, "")
    for word in words:
        assert word in said
    await set_language(home.client, "en")


async def test_restart_of_home_assistant(home: Home, piles: VirtualPiles, browser: Browser) -> None:
    """A page that is open when Home Assistant dies lives on when it is back, without being loaded anew."""
    await asyncio.to_thread(browser.go, PAGE)
    await asyncio.to_thread(browser.see, "ykc-gun", "Yard · Gun 2")
    browser.driver.execute_script("window.sameAsBefore = true")
    await home.hass.kill()
    await home.restart_after_kill()
    gun = Part(home.states, DC_PILE.code, 2)
    await gun.state("plugged", "on", "binary_sensor")
    await piles.do("unplug 2", DC_PILE)
    await gun.state("status", "idle")
    await asyncio.to_thread(browser.see, "ykc-gun", "Yard · Gun 2 Online Idle")
    assert browser.driver.execute_script("return window.sameAsBefore")


async def test_reload_and_removal(home: Home, piles: VirtualPiles, browser: Browser) -> None:
    """A page that is open follows when its listener is set up anew, and when a pile on it is removed."""
    await asyncio.to_thread(browser.go, PAGE)
    await asyncio.to_thread(browser.see, "ykc-gun", "Garage")
    browser.driver.execute_script("window.sameAsBefore = true")
    await flows.reload(home.client, home.entry_id)
    await asyncio.to_thread(browser.see, "ykc-gun", "Garage")
    entries = await home.client.command("config_entries/subentries/list", entry_id=home.entry_id)
    garage = next(each["subentry_id"] for each in entries if each["title"] == "Garage")
    await home.client.command("config_entries/subentries/delete", entry_id=home.entry_id, subentry_id=garage)
    await asyncio.to_thread(browser.until, "the end of the pile", lambda: not browser.all("ykc-gun", "Garage"))
    await asyncio.to_thread(browser.see, "ykc-gun", "Yard · Gun 2")
    assert browser.driver.execute_script("return window.sameAsBefore")
