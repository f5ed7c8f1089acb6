"""Options of a listener: they take effect at once and drop no connection."""

from typing import Any
import zoneinfo

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import CONF_TIME_ZONE

from .const import CONF_BILLING_MODEL
from .forms import BILLING_MODEL_FIELDS, general_fields
from .options import (
    CONF_NUMBER,
    DEFAULT_BILLING_MODEL,
    billing_model,
    energy_price,
    is_exact,
    next_number,
    service_price,
)
from .server.tariff import PERIODS, TariffError


class YkcOptionsFlow(OptionsFlow):
    """Handles the options of a listener."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which options."""
        return self.async_show_menu(step_id="init", menu_options=["general", "billing_model"])

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

    async def async_step_billing_model(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what energy costs, and when."""
        plan = self.config_entry.options.get(CONF_BILLING_MODEL, DEFAULT_BILLING_MODEL)
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            new = plan | user_input
            errors = {
                price: "price_too_fine"
                for period in PERIODS
                for price in (energy_price(period), service_price(period))
                if not is_exact(new[price])
            }
            try:
                billing_model(new)
            except TariffError as error:
                errors["base"], placeholders = _problem(error)
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


def _problem(error: TariffError) -> tuple[str, dict[str, str]]:
    """Return the error of the form for a plan that is no whole day."""
    if error.text is not None:
        return "times_unreadable", {"times": error.text}
    if error.missing:
        return "times_missing", {"times": ", ".join(error.missing)}
    return "times_double", {"times": ", ".join(error.double)}
