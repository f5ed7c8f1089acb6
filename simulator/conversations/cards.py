"""The cards that may charge without the platform (8.11 to 8.16)."""

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


@answers(OfflineCardsAdd)
def add(request: Request[OfflineCardsAdd]) -> None:
    """Store all cards, or none when one has no number or they do not fit."""
    pile = request.pile
    new = {card.card: card.logical_card for card in request.message.cards}
    reason = CardsAddFailure.NONE
    if NO_CARD in new:
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
    removals = tuple(_remove(pile.offline_cards, item.card) for item in request.message.cards)
    request.reply(OfflineCardsRemoveReply(pile=pile.code, cards=removals))


@answers(OfflineCardsQuery)
def query(request: Request[OfflineCardsQuery]) -> None:
    """Tell which cards are known."""
    pile = request.pile
    cards = tuple(
        CardPresence(card=item.card, present=YesNo.YES if item.card in pile.offline_cards else YesNo.NO)
        for item in request.message.cards
    )
    request.reply(OfflineCardsQueryReply(pile=pile.code, cards=cards))


def _remove(cards: dict[str, str], card: str) -> CardRemoval:
    if cards.pop(card, None) is None:
        return CardRemoval(card=card, result=CommandResult.FAILED, reason=CardRemoveReason.BAD_CARD_NUMBER)
    return CardRemoval(card=card, result=CommandResult.OK)
