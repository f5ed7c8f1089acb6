"""The protocol's enumerations: a number on the wire, a slug everywhere else.

A number that a table does not list stays a plain int in a decoded message; `slug` names it "unknown_code".
"""

from enum import Enum, IntEnum
from functools import cached_property
from typing import Final

UNKNOWN_CODE: Final = "unknown_code"


class Direction(Enum):
    """Who sends a frame."""

    UP = "up"
    """The pile, to the platform."""
    DOWN = "down"
    """The platform, to the pile."""


UP: Final = Direction.UP
DOWN: Final = Direction.DOWN


class Code(IntEnum):
    """A number with a name; `slug` is the name in lower case."""

    @cached_property
    def slug(self) -> str:
        """Name for keys and translations, in lower snake case."""
        return self._name_.lower()


def slug(value: int) -> str:
    """Name a decoded enumeration value, also when no table lists it."""
    return value.slug if isinstance(value, Code) else UNKNOWN_CODE


# Chapter 6: registration


class PileType(Code):
    """Kind of pile."""

    DC = 0
    AC = 1


class Network(Code):
    """The pile's way to the platform; some firmware counts from 1."""

    SIM = 0
    LAN = 1
    WAN = 2
    OTHER = 3


class Operator(Code):
    """The SIM's operator; some firmware sends 0xFF when it does not know."""

    CHINA_MOBILE = 0
    CHINA_TELECOM = 2
    CHINA_UNICOM = 3
    OTHER = 4


class LoginResult(Code):
    """Answer to a login."""

    OK = 0
    REFUSED = 1


class GunHealth(Code):
    """State of a gun in a heartbeat."""

    OK = 0
    FAULT = 1


class ModelCheck(Code):
    """Whether the pile's billing model is the platform's."""

    SAME = 0
    DIFFERS = 1


class Tariff(Code):
    """The price that counts in one half hour."""

    SHARP = 0
    PEAK = 1
    FLAT = 2
    VALLEY = 3


# Chapter 7: realtime data and BMS


class GunStatus(Code):
    """State of a gun."""

    OFFLINE = 0
    FAULT = 1
    IDLE = 2
    CHARGING = 3


class Returned(Code):
    """Whether the gun is in its holster."""

    NO = 0
    YES = 1
    UNKNOWN = 2


class YesNo(Code):
    """A plain question."""

    NO = 0
    YES = 1


class BatteryType(Code):
    """Chemistry of the car's battery."""

    LEAD_ACID = 1
    NIMH = 2
    LFP = 3
    LMO = 4
    LCO = 5
    NMC = 6
    LI_POLYMER = 7
    LTO = 8
    OTHER = 255


class Ownership(Code):
    """Who owns the battery."""

    LEASED = 0
    OWNED = 1


class BmsMode(Code):
    """What the car asks the charger to hold."""

    CONSTANT_VOLTAGE = 1
    CONSTANT_CURRENT = 2


class BmsTimeout(Code):
    """Whether a message came in time (two bits)."""

    OK = 0
    TIMEOUT = 1
    UNRELIABLE = 2


class BmsFlag(Code):
    """Whether a reason applies (two bits, as in GB/T 27930)."""

    NO = 0
    YES = 1
    UNRELIABLE = 2


class BmsLevel(Code):
    """A value against its limits (two bits)."""

    NORMAL = 0
    HIGH = 1
    LOW = 2


class BmsAlarm(Code):
    """Whether something is over its limit (two bits)."""

    NORMAL = 0
    YES = 1
    UNRELIABLE = 2


class BmsCondition(Code):
    """Whether something is in order (two bits)."""

    NORMAL = 0
    ABNORMAL = 1
    UNRELIABLE = 2


class ChargingAllowed(Code):
    """Whether the car lets the charger charge (two bits)."""

    FORBIDDEN = 0
    ALLOWED = 1


# Chapter 8: charging and cards


class StartMethod(Code):
    """How the driver asked for a charge at the pile."""

    CARD = 1
    ACCOUNT = 2
    VIN = 3


class StartDenial(Code):
    """Why the platform refuses a charge asked at the pile."""

    NONE = 0
    NO_ACCOUNT = 1
    ACCOUNT_FROZEN = 2
    BALANCE_TOO_LOW = 3
    CARD_HAS_UNPAID_SESSION = 4
    PILE_DISABLED = 5
    NOT_ALLOWED_HERE = 6
    WRONG_PASSWORD = 7
    SITE_CAPACITY = 8
    VIN_UNKNOWN = 9
    PILE_HAS_UNPAID_SESSION = 10
    CARDS_NOT_SUPPORTED = 11


class CommandResult(Code):
    """Whether the pile did what it was told."""

    FAILED = 0
    OK = 1


class StartFailure(Code):
    """Why the pile did not start."""

    NONE = 0
    WRONG_PILE = 1
    ALREADY_CHARGING = 2
    FAULT = 3
    OFFLINE = 4
    NOT_PLUGGED = 5


class StopFailure(Code):
    """Why the pile did not stop."""

    NONE = 0
    WRONG_PILE = 1
    NOT_CHARGING = 2
    OTHER = 3


class StartedBy(Code):
    """What began the session of a transaction record."""

    APP = 1
    CARD = 2
    OFFLINE_CARD = 4
    VIN = 5


class RecordResult(Code):
    """Answer to a transaction record."""

    OK = 0
    INVALID = 1


class BalanceResult(Code):
    """Answer to a balance update."""

    OK = 0
    WRONG_PILE = 1
    WRONG_CARD = 2


class CardsAddFailure(Code):
    """Why cards were not stored."""

    NONE = 0
    BAD_CARD_NUMBER = 1
    NO_SPACE = 2


class CardRemoveReason(Code):
    """What became of a card to be removed; the table's first item names 2, its last one 0 for success."""

    NONE = 0
    BAD_CARD_NUMBER = 1
    REMOVED = 2


# Chapters 9 to 12: settings, parking lock, maintenance, parallel charging


class WorkState(Code):
    """Whether the pile may be used."""

    ALLOWED = 0
    OUT_OF_USE = 1


class LockState(Code):
    """Where the parking lock's arm is."""

    BETWEEN = 0x00
    RAISED = 0x55
    LOWERED = 0xFF


class SpaceState(Code):
    """Whether a car stands on the space."""

    EMPTY = 0x00
    OCCUPIED = 0xFF


class LockAlarm(Code):
    """What is wrong with the parking lock."""

    NONE = 0x00
    ARM_STUCK = 0x55
    ARM_DAMAGED = 0xFF


class LockAction(Code):
    """What the parking lock shall do."""

    RAISE = 0x55
    LOWER = 0xFF


class LockResult(Code):
    """Answer of the parking lock."""

    REFUSED = 0
    OK = 1


class When(Code):
    """When the pile shall reboot or update."""

    NOW = 1
    WHEN_IDLE = 2


class UpdateModel(Code):
    """The kind of pile that an update is for; not numbered as in the login."""

    DC = 1
    AC = 2


class UpdateResult(Code):
    """How an update ended."""

    OK = 0
    WRONG_PILE = 1
    WRONG_MODEL = 2
    DOWNLOAD_TIMEOUT = 3


class Role(Code):
    """A gun's part in parallel charging."""

    MAIN = 0
    AUXILIARY = 1


class QrResult(Code):
    """Answer to a QR code of the common dialect, with the numbers the other way round than elsewhere."""

    OK = 0
    FAILED = 1


class QrFormat(Code):
    """What a QR code's text is."""

    PREFIX = 0
    """The pile appends its gun's code."""
    WHOLE = 1
