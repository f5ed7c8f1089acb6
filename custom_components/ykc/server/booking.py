"""On whom a charge is booked: what orders and records keep of a driver."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A driver as the ledger knows one."""

    driver: str
    """The driver's id, which stays when everything else of the driver changes."""
    name: str
    """What the driver was called at that time."""
    prepaid: bool = False
    """The charge is paid from the driver's balance in the ledger."""
    limit: Decimal | None = None
    """CNY that are reserved for one charge at most; None for all that is available."""
    share: int = 1
    """How many guns that charge the same car are to have equal parts of what is available."""
