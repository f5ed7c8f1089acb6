"""Options of a listener: they take effect at once and drop no connection."""

from typing import Any
import zoneinfo

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import CONF_TIME_ZONE

from .callers import read_networks, seen
from .const import CONF_ALLOWED_NETWORKS, CONF_BILLING_MODEL
from .forms import BILLING_MODEL_FIELDS, NETWORKS_FIELD, general_fields
from .messages import chosen_messages, message_fields
from .options import CONF_NUMBER, DEFAULT_BILLING_MODEL, next_number, problems


class YkcOptionsFlow(OptionsFlow):
    """Handles the options of a listener."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which options."""
        return self.async_show_menu(
            step_id="init", menu_options=["general", "connections", "billing_model", "messages"]
        )

    async def async_step_general(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask how the listener treats all its piles."""
        options = dict(self.config_entry.options)
        if user_input is not None:
            # Left empty, the time zone is Home Assistant's.
            options.pop(CONF_TIME_ZONE, None)
            return self.async_create_entry(data=options | user_input)
        time_zones = await self.hass.async_add_executor_job(zoneinfo.available_timezones)
        return self.async_show_form(
            step_id="general",
            data_schema=self.add_suggested_values_to_schema(general_fields(time_zones), options),
            description_placeholders={"time_zone": self.hass.config.time_zone},
        )

    async def async_step_connections(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where connections may come from."""
        options = self.config_entry.options
        errors: dict[str, str] = {}
        placeholders = seen(self.config_entry)
        if user_input is not None:
            networks, wrong = read_networks(user_input[CONF_ALLOWED_NETWORKS])
            if not wrong:
                return self.async_create_entry(data={**options, CONF_ALLOWED_NETWORKS: networks})
            errors[CONF_ALLOWED_NETWORKS] = "invalid_network"
            placeholders["network"] = ", ".join(wrong)
        return self.async_show_form(
            step_id="connections",
            data_schema=self.add_suggested_values_to_schema(
                NETWORKS_FIELD,
                user_input or {CONF_ALLOWED_NETWORKS: ", ".join(options.get(CONF_ALLOWED_NETWORKS, ()))},
            ),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def async_step_billing_model(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what energy costs, and when."""
        plan = self.config_entry.options.get(CONF_BILLING_MODEL, DEFAULT_BILLING_MODEL)
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            new = plan | user_input
            errors, placeholders = problems(new)
            if not errors:
                if new != plan:
                    new[CONF_NUMBER] = next_number(plan[CONF_NUMBER])
                return self.async_create_entry(data={**self.config_entry.options, CONF_BILLING_MODEL: new})
        return self.async_show_form(
            step_id="billing_model",
            data_schema=self.add_suggested_values_to_schema(BILLING_MODEL_FIELDS, user_input or plan),
            errors=errors,
            description_placeholders=placeholders,
        )

    async def async_step_messages(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which messages become events."""
        if user_input is not None:
            return self.async_create_entry(data={**self.config_entry.options, **user_input})
        return self.async_show_form(
            step_id="messages",
            data_schema=self.add_suggested_values_to_schema(
                message_fields(self.config_entry), chosen_messages(self.config_entry)
            ),
        )
