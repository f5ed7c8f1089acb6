"""Hardware faults of a realtime report: the bits of 7.2."""

from typing import Final

FAULTS: Final = (
    "emergency_stop",
    "no_rectifier_module",
    "outlet_over_temperature",
    "ac_surge_protection",
    "dc20_link_lost",
    "insulation_module_link_lost",
    "meter_link_lost",
    "card_reader_link_lost",
    "rc10_link_lost",
    "fan_speed_controller",
    "dc_fuse",
    "high_voltage_contactor",
    "door_open",
)
"""Slugs of the hardware faults in a realtime report, lowest bit first."""
FAULT_OTHER: Final = "other"
FAULT_VENDOR_SPECIFIC: Final = "vendor_specific"
_VENDOR_BIT: Final = 1 << 15


def fault_slugs(mask: int) -> tuple[str, ...]:
    """Name the bits of `Realtime.faults`.

    With the highest bit set the others mean what the vendor likes: only "vendor_specific" is given then, and the raw
    value is what to show. Bits that the table does not list are "other".
    """
    if mask & _VENDOR_BIT:
        return (FAULT_VENDOR_SPECIFIC,)
    named = tuple(name for bit, name in enumerate(FAULTS) if mask >> bit & 1)
    return (*named, FAULT_OTHER) if mask >> len(FAULTS) else named
