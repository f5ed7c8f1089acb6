"""What a person does on Home Assistant's pages, in either language."""

from dataclasses import dataclass

from .browser import Browser

INTEGRATIONS = "/config/integrations/dashboard"
DIALOG = "dialog-data-entry-flow"
"""The window in which a config flow goes its way."""


@dataclass(frozen=True)
class Words:
    """What Home Assistant itself writes on the buttons that are used."""

    add: str
    submit: str


WORDS = {"en": Words(add="Add", submit="Submit"), "zh-Hans": Words(add="添加", submit="提交")}


def open_listener_form(browser: Browser) -> None:
    """Begin to add the integration: its first form."""
    browser.go(f"{INTEGRATIONS}/add?brand=ykc")
    browser.click("ha-integration-list-item")
    browser.see("input[name=host]")


def open_card(browser: Browser, language: str, code: str) -> None:
    """Open the discovery card of a pile: its form."""
    browser.go(INTEGRATIONS)
    card = browser.see("ha-config-flow-card", code)
    browser.click("ha-button", WORDS[language].add, card)
    browser.see("input[name=name]")


def approve(browser: Browser, language: str, name: str) -> None:
    """Fill in the form of the card that is open, and send it."""
    browser.type("input[name=name]", name)
    browser.click("ha-button", WORDS[language].submit)


def press_tile(browser: Browser, gun: str, tile: str) -> None:
    """Touch a tile in the section of a gun."""
    browser.click("hui-tile-card", tile, browser.see("hui-grid-section", gun))
