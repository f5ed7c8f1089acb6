"""A headless Chromium that is logged in to Home Assistant.

Home Assistant's pages are built of nested shadow roots, which neither CSS nor
XPath crosses: elements are looked for by a script that walks through them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
import shutil
import tempfile
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import ActionChains, Chrome, ChromeOptions, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from .errors import Failed
from .hass import PASSWORD, USER

_SECONDS = 60.0

_FIND = """
const [root, selector, text, exact] = arguments;
const shown = (element) => element.checkVisibility() && element.getClientRects().length;
const textOf = (node) => {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (node.nodeType !== Node.ELEMENT_NODE || ['style', 'script'].includes(node.localName)) return '';
  const slotted = node.localName === 'slot' ? node.assignedNodes() : [];
  const children = slotted.length ? slotted : (node.shadowRoot ?? node).childNodes;
  return [...children].map(textOf).join(' ');
};
const squeezed = (node) => textOf(node).replace(/\\s+/g, ' ').trim();
const fits = (element) =>
  !text || (exact ? squeezed(element) === text : squeezed(element).includes(text));
const walk = function* (node) {
  if (node.shadowRoot) yield* walk(node.shadowRoot);
  for (const child of node.children) {
    if (child.matches(selector) && shown(child) && fits(child)) yield child;
    yield* walk(child);
  }
};
"""
_FOCUSED = """
let element = document.activeElement;
while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
return (element?.getAttribute('aria-label') ?? element?.textContent ?? '').replace(/\\s+/g, ' ').trim();
"""
_USABLE = frozenset(
    {
        "button",
        "link",
        "combobox",
        "checkbox",
        "textbox",
        "tab",
        "progressbar",
        "radio",
        "spinbutton",
        "switch",
        "dialog",
        "img",
        "image",
    }
)
_SCALE = 1.5
_FIND_ALL = f"{_FIND} return [...walk(root ?? document.body)];"
_READ = f"{_FIND} return squeezed(root ?? document.body);"


class Browser:
    """A page of Home Assistant, seen and touched as a person does."""

    def __init__(self, driver: Chrome, url: str) -> None:
        """Wrap a driver; `opened` makes one."""
        self.driver = driver
        self.url = url

    def go(self, path: str) -> None:
        """Open a page of Home Assistant, and wait for the picture that covers it at first to fade."""
        self.driver.get(f"{self.url}{path}")
        self.until("the end of loading", lambda: not self.all("#ha-launch-screen"))

    def all(
        self, selector: str, text: str = "", within: WebElement | None = None, *, exact: bool = False
    ) -> list[WebElement]:
        """Return the visible elements that match a selector and hold a text, the outermost first."""
        found: list[WebElement] = self.driver.execute_script(_FIND_ALL, within, selector, text, exact)
        return found

    def see(self, selector: str, text: str = "", within: WebElement | None = None) -> WebElement:
        """Wait for a visible element; the first of those there are."""
        return self.until(f"{selector} with '{text}'", lambda: self.all(selector, text, within))[0]

    def click(self, selector: str, text: str = "", within: WebElement | None = None) -> None:
        """Click an element that holds just this text, once it can be clicked."""

        def clicked() -> bool:
            elements = self.all(selector, text, within, exact=True)
            if elements:
                elements[0].click()
            return bool(elements)

        self.until(f"a click on {selector} '{text}'", clicked)

    def type(self, selector: str, text: str) -> None:
        """Replace what a field holds."""
        self.see(selector).send_keys(Keys.CONTROL, "a", Keys.NULL, text)

    def read(self, within: WebElement | None = None) -> str:
        """Return all the text of an element, or of the page."""
        text: str = self.driver.execute_script(_READ, within, "", "", False)
        return text

    def until[T](self, what: str, probe: Callable[[], T], seconds: float = _SECONDS) -> T:
        """Repeat a probe until it gives something; the page may change meanwhile."""
        wait = WebDriverWait(self.driver, seconds, 0.2, ignored_exceptions=[WebDriverException])
        try:
            return wait.until(lambda _driver: probe(), what)
        except WebDriverException as err:
            raise Failed(f"the browser did not come to {what}; the page says: {self.read()[:2000]}") from err

    def look(self, width: int, height: int, *, dark: bool = False) -> None:
        """See the pages from now on as on a screen of this size, in light or dark."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": _SCALE, "mobile": False},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, name: str, most: int = 60) -> None:
        """Go on with the Tab key until what has the focus is called by this name."""
        for _ in range(most):
            self.press(Keys.TAB)
            if self.driver.execute_script(_FOCUSED) == name:
                return
        raise Failed(f"the Tab key does not lead to '{name}'")

    def focused(self) -> str:
        """Return the name of what has the focus."""
        name: str = self.driver.execute_script(_FOCUSED)
        return name

    def names(self) -> list[tuple[str, str]]:
        """Return role and name of all that a screen reader finds on the page and that can be used."""
        tree = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in tree["nodes"]
            if not node["ignored"] and node["role"]["value"] in _USABLE
        ]

    def log_in(self) -> None:
        """Fill in the login form and wait for the first page."""
        self.go("/")
        self.see("input[name=username]").send_keys(USER)
        self.see("input[name=password]").send_keys(PASSWORD, Keys.ENTER)
        self.see("home-assistant-main")

    def save(self, file: Path) -> None:
        """Save what is seen as a PNG picture."""
        self.driver.save_screenshot(str(file))


def _chromium() -> str | None:
    """Return Chromium's program under one of its names."""
    return next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)


@contextmanager
def opened(url: str, language: str = "en", width: int = 1400, height: int = 900) -> Iterator[Browser]:
    """Open a new browser with an empty profile."""
    chromium, chromedriver = _chromium(), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        raise Failed("there is no chromium with a chromedriver on this machine")
    with tempfile.TemporaryDirectory(prefix="ykc-browser-") as profile:
        options = ChromeOptions()
        options.binary_location = chromium
        for argument in (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
            f"--lang={language}",
            "--hide-scrollbars",
            f"--force-device-scale-factor={_SCALE}",
        ):
            options.add_argument(argument)
        preferences: dict[str, Any] = {"intl.accept_languages": language}
        options.add_experimental_option("prefs", preferences)
        driver = Chrome(options=options, service=Service(chromedriver))
        try:
            yield Browser(driver, url)
        finally:
            driver.quit()
