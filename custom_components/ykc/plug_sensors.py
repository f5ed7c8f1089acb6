"""What becomes of the vehicle that is plugged in, where guns start by themselves."""

from typing import Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EntityCategory

from .exceptions import REASONS
from .sensor_description import GunSensorDescription
from .server.plug import Reason
from .server.plug_start import OBSTACLES
from .server.state import PlugProgress

START_REASONS: Final = REASONS["start_refused"] | {*OBSTACLES, *Reason} - {Reason.STARTED}
"""Why a vehicle waits, or was not started."""

PLUG_DESCRIPTIONS: Final = (
    GunSensorDescription(
        key="automatic_start",
        device_class=SensorDeviceClass.ENUM,
        options=list(PlugProgress),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        always_available=True,
        value_fn=lambda gun: gun.plug_start.progress,
        attributes_fn=lambda gun: {"reason": gun.plug_start.reason, "until": gun.plug_start.until},
    ),
)
