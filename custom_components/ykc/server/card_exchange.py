"""The commands about offline cards, as many as it takes (8.11 to 8.16).

Lists of cards are cut into what one frame and its reply can hold, each command
has the line for itself alone, and what a pile answers is told card by card. All
cards here are written as the pile writes them.
"""

from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from itertools import batched
from typing import TYPE_CHECKING, Final

from ..protocol import (
    CardNumber,
    CardPresence,
    CardRemoval,
    CardRemoveReason,
    CardsAddFailure,
    CommandResult,
    OfflineCard,
    OfflineCardsAdd,
    OfflineCardsAddReply,
    OfflineCardsQuery,
    OfflineCardsQueryReply,
    OfflineCardsRemove,
    OfflineCardsRemoveReply,
    YesNo,
)
from .access import reversed_cards
from .card_list import CardState
from .limits import MAX_CARD_SPLITS

if TYPE_CHECKING:
    from .pile import Pile

CARDS_PER_ADD: Final = 15
"""As the specification has it; the frame is full (8.11)."""
CARDS_PER_REMOVAL: Final = 24
"""The reply is full (8.14)."""
CARDS_PER_QUERY: Final = 26
"""As the specification has it (8.15)."""
_PRESENCE: Final[Mapping[int, CardState]] = {YesNo.YES: CardState.STORED, YesNo.NO: CardState.MISSING}

type States = dict[str, CardState]


async def store(pile: Pile, cards: Mapping[str, str], patience: float) -> AsyncIterator[States]:
    """Store cards with their logical numbers.

    Yields `NO_REPLY` for the cards of each command before it is sent, and then what
    the pile made of them. It answers for the whole list: a refused one is halved
    until the card is found that is bad or has no room. After that one it ends, with
    `NO_SPACE` for all that are left. Raises `CommandError`.
    """
    waiting = deque(batched(cards, CARDS_PER_ADD, strict=False))
    splits = 0
    while waiting:
        chunk = waiting.popleft()
        yield dict.fromkeys(chunk, CardState.NO_REPLY)
        listed = tuple(OfflineCard(logical_card=cards[card], card=card) for card in chunk)
        reply = await pile.line.command(
            OfflineCardsAdd(pile=pile.code, cards=listed), OfflineCardsAddReply, patience=patience
        )
        if reply.result == CommandResult.OK:
            yield dict.fromkeys(chunk, CardState.STORED)
        elif len(chunk) > 1 and splits < MAX_CARD_SPLITS:
            splits += 1
            half = len(chunk) // 2
            waiting.extendleft((chunk[half:], chunk[:half]))
        elif reply.reason == CardsAddFailure.NO_SPACE:
            yield dict.fromkeys((*chunk, *(card for left in waiting for card in left)), CardState.NO_SPACE)
            return
        else:
            bad = reply.reason == CardsAddFailure.BAD_CARD_NUMBER
            yield dict.fromkeys(chunk, CardState.BAD_CARD_NUMBER if bad else CardState.REFUSED)


async def remove(pile: Pile, cards: Iterable[str], patience: float) -> AsyncIterator[States]:
    """Remove cards; yields as `store` does.

    A pile also refuses to remove a card that it does not have, and the sample of the
    reply lacks a byte. So the pile is asked for the cards that it did not say to have
    removed, and for all where its reply is no list of them. Raises `CommandError`.
    """
    for chunk in batched(cards, CARDS_PER_REMOVAL, strict=False):
        yield dict.fromkeys(chunk, CardState.NO_REPLY)
        listed = tuple(CardNumber(card=card) for card in chunk)
        reply = await pile.line.command(
            OfflineCardsRemove(pile=pile.code, cards=listed), OfflineCardsRemoveReply, patience=patience
        )
        told = _of_asked(pile, chunk, reply.cards)
        if reply.extra or len(told) < len(reply.cards):
            # Read at wrong places a refusal may look like a success.
            told = {}
        states = {
            card: CardState.REMOVED if _is_removed(item) else CardState.NOT_REMOVED for card, item in told.items()
        }
        yield states
        doubtful = [card for card in chunk if states.get(card) is not CardState.REMOVED]
        if doubtful:
            there = await _look_for(pile, doubtful, patience)
            of_presence = {CardState.STORED: CardState.NOT_REMOVED, CardState.MISSING: CardState.REMOVED}
            yield {card: of_presence[state] for card, state in there.items()}


async def look_for(pile: Pile, cards: Iterable[str], patience: float) -> AsyncIterator[States]:
    """Ask whether the pile has cards; yields `STORED` and `MISSING`, for those it names. Raises `CommandError`."""
    for chunk in batched(cards, CARDS_PER_QUERY, strict=False):
        yield await _look_for(pile, chunk, patience)


async def _look_for(pile: Pile, cards: Iterable[str], patience: float) -> States:
    listed = tuple(CardNumber(card=card) for card in cards)
    reply = await pile.line.command(
        OfflineCardsQuery(pile=pile.code, cards=listed), OfflineCardsQueryReply, patience=patience
    )
    told = _of_asked(pile, cards, reply.cards)
    return {card: _PRESENCE[item.present] for card, item in told.items() if item.present in _PRESENCE}


def _is_removed(item: CardRemoval) -> bool:
    """Read both bytes: the table lets a pile call success either way (8.14)."""
    return item.result == CommandResult.OK or item.reason == CardRemoveReason.REMOVED


def _of_asked[Item: CardRemoval | CardPresence](
    pile: Pile, cards: Iterable[str], items: Iterable[Item]
) -> dict[str, Item]:
    """Return what a reply says of the cards of a command, by card; it may name them in reverse, and others too."""
    asked = frozenset(cards)
    told: dict[str, Item] = {}
    for item in items:
        card = next((form for form in (item.card, *reversed_cards(item.card)) if form in asked), None)
        if card is not None:
            told[card] = item
            continue
        pile.site.trouble.note(
            "other_cards", "Pile %s answered for offline cards that it was not asked about", pile.code
        )
    return told
