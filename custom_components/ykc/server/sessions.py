"""What the ledger tells of charging sessions, and what is asked of it: values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from ..protocol import Record, StopReason
from .booking import Booking
from .charge_limits import Limit
from .ledger_rows import card_text, whole
from .origin import Origin
from .state import LastSession
from .tariff import PERIODS as PRICED_PERIODS, BillingModel

PERIODS: Final = (*PRICED_PERIODS, "deep_valley")
"""尖峰平谷, and the deep valley of some piles, as a record lists them."""


class Mismatch(StrEnum):
    """In what a record differs from what was known of its session."""

    GUN = "gun"
    """It names another gun than its order."""
    ENERGY = "energy"
    """It bills less than the pile had reported."""
    REPEAT = "repeat"
    """It came again and said something else; the first one counts."""


class SessionState(StrEnum):
    """How far a session has come."""

    OPEN = "open"
    """Charging was reported, and no record has come yet."""
    UNBILLED = "unbilled"
    """Its order was closed without a record; a late one may still come."""
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A transaction record with what the platform knows of it."""

    record: Record
    session: LastSession
    received: datetime
    """UTC."""
    model: BillingModel | None = None
    """The model that tells which part of a price is service."""
    booking: Booking | None = None
    """Whom its card or its VIN belongs to."""
    driver_card: str | None = None
    """The card as its driver's is written, 16 hex digits: some piles send the bytes in reverse."""

    @property
    def card(self) -> str:
        """The physical card, 16 hex digits; "" for none."""
        return card_text(self.driver_card or self.record.card)

    def service_price(self, index: int) -> Decimal | None:
        """Return the service price (CNY/kWh) within a period's price; None where it is not known."""
        if self.model is None or index >= len(PRICED_PERIODS):
            return None
        price = self.model.prices[PRICED_PERIODS[index]]
        # Another price than ours was made up of parts that we do not know.
        return price.service if price.total == self.record.periods[index].price else None

    @property
    def service_amount(self) -> Decimal | None:
        """CNY of the amount that are service; None where a period's service price is not known."""
        total = Decimal(0)
        for index, period in enumerate(self.record.periods):
            if period.amount:
                service = self.service_price(index)
                if service is None or not period.price:
                    return None
                total += period.amount * service / period.price
        # Amounts without periods are of unknown parts too.
        return total if total or not self.record.amount or any(p.amount for p in self.record.periods) else None


def limit_of(bill: Bill, most: int | None) -> str:
    """Return the limit that a pile stopped at by itself, "" for none.

    It was told what the charge may cost, in 1/10000 CNY, and some piles stop a little before.
    """
    used_up = bill.session.stop_reason == StopReason.AMOUNT_LIMIT.slug
    return str(Limit.AMOUNT) if used_up and most and whole(bill.record.amount) * 20 >= most * 19 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPeriod:
    """What was charged in one tariff period of a session."""

    name: str
    """Slug of `PERIODS`."""
    price: Decimal
    """CNY/kWh, energy and service together."""
    service_price: Decimal | None
    """CNY/kWh within `price`; None where it is not known."""
    energy: Decimal
    """kWh."""
    energy_with_loss: Decimal
    """kWh; 0 in many real records."""
    amount: Decimal
    """CNY."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A charging session as the ledger has it; without a record as far as it was reported."""

    transaction: str
    pile: str
    """Code of the hardware that is there now."""
    gun: int
    parallel: str | None
    """Number that it shares with the other guns of a parallel charge, 12 hex digits; None for a charge of its own."""
    role: str | None
    """`main` or `auxiliary` in a parallel charge, as the pile said."""
    state: SessionState
    origin: Origin
    started: datetime | None
    """Aware; of the pile's clock, or of the authorisation where there is no record."""
    ended: datetime | None
    received: datetime | None
    """When its record came."""
    stop_reason: str | None
    """Slug of the record's reason, or of the order's outcome."""
    limit: Limit | None
    """The limit that it was stopped at."""
    started_by: str | None
    card: str
    """Physical card, 16 hex digits; "" for none."""
    driver: str
    """Name of the driver at that time; "" for nobody who was known."""
    driver_id: str
    """What the driver is known by when the name changes; "" for none."""
    vin: str
    energy: Decimal
    """kWh."""
    energy_with_loss: Decimal
    """kWh; 0 in many real records."""
    amount: Decimal
    """CNY, service included."""
    service_amount: Decimal | None
    """CNY of the amount; None where it is not known."""
    meter_start: Decimal | None
    """kWh."""
    meter_end: Decimal | None
    """kWh."""
    late: bool
    repeats: int
    """How often its record came again."""
    mismatches: tuple[Mismatch, ...]
    periods: tuple[SessionPeriod, ...]

    @property
    def energy_amount(self) -> Decimal | None:
        """CNY of the amount that are for energy; None where it is not known."""
        return None if self.service_amount is None else self.amount - self.service_amount


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFilter:
    """Which sessions are asked for; None leaves a criterion out."""

    guns: Sequence[tuple[str, int | None]] | None = None
    """Pile codes with a gun, or with None for all guns."""
    since: datetime | None = None
    """Aware; sessions that ended (or, while open, began) then or later."""
    until: datetime | None = None
    """Aware; and before then."""
    card: str | None = None
    stop_reason: str | None = None
    parallel: str | None = None
    """The number of a parallel charge."""
    driver: str | None = None
    """Name of the driver at that time; "" for sessions of nobody."""
    driver_ids: frozenset[str] = frozenset()
    """Those who have that name now: their sessions count too, whatever they were called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The bills of one month of the piles' local time."""

    month: str
    """YYYY-MM."""
    sessions: int
    energy: Decimal
    """kWh."""
    amount: Decimal
    """CNY, service included."""
    energy_amount: Decimal
    """CNY for energy, of the bills whose parts are known."""
    service_amount: Decimal
    """CNY for service, of the bills whose parts are known."""
    unsplit_amount: Decimal
    """CNY of the other bills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMonth(Month):
    """The bills of one card in a month."""

    card: str
    """16 hex digits; "" for sessions without a card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverMonth(Month):
    """The bills of one driver in a month."""

    driver: str
    """Name, as it was last; "" for sessions of nobody who was known."""
    driver_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GunSum:
    """What one gun delivered in all the sessions that were asked for and are over."""

    pile: str
    """Code of the hardware that is there now."""
    gun: int
    sessions: int
    energy: Decimal
    """kWh."""
    amount: Decimal
    """CNY, service included."""
