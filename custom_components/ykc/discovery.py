"""Piles that call and are not approved: a discovery card for each of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from homeassistant.config_entries import SOURCE_INTEGRATION_DISCOVERY, ConfigEntry, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import discovery_flow
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_call_later

from .const import (
    CARD_SILENCE,
    CONF_APPROVE_AUTOMATICALLY,
    CONF_GUN_COUNT,
    DOMAIN,
    LOGGER,
    MAX_AUTOMATIC_GUNS,
    MAX_AUTOMATIC_PILES,
    MAX_CARDS,
    SIGNAL_WAITING,
)
from .server.listener import Stranger
from .server.state import PileInfo
from .server.trouble import Trouble
from .subentry import async_is_approved, async_is_ignored, new_pile, piles


@dataclass(frozen=True, slots=True, kw_only=True)
class PileDiscovery:
    """What a discovery card is about.

    Home Assistant tells cards apart by it, so nothing in it changes from call
    to call.
    """

    entry_id: str
    """Of the listener that the pile called."""
    code: str
    pile_type: str
    gun_count: int
    protocol_version: str | None
    software_version: str | None

    @property
    def info(self) -> PileInfo:
        """The pile as its login described it."""
        return PileInfo(
            code=self.code,
            pile_type=self.pile_type,
            gun_count=self.gun_count,
            protocol_version=self.protocol_version,
            software_version=self.software_version,
        )


@dataclass(slots=True)
class _Waiting:
    discovery: PileDiscovery
    cancel_silence: CALLBACK_TYPE = field(repr=False)


class Discovery:
    """The cards of one listener."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Begin without cards."""
        self._hass = hass
        self._entry = entry
        self._waiting: dict[str, _Waiting] = {}
        self._limit_logged = False
        self._trouble = Trouble()
        self.overflow = 0
        """Calls that found no room for their card since there was last room."""

    @property
    def waiting(self) -> Mapping[str, PileDiscovery]:
        """The piles that wait for approval, by code."""
        return MappingProxyType({code: waiting.discovery for code, waiting in self._waiting.items()})

    @callback
    def async_handle_stranger(self, stranger: Stranger) -> None:
        """Show a card for a pile that was refused, or approve it where that is asked."""
        code = stranger.info.code
        if async_is_approved(self._hass, code):
            LOGGER.debug("Pile %s is approved already, here or at another listener", code)
            return
        if async_is_ignored(self._hass, code):
            self._forget(code)
            return
        if self._entry.options.get(CONF_APPROVE_AUTOMATICALLY, False):
            pile = new_pile(stranger.info)
            if self._may_approve(pile):
                LOGGER.info("Approving pile %s at %s", code, stranger.address)
                self._hass.config_entries.async_add_subentry(self._entry, pile)
                return
        if code not in self._waiting and not self._has_room():
            return
        self._show(stranger.info)

    def _may_approve(self, pile: ConfigSubentry) -> bool:
        """Tell whether one more pile may be approved automatically; the first one too many is logged."""
        known = piles(self._entry)
        guns = sum(each.data[CONF_GUN_COUNT] for each in (*known, pile))
        if len(known) < MAX_AUTOMATIC_PILES and guns <= MAX_AUTOMATIC_GUNS:
            self._limit_logged = False
            return True
        if not self._limit_logged:
            self._limit_logged = True
            LOGGER.warning(
                "Pile %s is no longer approved automatically: %s has %s piles already. Approve it yourself if it is yours",
                pile.unique_id,
                self._entry.title,
                len(known),
            )
        return False

    def _has_room(self) -> bool:
        """Tell whether one more card may be shown; that there are too many is logged at times."""
        for code in tuple(self._waiting):
            if async_is_ignored(self._hass, code):
                self._forget(code)
        if len(self._waiting) < MAX_CARDS:
            self.overflow = 0
            return True
        self.overflow += 1
        self._trouble.note(
            "too_many_cards",
            "%s piles already wait for approval at %s: approve or ignore them to see others that call",
            MAX_CARDS,
            self._entry.title,
        )
        return False

    def _show(self, info: PileInfo) -> None:
        if known := self._waiting.get(info.code):
            known.cancel_silence()
            # A pile that says something else with each call has one card all the same.
            discovery = known.discovery
        else:
            discovery = PileDiscovery(
                entry_id=self._entry.entry_id,
                code=info.code,
                pile_type=info.pile_type,
                gun_count=info.gun_count,
                protocol_version=info.protocol_version,
                software_version=info.software_version,
            )

        @callback
        def forget(_now: object) -> None:
            self._forget(info.code)

        self._waiting[info.code] = _Waiting(discovery, async_call_later(self._hass, CARD_SILENCE, forget))
        if known is None:
            async_dispatcher_send(self._hass, SIGNAL_WAITING)
        discovery_flow.async_create_flow(
            self._hass,
            DOMAIN,
            context={"source": SOURCE_INTEGRATION_DISCOVERY},
            data=discovery,
        )

    @callback
    def _forget(self, code: str) -> None:
        """Take away the card of a pile, but not while a person is filling it in."""
        if (waiting := self._waiting.pop(code, None)) is None:
            return
        waiting.cancel_silence()
        async_dispatcher_send(self._hass, SIGNAL_WAITING)
        self._hass.config_entries.flow.async_dismiss_discovery_flows(PileDiscovery, waiting.discovery.__eq__)

    @callback
    def async_forget_approved(self) -> None:
        """Take away the cards of piles that have been approved meanwhile."""
        for code in tuple(self._waiting):
            if async_is_approved(self._hass, code):
                self._forget(code)

    @callback
    def async_close(self) -> None:
        """Take away all cards."""
        for code in tuple(self._waiting):
            self._forget(code)
