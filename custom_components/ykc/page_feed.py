"""What the page is told as it happens: all that there is, then only what has changed."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.components.websocket_api import ActiveConnection, event_message
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN, SIGNAL_WAITING
from .coordinator import PileCoordinator
from .page_values import async_listener_addresses, gun_state, loaded_listeners, overview, pile_state
from .permissions import may_see
from .server.state import PileState

_PAUSE: Final = 0.5
"""Seconds in which changes are gathered: a page need not follow every frame of a large site."""


class PageFeed:
    """Tells one open page."""

    def __init__(self, hass: HomeAssistant, connection: ActiveConnection, number: int) -> None:
        """Tell a connection, under the number of its command."""
        self._hass = hass
        self._connection = connection
        self._number = number
        self._told: dict[str, PileState] = {}
        """What the page was told last, by pile code."""
        self._changed: dict[str, PileCoordinator] = {}
        self._whole = True
        self._following = False
        self._timer: CALLBACK_TYPE | None = None
        self._devices: set[str] = set()
        self._ends: list[CALLBACK_TYPE] = []
        """What ends listening to the piles."""
        self._always: list[CALLBACK_TYPE] = []

    async def async_begin(self) -> None:
        """Tell all that there is, and follow it."""
        self._always = [
            async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._handle_entry),
            async_dispatcher_connect(self._hass, SIGNAL_WAITING, self._tell_all_soon),
            self._hass.bus.async_listen(dr.EVENT_DEVICE_REGISTRY_UPDATED, self._handle_device),
        ]
        await self._async_tell(None)

    @callback
    def end(self) -> None:
        """Follow nothing more: the page was closed."""
        for end in (*self._ends, *self._always):
            end()
        self._ends, self._always = [], []
        if self._timer is not None:
            self._timer()
            self._timer = None

    @callback
    def _handle_entry(self, _change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain == DOMAIN:
            self._tell_all_soon()

    @callback
    def _handle_device(self, event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        if event.data["device_id"] in self._devices:
            self._tell_all_soon()

    @callback
    def _tell_all_soon(self) -> None:
        self._whole = True
        self._tell_soon()

    @callback
    def _tell_soon(self) -> None:
        if self._timer is None:
            self._timer = async_call_later(self._hass, _PAUSE, self._async_tell)

    async def _async_tell(self, _now: object) -> None:
        self._timer = None
        if self._whole:
            await self._async_tell_all()
            return
        changed, self._changed = self._changed, {}
        if piles := [pile for pile in map(self._news, changed.values()) if pile is not None]:
            self._send({"piles": piles})

    async def _async_tell_all(self) -> None:
        self._whole = False
        addresses = await async_listener_addresses(self._hass)
        # Without the two, the page was closed meanwhile.
        if self._always:
            self._follow()
            self._send({"overview": overview(self._hass, self._connection.user, addresses)})

    def _send(self, event: dict[str, Any]) -> None:
        self._connection.send_message(event_message(self._number, event))

    def _follow(self) -> None:
        """Listen to all piles that there are now."""
        for end in self._ends:
            end()
        hubs = [entry.runtime_data for entry in loaded_listeners(self._hass)]
        piles = [pile for hub in hubs for pile in hub.piles.values()]
        self._changed = {}
        self._told = {pile.pile.code: pile.data for pile in piles}
        self._devices = {device.id for pile in piles for device in pile.devices.values()}
        self._ends = [pile.async_add_listener(self._on_change(pile)) for pile in piles]
        # A hub names those that it has at once.
        self._following = False
        self._ends += [hub.async_on_pile(self._handle_pile) for hub in hubs]
        self._following = True

    @callback
    def _handle_pile(self, _pile: PileCoordinator) -> None:
        """Tell of a pile that is new, or whose hardware or name has changed."""
        if self._following:
            self._tell_all_soon()

    def _on_change(self, pile: PileCoordinator) -> Callable[[], None]:
        @callback
        def changed() -> None:
            if pile.data is not self._told.get(pile.pile.code):
                self._changed[pile.pile.code] = pile
                self._tell_soon()

        return changed

    def _news(self, pile: PileCoordinator) -> dict[str, Any] | None:
        """Return a pile with those guns that have changed since the page was told; None if nothing has."""
        code, new = pile.pile.code, pile.data
        old = self._told[code]
        self._told[code] = new
        guns = [
            {"number": number, **gun_state(gun)}
            for number, gun in new.guns.items()
            if gun != old.guns.get(number) and may_see(self._hass, self._connection.user, code, number)
        ]
        if not guns and (old.online, old.connected) == (new.online, new.connected):
            return None
        return {"code": code, **pile_state(pile), "guns": guns}
