"""What a vehicle's battery management system says of a charge (7.3 to 7.10).

Piles pass on what the vehicle says by GB/T 27930. Charging currents come
negative there; here they are what flows into the battery.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from ..protocol import (
    BmsAbort,
    BmsChargeEnd,
    BmsConfiguration,
    BmsDemand,
    BmsError,
    BmsFlag,
    BmsHandshake,
    BmsMessage,
    BmsStatus,
    BmsTimeout,
    ChargerAbort,
    Code,
)
from .changed import changed
from .conversation import Conversation, code_slug


# Not frozen, see `state.py`.
@dataclass(slots=True, kw_only=True)
class Bms:
    """The battery of the vehicle on a gun, in the charge of `transaction`.

    None is what was not said yet, or marked as not available. Voltages are V,
    currents A, temperatures °C; slugs are those of the protocol's codes.
    """

    transaction: str

    # Who the vehicle is: 0x15
    battery_type: str | None = None
    rated_capacity: float | None = None
    """Ah."""
    rated_voltage: float | None = None
    manufacturer: str | None = None
    made: date | None = None
    charge_cycles: int | None = None
    ownership: str | None = None
    vin: str | None = None

    # What battery and charger may do: 0x17
    nominal_energy: float | None = None
    """kWh."""
    max_allowed_cell_voltage: float | None = None
    max_allowed_total_voltage: float | None = None
    max_allowed_current: float | None = None
    max_allowed_temperature: int | None = None

    # What is asked for and measured: 0x23
    voltage_demand: float | None = None
    current_demand: float | None = None
    mode: str | None = None
    measured_voltage: float | None = None
    measured_current: float | None = None
    max_cell_voltage: float | None = None
    max_cell_group: int | None = None

    # How the battery is: 0x25
    max_temperature: int | None = None
    min_temperature: int | None = None
    cell_voltage: str | None = None
    state_of_charge_level: str | None = None
    overcurrent: str | None = None
    overheat: str | None = None
    insulation: str | None = None
    output_connector: str | None = None
    charging_allowed: str | None = None

    # How it ended: 0x19, 0x1B, 0x1D, 0x21
    end_state_of_charge: int | None = None
    """Percent."""
    min_cell_voltage: float | None = None
    end_reasons: tuple[str, ...] = ()
    """Slugs such as `bms_soc_reached` and `charger_emergency_stop`."""
    timeouts: tuple[str, ...] = ()
    """Slugs of the messages that were not received in time."""


def _slug(code: int | None) -> str | None:
    """Return a code's slug; a number that the table lacks as it is."""
    return None if code is None else code_slug(code)


def _magnitude(current: float | None) -> float | None:
    return None if current is None else abs(current)


def _made(message: BmsHandshake) -> date | None:
    try:
        return date(message.made_year or 0, message.made_month or 0, message.made_day or 0)
    except ValueError:
        return None


def _handshake(m: BmsHandshake) -> dict[str, Any]:
    return {
        "battery_type": _slug(m.battery_type),
        "rated_capacity": m.rated_capacity,
        "rated_voltage": m.rated_voltage,
        "manufacturer": m.battery_manufacturer or None,
        "made": _made(m),
        "charge_cycles": m.charge_cycles,
        "ownership": _slug(m.ownership),
        "vin": m.vin or None,
    }


def _configuration(m: BmsConfiguration) -> dict[str, Any]:
    return {
        "nominal_energy": m.nominal_energy,
        "max_allowed_cell_voltage": m.max_allowed_cell_voltage,
        "max_allowed_total_voltage": m.max_allowed_total_voltage,
        "max_allowed_current": _magnitude(m.max_allowed_current),
        "max_allowed_temperature": m.max_allowed_temperature,
    }


def _demand(m: BmsDemand) -> dict[str, Any]:
    return {
        "voltage_demand": m.voltage_demand,
        "current_demand": _magnitude(m.current_demand),
        "mode": _slug(m.mode),
        "measured_voltage": m.measured_voltage,
        "measured_current": _magnitude(m.measured_current),
        "max_cell_voltage": m.max_cell_voltage,
        "max_cell_group": m.max_cell_group,
    }


