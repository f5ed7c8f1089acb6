"""The offline cards of one pile, as far as it has said: values, replaced and never changed."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from ..protocol import NO_CARD
from .access import reversed_cards


class CardState(StrEnum):
    """What a pile said last of a card."""

    STORED = "stored"
    REMOVED = "removed"
    MISSING = "missing"
    """It was stored or looked for, and the pile does not have it."""
    NO_REPLY = "no_reply"
    """The pile was told, and has not answered for this card."""
    BAD_CARD_NUMBER = "bad_card_number"
    NO_SPACE = "no_space"
    REFUSED = "refused"
    """For no reason that the table names (8.12)."""
    NOT_REMOVED = "not_removed"
    """The pile has it and does not let go of it."""


REFUSALS = frozenset({CardState.BAD_CARD_NUMBER, CardState.NO_SPACE, CardState.REFUSED})
"""What keeps a card from being stored."""
PROBLEMS = REFUSALS | {CardState.NOT_REMOVED}


class ByHand(StrEnum):
    """What a person did to a card of one pile, beside the drivers that are marked."""

    ADDED = "added"
    REMOVED = "removed"
    """Left out, although its driver is marked."""


class CardOrder(IntEnum):
    """How a pile's firmware writes the bytes of a card."""

    STRAIGHT = 0
    REVERSED = 1
    """All eight."""
    REVERSED_BEHIND_PADDING = 2

    def turn(self, card: str) -> str:
        """Return a card, 16 hex digits, as the pile writes it."""
        return (card, *reversed_cards(card))[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCard:
    """A card that the pile was told of, or that a person added or left out."""

    card: str
    """16 hex digits, as its driver has it."""
    logical_card: str = NO_CARD
    sent: str = ""
    """As the pile may have it: its bytes may be in reverse; "" where it has none."""
    state: CardState = CardState.NO_REPLY
    by_hand: ByHand | None = None


@dataclass(frozen=True, slots=True)
class CardList:
    """What the ledger knows of a pile's offline cards."""

    cards: dict[str, KnownCard]
    """By card, as its driver has it."""
    order: CardOrder = CardOrder.STRAIGHT


class CardsStatus(StrEnum):
    """How far a pile has the cards that it is to have."""

    IN_STEP = "in_step"
    PENDING = "pending"
    PROBLEM = "problem"
    """The pile refused a card, or does not let go of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReport:
    """One card as it may be shown."""

    card: str
    """All but the last digits hidden."""
    driver: str | None
    state: CardState


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineCardsState:
    """The offline cards of a pile as they may be shown."""

    status: CardsStatus = CardsStatus.IN_STEP
    wanted: int = 0
    stored: int = 0
    """Of those that are wanted."""
    cards: tuple[CardReport, ...] = ()
    """All that are wanted or not removed yet, those with a problem first."""


NO_OFFLINE_CARDS = OfflineCardsState()
"""Of a pile that has none and is to have none."""
