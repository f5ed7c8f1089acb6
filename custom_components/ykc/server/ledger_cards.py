"""The offline cards of the piles, as the ledger keeps them: what each pile was told, and said."""

from collections.abc import Iterable
import sqlite3

from .card_list import ByHand, CardList, CardOrder, CardState, KnownCard


def load_cards(db: sqlite3.Connection, pile_id: int) -> CardList:
    """Return what is known of a pile's offline cards."""
    cards = {
        card: KnownCard(
            card=card,
            logical_card=logical,
            sent=sent,
            state=CardState(state),
            by_hand=ByHand(by_hand) if by_hand else None,
        )
        for card, logical, sent, state, by_hand in db.execute(
            "SELECT card, logical_card, sent, state, by_hand FROM offline_cards WHERE pile = ? ORDER BY card",
            (pile_id,),
        )
    }
    (order,) = db.execute("SELECT card_order FROM piles WHERE id = ?", (pile_id,)).fetchone()
    return CardList(cards, CardOrder(order))


def keep_cards(
    db: sqlite3.Connection,
    pile_id: int,
    known: Iterable[KnownCard],
    forgotten: Iterable[str],
    order: CardOrder | None,
) -> None:
    """Write what is known of some cards, forget others, and how the pile writes cards; must run in a transaction."""
    db.executemany("DELETE FROM offline_cards WHERE pile = ? AND card = ?", ((pile_id, card) for card in forgotten))
    db.executemany(
        "INSERT OR REPLACE INTO offline_cards (pile, card, logical_card, sent, state, by_hand) VALUES (?, ?, ?, ?, ?, ?)",
        ((pile_id, c.card, c.logical_card, c.sent, str(c.state), c.by_hand and str(c.by_hand)) for c in known),
    )
    if order is not None:
        db.execute("UPDATE piles SET card_order = ? WHERE id = ?", (int(order), pile_id))
