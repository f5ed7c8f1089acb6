"""What the options of a listener mean to the server."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from homeassistant.const import CONF_TIME_ZONE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import CONF_ALLOWED_NETWORKS, CONF_BILLING_MODEL
from .server.listener import ListenerSettings
from .server.networks import Networks
from .server.tariff import FIRST_NUMBER, PERIODS, BillingModel, Price, TariffError

CONF_NUMBER: Final = "number"
MAX_PRICE: Final = 9999
"""CNY/kWh; the wire would carry four times as much."""
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


def _price_problem(price: float) -> str | None:
    """Return the error of a price that cannot be sent as it is: the wire has five places, and no sign."""
    if not 0 <= price <= MAX_PRICE:
        return "price_out_of_range"
    return None if _exact(price) == round(_exact(price), 5) else "price_too_fine"


def problems(plan: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what is wrong with a plan: the errors of the form by field, and their placeholders."""
    errors = {
        price: problem
        for period in PERIODS
        for price in (energy_price(period), service_price(period))
        if (problem := _price_problem(plan[price])) is not None
    }
    placeholders: dict[str, str] = {}
    try:
        billing_model(plan)
    except TariffError as error:
        missing, double = ", ".join(error.missing), ", ".join(error.double)
        if error.period is not None:
            errors[times(error.period)] = "times_unreadable"
            placeholders = {"times": error.text or ""}
        elif missing and double:
            errors["base"] = "times_missing_and_double"
            placeholders = {"missing": missing, "double": double}
        else:
            errors["base"] = "times_missing" if missing else "times_double"
            placeholders = {"times": missing or double}
    return errors, placeholders


def next_number(number: str) -> str:
    """Return the number of a listener's changed model, 0001 to 4999: a pile asks for it by its number."""
    return f"{int(number) % 4999 + 1:04}"


def next_own_number(number: str | None) -> str:
    """Return the number of the model of one pile, 5000 to 9999, that follows its last one.

    It differs from that, and from the listener's, so the pile notices whatever takes the place of what.
    """
    return f"{5000 if number is None else (int(number) - 5000 + 1) % 5000 + 5000:04}"


async def async_listener_settings(hass: HomeAssistant, options: Mapping[str, Any]) -> ListenerSettings:
    """Return how a listener with these options speaks to its piles."""
    name = options.get(CONF_TIME_ZONE)
    zone = await dt_util.async_get_time_zone(name) if name else None
    return ListenerSettings(
        time_zone=zone or dt_util.get_default_time_zone(),
        billing_model=billing_model(options.get(CONF_BILLING_MODEL, DEFAULT_BILLING_MODEL)),
        networks=Networks.read(options.get(CONF_ALLOWED_NETWORKS, ())),
    )
