"""Add a pile before it has called, or one that waits; and change what is known of one."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME
import voluptuous as vol

from .callers import last_address, read_pinned
from .const import (
    CONF_AREA,
    CONF_BILLING_MODEL,
    CONF_CODE,
    CONF_GUN_COUNT,
    CONF_LAST_MODEL,
    CONF_OWN_MODEL,
    CONF_PILE_TYPE,
    CONF_PINNED_ADDRESS,
    CONF_QR_DIALECT,
    CONF_RATED_POWER,
)
from .discovery import PileDiscovery
from .forms import (
    BILLING_MODEL_FIELDS,
    HARDWARE_FIELDS,
    NAME_FIELD,
    OWN_MODEL_FIELD,
    PINNED_FIELD,
    PLACE_FIELDS,
    POWER_FIELD,
    QR_FIELD,
    code_field,
)
from .judged_number import number_errors
from .ledger import shared_ledger
from .options import CONF_NUMBER, DEFAULT_BILLING_MODEL, next_own_number, problems
from .replacement import replacement_data
from .server.ledger import LedgerError
from .server.state import PileInfo
from .subentry import async_is_approved, has_called, new_pile, pile_name, read_code


def _hardware(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form said of the hardware; one that was opened after the pile had called says nothing."""
    if CONF_GUN_COUNT not in user_input:
        return {}
    return {CONF_PILE_TYPE: user_input[CONF_PILE_TYPE], CONF_GUN_COUNT: int(user_input[CONF_GUN_COUNT])}


