"""What piles and the platform say to each other, for automations: as events of the types that an option chooses."""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.selector import SelectOptionDict, SelectSelector, SelectSelectorConfig, SelectSelectorMode
from homeassistant.util.hass_dict import HassKey
import voluptuous as vol

from .const import CONF_MESSAGE_PILES, CONF_MESSAGE_TYPES, DOMAIN
from .protocol import MESSAGES, Login
from .server.taps import TapFilter, TappedFrame, Taps
from .subentry import piles

if TYPE_CHECKING:
    from .coordinator import YkcConfigEntry

EVENT_MESSAGE: Final = f"{DOMAIN}_message"
TAPS: HassKey[Taps] = HassKey(f"{DOMAIN}_taps")
"""The frames of all listeners, whichever are loaded."""

_TYPES: Final = {kind.NAME: kind.TYPE for kind in MESSAGES.values()}


def message_fields(entry: YkcConfigEntry) -> vol.Schema:
    """Return the fields for which messages become events, and of which piles."""
    types = SelectSelectorConfig(
        options=[kind.NAME for _, kind in sorted(MESSAGES.items())],
        translation_key="message_type",
        multiple=True,
        mode=SelectSelectorMode.DROPDOWN,
    )
    codes = SelectSelectorConfig(
        options=[SelectOptionDict(value=str(pile.unique_id), label=pile.title) for pile in piles(entry)],
        multiple=True,
        mode=SelectSelectorMode.DROPDOWN,
    )
    return vol.Schema(
        {
            vol.Optional(CONF_MESSAGE_TYPES, default=list): SelectSelector(types),
            vol.Optional(CONF_MESSAGE_PILES, default=list): SelectSelector(codes),
        }
    )


def chosen_messages(entry: YkcConfigEntry) -> dict[str, Any]:
    """Return what is chosen in these fields, without the piles that are gone."""
    codes = {pile.unique_id for pile in piles(entry)}
    return {
        CONF_MESSAGE_TYPES: entry.options.get(CONF_MESSAGE_TYPES, []),
        CONF_MESSAGE_PILES: [code for code in entry.options.get(CONF_MESSAGE_PILES, []) if code in codes],
    }


class MessageEvents:
    """Fires the messages of a listener's piles as events, where that is chosen."""

    def __init__(self, hass: HomeAssistant, entry: YkcConfigEntry) -> None:
        """Fire nothing yet."""
        self._hass = hass
        self._entry = entry
        self._end: CALLBACK_TYPE | None = None

    @callback
    def async_apply(self) -> None:
        """Fire what the options choose now."""
        self.async_close()
        options = self._entry.options
        types = frozenset(_TYPES[name] for name in options.get(CONF_MESSAGE_TYPES, ()) if name in _TYPES)
        if types:
            approved = frozenset(str(pile.unique_id) for pile in piles(self._entry))
            # None chosen is all; chosen ones that are gone are not.
            codes = approved.intersection(options.get(CONF_MESSAGE_PILES) or approved)
            self._end = self._hass.data[TAPS].subscribe(self._fire, TapFilter(piles=codes, types=types))

    @callback
    def async_close(self) -> None:
        """Fire no more."""
        if self._end is not None:
            self._end()
            self._end = None

    @callback
    def _fire(self, frame: TappedFrame) -> None:
        # Before its login anybody may claim to be a pile, and the bus is not for everybody.
        if frame.logged_in or frame.frame.type == Login.TYPE:
            self._hass.bus.async_fire(EVENT_MESSAGE, dict(frame.plain))
