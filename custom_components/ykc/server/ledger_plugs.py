"""The vehicles that are plugged in, as the ledger keeps them: what was done to charge them by themselves."""

from datetime import datetime
import sqlite3

from .ledger_rows import text
from .plug import Plug, Stage


def load_plugs(db: sqlite3.Connection, pile_id: int) -> dict[int, Plug]:
    """Return the vehicles at a pile, by gun."""
    return {
        gun: Plug(datetime.fromisoformat(since), Stage(stage), reason, tries)
        for gun, since, stage, reason, tries in db.execute(
            "SELECT gun, since, stage, reason, tries FROM plugs WHERE pile = ?", (pile_id,)
        )
    }


def keep_plug(db: sqlite3.Connection, pile_id: int, gun: int, plug: Plug | None) -> None:
    """Write what is known of the vehicle at a gun; must run in a transaction."""
    if plug is None:
        db.execute("DELETE FROM plugs WHERE pile = ? AND gun = ?", (pile_id, gun))
        return
    db.execute(
        "INSERT OR REPLACE INTO plugs (pile, gun, since, stage, reason, tries) VALUES (?, ?, ?, ?, ?, ?)",
        (pile_id, gun, text(plug.since), str(plug.stage), plug.reason, plug.tries),
    )
