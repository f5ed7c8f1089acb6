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
from selenium.webdriver import Chrome, ChromeOptions, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from .errors import Failed
from .hass import PASSWORD, USER

_SECONDS = 60.0

_FIND = """
const [selector, text] = arguments;
const shown = (element) => element.checkVisibility() && element.getClientRects().length;
const textOf = (node) => {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (node.localName === 'style' || node.localName === 'script') return '';
  if (node.localName === 'slot' && node.assignedNodes().length)
    return node.assignedNodes().map(textOf).join(' ');
  return [...(node.shadowRoot ?? node).childNodes].map(textOf).join(' ');
};
const walk = function* (root) {
  for (const element of root.querySelectorAll('*')) {
    if (element.matches(selector)) yield element;
    if (element.shadowRoot) yield* walk(element.shadowRoot);
  }
};
const squeeze = (value) => value.replace(/\\s+/g, ' ').trim();
const found = [];
for (const element of walk(document))
  if (shown(element) && (!text || squeeze(textOf(element)).includes(text)))
    found.push(element);
return found;
"""

_TEXT = _FIND.replace("return found;", "return squeeze(textOf(document.body));")


class Browser:
    """A page of Home Assistant, seen and touched as a person does."""

    def __init__(self, driver: Chrome, url: str) -> None:
        """Wrap a driver; `opened` makes one."""
        self.driver = driver
        self.url = url

    def go(self, path: str) -> None:
        """Open a page of Home Assistant."""
        self.driver.get(f"{self.url}{path}")

    def all(self, selector: str, text: str = "") -> list[WebElement]:
        """Return the visible elements that match a selector and hold a text."""
        found: list[WebElement] = self.driver.execute_script(_FIND, selector, text)
        return found

    def see(self, selector: str, text: str = "", seconds: float = _SECONDS) -> WebElement:
        """Wait for a visible element; the innermost of those nested in each other."""
        found = self.until(
            f"{selector} with '{text}'" if text else selector,
            lambda: self.all(selector, text),
            seconds,
        )
        return found[-1]

    def click(self, selector: str, text: str = "", seconds: float = _SECONDS) -> None:
        """Click an element once it can be clicked."""

        def clicked() -> bool:
            elements = self.all(selector, text)
            if elements:
                elements[-1].click()
            return bool(elements)

        self.until(f"a click on {selector} '{text}'", clicked, seconds)

    def read(self) -> str:
        """Return all the text of the page."""
        text: str = self.driver.execute_script(_TEXT, "*", "")
        return text

    def until[T](self, what: str, probe: Callable[[], T], seconds: float = _SECONDS) -> T:
        """Repeat a probe until it gives something; the page may change meanwhile."""
        wait = WebDriverWait(self.driver, seconds, 0.2, ignored_exceptions=[WebDriverException])
        try:
            return wait.until(lambda _driver: probe(), what)
        except WebDriverException as err:
            raise Failed(f"the browser did not come to {what}; the page says: {self.read()[:2000]}") from err

    def log_in(self) -> None:
        """Fill in the login form and wait for the first page."""
        self.go("/")
        self.see("input[name=username]").send_keys(USER)
        self.see("input[name=password]").send_keys(PASSWORD, Keys.ENTER)
        self.see("home-assistant-main")

    def save(self, file: Path) -> None:
        """Save what is seen as a PNG picture."""
        self.driver.save_screenshot(str(file))


def is_installed() -> bool:
    """Whether the machine has a Chromium and its driver."""
    return _chromium() is not None and shutil.which("chromedriver") is not None


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
            "--force-device-scale-factor=1.5",
        ):
            options.add_argument(argument)
        preferences: dict[str, Any] = {"intl.accept_languages": language}
        options.add_experimental_option("prefs", preferences)
        driver = Chrome(options=options, service=Service(chromedriver))
        try:
            yield Browser(driver, url)
        finally:
            driver.quit()
