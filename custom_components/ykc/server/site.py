"""What a pile needs of its listener."""

from datetime import datetime, tzinfo
from typing import Protocol

from .access import Access
from .ledger import Ledger
from .limits import Timing
from .taps import Taps
from .tariff import BillingModel
from .trouble import Trouble
from .watch import Watch


class Site(Protocol):
    """Where a pile stands: what all piles of a listener share."""

    ledger: Ledger
    taps: Taps
    timing: Timing
    trouble: Trouble
    watch: Watch

    @property
    def time_zone(self) -> tzinfo:
        """Where the piles are."""

    @property
    def billing_model(self) -> BillingModel:
        """The model that is to be in force."""

    @property
    def access(self) -> Access:
        """Who may start at the pile itself."""

    def now(self) -> datetime:
        """Return the time in UTC."""
