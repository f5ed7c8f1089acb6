"""The cards that may charge without the platform (8.11 to 8.16)."""

from typing import TYPE_CHECKING

from custom_components.ykc.protocol import (
    NO_CARD,
    CardPresence,
    CardRemoval,
    CardRemoveReason,
    CardsAddFailure,
    CommandResult,
    OfflineCardsAdd,
    OfflineCardsAddReply,
    OfflineCardsQuery,
    OfflineCardsQueryReply,
    OfflineCardsRemove,
    OfflineCardsRemoveReply,
    YesNo,
)

from . import Request, answers

if TYPE_CHECKING:
    from simulator.pile import VirtualPile

OTHER_CARD = "00000000deadbeef"


@answers(OfflineCardsAdd)
def add(request: Request[OfflineCardsAdd]) -> None:
    """Store all cards, over those it has; or none, when a number is bad or they do not fit."""
    pile = request.pile
    new = {card.card: card.logical_card for card in request.message.cards}
    reason = CardsAddFailure.NONE
    if {NO_CARD, *pile.behaviour.bad_cards} & new.keys():
        reason = CardsAddFailure.BAD_CARD_NUMBER
    elif len(pile.offline_cards | new) > pile.behaviour.card_space:
        reason = CardsAddFailure.NO_SPACE
    if reason is CardsAddFailure.NONE:
        pile.offline_cards.update(new)
    result = CommandResult.FAILED if reason else CommandResult.OK
    request.reply(OfflineCardsAddReply(pile=pile.code, result=result, reason=reason))


@answers(OfflineCardsRemove)
def remove(request: Request[OfflineCardsRemove]) -> None:
    """Remove cards, and tell which of them were there."""
    pile = request.pile
    removals = tuple(_remove(pile, item.card) for item in request.message.cards)
    request.reply(OfflineCardsRemoveReply(pile=pile.code, cards=removals))


@answers(OfflineCardsQuery)
def query(request: Request[OfflineCardsQuery]) -> None:
    """Tell which cards are known."""
    pile = request.pile
    cards = tuple(
        CardPresence(card=_named(pile, item.card), present=YesNo.YES if item.card in pile.offline_cards else YesNo.NO)
        for item in request.message.cards
    )
    request.reply(OfflineCardsQueryReply(pile=pile.code, cards=cards))


def _remove(pile: VirtualPile, card: str) -> CardRemoval:
    named = _named(pile, card)
    if pile.behaviour.keeps_cards or pile.offline_cards.pop(card, None) is None:
        return CardRemoval(card=named, result=CommandResult.FAILED, reason=CardRemoveReason.BAD_CARD_NUMBER)
    return CardRemoval(card=named, result=CommandResult.OK)


def _named(pile: VirtualPile, card: str) -> str:
    return OTHER_CARD if pile.behaviour.answers_other_cards else card
