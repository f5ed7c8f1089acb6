"""How the sensors of guns and piles are described."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.helpers.typing import StateType

from .entity import GunDescription, PileDescription
from .server.state import GunState, PileState


@dataclass(frozen=True, kw_only=True)
class GunSensorDescription(GunDescription, SensorEntityDescription):
    """Describes a sensor of a gun."""

    value_fn: Callable[[GunState], StateType | datetime | Decimal]
    last_reset_fn: Callable[[GunState], datetime | None] = lambda _: None
    """When a total began anew."""


@dataclass(frozen=True, kw_only=True)
class PileSensorDescription(PileDescription, SensorEntityDescription):
    """Describes a sensor of a pile."""

    value_fn: Callable[[PileState], StateType | Decimal]
