"""What a gun measures; what its sessions came to is in `session_sensors.py`."""

from datetime import datetime
from decimal import Decimal
from typing import Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    Platform,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfTemperature,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .account_sensors import async_add_accounts
from .bms_sensors import BMS_DESCRIPTIONS
from .const import CURRENCY
from .coordinator import YkcConfigEntry
from .entity import GunEntity, PileEntity, YkcEntity, async_add_piles, gun_entities, pile_entities
from .parallel_sensors import PARALLEL_DESCRIPTIONS
from .pile_sensors import PILE_DESCRIPTIONS
from .plug_sensors import PLUG_DESCRIPTIONS
from .sensor_description import GunSensorDescription, PileSensorDescription
from .server.parking import ARM_ALARMS
from .server.state import GunStatus
from .session_sensors import SESSION_DESCRIPTIONS

PARALLEL_UPDATES = 0

DESCRIPTIONS: Final = (
    GunSensorDescription(
        key="status",
        device_class=SensorDeviceClass.ENUM,
        options=list(GunStatus),
        always_available=True,
        value_fn=lambda gun: gun.status,
    ),
    GunSensorDescription(
        key="power",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_unit_of_measurement=UnitOfPower.KILO_WATT,
        suggested_display_precision=2,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda gun: gun.power,
    ),
    GunSensorDescription(
        key="voltage",
        device_class=SensorDeviceClass.VOLTAGE,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=1,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda gun: gun.voltage,
    ),
    GunSensorDescription(
        key="current",
        device_class=SensorDeviceClass.CURRENT,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        suggested_display_precision=1,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda gun: gun.current,
    ),
    GunSensorDescription(
        key="session_energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        state_class=SensorStateClass.TOTAL_INCREASING,
        value_fn=lambda gun: gun.session_energy,
    ),
    # No state class: a sum of money may only be a total, and a session begins at zero.
    GunSensorDescription(
        key="session_cost",
        device_class=SensorDeviceClass.MONETARY,
        native_unit_of_measurement=CURRENCY,
        suggested_display_precision=2,
        value_fn=lambda gun: gun.session_cost,
    ),
    GunSensorDescription(
        key="charging_time",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        value_fn=lambda gun: gun.charging_time,
    ),
    GunSensorDescription(
        key="remaining_time",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        value_fn=lambda gun: gun.remaining_time,
    ),
    GunSensorDescription(
        key="state_of_charge",
        device_class=SensorDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        exists_fn=lambda info: info.pile_type != "ac",
        value_fn=lambda gun: gun.state_of_charge,
    ),
    GunSensorDescription(
        key="cable_temperature",
        device_class=SensorDeviceClass.TEMPERATURE,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda gun: gun.cable_temperature,
    ),
    GunSensorDescription(
        key="battery_temperature",
        device_class=SensorDeviceClass.TEMPERATURE,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda gun: gun.battery_temperature,
    ),
    GunSensorDescription(
        key="total_energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        state_class=SensorStateClass.TOTAL_INCREASING,
        always_available=True,
        value_fn=lambda gun: gun.total_energy,
    ),
    GunSensorDescription(
        key="parking_lock_battery",
        device_class=SensorDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        of_parking_lock=True,
        value_fn=lambda gun: None if gun.parking_lock is None else gun.parking_lock.battery,
    ),
    GunSensorDescription(
        key="parking_lock_alarm",
        device_class=SensorDeviceClass.ENUM,
        options=list(ARM_ALARMS),
        entity_category=EntityCategory.DIAGNOSTIC,
        of_parking_lock=True,
        value_fn=lambda gun: None if gun.parking_lock is None else gun.parking_lock.alarm,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: YkcConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of all piles and prepaid drivers."""
    async_add_accounts(entry, async_add_entities)
    async_add_piles(
        entry,
        Platform.SENSOR,
        async_add_entities,
        lambda pile: (
            *pile_entities(pile, PileSensor, PILE_DESCRIPTIONS),
            *gun_entities(
                pile,
                GunSensor,
                (*DESCRIPTIONS, *PARALLEL_DESCRIPTIONS, *PLUG_DESCRIPTIONS, *SESSION_DESCRIPTIONS, *BMS_DESCRIPTIONS),
            ),
        ),
    )


class _Figure(YkcEntity, SensorEntity):
    """A figure."""

    @property
    @override
    def native_value(self) -> StateType | datetime | Decimal:
        """Return the figure."""
        figure: StateType | datetime | Decimal = self.value
        return figure


class GunSensor(GunEntity, _Figure):
    """A figure of a gun."""

    entity_description: GunSensorDescription

    @property
    @override
    def last_reset(self) -> datetime | None:
        """Return when a total began anew."""
        gun = self.gun
        return None if gun is None else self.entity_description.last_reset_fn(gun)


class PileSensor(PileEntity, _Figure):
    """A figure of a pile."""

    entity_description: PileSensorDescription
    _unrecorded_attributes = frozenset({"cards"})
