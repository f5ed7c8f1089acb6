"""One charge: what flows, what it has cost so far, and why it ended. No frames, no waiting."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from math import exp

from custom_components.ykc.protocol import NO_CARD, PileType, StartedBy, StopReason

from .clock import Clock
from .tariff import ENERGY_UNIT, Bill, Tariff
from .vehicle import AMBIENT, NO_FLOW, Flow, Vehicle

STEP = 5.0
"""Longest stretch of physics in seconds that is taken as constant."""

CABLE_RISE, CABLE_INERTIA = 22.0, 480.0
BATTERY_RISE, BATTERY_INERTIA = 14.0, 1500.0
"""By how many °C full current warms a thing in the end, and in how many seconds it gets most of the way."""

WARMING_CURRENT = 200.0

NEVER_STARTED: dict[int, int] = {
    StopReason.ABORTED_CONTROL_PILOT_LOST: StopReason.START_FAILED_CONTROL_PILOT_LOST,
    StopReason.ABORTED_EMERGENCY_STOP: StopReason.START_FAILED_EMERGENCY_STOP,
    StopReason.ABORTED_CHARGING_MODULE_FAULT: StopReason.START_FAILED_CHARGING_MODULE_FAULT,
    StopReason.ABORTED_METER_LINK_LOST: StopReason.START_FAILED_METER_LINK_LOST,
    StopReason.ABORTED_SURGE_PROTECTOR: StopReason.START_FAILED_SURGE_PROTECTOR,
    StopReason.ABORTED_TEMPERATURE: StopReason.START_FAILED_TEMPERATURE,
}
"""What an abortion is called while the contactor is still open."""


class Phase(Enum):
    """Where a charge is in its life."""

    STARTING = "starting"
    CHARGING = "charging"
    SETTLING = "settling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was authorised, by whom."""

    transaction: str
    balance: Decimal
    """What the charge may cost."""
    card: str = NO_CARD
    started_by: int = StartedBy.APP
    role: int | None = None
    """Main or auxiliary gun of a parallel charge, else None."""
    parallel_id: str | None = None


class Charge:
    """What happens between a car and a gun from the accepted start to the record.

    `speed` makes the physics run faster than the clock: energy, state of charge and the minutes reported follow it,
    the times of the record do not.
    """

    def __init__(
        self,
        order: Order,
        *,
        pile_type: int,
        vehicle: Vehicle,
        tariff: Tariff,
        clock: Clock,
        speed: float,
        max_power: float,
        meter_start: int,
    ) -> None:
        """Take `max_power` in W and `meter_start` in 1/10000 kWh."""
        self.order = order
        self.vehicle = vehicle
        self.balance = order.balance
        self.bill = Bill(tariff)
        self.max_power = max_power
        self.meter_start = meter_start
        self.phase = Phase.STARTING
        self.energised = False
        """Whether the contactor was ever closed."""
        self.started: datetime = clock.now()
        self.ended: datetime | None = None
        self.flow: Flow = NO_FLOW
        self.seconds = 0.0
        """How long energy has flowed, as the physics count it."""
        self.cable_temperature = AMBIENT
        self.battery_temperature = AMBIENT
        self.reason: int | None = None
        """Why the charge ended, or None while it goes on."""
        self.over = asyncio.Event()
        self._dc = pile_type == PileType.DC
        self._clock = clock
        self._speed = speed
        self._caught_up = 0.0
        self._fraction = 0.0

    @property
    def dc(self) -> bool:
        """Tell whether car and pile talk to each other, which they do on direct current only."""
        return self._dc

    @property
    def minutes(self) -> int:
        """Return how long energy has flowed, in whole minutes."""
        return int(self.seconds // 60)

    @property
    def minutes_left(self) -> int:
        """Return the minutes until the car is full; 0 on AC, where nobody knows."""
        return self.vehicle.minutes_left(self.max_power) if self._dc and self.reason is None else 0

    def close_contactor(self) -> None:
        """Let energy flow from now on."""
        self.phase = Phase.CHARGING
        self.energised = True
        self.vehicle.guns += 1
        self._caught_up = self._clock.elapsed()
        if self.vehicle.full:
            self._end(StopReason.SOC_FULL)
        else:
            self.flow = self._draw()

    def catch_up(self) -> None:
        """Bring the physics up to the present."""
        if self.phase is not Phase.CHARGING:
            return
        now = self._clock.elapsed()
        seconds, self._caught_up = (now - self._caught_up) * self._speed, now
        period = self.bill.tariff.period_at(self._clock.now())
        while seconds > 0 and self.reason is None:
            self._step(min(seconds, STEP), period)
            seconds -= STEP

    def end(self, reason: int) -> None:
        """Open the contactor now. The first reason counts, be it that the car had got full meanwhile."""
        self.catch_up()
        self._end(reason)

    def _end(self, reason: int) -> None:
        if self.reason is not None:
            return
        if self.phase is Phase.CHARGING:
            self.vehicle.guns -= 1
        self.reason = NEVER_STARTED.get(reason, reason) if self.phase is Phase.STARTING else reason
        self.flow = NO_FLOW
        self.ended = self._clock.now()
        self.phase = Phase.SETTLING
        self.over.set()

    def _draw(self) -> Flow:
        return self.vehicle.draw_dc(self.max_power) if self._dc else self.vehicle.draw_ac(self.max_power)

    def _step(self, seconds: float, period: int) -> None:
        self.flow = self._draw()
        energy = self.flow.power * seconds / 3_600_000
        self._fraction += energy * ENERGY_UNIT
        units = int(self._fraction)
        self._fraction -= units
        self.seconds += seconds
        self.vehicle.store(energy)
        self._warm(seconds)
        if not self.bill.add(period, units, balance=self.balance):
            self._end(StopReason.AMOUNT_LIMIT)
        elif self.vehicle.full:
            self._end(StopReason.SOC_FULL)

    def _warm(self, seconds: float) -> None:
        load = (self.flow.current / WARMING_CURRENT) ** 2
        self.cable_temperature = _approach(self.cable_temperature, CABLE_RISE * load, seconds / CABLE_INERTIA)
        self.battery_temperature = _approach(self.battery_temperature, BATTERY_RISE * load, seconds / BATTERY_INERTIA)


def _approach(temperature: float, rise: float, share: float) -> float:
    """Move a temperature towards its rise above the ambient one."""
    target = AMBIENT + rise
    return target + (temperature - target) * exp(-share)
