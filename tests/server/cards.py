"""Offline cards, as tests mark drivers for them and answer the commands about them."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from custom_components.ykc.protocol import (
    CardPresence,
    CardRemoval,
    CardsAddFailure,
    CommandResult,
    OfflineCard,
    OfflineCardsAdd,
    OfflineCardsAddReply,
    OfflineCardsQuery,
    OfflineCardsQueryReply,
    OfflineCardsRemove,
    OfflineCardsRemoveReply,
)
from custom_components.ykc.server.access import Access, Driver

from .house import House, eventually, hurried
from .peer import CODE, Peer

CARD = "00000000d14b0a54"
LOGICAL = "0000000010000001"
ANNA = Driver(name="Anna", card=CARD, logical_card=LOGICAL, offline=True)
BEN = Driver(name="Ben", card="00000000e14c0a54", logical_card="0000000010000002", offline=True)
SOON = hurried(offline_cards=0.02)


def crowd(count: int) -> list[Driver]:
    """Return drivers that are marked for offline use."""
    return [
        Driver(name=f"Driver {n}", card=f"{n:016x}", logical_card=f"{n:016}", offline=True) for n in range(1, count + 1)
    ]


def let_in(house: House, *drivers: Driver) -> None:
    """Have these drivers and no others, live."""
    house.listener.apply(replace(house.settings, access=Access(drivers=drivers)))


async def take_cards(peer: Peer, *, refuse: Iterable[str] = (), reason: int = 0) -> tuple[OfflineCard, ...]:
    """Expect a 0x44, and answer that its cards are stored; it fails with a card in `refuse`, or for a mere `reason`."""
    command = await peer.expect(OfflineCardsAdd, pile=CODE)
    bad = set(refuse)
    fails = not bad.isdisjoint(card.card for card in command.cards) or bool(reason and not bad)
    failure = reason or CardsAddFailure.BAD_CARD_NUMBER if fails else CardsAddFailure.NONE
    result = CommandResult.FAILED if fails else CommandResult.OK
    peer.send(OfflineCardsAddReply(pile=CODE, result=result, reason=failure), sequence=peer.frame.sequence)
    return command.cards


async def drop_cards(peer: Peer, *, keep: Iterable[str] = ()) -> list[str]:
    """Expect a 0x46, and answer that its cards are removed, but for those in `keep`; return them."""
    command = await peer.expect(OfflineCardsRemove, pile=CODE)
    cards = [item.card for item in command.cards]
    removals = tuple(
        CardRemoval(card=card, result=CommandResult.FAILED, reason=1)
        if card in keep
        else CardRemoval(card=card, result=CommandResult.OK, reason=0)
        for card in cards
    )
    peer.send(OfflineCardsRemoveReply(pile=CODE, cards=removals), sequence=peer.frame.sequence)
    return cards


async def find_cards(peer: Peer, *, without: Iterable[str] = ()) -> list[str]:
    """Expect a 0x48, and answer that the cards are there, but for those in `without`; return them."""
    command = await peer.expect(OfflineCardsQuery, pile=CODE)
    cards = [item.card for item in command.cards]
    there = tuple(CardPresence(card=card, present=int(card not in without)) for card in cards)
    peer.send(OfflineCardsQueryReply(pile=CODE, cards=there), sequence=peer.frame.sequence)
    return cards


def states(house: House) -> dict[str, str]:
    """Return what the ledger knows of the pile's cards: their states, by card."""
    return dict(house.rows("SELECT card, state FROM offline_cards ORDER BY card"))


async def settled(house: House, status: str) -> None:
    """Wait until the pile has been told everything, and its cards are in a state."""
    pile = house.listener.piles[CODE]
    await eventually(lambda: pile.state.offline_cards.status == status and not pile.offline_cards._busy.locked())


async def take_all(house: House, peer: Peer, status: str, *, refuse: Iterable[str] = (), reason: int = 0) -> int:
    """Answer each 0x44 as `take_cards` does until the pile's cards are in a state; return how many came."""
    answered = 0

    async def answer() -> None:
        nonlocal answered
        while True:
            await take_cards(peer, refuse=refuse, reason=reason)
            answered += 1

    task = asyncio.create_task(answer())
    try:
        await settled(house, status)
    finally:
        task.cancel()
        await asyncio.wait([task])
    return answered


async def marked(house: House, count: int = 1) -> Peer:
    """Return a pile that has taken the cards of some drivers: Anna, or a crowd."""
    let_in(house, *([ANNA] if count == 1 else crowd(count)))
    _, peer = await house.online()
    for _ in range(0, count, 15):
        await take_cards(peer)
    await settled(house, "in_step")
    return peer
