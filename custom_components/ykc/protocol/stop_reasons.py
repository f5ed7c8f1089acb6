"""Why a session ended: the codes of annex 13.1 (8.7 calls it 11.1)."""

from typing import Final

from .codes import UNKNOWN_CODE, Code


class StopCategory(Code):
    """What kind of end a stop reason is."""

    NONE = 0
    COMPLETED = 1
    START_FAILED = 2
    ABORTED = 3
    UNKNOWN = 4


class StopReason(Code):
    """The named stop reasons; slugs of failed starts and aborted sessions carry their category as a prefix."""

    NONE = 0x00

    STOPPED_REMOTELY = 0x40
    SOC_FULL = 0x41
    ENERGY_LIMIT = 0x42
    AMOUNT_LIMIT = 0x43
    TIME_LIMIT = 0x44
    STOPPED_MANUALLY = 0x45

    START_FAILED_CONTROL_SYSTEM_FAULT = 0x4A
    START_FAILED_CONTROL_PILOT_LOST = 0x4B
    START_FAILED_BREAKER_TRIPPED = 0x4C
    START_FAILED_METER_LINK_LOST = 0x4D
    START_FAILED_BALANCE_TOO_LOW = 0x4E
    START_FAILED_CHARGING_MODULE_FAULT = 0x4F
    START_FAILED_EMERGENCY_STOP = 0x50
    START_FAILED_SURGE_PROTECTOR = 0x51
    START_FAILED_BMS_NOT_READY = 0x52
    START_FAILED_TEMPERATURE = 0x53
    START_FAILED_BATTERY_REVERSED = 0x54
    START_FAILED_ELECTRONIC_LOCK = 0x55
    START_FAILED_CONTACTOR_FAILED_TO_CLOSE = 0x56
    START_FAILED_INSULATION = 0x57
    START_FAILED_BHM_TIMEOUT = 0x59
    START_FAILED_BRM_TIMEOUT = 0x5A
    START_FAILED_BCP_TIMEOUT = 0x5B
    START_FAILED_BRO_AA_TIMEOUT = 0x5C
    START_FAILED_BCS_TIMEOUT = 0x5D
    START_FAILED_BCL_TIMEOUT = 0x5E
    START_FAILED_BSM_TIMEOUT = 0x5F
    START_FAILED_VOLTAGE_PRESENT_AT_BHM = 0x60
    START_FAILED_BATTERY_VOLTAGE_DIFFERS_FROM_BCP_BY_5_PERCENT = 0x61
    START_FAILED_BRO_AA_BECAME_BRO_00 = 0x62
    START_FAILED_HOST_CONFIGURATION_TIMEOUT = 0x63
    START_FAILED_CHARGER_NOT_READY_NO_CRO_AA = 0x64

    ABORTED_SYSTEM_LOCKED = 0x6A
    ABORTED_CONTROL_PILOT_LOST = 0x6B
    ABORTED_BREAKER_TRIPPED = 0x6C
    ABORTED_METER_LINK_LOST = 0x6D
    ABORTED_BALANCE_TOO_LOW = 0x6E
    ABORTED_AC_PROTECTION = 0x6F
    ABORTED_DC_PROTECTION = 0x70
    ABORTED_CHARGING_MODULE_FAULT = 0x71
    ABORTED_EMERGENCY_STOP = 0x72
    ABORTED_SURGE_PROTECTOR = 0x73
    ABORTED_TEMPERATURE = 0x74
    ABORTED_OUTPUT_ABNORMAL = 0x75
    ABORTED_NO_CURRENT = 0x76
    ABORTED_ELECTRONIC_LOCK = 0x77
    ABORTED_TOTAL_VOLTAGE = 0x79
    ABORTED_TOTAL_CURRENT = 0x7A
    ABORTED_CELL_VOLTAGE = 0x7B
    ABORTED_BATTERY_OVERHEAT = 0x7C
    ABORTED_MAX_CELL_VOLTAGE = 0x7D
    ABORTED_MAX_BATTERY_OVERHEAT = 0x7E
    ABORTED_BMV_CELL_VOLTAGE = 0x7F
    ABORTED_BMT_BATTERY_OVERHEAT = 0x80
    ABORTED_BATTERY_STATE = 0x81
    ABORTED_VEHICLE_FORBIDS = 0x82
    ABORTED_PILE_POWER_LOST = 0x83
    ABORTED_BCS_TIMEOUT = 0x84
    ABORTED_BCL_TIMEOUT = 0x85
    ABORTED_BSM_TIMEOUT = 0x86
    ABORTED_BST_TIMEOUT = 0x87
    ABORTED_BSD_TIMEOUT = 0x88
    ABORTED_PEER_CCS_TIMEOUT = 0x89

    UNKNOWN = 0x90

    @property
    def category(self) -> StopCategory:
        """What kind of end this is."""
        return stop_category(self)


_CATEGORIES: Final = (
    (range(0x01), StopCategory.NONE),
    (range(0x40, 0x4A), StopCategory.COMPLETED),
    (range(0x4A, 0x6A), StopCategory.START_FAILED),
    (range(0x6A, 0x90), StopCategory.ABORTED),
)
_RESERVED: Final = {
    StopCategory.COMPLETED: "completed_other",
    StopCategory.START_FAILED: "start_failed_other",
    StopCategory.ABORTED: "aborted_other",
}


def stop_category(code: int) -> StopCategory:
    """Tell the category of any stop reason code, also of a reserved one."""
    return next((category for codes, category in _CATEGORIES if code in codes), StopCategory.UNKNOWN)


def stop_reason_slug(code: int) -> str:
    """Name any stop reason code; the reserved ones by their category."""
    try:
        return StopReason(code).slug
    except ValueError:
        return _RESERVED.get(stop_category(code), UNKNOWN_CODE)


STOP_REASON_SLUGS: Final = (*(reason.slug for reason in StopReason), *_RESERVED.values(), UNKNOWN_CODE)
"""Every slug that `stop_reason_slug` can give."""
