"""What the car says over the cable of a DC pile, in the frames that pass it on (7.3 to 7.10)."""

from typing import Any

from custom_components.ykc.protocol import (
    BmsAbort,
    BmsAlarm,
    BmsChargeEnd,
    BmsCondition,
    BmsConfiguration,
    BmsDemand,
    BmsError,
    BmsHandshake,
    BmsLevel,
    BmsMessage,
    BmsMode,
    BmsStatus,
    ChargerAbort,
    ChargingAllowed,
    GunNumber,
    Message,
    Ownership,
    StopReason,
)

from .charge import Charge

CELL_HEADROOM = 1.02
"""How far above the working voltage the limits of the battery are."""

HOTTEST_OVER_COOLEST = 2.0
CHARGER_NUMBER = 1

TIMEOUTS: dict[int, str] = {
    StopReason.START_FAILED_BRM_TIMEOUT: "bms_identification",
    StopReason.START_FAILED_BCP_TIMEOUT: "battery_parameters",
    StopReason.START_FAILED_BRO_AA_TIMEOUT: "bms_ready",
    StopReason.START_FAILED_BCS_TIMEOUT: "battery_status",
    StopReason.START_FAILED_BCL_TIMEOUT: "battery_demand",
    StopReason.ABORTED_BCS_TIMEOUT: "battery_status",
    StopReason.ABORTED_BCL_TIMEOUT: "battery_demand",
    StopReason.ABORTED_BST_TIMEOUT: "bms_abort",
    StopReason.ABORTED_BSD_TIMEOUT: "bms_statistics",
}
"""Which flag of 0x1B goes with a stop reason."""


def greeting(charge: Charge, pile: str, gun: GunNumber) -> tuple[Message, Message]:
    """Return 0x15 and 0x17: who the car is and what it can take."""
    car = charge.vehicle
    rated_voltage = round((car.empty_voltage + car.full_voltage) / 2, 1)
    head = _head(charge, pile, gun)
    handshake = BmsHandshake(
        **head,
        bms_protocol=0x000101,
        battery_type=car.battery_type,
        rated_capacity=round(car.capacity * 1000 / rated_voltage, 1),
        rated_voltage=rated_voltage,
        battery_manufacturer=car.manufacturer,
        battery_serial=1,
        made_year=2024,
        made_month=6,
        made_day=15,
        charge_cycles=car.charge_cycles,
        ownership=Ownership.OWNED,
        reserved=0,
        vin=car.vin,
        bms_software="100f0b07dfffffff",
    )
    configuration = BmsConfiguration(
        **head,
        max_allowed_cell_voltage=round(car.full_voltage * CELL_HEADROOM / car.cells, 2),
        max_allowed_current=-car.max_current,
        nominal_energy=car.capacity,
        max_allowed_total_voltage=round(car.full_voltage * CELL_HEADROOM, 1),
        max_allowed_temperature=55,
        soc=round(car.soc, 1),
        battery_voltage=round(car.resting_voltage, 1),
        max_output_voltage=750.0,
        min_output_voltage=200.0,
        max_output_current=-round(charge.max_power / car.full_voltage, 1),
        min_output_current=0.0,
    )
    return handshake, configuration


def progress(charge: Charge, pile: str, gun: GunNumber) -> tuple[Message, Message]:
    """Return 0x23 and 0x25: what the car wants, what it gets, and how its battery feels."""
    car, flow = charge.vehicle, charge.flow
    head = _head(charge, pile, gun)
    voltage, current = round(flow.voltage, 1), -round(flow.current, 1)
    constant_current = flow.mode is BmsMode.CONSTANT_CURRENT
    demand = BmsDemand(
        **head,
        voltage_demand=round(car.full_voltage, 1),
        current_demand=-round(car.max_current, 1) if constant_current else current,
        mode=flow.mode,
        measured_voltage=voltage,
        measured_current=current,
        max_cell_voltage=round(flow.voltage / car.cells + 0.01, 2),
        max_cell_group=1,
        soc=int(car.soc),
        remaining_minutes=charge.minutes_left,
        output_voltage=voltage,
        output_current=current,
        charging_minutes=charge.minutes,
    )
    status = BmsStatus(
        **head,
        max_voltage_cell_number=17,
        max_temperature=round(charge.battery_temperature),
        max_temperature_point=3,
        min_temperature=round(charge.battery_temperature - HOTTEST_OVER_COOLEST),
        min_temperature_point=1,
        cell_voltage=BmsLevel.NORMAL,
        soc=BmsLevel.NORMAL,
        overcurrent=BmsAlarm.NORMAL,
        overheat=BmsAlarm.NORMAL,
        insulation=BmsCondition.NORMAL,
        output_connector=BmsCondition.NORMAL,
        charging_allowed=ChargingAllowed.ALLOWED,
    )
    return demand, status


def farewell(charge: Charge, pile: str, gun: GunNumber) -> tuple[Message, ...]:
    """Return what is said at the end: who ended it (0x1D or 0x21), and 0x19."""
    car = charge.vehicle
    head = _head(charge, pile, gun)
    cell = car.resting_voltage / car.cells
    end = BmsChargeEnd(
        **head,
        soc=int(car.soc),
        min_cell_voltage=round(cell - 0.01, 2),
        max_cell_voltage=round(cell + 0.01, 2),
        min_temperature=round(charge.battery_temperature - HOTTEST_OVER_COOLEST),
        max_temperature=round(charge.battery_temperature),
        charging_minutes=charge.minutes,
        energy=round(float(charge.bill.energy), 1),
        charger_number=CHARGER_NUMBER,
    )
    return (*_abortion(charge, head), end)


def _head(charge: Charge, pile: str, gun: GunNumber) -> dict[str, Any]:
    return {"transaction": charge.order.transaction, "pile": pile, "gun": gun}


def _abortion(charge: Charge, head: dict[str, Any]) -> tuple[Message, ...]:
    """Return who broke off what, unless it never began."""
    match charge.reason:
        case StopReason.SOC_FULL:
            return (_flagged(BmsAbort, head, "reason_soc_reached"),)
        case StopReason.STOPPED_MANUALLY:
            return (_flagged(ChargerAbort, head, "reason_manual"),)
        case StopReason.STOPPED_REMOTELY | StopReason.AMOUNT_LIMIT:
            return (_flagged(ChargerAbort, head, "reason_condition_reached"),)
        case StopReason.ABORTED_EMERGENCY_STOP:
            return (_flagged(ChargerAbort, head, "reason_abnormal", "fault_emergency_stop"),)
        case int(reason) if reason in TIMEOUTS:
            return (_flagged(BmsError, head, TIMEOUTS[reason]),)
        case _:
            return (_flagged(ChargerAbort, head, "reason_abnormal", "fault_other"),)


def _flagged[M: BmsMessage](kind: type[M], head: dict[str, Any], *flags: str) -> M:
    """Make a message of flags with some of them set."""
    clear = {field.name: 0 for field in kind.FIELDS if field.name not in head}
    values: dict[str, Any] = head | clear | dict.fromkeys(flags, 1)
    return kind(**values)
