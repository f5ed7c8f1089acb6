"""How values are written in the ledger's file.

Energy and money are whole numbers of 1/10000, prices of 1/100000, which is what
the wire carries: no figure is rounded. Times are ISO 8601; what lists are sorted
by is Unix time in milliseconds.
"""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from ..protocol import NO_CARD
from .booking import Booking
from .charge_limits import ChargeLimits, Limit
from .order import Order, Phase
from .origin import Origin

_UNITS: Final = 10_000
_PRICE_UNITS: Final = 100_000

OPEN_ORDERS: Final = """
SELECT transaction_number, gun, opened, phase, began, waited, asked_to_stop, reason, energy, amount, origin, card,
 driver, driver_name, prepaid, reserved, limit_reached, charging_since,
 limit_energy, limit_amount, limit_minutes, limit_soc
FROM orders WHERE pile = ? AND phase <> 'closed' ORDER BY id
"""
"""What `read_order` reads."""

type OrderRow = tuple[object, ...]


def whole(value: Decimal) -> int:
    """Return kWh or CNY as 1/10000."""
    return int((value * _UNITS).to_integral_value(ROUND_HALF_UP))


def decimal(units: int) -> Decimal:
    """Return 1/10000 as kWh or CNY."""
    return Decimal(units).scaleb(-4)


def price_units(price: Decimal) -> int:
    """Return CNY/kWh as 1/100000."""
    return int((price * _PRICE_UNITS).to_integral_value(ROUND_HALF_UP))


def price(units: int) -> Decimal:
    """Return 1/100000 as CNY/kWh."""
    return Decimal(units).scaleb(-5)


def text(when: datetime | None) -> str | None:
    """Return a time as it is written."""
    return None if when is None else when.isoformat()


def when(text: str | None) -> datetime | None:
    """Return a time that was written."""
    return None if text is None else datetime.fromisoformat(text)


def milliseconds(when: datetime) -> int:
    """Return an aware time as Unix time."""
    return int(when.timestamp() * 1000)


def card_text(card: str | None) -> str:
    """Return a card's number; "" for none."""
    return "" if card is None or card == NO_CARD else card


def order_row(order: Order) -> OrderRow:
    """Return what is written of an order, as it is now."""
    return (
        str(order.phase),
        None if order.outcome is None else str(order.outcome),
        order.reason,
        int(order.began),
        int(order.waited),
        int(order.asked_to_stop),
        whole(order.energy),
        whole(order.amount),
        int(order.is_session),
        order.limit_reached or "",
        text(order.charging_since),
    )


def limits_row(limits: ChargeLimits) -> tuple[int | None, ...]:
    """Return what is written of the limits of one charge."""
    return (
        None if limits.energy is None else whole(limits.energy),
        None if limits.amount is None else whole(limits.amount),
        limits.minutes,
        limits.soc,
    )


def read_limits(energy: int | None, amount: int | None, minutes: int | None, soc: int | None) -> ChargeLimits:
    """Return the limits of one charge that were written."""
    return ChargeLimits(
        energy=None if energy is None else decimal(energy),
        amount=None if amount is None else decimal(amount),
        minutes=minutes,
        soc=soc,
    )


def read_limit(slug: str) -> Limit | None:
    """Return the limit that a charge was stopped at, None for ""."""
    return Limit(slug) if slug else None


def booking_row(booking: Booking | None) -> tuple[str, str, int]:
    """Return what is written of a booking."""
    return ("", "", 0) if booking is None else (booking.driver, booking.name, int(booking.prepaid))


def read_booking(driver: str, name: str, prepaid: int) -> Booking | None:
    """Return a booking that was written."""
    return Booking(driver=driver, name=name, prepaid=bool(prepaid)) if driver else None


def read_order(row: tuple[Any, ...]) -> Order:
    """Return an open order that was written."""
    number, gun, opened, phase, began, waited, asked, reason, energy, amount, origin, card, *others = row
    driver, name, prepaid, reserved, reached, since, *limits = others
    return Order(
        transaction=number,
        gun=gun,
        opened=datetime.fromisoformat(opened),
        phase=Phase(phase),
        began=bool(began),
        waited=bool(waited),
        asked_to_stop=bool(asked),
        reason=reason,
        energy=decimal(energy),
        amount=decimal(amount),
        origin=Origin(origin),
        card=card,
        booking=read_booking(driver, name, prepaid),
        reserved=decimal(reserved),
        limits=read_limits(*limits),
        limit_reached=read_limit(reached),
        charging_since=when(since),
    )