def _status(m: BmsStatus) -> dict[str, Any]:
    return {
        "max_temperature": m.max_temperature,
        "min_temperature": m.min_temperature,
        "cell_voltage": _slug(m.cell_voltage),
        "state_of_charge_level": _slug(m.soc),
        "overcurrent": _slug(m.overcurrent),
        "overheat": _slug(m.overheat),
        "insulation": _slug(m.insulation),
        "output_connector": _slug(m.output_connector),
        "charging_allowed": _slug(m.charging_allowed),
    }


def _charge_end(m: BmsChargeEnd) -> dict[str, Any]:
    return {
        "end_state_of_charge": m.soc,
        "min_cell_voltage": m.min_cell_voltage,
        "max_cell_voltage": m.max_cell_voltage,
        "min_temperature": m.min_temperature,
        "max_temperature": m.max_temperature,
    }


def _set_flags(message: BmsMessage, value: Code) -> Iterator[str]:
    """Yield the names of the two-bit fields that are `value`."""
    for field in message.FIELDS:
        if getattr(message, field.name) is value:
            yield field.name


def _reasons(prefix: str) -> Callable[[BmsMessage], dict[str, Any]]:
    def reasons(m: BmsMessage) -> dict[str, Any]:
        return {"end_reasons": tuple(f"{prefix}_{name}" for name in _set_flags(m, BmsFlag.YES))}

    return reasons


def _error(m: BmsError) -> dict[str, Any]:
    return {"timeouts": tuple(_set_flags(m, BmsTimeout.TIMEOUT))}


_CHANGES: Final[Mapping[type[BmsMessage], Callable[[Any], dict[str, Any]]]] = {
    BmsHandshake: _handshake,
    BmsConfiguration: _configuration,
    BmsDemand: _demand,
    BmsStatus: _status,
    BmsChargeEnd: _charge_end,
    BmsAbort: _reasons("bms"),
    ChargerAbort: _reasons("charger"),
    BmsError: _error,
}


def _flags(message: type[BmsMessage], *, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the names of a message's two-bit fields."""
    common = {field.name for field in BmsMessage.FIELDS}
    return tuple(field.name for field in message.FIELDS if field.name not in common.union(without))


END_REASONS: Final = (
    *(f"bms_{name}" for name in _flags(BmsAbort)),
    *(f"charger_{name}" for name in _flags(ChargerAbort)),
)
"""What may stand in `Bms.end_reasons`."""
TIMEOUTS: Final = _flags(BmsError, without=("bms_other", "charger_other"))
"""What may stand in `Bms.timeouts`."""


def take(bms: Bms | None, message: BmsMessage) -> Bms:
    """Return the picture with what a message adds; a new charge begins a new one.

    What ended a charge adds up: vehicle and charger may both give reasons.
    """
    transaction: str = message.transaction
    if bms is None or bms.transaction != transaction:
        bms = Bms(transaction=transaction)
    changes = _CHANGES[type(message)](message)
    for key in ("end_reasons", "timeouts"):
        if key in changes:
            known: tuple[str, ...] = getattr(bms, key)
            changes[key] = (*known, *(slug for slug in changes[key] if slug not in known))
    return changed(bms, **changes)


class Vehicle(Conversation):
    """What is said of the vehicle on a gun."""

    __slots__ = ()

    def _take(self, message: BmsMessage, sequence: bytes) -> None:
        gun = self.pile.gun_of(message.gun)
        if gun is None:
            return
        gun.bms = take(gun.bms, message)
        if isinstance(message, BmsChargeEnd):
            self.pile.charges.take_end(gun, message.transaction)
        self.pile.publish_vehicle(gun)

    TAKES: ClassVar = dict.fromkeys(_CHANGES, _take)
