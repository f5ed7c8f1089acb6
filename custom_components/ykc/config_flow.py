"""Set up a listener, and approve the piles that call it."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT
from homeassistant.core import callback
import voluptuous as vol

from .const import CONF_AREA, CONF_RATED_POWER, DEFAULT_HOST, DOMAIN, SUBENTRY_TYPE_DRIVER, SUBENTRY_TYPE_PILE
from .discovery import PileDiscovery
from .driver_flow import DriverSubentryFlow
from .forms import LISTENER_FIELDS, PLACE_FIELDS, POWER_FIELD
from .judged_number import number_errors
from .network import async_addresses, bind_error, read_address
from .options_flow import YkcOptionsFlow
from .server.listener import probe
from .subentry import async_is_approved, new_pile
from .subentry_flow import PileSubentryFlow


def _title(port: int) -> str:
    return f"YKC {port}"


class YkcConfigFlow(ConfigFlow, domain=DOMAIN):
    """Handles what makes or changes a listener, and the discovery cards of piles."""

    _discovery: PileDiscovery

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the flow for a listener's options."""
        return YkcOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(cls, config_entry: ConfigEntry) -> dict[str, type[ConfigSubentryFlow]]:
        """Return that a listener has piles, and drivers who charge there."""
        return {SUBENTRY_TYPE_PILE: PileSubentryFlow, SUBENTRY_TYPE_DRIVER: DriverSubentryFlow}

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where to listen."""
        errors: dict[str, str] = {}
        if user_input is not None:
            user_input, errors = read_address(user_input)
            if not errors and not (errors := await self._async_try(user_input)):
                host, port = user_input[CONF_HOST], user_input[CONF_PORT]
                return self.async_create_entry(
                    title=_title(port),
                    data=user_input,
                    description_placeholders={
                        "addresses": await async_addresses(self.hass, host),
                        "port": str(port),
                    },
                )
        return await self._async_show_listener("user", user_input or {}, errors)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where to listen from now on."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            user_input, errors = read_address(user_input)
            if not errors and not (errors := await self._async_try(user_input, entry)):
                return self._update(entry, user_input)
        return await self._async_show_listener("reconfigure", user_input or dict(entry.data), errors)

    def _update(self, entry: ConfigEntry, data: dict[str, Any]) -> ConfigFlowResult:
        """Move a listener; one that runs reloads itself when its address changes."""
        title = entry.title
        if title == _title(entry.data[CONF_PORT]):
            title = _title(data[CONF_PORT])
        if entry.state is ConfigEntryState.LOADED:
            return self.async_update_and_abort(entry, title=title, data_updates=data)
        return self.async_update_reload_and_abort(entry, title=title, data_updates=data)

    async def _async_try(self, address: Mapping[str, Any], entry: ConfigEntry | None = None) -> dict[str, str]:
        """Return what keeps a listener from an address, as errors of the form.

        `entry` is the listener that is to move there.
        """
        host, port = address[CONF_HOST], address[CONF_PORT]
        for other in self._async_current_entries(include_ignore=False):
            if other is not entry and other.data[CONF_PORT] == port:
                return {CONF_PORT: "already_configured"}
        if entry is not None and entry.state is ConfigEntryState.LOADED:
            if entry.data[CONF_HOST] == host and entry.data[CONF_PORT] == port:
                return {}
            if entry.data[CONF_PORT] == port:
                # Its port is held by itself: only the new address can be tried.
                port = 0
        try:
            await probe(host, port)
        except (OSError, ValueError) as error:
            problem = bind_error(error)
            return {problem.field: problem.reason}
        return {}

    async def _async_show_listener(
        self, step_id: str, values: dict[str, Any], errors: dict[str, str]
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(LISTENER_FIELDS, values),
            errors=errors,
            description_placeholders={
                # Nobody is told to give the piles an address that cannot be listened on.
                "addresses": await async_addresses(
                    self.hass, DEFAULT_HOST if CONF_HOST in errors else values.get(CONF_HOST, DEFAULT_HOST)
                )
            },
        )

    @override
    async def async_step_integration_discovery(self, discovery_info: Any) -> ConfigFlowResult:
        """Show a card for a pile that called and is not approved, a `PileDiscovery`."""
        self._discovery = discovery_info
        await self.async_set_unique_id(discovery_info.code)
        self._abort_if_unique_id_configured()
        # The name is shown where the frontend has not loaded the texts of this integration yet.
        self.context["title_placeholders"] = {**self._pile_placeholders(), "name": self._discovery.code}
        return await self.async_step_approve()

    async def async_step_approve(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Approve the pile, in a place and under a name."""
        pile = self._discovery
        if async_is_approved(self.hass, pile.code):
            return self.async_abort(reason="already_configured")
        entry = self.hass.config_entries.async_get_entry(pile.entry_id)
        if entry is None:
            return self.async_abort(reason="listener_gone")
        fields = PLACE_FIELDS | POWER_FIELD
        errors = number_errors(fields, user_input or {})
        if user_input is None or errors:
            return self.async_show_form(
                step_id="approve",
                data_schema=self.add_suggested_values_to_schema(
                    vol.Schema(fields), user_input or {CONF_NAME: pile.code}
                ),
                errors=errors,
                description_placeholders=self._pile_placeholders(),
            )
        approved = new_pile(
            pile.info,
            name=user_input[CONF_NAME],
            area=user_input.get(CONF_AREA),
            power=user_input.get(CONF_RATED_POWER),
        )
        self.hass.config_entries.async_add_subentry(entry, approved)
        return self.async_abort(reason="pile_added", description_placeholders={"name": approved.title})

    def _pile_placeholders(self) -> dict[str, str]:
        pile = self._discovery
        return {
            "code": pile.code,
            "type": pile.pile_type.upper(),
            "guns": str(pile.gun_count),
            "version": pile.software_version or "–",
        }
