"""Charges that a pile lets begin by itself, for cards in its memory, while it has no connection (5.4, 8.11)."""

from decimal import Decimal
from typing import TYPE_CHECKING

from custom_components.ykc.protocol import StartedBy

from .charge import Order
from .conversations.charging import refusal
from .gun import Gun

if TYPE_CHECKING:
    from .pile import VirtualPile

NO_LIMIT = Decimal(42_949_672)
"""CNY, the most that a start could bring: nobody tells a pile that is offline what a driver may spend."""


def start_offline(pile: VirtualPile, gun: Gun, card: str) -> None:
    """Begin a charge for a card that is in the pile's memory, under a number of the pile's own."""
    if card not in pile.offline_cards:
        pile.say("gun %s: offline, the driver may not charge", gun.number)
        return
    pile.offline_charges = (pile.offline_charges + 1) % 10_000
    order = Order(
        transaction=f"{pile.code}{gun.number:02}{pile.clock.now():%y%m%d%H%M%S}{pile.offline_charges:04}",
        balance=NO_LIMIT,
        card=card,
        started_by=StartedBy.OFFLINE_CARD,
    )
    if reason := refusal(pile, gun, order):
        pile.say("gun %s cannot start offline, reason %02X", gun.number, reason)
        return
    pile.say("gun %s starts offline", gun.number)
    pile.begin_charge(gun, order)
