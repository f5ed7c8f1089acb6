"""The cards that are shown at the piles of a listener: as Home Assistant's tags, and to be learnt."""

from typing import Final

from homeassistant.components.tag import async_scan_tag
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.device_registry import AnyDeviceEntry

from .const import LEARNING_TIME
from .server.start_requests import StartEvent

NOT_TRUSTED: Final = frozenset({"account_frozen", "wrong_password"})
"""A card that is refused for these may be in wrong hands: it triggers nothing."""


class Cards:
    """What becomes of cards beside the charge."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Learn nothing."""
        self.learnt: str | None = None
        """The card that was learnt last, 16 hex digits: the form for a driver suggests it."""
        self._hass = hass
        self._entry = entry
        self._learning: dict[str, float] = {}
        """By pile code, until when the next unknown card is learnt, in the loop's time."""

    @callback
    def async_learn(self, code: str) -> None:
        """Learn the next unknown card that is shown at a pile."""
        self._learning[code] = self._hass.loop.time() + LEARNING_TIME.total_seconds()

    @callback
    def async_handle(self, code: str, gun: AnyDeviceEntry | None, event: StartEvent) -> None:
        """Take what a driver's request came to, at a gun with a device.

        Each unknown tag that is scanned stays in Home Assistant for ever, so only
        the known ones are, and the one that a person wants to learn.
        """
        if event.card is None:
            return
        if event.driver is None:
            if self._learning.pop(code, 0.0) < self._hass.loop.time():
                return
            self.learnt = event.card
        elif event.reason in NOT_TRUSTED:
            return
        self._entry.async_create_task(
            self._hass,
            async_scan_tag(self._hass, event.card, None if gun is None else gun.id),
            "ykc card",
        )
