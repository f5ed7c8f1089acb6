"""The actions of the integration."""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType
import voluptuous as vol

from .access_actions import async_setup_access_actions
from .account_actions import async_setup_account_actions
from .const import DOMAIN
from .coordinator import PileCoordinator
from .deleting_actions import async_setup_deleting_actions
from .driver import ATTR_DRIVER, card_field, find_driver
from .frame_actions import async_setup_frame_actions
from .limit_numbers import MAX_AMOUNT, MAX_ENERGY, MAX_MINUTES, MAX_SOC
from .maintenance_actions import (
    QR_CODE_SCHEMA,
    REBOOT_SCHEMA,
    UPDATE_FIRMWARE_SCHEMA,
    async_reboot,
    async_set_qr_code,
    async_update_firmware,
)
from .money import exact_limit, money, whole_limit
from .offline_card_actions import async_setup_offline_card_actions
from .permissions import controls_guns
from .server.charge_limits import ChargeLimits
from .session_actions import async_setup_session_actions
from .targets import TargetGun, async_on_each, targeted_guns, targeted_places


class YkcAction(StrEnum):
    """The actions."""

    START_CHARGING = "start_charging"
    START_PARALLEL_CHARGING = "start_parallel_charging"
    STOP_CHARGING = "stop_charging"
    UPDATE_BALANCE = "update_balance"
    RAISE_PARKING_LOCK = "raise_parking_lock"
    REBOOT = "reboot"
    UPDATE_FIRMWARE = "update_firmware"
    SET_QR_CODE = "set_qr_code"


ATTR_BALANCE: Final = "balance"
ATTR_CARD: Final = "card"
ATTR_LIMIT_AMOUNT: Final = "limit_amount"
ATTR_LIMIT_ENERGY: Final = "limit_energy"
ATTR_LIMIT_MINUTES: Final = "limit_minutes"
ATTR_LIMIT_SOC: Final = "limit_soc"
ATTR_LOGICAL_CARD: Final = "logical_card"
ATTR_MAIN_GUN: Final = "main_gun"


def _at_most(most: int, limit: Callable[[float], Decimal | int]) -> Any:
    return vol.All(vol.Coerce(float), vol.Range(min=0, max=most), limit)


LIMIT_FIELDS: Final[VolDictType] = {
    vol.Optional(ATTR_LIMIT_ENERGY): _at_most(MAX_ENERGY, exact_limit),
    vol.Optional(ATTR_LIMIT_AMOUNT): _at_most(MAX_AMOUNT, exact_limit),
    vol.Optional(ATTR_LIMIT_MINUTES): _at_most(MAX_MINUTES, whole_limit),
    vol.Optional(ATTR_LIMIT_SOC): _at_most(MAX_SOC, whole_limit),
}


def _limits(call: ServiceCall) -> ChargeLimits:
    """Return what the charge may come to; 0 for no limit, where nothing is said that of the gun holds."""
    return ChargeLimits(
        energy=call.data.get(ATTR_LIMIT_ENERGY),
        amount=call.data.get(ATTR_LIMIT_AMOUNT),
        minutes=call.data.get(ATTR_LIMIT_MINUTES),
        soc=call.data.get(ATTR_LIMIT_SOC),
    )


