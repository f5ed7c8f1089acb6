"""What the ledger gives back: values, as they were when it was asked."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from .booking import Booking
from .card_list import CardList
from .charge_limits import Limit
from .month import NO_MONTHS, Months
from .order import Order, Outcome
from .plug import Plug
from .state import LastSession


class LedgerError(Exception):
    """The ledger could not be opened, read or written."""


@dataclass(slots=True, kw_only=True)
class GunHistory:
    """What the ledger knows of one gun."""

    counted: Decimal = Decimal(0)
    """kWh of all records, and of the orders closed without one as far as reported."""
    shown: Decimal = Decimal(0)
    """kWh, the highest total energy ever shown."""
    last_session: LastSession | None = None
    last_over: datetime | None = None
    """When it was over, see `Stored.over`."""
    months: Months = NO_MONTHS
    """What its records came to in their newest months."""


@dataclass(slots=True, kw_only=True)
class PileHistory:
    """What the ledger knows of one pile."""

    pile_id: int
    """The ledger's own, which stays when the hardware and its code change."""
    orders: list[Order] = field(default_factory=list)
    """Those that are open."""
    guns: dict[int, GunHistory] = field(default_factory=dict)
    plugs: dict[int, Plug] = field(default_factory=dict)
    """By gun, the vehicles that were plugged in."""
    cards: CardList = CardList({})
    """The offline cards that the pile was told of."""


@dataclass(frozen=True, slots=True)
class ClosedOrder:
    """What became of an order that is no longer open."""

    outcome: Outcome
    counted: Decimal = Decimal(0)
    """kWh that stand for it in its gun's total energy, until its record comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of a record that was to be stored."""

    new: bool
    """False: the ledger had it, and nothing was changed."""
    gun: int
    """The gun it counts for: its order's, or the one that it names itself."""
    counted: Decimal
    """kWh that stood for its order in the total energy before, 0 if none."""
    over: datetime
    """When its session was over: the platform saw its order closed, else the end that the record names.

    Piles' clocks may be behind by hours or by years, so they put in order only what nobody saw.
    """
    booking: Booking | None = None
    """On whom it is booked."""
    limit: Limit | None = None
    """The limit that its order was stopped at."""
