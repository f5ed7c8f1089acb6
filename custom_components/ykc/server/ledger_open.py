"""Opening the ledger's file: checked, brought up to date, or set aside when it is damaged."""

from datetime import UTC, datetime
import logging
from pathlib import Path
import sqlite3
from typing import Final

from .ledger_schema import bring_up_to_date

_LOGGER = logging.getLogger(__name__)

BUSY_TIMEOUT: Final = 10.0
"""Seconds to wait for another connection to the file."""
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY_CODE: Final = 0xFF


class Transaction:
    """BEGIN … COMMIT, or ROLLBACK when the block raises."""

    def __init__(self, db: sqlite3.Connection, *, durable: bool) -> None:
        """Have a durable one wait for the disk."""
        self._db = db
        self._durable = durable

    def __enter__(self) -> None:
        """Begin to write."""
        level = "FULL" if self._durable else "NORMAL"
        self._db.execute(f"PRAGMA synchronous = {level}")
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Commit what was written, or take it back."""
        try:
            if kind is None:
                self._db.execute("COMMIT")
        finally:
            # A failed commit (a full disk) leaves the transaction open.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


def open_database(path: Path) -> tuple[sqlite3.Connection, Path | None]:
    """Open or make the file at `path`; also return where a damaged one was put aside.

    Raises `LedgerError` for a file of a newer version, sqlite3.Error and OSError
    for one that cannot be read or written: such a file stays where it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _open(path), None
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            raise
        aside = _set_aside(path)
        _LOGGER.error("%s is damaged (%s): it was set aside as %s, and a new one is begun", path, error, aside.name)
    return _open(path), aside


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT)
    try:
        # A damaged file is kept as it was found, its WAL too.
        db.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA foreign_keys = ON")
        # What a row had is overwritten when it is deleted, with the next checkpoint at the latest.
        db.execute("PRAGMA secure_delete = ON")
        _check(db)
        with Transaction(db, durable=True):
            bring_up_to_date(db, path.name)
        db.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, False)
    except BaseException:
        db.close()
        raise
    return db


def _check(db: sqlite3.Connection) -> None:
    (finding,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if finding != "ok":
        raise _Damage(finding)


class _Damage(sqlite3.DatabaseError):
    """What the check found."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & _PRIMARY_CODE in _DAMAGED


def _set_aside(path: Path) -> Path:
    """Rename a file with its WAL and index, so that they stay together."""
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    aside = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}")
    for ending in ("-wal", "-shm", ""):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside
