"""A process that is killed while it deletes has deleted all or nothing, and the next one finishes."""

import asyncio
from contextlib import closing
import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path
import random
import shutil
import sqlite3
from typing import Any, Final

import pytest

from custom_components.ykc.server.booking import Booking
from custom_components.ykc.server.ledger import Ledger
from custom_components.ykc.server.ledger_people import forget_people

from .test_deleting import (
    CARD,
    EVERYTHING,
    GONE,
    NOON,
    PAULA,
    STAYS,
    VIN,
    bill,
    content,
    files,
    number,
    order_of,
    record_of,
    top_up,
)

ROUNDS: Final = 6
SESSIONS: Final = 150
PATIENCE: Final = 30.0

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


async def fill(path: Path) -> None:
    """Make a ledger with two piles that have sessions of a prepaid driver."""
    ledger = await Ledger.open(path)
    await ledger._run(lambda: ledger._file._db.execute("PRAGMA synchronous = OFF"))
    await top_up(ledger)
    for code in (GONE, STAYS):
        for count in range(SESSIONS // 2):
            await bill(ledger, record_of(code, number(code, count)), Booking(driver=PAULA.driver, name=PAULA.name))
    await bill(ledger, record_of(STAYS, number(STAYS, SESSIONS)), PAULA)
    await order_of(ledger, STAYS, SESSIONS + 1, PAULA)
    await ledger.close()


async def _call(path: Path, action: str, said: Connection | None = None) -> None:
    ledger = await Ledger.open(path)
    if said is not None:
        said.send("open")
    match action:
        case "pile":
            await ledger.delete_pile(GONE, {STAYS})
        case "people":
            await ledger.forget_people(EVERYTHING)
        case "balance":
            await ledger.close_account(PAULA, (), NOON)
    if said is None:
        await ledger.close()
    else:
        said.send("done")
        await asyncio.sleep(PATIENCE)


def _delete(path: Path, action: str, said: Connection) -> None:
    asyncio.run(_call(path, action, said))


def run_and_kill(path: Path, action: str, after: float | None) -> bool:
    """Let a process delete, and kill it so many seconds after it began, or when it is done; return if it was done."""
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_delete, args=(path, action, theirs), daemon=True)
    process.start()
    assert ours.poll(PATIENCE)
    assert ours.recv() == "open"
    done = ours.poll(PATIENCE if after is None else after)
    process.kill()
    process.join()
    return done


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a ledger once."""
    path = tmp_path_factory.mktemp("killed") / "full.db"
    asyncio.run(fill(path))
    return path


def measure(path: Path, action: str) -> list[str]:
    """Return what is in a copy when a process has done it."""
    asyncio.run(_call(path, action))
    with closing(sqlite3.connect(path)) as db:
        return [*db.iterdump()]


@pytest.mark.parametrize("action", ["pile", "people", "balance"])
async def test_killed(full: Path, tmp_path: Path, action: str) -> None:
    """At whatever moment it is killed, all is as before or all is done; what was told as done is done."""
    finished = tmp_path / "finished.db"
    shutil.copyfile(full, finished)
    with closing(sqlite3.connect(full)) as db:
        before = [*db.iterdump()]
    after = await asyncio.to_thread(measure, finished, action)
    assert before != after
    dice, seen = random.Random(7), set[Any]()
    for count in range(ROUNDS):
        path = tmp_path / f"killed-{count}.db"
        shutil.copyfile(full, path)
        # The first one is killed when it is done.
        done = await asyncio.to_thread(run_and_kill, path, action, dice.uniform(0, 0.2) if count else None)
        ledger = await Ledger.open(path)
        assert ledger.set_aside is None
        found = content(ledger)
        assert found in (before, after)
        assert found == after or not done
        seen.add(found == after)
        if action == "people":
            await ledger.forget_people(EVERYTHING)
            await ledger.close()
            assert bytes.fromhex(CARD)[4:] not in files(ledger)
        else:
            await ledger.close()
    assert True in seen


async def test_an_end_without_a_copy(full: Path, tmp_path: Path) -> None:
    """Killed before the file was written anew: what was deleted is overwritten all the same, by the next clean end."""
    path = tmp_path / "killed.db"
    shutil.copyfile(full, path)
    ledger = await Ledger.open(path)
    await ledger._run(lambda: ledger._file.delete(lambda db: forget_people(db, EVERYTHING)))
    assert VIN.encode() in files(ledger)
    await ledger.close()
    assert VIN.encode() not in files(ledger)
