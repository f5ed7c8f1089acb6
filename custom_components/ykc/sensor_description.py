"""How a sensor of a gun is described."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.helpers.typing import StateType

from .entity import GunDescription
from .server.state import GunState


@dataclass(frozen=True, kw_only=True)
class GunSensorDescription(GunDescription, SensorEntityDescription):
    """Describes a sensor of a gun."""

    value_fn: Callable[[GunState], StateType | Decimal]