TARGET_SCHEMA: Final = vol.Schema(cv.TARGET_SERVICE_FIELDS)
START_SCHEMA: Final = TARGET_SCHEMA.extend(
    {
        vol.Optional(ATTR_CARD): card_field(ATTR_CARD),
        vol.Optional(ATTR_LOGICAL_CARD): card_field(ATTR_LOGICAL_CARD),
        vol.Optional(ATTR_BALANCE): money(),
        vol.Optional(ATTR_DRIVER): cv.string,
        **LIMIT_FIELDS,
    }
)
START_PARALLEL_SCHEMA: Final = START_SCHEMA.extend(
    {vol.Optional(ATTR_MAIN_GUN): vol.All(vol.Coerce(int), vol.Range(min=1))}
)
BALANCE_SCHEMA: Final = TARGET_SCHEMA.extend(
    {
        vol.Required(ATTR_BALANCE): money(),
        vol.Optional(ATTR_CARD): card_field(ATTR_CARD),
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    async_setup_session_actions(hass)
    async_setup_access_actions(hass)
    async_setup_offline_card_actions(hass)
    async_setup_account_actions(hass)
    async_setup_deleting_actions(hass)
    async_setup_frame_actions(hass)
    hass.services.async_register(
        DOMAIN,
        YkcAction.START_CHARGING,
        _async_start_charging,
        schema=START_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        YkcAction.START_PARALLEL_CHARGING,
        _async_start_parallel_charging,
        schema=START_PARALLEL_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(DOMAIN, YkcAction.STOP_CHARGING, _async_stop_charging, schema=TARGET_SCHEMA)
    hass.services.async_register(DOMAIN, YkcAction.UPDATE_BALANCE, _async_update_balance, schema=BALANCE_SCHEMA)
    hass.services.async_register(DOMAIN, YkcAction.REBOOT, async_reboot, schema=REBOOT_SCHEMA)
    hass.services.async_register(
        DOMAIN, YkcAction.UPDATE_FIRMWARE, async_update_firmware, schema=UPDATE_FIRMWARE_SCHEMA
    )
    hass.services.async_register(DOMAIN, YkcAction.SET_QR_CODE, async_set_qr_code, schema=QR_CODE_SCHEMA)
    hass.services.async_register(DOMAIN, YkcAction.RAISE_PARKING_LOCK, _async_raise_parking_lock, schema=TARGET_SCHEMA)


@controls_guns
async def _async_start_charging(call: ServiceCall) -> ServiceResponse:
    """Start a charge on each gun that is named, and return what the piles answered."""
    card = call.data.get(ATTR_CARD)
    logical_card = call.data.get(ATTR_LOGICAL_CARD)
    balance = call.data.get(ATTR_BALANCE)

    name = call.data.get(ATTR_DRIVER)

    async def start(gun: TargetGun) -> dict[str, Any]:
        driver = None if name is None else find_driver(call.hass, name, gun.pile.config_entry)[1]
        with gun.pile.commanding() as pile:
            charge = await pile.start_charging(
                gun.number,
                card=card,
                logical_card=logical_card,
                balance=balance,
                driver=driver,
                limits=_limits(call),
            )
        return {
            "pile": pile.code,
            "gun": gun.number,
            "transaction": charge.transaction,
            "outcome": charge.outcome,
        }

    guns = await async_on_each(call.hass, targeted_guns(call), start)
    # An automation for one gun need not go through the list.
    return {"guns": guns, **(guns[0] if len(guns) == 1 else {})}


@controls_guns
async def _async_start_parallel_charging(call: ServiceCall) -> ServiceResponse:
    """Start the guns that are named for one car, and return what the pile answered."""
    coordinator, guns = _guns_of_one_pile(call)
    main, name = call.data.get(ATTR_MAIN_GUN, guns[0]), call.data.get(ATTR_DRIVER)
    if main not in guns:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="main_gun_not_targeted",
            translation_placeholders={"gun": str(main), "guns": ", ".join(map(str, guns))},
        )
    with coordinator.commanding() as pile:
        charge = await pile.parallel.start(
            [main, *(gun for gun in guns if gun != main)],
            card=call.data.get(ATTR_CARD),
            logical_card=call.data.get(ATTR_LOGICAL_CARD),
            balance=call.data.get(ATTR_BALANCE),
            driver=None if name is None else find_driver(call.hass, name, coordinator.config_entry)[1],
            limits=_limits(call),
        )
    return {
        "pile": pile.code,
        "parallel": charge.number,
        "guns": [
            {"gun": gun, "transaction": started.transaction, "outcome": started.outcome}
            for gun, started in charge.charges.items()
        ],
    }


def _guns_of_one_pile(call: ServiceCall) -> tuple[PileCoordinator, list[int]]:
    """Return the guns that are named, all guns where their pile is."""
    places = targeted_places(call)
    pile = places[0].pile
    if any(place.pile is not pile for place in places):
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="guns_of_different_piles")
    numbers = [place.number for place in places if place.number is not None]
    return pile, numbers or list(range(1, pile.info.gun_count + 1))


@controls_guns
async def _async_stop_charging(call: ServiceCall) -> None:
    """Stop the charge of each gun that is named."""

    async def stop(gun: TargetGun) -> None:
        with gun.pile.commanding() as pile:
            await pile.stop_charging(gun.number)

    await async_on_each(call.hass, targeted_guns(call), stop)


@controls_guns
async def _async_update_balance(call: ServiceCall) -> None:
    """Give the charge of each gun that is named another balance."""

    async def update(gun: TargetGun) -> None:
        with gun.pile.commanding() as pile:
            await pile.balance.update(gun.number, call.data[ATTR_BALANCE], card=call.data.get(ATTR_CARD))

    await async_on_each(call.hass, targeted_guns(call), update)


@controls_guns
async def _async_raise_parking_lock(call: ServiceCall) -> None:
    """Raise the arm before each gun that is named."""

    async def lift(gun: TargetGun) -> None:
        with gun.pile.commanding() as pile:
            await pile.parking.raise_arm(gun.number)

    await async_on_each(call.hass, targeted_guns(call), lift)
