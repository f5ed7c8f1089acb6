"""What a vehicle says of its battery and of the charge: sensors for those who want to look inside.

They are off by default: most drivers never need them, and some come with every report.
"""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfTemperature,
)

from .protocol import BatteryType, BmsMode, ChargingAllowed
from .sensor_description import GunSensorDescription
from .server.bms import END_REASONS, TIMEOUTS, Bms
from .server.state import GunState, PileInfo

AMPERE_HOUR: Final = "Ah"
NONE: Final = "none"

BATTERY_TYPES: Final = tuple(code.slug for code in BatteryType)
MODES: Final = tuple(code.slug for code in BmsMode)
CHARGING_ALLOWED: Final = tuple(code.slug for code in ChargingAllowed)
ALARMS: Final = ("cell_voltage", "state_of_charge_level", "overcurrent", "overheat", "insulation", "output_connector")

type BmsFn = Callable[[Bms], Any]


def _is_dc(info: PileInfo) -> bool:
    """Only DC piles speak with the vehicle."""
    return info.pile_type != "ac"


def _of_charge(value_fn: BmsFn) -> Callable[[GunState], Any]:
    """Return what was said in the newest charge, and stays true behind it."""
    return lambda gun: None if gun.bms is None else value_fn(gun.bms)


def _while_charging(value_fn: BmsFn) -> Callable[[GunState], Any]:
    """Return what is true at this moment of a charge only."""
    return lambda gun: value_fn(gun.bms) if gun.charging and gun.bms is not None else None


def _listed(slug: str | None, options: tuple[str, ...]) -> str | None:
    """Return a slug; None for a number that no table lists."""
    return slug if slug in options else None


def _alarms(bms: Bms) -> list[str] | None:
    """Return what the vehicle reports as out of its limits; None where it reports nothing of that."""
    reported = {name: value for name in ALARMS if (value := getattr(bms, name)) is not None}
    return [name for name, value in reported.items() if value not in ("normal", "unreliable")] if reported else None


def _measurement(
    key: str, device_class: SensorDeviceClass, unit: str, value_fn: BmsFn, precision: int
) -> GunSensorDescription:
    return GunSensorDescription(
        key=key,
        device_class=device_class,
        native_unit_of_measurement=unit,
        suggested_display_precision=precision,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        exists_fn=_is_dc,
        of_vehicle=True,
        value_fn=_while_charging(value_fn),
    )


def _voltage(key: str, value_fn: BmsFn, precision: int = 1) -> GunSensorDescription:
    return _measurement(key, SensorDeviceClass.VOLTAGE, UnitOfElectricPotential.VOLT, value_fn, precision)


def _current(key: str, value_fn: BmsFn) -> GunSensorDescription:
    return _measurement(key, SensorDeviceClass.CURRENT, UnitOfElectricCurrent.AMPERE, value_fn, 1)


def _temperature(key: str, value_fn: BmsFn) -> GunSensorDescription:
    return _measurement(key, SensorDeviceClass.TEMPERATURE, UnitOfTemperature.CELSIUS, value_fn, 0)


def _fact(
    key: str, value_fn: BmsFn, device_class: SensorDeviceClass | None = None, unit: str | None = None
) -> GunSensorDescription:
    return GunSensorDescription(
        key=key,
        device_class=device_class,
        native_unit_of_measurement=unit,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        exists_fn=_is_dc,
        of_vehicle=True,
        value_fn=_of_charge(value_fn),
    )


def _choice(key: str, options: tuple[str, ...], value_fn: Callable[[GunState], Any]) -> GunSensorDescription:
    return GunSensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENUM,
        options=list(options),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        exists_fn=_is_dc,
        of_vehicle=True,
        value_fn=value_fn,
    )


def _several(
    key: str, options: tuple[str, ...], attribute: str, value_fn: Callable[[GunState], Any]
) -> GunSensorDescription:
    """Describe a list: the state is its first item, the attribute has them all."""

    def first(gun: GunState) -> str | None:
        items = value_fn(gun)
        return None if items is None else next(iter(items), NONE)

    return GunSensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENUM,
        options=[*options, NONE],
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        exists_fn=_is_dc,
        of_vehicle=True,
        value_fn=first,
        attributes_fn=lambda gun: {attribute: list(value_fn(gun) or ())},
    )


BMS_DESCRIPTIONS: Final = (
    # Who the vehicle is
    _choice("battery_type", BATTERY_TYPES, _of_charge(lambda bms: _listed(bms.battery_type, BATTERY_TYPES))),
    _fact("battery_capacity", lambda bms: bms.rated_capacity, unit=AMPERE_HOUR),
    _fact(
        "battery_rated_voltage",
        lambda bms: bms.rated_voltage,
        SensorDeviceClass.VOLTAGE,
        UnitOfElectricPotential.VOLT,
    ),
    _fact(
        "battery_nominal_energy",
        lambda bms: bms.nominal_energy,
        SensorDeviceClass.ENERGY_STORAGE,
        UnitOfEnergy.KILO_WATT_HOUR,
    ),
    _fact("charge_cycles", lambda bms: bms.charge_cycles),
    _fact("vin", lambda bms: bms.vin),
    # What is asked for and measured
    _voltage("voltage_demand", lambda bms: bms.voltage_demand),
    _current("current_demand", lambda bms: bms.current_demand),
    _choice("charging_mode", MODES, _while_charging(lambda bms: _listed(bms.mode, MODES))),
    _voltage("bms_voltage", lambda bms: bms.measured_voltage),
    _current("bms_current", lambda bms: bms.measured_current),
    _voltage("max_cell_voltage", lambda bms: bms.max_cell_voltage, 2),
    # How the battery is
    _temperature("max_battery_temperature", lambda bms: bms.max_temperature),
    _temperature("min_battery_temperature", lambda bms: bms.min_temperature),
    _choice(
        "charging_allowed",
        CHARGING_ALLOWED,
        _while_charging(lambda bms: _listed(bms.charging_allowed, CHARGING_ALLOWED)),
    ),
    _several("battery_alarm", ALARMS, "alarms", _while_charging(_alarms)),
    # How the charge ended
    _fact(
        "min_cell_voltage", lambda bms: bms.min_cell_voltage, SensorDeviceClass.VOLTAGE, UnitOfElectricPotential.VOLT
    ),
    _several("charge_end_reason", END_REASONS, "reasons", _of_charge(lambda bms: bms.end_reasons)),
    _several("bms_timeout", TIMEOUTS, "timeouts", _of_charge(lambda bms: bms.timeouts)),
)
