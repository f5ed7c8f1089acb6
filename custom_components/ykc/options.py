"""What the options of a listener mean to the server."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from homeassistant.const import CONF_TIME_ZONE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import CONF_BILLING_MODEL
from .server.listener import ListenerSettings
from .server.tariff import FIRST_NUMBER, PERIODS, BillingModel, Price

CONF_NUMBER: Final = "number"
_WHOLE_DAY: Final = "00:00-24:00"
_DEFAULT_PRICE: Final = 1.0
"""CNY/kWh. Some piles refuse to charge without a price."""


def energy_price(period: str) -> str:
    """Return the option that holds the price of energy in a period, CNY/kWh."""
    return f"{period}_energy_price"


def service_price(period: str) -> str:
    """Return the option that holds the service price in a period, CNY/kWh."""
    return f"{period}_service_price"


def times(period: str) -> str:
    """Return the option that says when a period is."""
    return f"{period}_times"


DEFAULT_BILLING_MODEL: Final[Mapping[str, Any]] = {
    CONF_NUMBER: FIRST_NUMBER,
    **{energy_price(period): _DEFAULT_PRICE for period in PERIODS},
    **{service_price(period): 0.0 for period in PERIODS},
    **{times(period): "" for period in PERIODS},
    times("flat"): _WHOLE_DAY,
}
"""One price all day."""


def _exact(price: float) -> Decimal:
    """Return the number that was typed: a float prints as the shortest one that means it."""
    return Decimal(str(price))


def billing_model(plan: Mapping[str, Any]) -> BillingModel:
    """Make the billing model that the options describe. Raises `TariffError`."""
    return BillingModel.from_plan(
        number=plan[CONF_NUMBER],
        prices={
            period: Price(
                energy=_exact(plan[energy_price(period)]),
                service=_exact(plan[service_price(period)]),
            )
            for period in PERIODS
        },
        times={period: plan[times(period)] for period in PERIODS},
    )


def is_exact(price: float) -> bool:
    """Tell whether a price can be sent as it is: the wire has five places."""
    return _exact(price) == round(_exact(price), 5)


def next_number(number: str) -> str:
    """Return the number of a changed model: a pile asks for it by its number."""
    return f"{int(number) % 9999 + 1:04}"


async def async_listener_settings(hass: HomeAssistant, options: Mapping[str, Any]) -> ListenerSettings:
    """Return how a listener with these options speaks to its piles."""
    name = options.get(CONF_TIME_ZONE)
    zone = await dt_util.async_get_time_zone(name) if name else None
    return ListenerSettings(
        time_zone=zone or dt_util.get_default_time_zone(),
        billing_model=billing_model(options.get(CONF_BILLING_MODEL, DEFAULT_BILLING_MODEL)),
    )
