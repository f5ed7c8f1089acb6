"""A gun that charges a car for ever: what it reports, each time something else."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from custom_components.ykc.protocol import (
    BmsAlarm,
    BmsCondition,
    BmsDemand,
    BmsLevel,
    BmsMode,
    BmsStatus,
    ChargingAllowed,
    GunHealth,
    GunStatus,
    Heartbeat,
    Realtime,
    Returned,
    YesNo,
)

REPORT: Final = 15.0
"""Seconds from a 0x13 to the next, and likewise 0x23 and 0x25."""
HEARTBEAT: Final = 10.0
_PRICE: Final = Decimal(1)
"""CNY/kWh, service included."""
_FULL: Final = 99


@dataclass(slots=True)
class ChargingGun:
    """One gun in a charge that was begun at the pile."""

    pile: str
    number: int
    seed: int
    """Makes guns differ."""
    reports: int = 0
    units: int = 0
    """1/10000 kWh so far."""
    transaction: str = field(init=False)
    heartbeat: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Begin to charge."""
        self.transaction = f"{self.pile}{self.number:02}{datetime.now():%y%m%d%H%M%S}0001"
        self.heartbeat = Heartbeat(pile=self.pile, gun=self.number, gun_state=GunHealth.OK).to_frame()

    @property
    def _minutes(self) -> int:
        return int(self.reports * REPORT / 60)

    @property
    def _soc(self) -> int:
        return min(_FULL, 10 + self.seed % 40 + self._minutes // 2)

    @property
    def _remaining(self) -> int:
        return max(1, 120 - self.seed % 60 - self._minutes)

    @property
    def _wobble(self) -> int:
        return (self.reports * 7 + self.seed) % 40

    @property
    def _voltage(self) -> float:
        return round(380 + self._wobble / 10 + self._soc / 2, 1)

    @property
    def _current(self) -> float:
        return round(80 - self._wobble / 10 - self._soc / 10, 1)

    def go_on(self) -> None:
        """Charge until the next report."""
        self.reports += 1
        self.units += int(self._voltage * self._current * REPORT / 360)

    def realtime(self) -> bytes:
        """Return a 0x13."""
        energy = Decimal(self.units).scaleb(-4)
        return Realtime(
            transaction=self.transaction,
            pile=self.pile,
            gun=self.number,
            status=GunStatus.CHARGING,
            returned=Returned.NO,
            plugged=YesNo.YES,
            voltage=self._voltage,
            current=self._current,
            cable_temperature=30 + self._wobble // 10,
            cable_code="00" * 8,
            soc=self._soc,
            battery_temperature=25 + self._wobble // 8,
            charging_minutes=self._minutes,
            remaining_minutes=self._remaining,
            energy=energy,
            energy_with_loss=energy,
            amount=energy * _PRICE,
            faults=0,
        ).to_frame()

    def demand(self) -> bytes:
        """Return a 0x23."""
        return BmsDemand(
            transaction=self.transaction,
            pile=self.pile,
            gun=self.number,
            voltage_demand=450.0,
            current_demand=-self._current,
            mode=BmsMode.CONSTANT_CURRENT,
            measured_voltage=self._voltage,
            measured_current=-self._current,
            max_cell_voltage=round(3.6 + self._wobble / 100, 2),
            max_cell_group=1,
            soc=self._soc,
            remaining_minutes=self._remaining,
            output_voltage=self._voltage,
            output_current=-self._current,
            charging_minutes=self._minutes,
        ).to_frame()

    def status(self) -> bytes:
        """Return a 0x25."""
        return BmsStatus(
            transaction=self.transaction,
            pile=self.pile,
            gun=self.number,
            max_voltage_cell_number=1 + self._wobble,
            max_temperature=25 + self._wobble // 8,
            max_temperature_point=1,
            min_temperature=20 + self._wobble // 10,
            min_temperature_point=2,
            cell_voltage=BmsLevel.NORMAL,
            soc=BmsLevel.NORMAL,
            overcurrent=BmsAlarm.NORMAL,
            overheat=BmsAlarm.NORMAL,
            insulation=BmsCondition.NORMAL,
            output_connector=BmsCondition.NORMAL,
            charging_allowed=ChargingAllowed.ALLOWED,
        ).to_frame()
