"""What the ledger tells of prepaid balances: values."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class EntryKind(StrEnum):
    """Why a balance changed."""

    TOP_UP = "top_up"
    CORRECTION = "correction"
    CHARGE = "charge"
    """A session was paid: by its bill, or as far as it was reported where a person settled it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A driver's balance."""

    driver: str
    """The driver's id."""
    balance: Decimal = Decimal(0)
    """CNY, the sum of all entries; negative where sessions cost more than there was."""
    reserved: Decimal = Decimal(0)
    """CNY of it that the driver's open and unpaid sessions may cost, or have cost already."""

    @property
    def available(self) -> Decimal:
        """CNY that another charge may cost."""
        return self.balance - self.reserved


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEntry:
    """One change of a balance."""

    at: datetime
    """UTC."""
    kind: EntryKind
    amount: Decimal
    """CNY, below zero what was taken."""
    balance: Decimal
    """CNY, after it."""
    pile: str | None
    """Code of the pile whose session was paid, None where it was no session."""
    transaction: str
    """Transaction number of the session, "" where it was none or has none."""
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What an order under way may cost from now on."""

    pile_id: int
    """The ledger's own."""
    gun: int
    transaction: str
    reserved: Decimal
    """CNY in whole cents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedAccount:
    """A balance that was changed, and what followed from that."""

    account: Account
    allowances: tuple[Allowance, ...] = ()
    """Of the orders that may cost more, or less, than they might before."""
