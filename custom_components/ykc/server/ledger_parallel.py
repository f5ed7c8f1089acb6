"""The parallel charges in the ledger's file: which orders belong together, and what each gun was in it."""

import sqlite3
from typing import Final

from .parallel_gun import ParallelGun

_OPEN_PARTS: Final = """
SELECT transaction_number, parallel, role,
 (SELECT group_concat(DISTINCT o.gun) FROM orders AS o WHERE o.pile = s.pile AND o.parallel = s.parallel)
FROM orders AS s WHERE pile = ? AND phase <> 'closed' AND parallel <> ''
"""


def write_part(db: sqlite3.Connection, pile_id: int, transaction: str, part: ParallelGun) -> None:
    """Write what an order's gun is to a parallel charge; must run in a transaction."""
    db.execute(
        "UPDATE orders SET parallel = ?, role = ? WHERE pile = ? AND transaction_number = ?",
        (part.number, part.role or "", pile_id, transaction),
    )


def open_parts(db: sqlite3.Connection, pile_id: int) -> dict[str, ParallelGun]:
    """Return what the guns of a pile's open orders are to their parallel charges, by transaction number."""
    return {
        transaction: ParallelGun(number=number, guns=tuple(sorted(map(int, guns.split(",")))), role=role or None)
        for transaction, number, role, guns in db.execute(_OPEN_PARTS, (pile_id,))
    }


def has_parallel(db: sqlite3.Connection, pile_id: int, number: str) -> bool:
    """Whether a pile had a parallel charge of that number before."""
    query = "SELECT 1 FROM orders WHERE pile = ? AND parallel = ?"
    return db.execute(query, (pile_id, number)).fetchone() is not None
