"""One gun of a pile: the cable, its faults, its meter, and the charge under way."""

from collections.abc import Callable
from copy import replace
from dataclasses import dataclass
from decimal import Decimal
from typing import override

from custom_components.ykc.protocol import GunStatus, Returned, StartRequestBody, StopReason

from .charge import Charge, Order, Phase
from .tariff import ENERGY_UNIT
from .vehicle import Vehicle

FAULT_STOPS = {
    1: StopReason.ABORTED_EMERGENCY_STOP,
    2: StopReason.ABORTED_CHARGING_MODULE_FAULT,
    3: StopReason.ABORTED_TEMPERATURE,
    4: StopReason.ABORTED_SURGE_PROTECTOR,
    5: StopReason.ABORTED_CHARGING_MODULE_FAULT,
    6: StopReason.ABORTED_OUTPUT_ABNORMAL,
    7: StopReason.ABORTED_METER_LINK_LOST,
    11: StopReason.ABORTED_DC_PROTECTION,
    12: StopReason.ABORTED_OUTPUT_ABNORMAL,
}
"""The stop reason that goes with a fault of 0x13; faults are numbered as in its table, from 1."""


@dataclass(slots=True)
class LatePlug:
    """A start that was answered 'not plugged' and may still happen."""

    order: Order
    until: float
    """End of the 60 s, on the clock's own scale."""
    reply_ok: Callable[[], None]
    """Sends the second answer."""


class Gun:
    """What a person can hold in the hand, and what hangs on it."""

    def __init__(self, number: int, *, max_power: float, holster: bool) -> None:
        """Take the most power that this gun gives, in W, and whether its holster notices the gun."""
        self.number = number
        self.max_power = max_power
        self.usual_vehicle = Vehicle()
        """The car that comes when nobody says which; each time a fresh one."""
        self.vehicle: Vehicle | None = None
        """The car on the cable, or None."""
        self.faults = 0
        """Bitmask of 0x13."""
        self.charge: Charge | None = None
        self.waiting: LatePlug | None = None
        self.asking: StartRequestBody | None = None
        """What a driver at the gun waits for an answer to."""
        self.meter_settled = 12_345_678
        """The meter without the charge under way, in 1/10000 kWh."""
        self._holster = holster

    @override
    def __repr__(self) -> str:
        """Show what a failed assertion needs."""
        return f"<gun {self.number}: {GunStatus(self.status).slug}, {'' if self.plugged else 'not '}plugged>"

    @property
    def plugged(self) -> bool:
        """Tell whether the gun is in a car."""
        return self.vehicle is not None

    @property
    def returned(self) -> Returned:
        """Tell whether the gun is in its holster."""
        if not self._holster:
            return Returned.UNKNOWN
        return Returned.NO if self.plugged else Returned.YES

    @property
    def charging(self) -> bool:
        """Tell whether the contactor is closed."""
        return self.charge is not None and self.charge.phase is Phase.CHARGING

    @property
    def status(self) -> GunStatus:
        """Return the status for 0x13. A charge counts from the closed contactor until its record is made."""
        if self.faults:
            return GunStatus.FAULT
        if self.charge is not None and self.charge.energised:
            return GunStatus.CHARGING
        return GunStatus.IDLE

    @property
    def meter(self) -> int:
        """Return the meter's reading in 1/10000 kWh."""
        return self.meter_settled + (self.charge.bill.units if self.charge else 0)

    @property
    def meter_kwh(self) -> Decimal:
        """Return the meter's reading in kWh."""
        return Decimal(self.meter) / ENERGY_UNIT

    @property
    def power(self) -> float:
        """Return the power through the cable in W."""
        return self.charge.flow.power if self.charge else 0.0

    @property
    def energy(self) -> Decimal:
        """Return the energy of the charge under way in kWh."""
        return self.charge.bill.energy if self.charge else Decimal(0)

    @property
    def amount(self) -> Decimal:
        """Return the cost of the charge under way in CNY."""
        return self.charge.bill.amount if self.charge else Decimal(0)

    @property
    def soc(self) -> float:
        """Return the car's true state of charge in %, which an AC pile never learns; 0 without a car."""
        return self.vehicle.soc if self.vehicle else 0.0

    def take(self, vehicle: Vehicle | None) -> None:
        """Put the gun into a car."""
        self.vehicle = vehicle or replace(self.usual_vehicle)

    def release(self) -> None:
        """Take the gun out of the car, which ends a charge."""
        self.vehicle = None
        if self.charge is not None:
            self.charge.end(StopReason.ABORTED_CONTROL_PILOT_LOST)

    def fail(self, fault: int) -> None:
        """Let a fault of 0x13 (1 to 16) occur, which ends a charge."""
        self.faults |= 1 << (fault - 1)
        if self.charge is not None:
            self.charge.end(FAULT_STOPS.get(fault, StopReason.ABORTED_SYSTEM_LOCKED))

    def settle(self) -> None:
        """Forget the charge and keep what the meter counted."""
        self.meter_settled = self.meter
        self.charge = None