class PileSubentryFlow(ConfigSubentryFlow):
    """Handles the piles of a listener."""

    _code: str
    _waiting_pile: PileDiscovery | None
    _title: str
    _updates: dict[str, Any]
    """What the first form of a change said."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask which pile."""
        errors: dict[str, str] = {}
        waiting = self._waiting()
        if user_input is not None:
            code = read_code(user_input[CONF_CODE])
            if code is None:
                errors[CONF_CODE] = "invalid_code"
            elif async_is_approved(self.hass, code):
                errors[CONF_CODE] = "already_configured"
            else:
                self._code = code
                self._waiting_pile = waiting.get(code)
                return await self.async_step_details()
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(code_field(waiting.values()), user_input),
            errors=errors,
        )

    async def async_step_details(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask what and where the pile is; one that waits has said itself what it is."""
        waiting = self._waiting_pile
        fields = PLACE_FIELDS | (HARDWARE_FIELDS if waiting is None else {}) | POWER_FIELD
        errors = number_errors(fields, user_input or {})
        if user_input is None or errors:
            return self.async_show_form(
                step_id="details",
                data_schema=self.add_suggested_values_to_schema(
                    vol.Schema(fields), user_input or {CONF_NAME: self._code}
                ),
                errors=errors,
                description_placeholders={"code": self._code},
            )
        if async_is_approved(self.hass, self._code):
            return self.async_abort(reason="already_configured")
        if waiting is None:
            info = PileInfo(
                code=self._code,
                pile_type=user_input[CONF_PILE_TYPE],
                gun_count=int(user_input[CONF_GUN_COUNT]),
            )
        else:
            info = waiting.info
        pile = new_pile(
            info,
            name=user_input[CONF_NAME],
            area=user_input.get(CONF_AREA),
            power=user_input.get(CONF_RATED_POWER),
        )
        return self.async_create_entry(title=pile.title, data=pile.data, unique_id=pile.unique_id)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Rename a pile; say what it is, as long as it has not said so itself."""
        pile = self._get_reconfigure_subentry()
        waiting = self._waiting()
        fields = (
            NAME_FIELD
            | code_field(waiting.values(), pile.data[CONF_CODE]).schema
            | ({} if has_called(pile.data) else HARDWARE_FIELDS)
            | POWER_FIELD
            | QR_FIELD
            | PINNED_FIELD
            | OWN_MODEL_FIELD
        )
        errors = number_errors(fields, user_input or {})
        typed = "" if user_input is None else user_input.get(CONF_PINNED_ADDRESS, "")
        if user_input is not None and not errors:
            errors = await self._async_problems(pile, user_input)
        if user_input is not None and not errors:
            hardware = {} if has_called(pile.data) else _hardware(user_input)
            # What is optional and left empty is not in the input.
            rated = {CONF_RATED_POWER: user_input.get(CONF_RATED_POWER)}
            chosen = {
                CONF_QR_DIALECT: user_input[CONF_QR_DIALECT],
                CONF_PINNED_ADDRESS: read_pinned(typed, self._get_entry())[0],
            }
            old, self._code = pile.data[CONF_CODE], read_code(user_input[CONF_CODE]) or ""
            name = "" if user_input[CONF_NAME] == old else user_input[CONF_NAME]
            self._title = pile_name(name, self._code)
            new = {} if self._code == old else replacement_data(pile, self._code, waiting.get(self._code))
            self._updates = hardware | rated | chosen | new
            if user_input[CONF_OWN_MODEL]:
                return await self.async_step_billing_model()
            return self._update(None)
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema(fields),
                user_input
                or {CONF_NAME: pile.title, CONF_OWN_MODEL: bool(pile.data.get(CONF_BILLING_MODEL)), **pile.data},
            ),
            errors=errors,
            description_placeholders={
                "code": pile.data[CONF_CODE],
                "address": last_address(self._get_entry(), pile.subentry_id),
                "network": typed.strip(),
            },
        )

    async def _async_problems(self, pile: ConfigSubentry, user_input: dict[str, Any]) -> dict[str, str]:
        """Return what keeps a pile from having the code or the address, as errors of the form."""
        _, error = read_pinned(user_input.get(CONF_PINNED_ADDRESS, ""), self._get_entry())
        if error is not None:
            return {CONF_PINNED_ADDRESS: error}
        code, old = read_code(user_input[CONF_CODE]), pile.data[CONF_CODE]
        if code is None:
            return {CONF_CODE: "invalid_code"}
        if code == old:
            return {}
        if async_is_approved(self.hass, code):
            return {CONF_CODE: "already_configured"}
        try:
            async with shared_ledger(self.hass) as ledger:
                return {} if await ledger.may_replace(old, code) else {CONF_CODE: "code_has_sessions"}
        except LedgerError:
            return {"base": "ledger_failed"}

    async def async_step_billing_model(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask what energy costs at this pile, and when; it begins with what it costs now."""
        data = self._get_reconfigure_subentry().data
        own = data.get(CONF_BILLING_MODEL)
        plan = own or self._get_entry().options.get(CONF_BILLING_MODEL, DEFAULT_BILLING_MODEL)
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            new = plan | user_input
            errors, placeholders = problems(new)
            if not errors:
                if new != own:
                    new[CONF_NUMBER] = next_own_number(data.get(CONF_LAST_MODEL))
                return self._update(new)
        return self.async_show_form(
            step_id="billing_model",
            data_schema=self.add_suggested_values_to_schema(BILLING_MODEL_FIELDS, user_input or plan),
            errors=errors,
            description_placeholders={"code": data[CONF_CODE], **placeholders},
        )

    def _update(self, model: dict[str, Any] | None) -> SubentryFlowResult:
        """Keep what was chosen, with a billing model of its own or without."""
        pile = self._get_reconfigure_subentry()
        last = pile.data.get(CONF_LAST_MODEL) if model is None else model[CONF_NUMBER]
        return self.async_update_and_abort(
            self._get_entry(),
            pile,
            title=self._title,
            unique_id=self._code,
            data_updates=self._updates | {CONF_BILLING_MODEL: model, CONF_LAST_MODEL: last},
        )

    def _waiting(self) -> dict[str, PileDiscovery]:
        """Return the piles that call this listener and are not approved, by code."""
        entry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return {}
        return dict(entry.runtime_data.discovery.waiting)
