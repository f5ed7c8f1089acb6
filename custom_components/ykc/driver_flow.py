"""Add a driver who may start at the piles themselves, and change what is known of one."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME, CONF_PASSWORD
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .const import (
    CONF_ACCOUNT,
    CONF_CARD,
    CONF_CHARGE_LIMIT,
    CONF_CODE,
    CONF_ENABLED,
    CONF_LOGICAL_CARD,
    CONF_OFFLINE_USE,
    CONF_PASSWORD_HASH,
    CONF_PAYMENT,
    CONF_PILES,
    CONF_VIN,
    CURRENCY,
    PAYMENT_PREPAID,
    PAYMENT_UNLIMITED,
)
from .driver import drivers, read_card, read_number, read_vin
from .judged_number import JudgedNumber, number_errors
from .server.access import hash_password
from .server.limits import MAX_BALANCE, MIN_PREPAID
from .subentry import piles

READ: Final = {CONF_CARD: read_card, CONF_LOGICAL_CARD: read_number, CONF_VIN: read_vin, CONF_ACCOUNT: read_number}
"""How each number is read."""
UNIQUE: Final = (CONF_CARD, CONF_VIN, CONF_ACCOUNT)
"""What a driver is known by: no two drivers of a listener have the same."""
CHARGE_LIMIT_FIELD: Final = {
    vol.Optional(CONF_CHARGE_LIMIT): JudgedNumber(
        NumberSelectorConfig(
            min=MIN_PREPAID,
            max=float(MAX_BALANCE),
            step=0.01,
            unit_of_measurement=CURRENCY,
            mode=NumberSelectorMode.BOX,
        )
    )
}


class DriverSubentryFlow(ConfigSubentryFlow):
    """Handles the drivers of a listener."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask who the driver is, and how the piles know."""
        errors: dict[str, str] = {}
        if user_input is not None:
            name, data, errors = self._read(user_input)
            if not errors:
                return self.async_create_entry(title=name, data=data)
        return self._show("user", user_input or {CONF_CARD: self._learnt_card()}, errors)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change a driver; a password that is left empty stays."""
        driver = self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None:
            name, data, errors = self._read(user_input, driver)
            if not errors:
                return self.async_update_and_abort(self._get_entry(), driver, title=name, data=data)
        known = {key: value for key, value in driver.data.items() if value is not None}
        return self._show(
            "reconfigure", user_input or {CONF_CARD: self._learnt_card(), **known, CONF_NAME: driver.title}, errors
        )

    def _read(
        self, user_input: Mapping[str, Any], driver: ConfigSubentry | None = None
    ) -> tuple[str, dict[str, Any], dict[str, str]]:
        """Return a driver's name, what is to be stored, and what is wrong, by field."""
        name = user_input[CONF_NAME].strip()
        errors = number_errors(CHARGE_LIMIT_FIELD, user_input)
        if not name:
            errors[CONF_NAME] = "name_missing"
        data: dict[str, Any] = {}
        for field, read in READ.items():
            text = user_input.get(field, "").strip()
            data[field] = read(text) if text else None
            if text and data[field] is None:
                errors[field] = f"invalid_{field}"
        others = [other.data for other in drivers(self._get_entry()) if other is not driver]
        for field in UNIQUE:
            if data[field] is not None and any(other[field] == data[field] for other in others):
                errors[field] = f"{field}_taken"
        if not errors and not any(data[field] for field in UNIQUE):
            errors[CONF_CARD] = "nothing_known"
        password = user_input.get(CONF_PASSWORD)
        kept = None if driver is None else driver.data[CONF_PASSWORD_HASH]
        data[CONF_PASSWORD_HASH] = hash_password(password) if password else kept
        if data[CONF_ACCOUNT] is not None and data[CONF_PASSWORD_HASH] is None:
            errors[CONF_PASSWORD] = "password_missing"
        data[CONF_ENABLED] = user_input[CONF_ENABLED]
        data[CONF_OFFLINE_USE] = user_input[CONF_OFFLINE_USE]
        if data[CONF_OFFLINE_USE] and data[CONF_CARD] is None:
            errors.setdefault(CONF_OFFLINE_USE, "offline_needs_card")
        data[CONF_PILES] = user_input.get(CONF_PILES, [])
        data[CONF_PAYMENT] = user_input[CONF_PAYMENT]
        data[CONF_CHARGE_LIMIT] = user_input.get(CONF_CHARGE_LIMIT)
        return name, data, errors

    def _show(self, step_id: str, values: Mapping[str, Any], errors: dict[str, str]) -> SubentryFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(self._fields(values.get(CONF_PILES, [])), values),
            errors=errors,
        )

    def _fields(self, chosen: list[str]) -> vol.Schema:
        """Return the form's fields; a pile that was chosen and is gone stays chosen until a person says otherwise."""
        names = {code: code for code in chosen}
        names |= {pile.data[CONF_CODE]: pile.title for pile in piles(self._get_entry())}
        return vol.Schema(
            {
                vol.Required(CONF_NAME): TextSelector(),
                vol.Optional(CONF_CARD): TextSelector(),
                vol.Optional(CONF_LOGICAL_CARD): TextSelector(),
                vol.Optional(CONF_VIN): TextSelector(),
                vol.Optional(CONF_ACCOUNT): TextSelector(),
                vol.Optional(CONF_PASSWORD): TextSelector(
                    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="new-password")
                ),
                vol.Required(CONF_ENABLED, default=True): BooleanSelector(),
                vol.Required(CONF_OFFLINE_USE, default=False): BooleanSelector(),
                vol.Optional(CONF_PILES, default=[]): SelectSelector(
                    SelectSelectorConfig(
                        options=[SelectOptionDict(value=code, label=name) for code, name in names.items()],
                        multiple=True,
                        mode=SelectSelectorMode.DROPDOWN,
                    )
                ),
                vol.Required(CONF_PAYMENT, default=PAYMENT_UNLIMITED): SelectSelector(
                    SelectSelectorConfig(
                        options=[PAYMENT_UNLIMITED, PAYMENT_PREPAID],
                        translation_key=CONF_PAYMENT,
                        mode=SelectSelectorMode.LIST,
                    )
                ),
            }
            | CHARGE_LIMIT_FIELD
        )

    def _learnt_card(self) -> str | None:
        """Return the card that was shown while one was to be learnt, if no driver has it yet."""
        entry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return None
        learnt: str | None = entry.runtime_data.cards.learnt
        taken = any(driver.data[CONF_CARD] == learnt for driver in drivers(entry))
        return None if taken else learnt
