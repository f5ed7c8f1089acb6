"""The ledger's file: damaged, full, copied for a backup."""

import asyncio
from pathlib import Path
import shutil
import sqlite3

import pytest

from custom_components.ykc.server.ledger import Ledger, LedgerError
from custom_components.ykc.server.sessions import SessionFilter
from tests.server.house import House, eventually
from tests.server.peer import CODE

NUMBERS = [CODE + "01" + f"260301100000{n:04}" for n in range(1, 400)]


def spoil(path: Path) -> bytes:
    """Write rubbish into the middle of a file; return what is in it then."""
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)
    return bytes(data)


def damaged(folder: Path) -> list[Path]:
    """Return the files that were set aside."""
    return list(folder.glob("ledger.damaged-*.db"))


@pytest.mark.parametrize("rubbish", [b"not a database, but long enough for one" * 200, None])
async def test_a_damaged_file_is_set_aside(tmp_path: Path, rubbish: bytes | None) -> None:
    """It is kept as it was, and a new one is begun."""
    path = tmp_path / "ledger.db"
    if rubbish is None:
        ledger = await Ledger.open(path)
        assert ledger.set_aside is None
        await ledger.load(CODE)
        await ledger.close()
        rubbish = spoil(path)
    else:
        path.write_bytes(rubbish)
    path.with_name("ledger.db-wal").write_bytes(b"what was left")
    ledger = await Ledger.open(path)
    aside = ledger.set_aside
    assert aside is not None
    assert aside.name.startswith("ledger.damaged-")
    assert aside.suffix == ".db"
    assert aside.read_bytes() == rubbish
    assert aside.with_name(f"{aside.name}-wal").exists()
    assert (await ledger.load(CODE)).pile_id == 1
    await ledger.close()
    # The new one is well.
    ledger = await Ledger.open(path)
    assert ledger.set_aside is None
    await ledger.close()


async def test_a_second_damage_hides_no_first_one(tmp_path: Path) -> None:
    """Each damaged file has a name of its own."""
    path = tmp_path / "ledger.db"
    for _ in range(2):
        path.write_bytes(b"no database " * 1000)
        await (await Ledger.open(path)).close()
    assert len(damaged(tmp_path)) == 2


async def test_a_file_that_is_busy_is_not_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another program holds is left where it is, and tried again later."""
    monkeypatch.setattr("custom_components.ykc.server.ledger_open.BUSY_TIMEOUT", 0.05)
    path = tmp_path / "ledger.db"
    await (await Ledger.open(path)).close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LedgerError, match="locked"):
        await Ledger.open(path)
    db.close()
    assert damaged(tmp_path) == []


async def test_a_full_disk_is_told_once_and_so_is_its_end(tmp_path: Path) -> None:
    """Whoever opened the ledger hears when writing begins to fail, and when it works again."""
    told: list[str | None] = []
    ledger = await Ledger.open(tmp_path / "ledger.db", told.append)
    pile = (await ledger.load(CODE)).pile_id
    db = ledger._file._db
    await ledger._run(lambda: db.execute("PRAGMA query_only = ON"))
    for _ in range(3):
        with pytest.raises(LedgerError):
            await ledger.draw_counter(pile)
    # That something can be read says nothing of the disk.
    await ledger.find_closed(pile, NUMBERS[0])
    assert told == ["attempt to write a readonly database"]
    await ledger._run(lambda: db.execute("PRAGMA query_only = OFF"))
    for _ in range(2):
        await ledger.draw_counter(pile)
    assert told == ["attempt to write a readonly database", None]
    await ledger.close()


async def test_a_real_full_disk(house: House) -> None:
    """A file that may not grow takes no record and gives no 0x40; when it may, the repeat is stored."""
    _, peer = await house.online()
    db = house.disk._file._db
    (pages,) = await house.ledger._run(lambda: db.execute("PRAGMA page_count").fetchone())
    await house.ledger._run(lambda: db.execute(f"PRAGMA max_page_count = {pages}").fetchall())
    stored = 0
    for number in NUMBERS:
        peer.send(peer.record(number))
        await eventually(lambda n=stored: house.counts["ledger"] or len(house.rows("SELECT 1 FROM records")) > n)  # type: ignore[misc] # bound
        if house.counts["ledger"]:
            break
        await peer.receive()
        stored += 1
    await peer.silence()
    await house.ledger._run(lambda: db.execute("PRAGMA max_page_count = 1000000").fetchall())
    await peer.bill(peer.record(number))
    assert house.rows("SELECT count(*) FROM records") == [(stored + 1,)]
    assert house.rows("SELECT count(*) FROM record_periods") == [(4 * (stored + 1),)]


async def test_a_backup(house: House, tmp_path: Path) -> None:
    """A copy that is made while records come is whole, and so is what was written meanwhile."""
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBERS[0]))
    await house.ledger.begin_backup()
    wal = house.path.with_name(f"{house.path.name}-wal")
    assert wal.stat().st_size == 0
    before = house.path.read_bytes()
    copy = tmp_path / "copy.db"
    shutil.copyfile(house.path, copy)
    for number in NUMBERS[1:]:
        await peer.bill(peer.record(number))
    assert house.path.read_bytes() == before
    # The WAL is cut off wherever the copy happened to be.
    (tmp_path / "copy.db-wal").write_bytes(wal.read_bytes()[:-5000])
    size = wal.stat().st_size
    assert size > 1000 * 4096
    await house.ledger.end_backup()
    await peer.bill(peer.record("8" * 32))
    assert house.path.read_bytes() != before
    assert house.rows("SELECT count(*) FROM records") == [(len(NUMBERS) + 1,)]
    ledger = await Ledger.open(copy)
    assert ledger.set_aside is None
    found = await ledger.read(lambda r: [s.transaction for s in r.sessions(SessionFilter())])
    assert len(NUMBERS) > len(found) > len(NUMBERS) - 10
    await ledger.close()


async def test_a_backup_while_the_listener_is_reloaded(tmp_path: Path) -> None:
    """A ledger that is closed in a backup leaves the file as it is."""
    ledger = await Ledger.open(tmp_path / "ledger.db")
    await ledger.begin_backup()
    before = ledger.path.read_bytes()
    await ledger.load(CODE)
    await ledger.close()
    assert ledger.path.read_bytes() == before
    ledger = await Ledger.open(ledger.path)
    assert await ledger.read(lambda r: list(r.sessions(SessionFilter()))) == []
    assert (await ledger.load(CODE)).pile_id == 1
    await ledger.close()


async def test_a_record_that_comes_while_a_backup_begins(house: House) -> None:
    """It waits for the file, and is acknowledged then."""
    _, peer = await house.online()
    house.disk.hold("begin_backup")
    beginning = asyncio.create_task(house.ledger.begin_backup())
    peer.send(peer.record(NUMBERS[0]))
    await peer.silence()
    house.disk.release()
    await beginning
    await peer.receive()
    assert house.rows("SELECT count(*) FROM records") == [(1,)]


async def test_a_ledger_that_is_gone_can_not_be_read(tmp_path: Path) -> None:
    """A reader makes no file."""
    ledger = await Ledger.open(tmp_path / "ledger.db")
    await ledger.close()
    ledger.path.unlink()
    with pytest.raises(LedgerError):
        await ledger.read(lambda r: list(r.sessions(SessionFilter())))
    assert not ledger.path.exists()
