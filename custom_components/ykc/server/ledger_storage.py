"""Which bytes are in the ledger's file and which in its WAL: for backups, and so that what was deleted is gone."""

import sqlite3
from typing import Final

_CHECKPOINT_PAGES: Final = 1000
"""Pages in the WAL at which it is brought into the file; SQLite's own number."""


class LedgerStorage:
    """File and WAL of an open ledger."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Leave it to SQLite as long as nobody asks for more."""
        self._db = db
        self._in_backup = False
        self._to_erase = False

    def begin_backup(self, *, checkpoint: bool) -> None:
        """Leave the file as it is from now on, with the WAL brought into it before or not."""
        self._db.execute("PRAGMA wal_autocheckpoint = 0")
        self._db.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
        self._in_backup = True
        if checkpoint:
            self._checkpoint()

    def end_backup(self) -> None:
        """Let the WAL go into the file again."""
        self._db.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, False)
        self._db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        self._in_backup = False
        if self._to_erase:
            self._to_erase = not self._checkpoint()

    def erase(self) -> None:
        """Leave no byte of what was deleted in file and WAL; during a backup, as soon as that is over.

        Pages have remains of rows that SQLite moved, or that older versions of a row had, so the file is written anew.
        """
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("VACUUM")
        if self._in_backup:
            self._to_erase = True
        elif not self._checkpoint():
            raise sqlite3.OperationalError("somebody reads the file")

    def _checkpoint(self) -> bool:
        """Bring the WAL into the file and empty it; False if somebody still reads what was there before."""
        (busy, *_) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
