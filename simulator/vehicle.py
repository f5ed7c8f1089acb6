"""The car at the end of the cable: a battery that takes what it wants, not what it is offered."""

from dataclasses import dataclass, field
from math import log
from typing import NamedTuple

from custom_components.ykc.protocol import BmsMode

AMBIENT = 25.0
"""Temperature of the air and of everything that rests, in °C."""

AC_VOLTAGE = 220.0


class Flow(NamedTuple):
    """What goes through the cable at one moment: volts, amperes, and the mode that led to them."""

    voltage: float
    current: float
    mode: BmsMode

    @property
    def power(self) -> float:
        """Return the power in W."""
        return self.voltage * self.current


NO_FLOW = Flow(0.0, 0.0, BmsMode.CONSTANT_CURRENT)


@dataclass(slots=True)
class Vehicle:
    """A battery electric car: constant current up to the knee, then constant voltage with a falling current.

    The defaults are a middle-sized car of 60 kWh that takes up to 150 A.
    """

    soc: float = 35.0
    """State of charge in %. It rises while the car is charged."""
    capacity: float = 60.0
    """Usable energy in kWh."""
    knee: float = 80.0
    """State of charge in % where the full voltage is reached and the current begins to fall."""
    empty_voltage: float = 330.0
    full_voltage: float = 420.0
    max_current: float = 150.0
    """Most that the battery takes from a DC pile, in A."""
    onboard_power: float = 7000.0
    """Most that the car's own charger takes from an AC pile, in W."""
    efficiency: float = 0.94
    """Share of the energy through the cable that the battery stores."""
    cells: int = 100
    """Cells in series."""
    battery_type: int = 6
    """Chemistry with the codes of frame 0x15; 6 is nickel, manganese and cobalt."""
    manufacturer: str = "YKCV"
    charge_cycles: int = 128
    vin: str = "LYKCVIRTUAL000001"
    guns: int = field(default=0, init=False)
    """How many guns charge it now: they share what it takes."""

    TRICKLE = 0.05
    """Share of the full current below which the last percents are not charged."""

    @property
    def full(self) -> bool:
        """Tell whether the car takes no more."""
        return self.soc >= 100.0

    @property
    def resting_voltage(self) -> float:
        """Return the battery's voltage without a current."""
        share = min(self.soc / self.knee, 1.0)
        return self.empty_voltage + (self.full_voltage - self.empty_voltage) * share

    def draw_dc(self, max_power: float) -> Flow:
        """Return what the car takes from a DC pile that can give a power in W."""
        current = min(self.max_current / max(1, self.guns), max_power / self.full_voltage)
        if self.soc < self.knee:
            return Flow(self.resting_voltage, current, BmsMode.CONSTANT_CURRENT)
        return Flow(self.full_voltage, current * self._taper(), BmsMode.CONSTANT_VOLTAGE)

    def draw_ac(self, max_power: float) -> Flow:
        """Return what the car's own charger takes from an AC pile."""
        power = min(self.onboard_power / max(1, self.guns), max_power)
        if self.soc > 95.0:
            power *= max((100.0 - self.soc) / 5.0, 0.2)
        return Flow(AC_VOLTAGE, power / AC_VOLTAGE, BmsMode.CONSTANT_CURRENT)

    def store(self, energy: float) -> None:
        """Take energy in kWh, as it came through the cable."""
        self.soc = min(100.0, self.soc + energy * self.efficiency / self.capacity * 100.0)

    def minutes_left(self, max_power: float) -> int:
        """Return the minutes until a DC pile of a power in W has filled the car, as its screen would guess."""
        if self.full:
            return 0
        full_power = min(self.max_current, max(1, self.guns) * max_power / self.full_voltage) * self.full_voltage
        percent_per_minute = full_power / 1000.0 * self.efficiency / self.capacity * 100.0 / 60.0
        taper_span = 100.0 - self.knee
        rising = max(0.0, self.knee - self.soc) / percent_per_minute
        falling_to = max(100.0 - self.soc, 0.0) if self.soc > self.knee else taper_span
        last = taper_span * self.TRICKLE
        falling = log(max(falling_to / last, 1.0)) * taper_span / percent_per_minute
        trickle = min(falling_to, last) / (percent_per_minute * self.TRICKLE)
        return min(600, round(rising + falling + trickle))

    def _taper(self) -> float:
        """Return the share of the full current beyond the knee."""
        return max((100.0 - self.soc) / (100.0 - self.knee), self.TRICKLE)
