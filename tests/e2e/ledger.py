"""A look into the ledger's file, as another program would take it."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
import sqlite3


@dataclass(frozen=True)
class Record:
    """A stored transaction record."""

    transaction: str
    energy: int
    """1/10000 kWh."""
    amount: int
    """1/10000 CNY."""


def records(folder: Path, pile: str) -> list[Record]:
    """Return the records of a pile, oldest first."""
    file = folder / ".storage" / "ykc.ledger.db"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT transaction_number, energy, amount FROM records"
            " WHERE pile = (SELECT id FROM piles WHERE code = ?) ORDER BY id",
            (pile,),
        ).fetchall()
    return [Record(*row) for row in rows]
