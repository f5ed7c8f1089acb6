"""The fields of the forms."""

from collections.abc import Iterable
from typing import Any, Final

from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT, CONF_TIME_ZONE
from homeassistant.helpers.selector import (
    AreaSelector,
    BooleanSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from .const import (
    CONF_ALLOW_RAISING_BY_LOCK,
    CONF_ALLOWED_NETWORKS,
    CONF_APPROVE_AUTOMATICALLY,
    CONF_AREA,
    CONF_CODE,
    CONF_GUN_COUNT,
    CONF_OWN_MODEL,
    CONF_PILE_TYPE,
    CONF_PINNED_ADDRESS,
    CONF_QR_DIALECT,
    CONF_RATED_POWER,
    CONF_SHOW_PAGE,
    CONF_UNKNOWN_DRIVERS,
    DEFAULT_HOST,
    DEFAULT_PORT,
    MAX_GUNS,
)
from .discovery import PileDiscovery
from .judged_number import JudgedNumber
from .network import MAX_PORT
from .options import MAX_PRICE, energy_price, service_price, times
from .server.access import Policy
from .server.qr_codes import QrDialect
from .server.tariff import PERIODS


def _whole_number(low: int, high: int) -> JudgedNumber:
    return JudgedNumber(NumberSelectorConfig(min=low, max=high, step=1, mode=NumberSelectorMode.BOX))


LISTENER_FIELDS: Final = vol.Schema(
    {
        vol.Required(CONF_HOST, default=DEFAULT_HOST): TextSelector(),
        vol.Required(CONF_PORT, default=DEFAULT_PORT): _whole_number(1, MAX_PORT),
    }
)

NAME_FIELD: Final = {vol.Required(CONF_NAME): TextSelector()}

PLACE_FIELDS: Final = NAME_FIELD | {vol.Optional(CONF_AREA): AreaSelector()}

POWER_FIELD: Final = {
    vol.Optional(CONF_RATED_POWER): JudgedNumber(
        NumberSelectorConfig(min=1, max=2000, step="any", unit_of_measurement="kW", mode=NumberSelectorMode.BOX)
    )
}

HARDWARE_FIELDS: Final = {
    vol.Required(CONF_PILE_TYPE, default="dc"): SelectSelector(
        SelectSelectorConfig(
            options=["dc", "ac"],
            translation_key=CONF_PILE_TYPE,
            mode=SelectSelectorMode.LIST,
        )
    ),
    vol.Required(CONF_GUN_COUNT, default=1): _whole_number(1, MAX_GUNS),
}


QR_FIELD: Final = {
    vol.Required(CONF_QR_DIALECT, default=QrDialect.COMMON.value): SelectSelector(
        SelectSelectorConfig(
            options=[dialect.value for dialect in QrDialect],
            translation_key=CONF_QR_DIALECT,
            mode=SelectSelectorMode.LIST,
        )
    )
}

NETWORKS_FIELD: Final = vol.Schema({vol.Optional(CONF_ALLOWED_NETWORKS, default=""): TextSelector()})
"""One text for all of them: a field for several texts shows no help."""

PINNED_FIELD: Final = {vol.Optional(CONF_PINNED_ADDRESS): TextSelector()}


def code_field(waiting: Iterable[PileDiscovery], code: Any = vol.UNDEFINED) -> vol.Schema:
    """Return the field for a pile's code: typed, or one of the piles that wait; `code` is the one that it has."""
    options = [SelectOptionDict(value=pile.code, label=f"{pile.code} ({pile.pile_type.upper()})") for pile in waiting]
    field: TextSelector | SelectSelector = TextSelector()
    if options:
        field = SelectSelector(
            SelectSelectorConfig(options=options, custom_value=True, mode=SelectSelectorMode.DROPDOWN)
        )
    return vol.Schema({vol.Required(CONF_CODE, default=code): field})


def general_fields(time_zones: Iterable[str]) -> vol.Schema:
    """Return the fields for how a listener treats all its piles."""
    return vol.Schema(
        {
            vol.Optional(CONF_TIME_ZONE): SelectSelector(
                SelectSelectorConfig(options=sorted(time_zones), mode=SelectSelectorMode.DROPDOWN)
            ),
            vol.Required(CONF_APPROVE_AUTOMATICALLY, default=False): BooleanSelector(),
            vol.Required(CONF_UNKNOWN_DRIVERS, default=Policy.REFUSE): SelectSelector(
                SelectSelectorConfig(
                    options=list(Policy),
                    translation_key=CONF_UNKNOWN_DRIVERS,
                    mode=SelectSelectorMode.LIST,
                )
            ),
            vol.Required(CONF_ALLOW_RAISING_BY_LOCK, default=False): BooleanSelector(),
            vol.Required(CONF_SHOW_PAGE, default=True): BooleanSelector(),
        }
    )


def _price_field() -> JudgedNumber:
    return JudgedNumber(
        NumberSelectorConfig(
            min=0,
            max=MAX_PRICE,
            step="any",
            unit_of_measurement="CNY/kWh",
            mode=NumberSelectorMode.BOX,
        )
    )


def _billing_model_fields() -> vol.Schema:
    fields: dict[Any, Any] = {}
    for period in PERIODS:
        fields[vol.Required(energy_price(period))] = _price_field()
        fields[vol.Required(service_price(period))] = _price_field()
        fields[vol.Optional(times(period), default="")] = TextSelector()
    return vol.Schema(fields)


OWN_MODEL_FIELD: Final = {vol.Required(CONF_OWN_MODEL, default=False): BooleanSelector()}

BILLING_MODEL_FIELDS: Final = _billing_model_fields()
