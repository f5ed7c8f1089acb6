"""What a pile itself shows, beside its guns."""

from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfTime

from .sensor_description import PileSensorDescription
from .server.tariff import ModelState

PILE_DESCRIPTIONS: Final = (
    PileSensorDescription(
        key="billing_model",
        device_class=SensorDeviceClass.ENUM,
        options=list(ModelState),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda pile: pile.billing_model,
    ),
    PileSensorDescription(
        key="clock_offset",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda pile: pile.clock_offset,
    ),
)
