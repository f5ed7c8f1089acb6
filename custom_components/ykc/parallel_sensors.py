"""What a gun is to a charge with several guns on one car."""

from typing import Final

from homeassistant.components.sensor import SensorDeviceClass

from .sensor_description import GunSensorDescription
from .server.parallel_gun import ROLES
from .server.state import GunState

ALONE: Final = "alone"
"""The gun charges no car together with others."""


def _role(gun: GunState) -> str | None:
    """Return the gun's role, None before the pile has said it."""
    return ALONE if gun.parallel is None else gun.parallel.role


PARALLEL_DESCRIPTIONS: Final = (
    GunSensorDescription(
        key="parallel_role",
        device_class=SensorDeviceClass.ENUM,
        options=[ALONE, *ROLES],
        entity_registry_enabled_default=False,
        exists_fn=lambda info: info.gun_count > 1,
        always_available=True,
        value_fn=_role,
        attributes_fn=lambda gun: {
            "parallel": None if gun.parallel is None else gun.parallel.number,
            "guns": [] if gun.parallel is None else list(gun.parallel.guns),
        },
    ),
)
