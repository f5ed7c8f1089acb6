"""What a gun's sessions came to: the last one, and those of the month."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfEnergy
from homeassistant.helpers.typing import StateType

from .const import CURRENCY
from .protocol import STOP_REASON_SLUGS
from .sensor_description import GunSensorDescription
from .server.charge_limits import Limit
from .server.order import Outcome
from .server.state import GunState, LastSession, MonthToDate

type Figure = StateType | datetime | Decimal

STOP_REASONS: Final = (
    *STOP_REASON_SLUGS,
    # A session without a record ended as its order did.
    *(outcome for outcome in Outcome if outcome is not Outcome.SETTLED),
)


def _last_session(value_fn: Callable[[LastSession], Figure]) -> Callable[[GunState], Figure]:
    def of_gun(gun: GunState) -> Figure:
        return None if gun.last_session is None else value_fn(gun.last_session)

    return of_gun


def _month(value_fn: Callable[[MonthToDate], Decimal]) -> Callable[[GunState], Decimal | None]:
    def of_gun(gun: GunState) -> Decimal | None:
        return None if gun.month is None else value_fn(gun.month)

    return of_gun


def _month_began(gun: GunState) -> datetime | None:
    return None if gun.month is None else gun.month.began


SESSION_DESCRIPTIONS: Final = (
    GunSensorDescription(
        key="last_session_energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        always_available=True,
        value_fn=_last_session(lambda session: session.energy),
    ),
    GunSensorDescription(
        key="last_session_cost",
        device_class=SensorDeviceClass.MONETARY,
        native_unit_of_measurement=CURRENCY,
        suggested_display_precision=2,
        always_available=True,
        value_fn=_last_session(lambda session: session.cost),
    ),
    GunSensorDescription(
        key="last_session_stop_reason",
        device_class=SensorDeviceClass.ENUM,
        options=list(STOP_REASONS),
        always_available=True,
        value_fn=_last_session(lambda session: session.stop_reason),
    ),
    GunSensorDescription(
        key="limit_reached",
        device_class=SensorDeviceClass.ENUM,
        options=list(Limit),
        entity_registry_enabled_default=False,
        always_available=True,
        value_fn=lambda gun: gun.limit_reached,
    ),
    GunSensorDescription(
        key="last_session_end",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_registry_enabled_default=False,
        always_available=True,
        value_fn=_last_session(lambda session: session.ended),
    ),
    # Totals, since a bill may be less than was reported while it charged.
    GunSensorDescription(
        key="month_energy",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        state_class=SensorStateClass.TOTAL,
        entity_registry_enabled_default=False,
        always_available=True,
        value_fn=_month(lambda month: month.energy),
        last_reset_fn=_month_began,
    ),
    GunSensorDescription(
        key="month_cost",
        device_class=SensorDeviceClass.MONETARY,
        native_unit_of_measurement=CURRENCY,
        suggested_display_precision=2,
        state_class=SensorStateClass.TOTAL,
        entity_registry_enabled_default=False,
        always_available=True,
        value_fn=_month(lambda month: month.cost),
        last_reset_fn=_month_began,
    ),
)
