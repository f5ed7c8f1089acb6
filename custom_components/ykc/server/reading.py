"""What is kept of a gun's last report (7.2): thousands of guns at rest need no frame and no number of nothing."""

from typing import Final

from ..protocol import NO_TRANSACTION, Realtime

_FULL: Final = 100
"""Percent."""


def state_of_charge(report: Realtime) -> int | None:
    """Return how full a battery is in percent; None for what no battery is, such as the 255 of one that is not known."""
    return report.soc if report.soc <= _FULL else None


class Reading:
    """The values of a 0x13 that a gun's state is made of, in the report's units."""

    __slots__ = (
        "amount",
        "battery_temperature",
        "cable_temperature",
        "charging_minutes",
        "current",
        "energy",
        "faults",
        "plugged",
        "remaining_minutes",
        "soc",
        "status",
        "transaction",
        "voltage",
    )

    def __init__(self, report: Realtime) -> None:
        """Take what is needed."""
        # One text for all guns without a charge.
        self.transaction = NO_TRANSACTION if report.transaction == NO_TRANSACTION else report.transaction
        self.status = report.status
        self.plugged = bool(report.plugged)
        self.faults = report.faults
        # One zero for all that are at rest.
        self.voltage = report.voltage or 0.0
        self.current = report.current or 0.0
        self.energy = report.energy
        self.amount = report.amount
        self.soc = state_of_charge(report)
        self.charging_minutes = report.charging_minutes
        self.remaining_minutes = report.remaining_minutes
        self.cable_temperature = report.cable_temperature
        self.battery_temperature = report.battery_temperature
