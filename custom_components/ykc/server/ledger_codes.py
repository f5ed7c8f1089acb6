"""The codes of piles in the ledger's file: hardware is replaced, what was charged stays.

A code that hardware had before is kept, so that the statistics can be moved whenever the recorder is there.
"""

from collections.abc import Iterator
import sqlite3
from typing import NamedTuple

from .card_list import ByHand, CardState


class FormerCode(NamedTuple):
    """A code that a pile had before, under which its statistics may still be."""

    old: str
    new: str


def replace_code(db: sqlite3.Connection, old: str, new: str) -> bool:
    """Give a pile the code of its new hardware; False if another pile has sessions under that.

    To do it again changes nothing. What only the old hardware knew is forgotten. Must run in a transaction.
    """
    known, other = _pile(db, old), _pile(db, new)
    if known is None:
        return True
    if other is not None and not _forget_empty(db, other):
        # Done before; what has the old code now is another pile, or was made by a process that did not know yet.
        return _former(db, old) == other and (_forget_empty(db, known) or True)
    db.execute("UPDATE piles SET code = ?, card_order = 0 WHERE id = ?", (new, known))
    db.execute("DELETE FROM plugs WHERE pile = ?", (known,))
    db.execute("DELETE FROM offline_cards WHERE pile = ? AND by_hand IS NULL", (known,))
    db.execute(
        "UPDATE offline_cards SET sent = '', state = iif(by_hand = ?, ?, ?) WHERE pile = ?",
        (str(ByHand.ADDED), str(CardState.NO_REPLY), str(CardState.REMOVED), known),
    )
    db.execute("DELETE FROM former_codes WHERE code = ?", (new,))
    db.execute("INSERT OR REPLACE INTO former_codes (code, pile) VALUES (?, ?)", (old, known))
    return True


def may_replace(db: sqlite3.Connection, old: str, new: str) -> bool:
    """Tell what `replace_code` would return."""
    other = _pile(db, new)
    return other is None or not _has_sessions(db, other) or _former(db, old) == other


def unmoved(db: sqlite3.Connection) -> Iterator[FormerCode]:
    """Yield the codes from which the statistics were not moved yet."""
    for row in db.execute(
        "SELECT f.code, piles.code FROM former_codes AS f JOIN piles ON piles.id = f.pile WHERE NOT moved"
    ):
        yield FormerCode(*row)


def mark_moved(db: sqlite3.Connection, known: FormerCode) -> None:
    """Note that the statistics of a code were moved; must run in a transaction."""
    db.execute("UPDATE former_codes SET moved = 1 WHERE code = ?", (known.old,))


def _pile(db: sqlite3.Connection, code: str) -> int | None:
    found = db.execute("SELECT id FROM piles WHERE code = ?", (code,)).fetchone()
    return None if found is None else int(found[0])


def _former(db: sqlite3.Connection, code: str) -> int | None:
    found = db.execute("SELECT pile FROM former_codes WHERE code = ?", (code,)).fetchone()
    return None if found is None else int(found[0])


def _has_sessions(db: sqlite3.Connection, pile: int) -> bool:
    (known,) = db.execute(
        "SELECT EXISTS (SELECT 1 FROM orders WHERE pile = :pile) OR EXISTS (SELECT 1 FROM records WHERE pile = :pile)",
        {"pile": pile},
    ).fetchone()
    return bool(known)


def _forget_empty(db: sqlite3.Connection, pile: int) -> bool:
    """Remove a pile that has no sessions; False if it has some."""
    if _has_sessions(db, pile):
        return False
    for table in ("totals", "plugs", "offline_cards", "former_codes"):
        db.execute(f"DELETE FROM {table} WHERE pile = ?", (pile,))  # noqa: S608 - names of our own
    db.execute("DELETE FROM piles WHERE id = ?", (pile,))
    return True
