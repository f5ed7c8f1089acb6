"""The hours of all sessions: written with the record, marked until the statistics have them."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
import sqlite3

from custom_components.ykc.protocol import LoginReply, ReadRealtime
from custom_components.ykc.server.hours import HOUR
from custom_components.ykc.server.ledger import Ledger
from custom_components.ykc.server.ledger_hours import _UNEXPORTED, ALL, GunHours, HourSum
from custom_components.ykc.server.ledger_schema import _VERSIONS
from tests.server.house import House, charging, eventually
from tests.server.peer import CODE, Peer

NUMBER = CODE + "01" + "2603011000000001"
OTHER = CODE + "01" + "2603011000000002"
ELEVEN = datetime.fromisoformat("2026-03-01T11:00:00+08:00")


async def hours_of(ledger: Ledger, gun: int = 1, since: int = ALL) -> list[HourSum]:
    """Return the hours of a gun."""
    (known,) = [known for known in await marks(ledger, unexported=False) if known.gun == gun]
    return await ledger.read(lambda reader: reader.hours(known, since))


async def marks(ledger: Ledger, *, unexported: bool = True) -> list[GunHours]:
    """Return the guns of which the statistics lack something."""
    return await ledger.read(lambda reader: reader.guns(unexported=unexported))


def figures(hours: list[HourSum]) -> list[tuple[int, str, str]]:
    """Return hours of that day, counted from eleven o'clock, with energy and its sum."""
    first = int(ELEVEN.timestamp()) // HOUR
    return [(hour.hour - first, str(hour.energy), str(hour.energy_sum)) for hour in hours]


async def report(house: House, peer: Peer, transaction: str, minutes: int, energy: str) -> None:
    """Report what a charge has come to, some minutes after eleven."""
    house.now = ELEVEN + timedelta(minutes=minutes)
    peer.send(peer.report(transaction, energy, "0"))
    await eventually(lambda: house.gun().session_energy == Decimal(energy))


async def test_energy_lies_where_it_was_reported(house: House) -> None:
    """The hours of a session are those in which it was reported, also over a restart; nothing else is kept."""
    house.now = ELEVEN
    pile, peer = await house.online()
    transaction = await charging(pile, peer, energy="0.1")
    for minutes, energy in ((20, "1"), (40, "5"), (41, "5.1"), (60, "8")):
        await report(house, peer, transaction, minutes, energy)
    later = await house.restart()
    later.now = ELEVEN + timedelta(minutes=100)
    _, peer = await later.online()
    await report(later, peer, transaction, 120, "9")
    await later.ledger.load(CODE)
    # One note in five minutes.
    assert later.rows("SELECT energy FROM progress ORDER BY slot") == [(1000,), (10000,), (50000,), (80000,), (90000,)]
    later.now = ELEVEN + timedelta(minutes=130)
    begin = datetime(2026, 3, 1, 11)
    await peer.bill(peer.record(transaction, "10", start=begin, end=begin + timedelta(minutes=130)))
    assert figures(await hours_of(later.ledger)) == [
        (0, "8.0000", "8.0000"),
        (1, "1.0000", "9.0000"),
        (2, "1.0000", "10.0000"),
    ]
    assert later.rows("SELECT count(*) FROM progress") == [(0,)]


async def test_stored_report_says_nothing_of_now(house: House) -> None:
    """What a pile stored while it was away is no note of the hour in which it comes."""
    house.now = ELEVEN
    pile, peer = await house.online()
    transaction = await charging(pile, peer, energy="1")
    await peer.hang_up()
    await eventually(lambda: not pile.state.connected)
    house.now = ELEVEN + timedelta(hours=3)
    peer = await house.dial()
    peer.send(peer.login(), peer.report(transaction, "2", "3"))
    await peer.expect(LoginReply)
    await eventually(lambda: house.rows("SELECT energy FROM orders") == [(20000,)])
    assert house.rows("SELECT energy FROM progress") == [(10000,)]
    await peer.answer_clock()
    noon = datetime(2026, 3, 1, 12)
    await peer.expect(ReadRealtime, gun=1)
    await peer.expect(ReadRealtime, gun=2)
    await peer.bill(peer.record(transaction, "3", start=noon - timedelta(hours=1), end=noon + timedelta(minutes=15)))
    assert [share[0] for share in figures(await hours_of(house.ledger))] == [0, 1]


async def test_offline_sessions_lie_evenly_and_late_ones_before(house: House) -> None:
    """A session that nobody saw is spread evenly; a late one raises all later sums; a repeat nothing."""
    _, peer = await house.online()
    house.now = ELEVEN + timedelta(days=3)
    noon = datetime(2026, 3, 1, 12)
    await peer.bill(peer.record(NUMBER, "3", start=noon, end=noon + timedelta(minutes=90)))
    assert figures(await hours_of(house.ledger)) == [(1, "2.0000", "2.0000"), (2, "1.0000", "3.0000")]
    (known,) = await marks(house.ledger)
    await house.ledger.mark_exported(known)
    assert await marks(house.ledger) == []

    late = peer.record(OTHER, "5", start=noon - timedelta(hours=1), end=noon + timedelta(minutes=15))
    await peer.bill(late)
    await peer.bill(late)
    expected = [(0, "4.0000", "4.0000"), (1, "3.0000", "7.0000"), (2, "1.0000", "8.0000")]
    assert figures(await hours_of(house.ledger)) == expected
    (known,) = await marks(house.ledger)
    assert known.since is not None
    assert figures(await hours_of(house.ledger, since=known.since)) == expected
    assert figures(await hours_of(house.ledger, since=known.since + 1)) == expected[1:]


async def test_mark_stays_when_a_record_came_meanwhile(house: House) -> None:
    """What was exported of an older state takes no mark off."""
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER, "3"))
    (known,) = await marks(house.ledger)
    await peer.bill(peer.record(OTHER, "3"))
    await house.ledger.mark_exported(known)
    assert [mark.newest.energy_sum for mark in await marks(house.ledger)] == [Decimal(6)]


async def test_settlements_are_told_once(house: House) -> None:
    """Who listens hears of every new record, and of no repeat."""
    _, peer = await house.online()
    told: list[int] = []
    unsubscribe = house.ledger.on_settlement(lambda: told.append(1))
    await peer.bill(peer.record(NUMBER))
    await peer.bill(peer.record(NUMBER))
    assert told == [1]
    unsubscribe()
    await peer.bill(peer.record(OTHER))
    assert told == [1]


async def test_older_file_gets_its_hours(house: House) -> None:
    """The records of a version 2 file are laid on their hours, once, and marked."""
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER, "3", start=datetime(2026, 3, 1, 11), end=datetime(2026, 3, 1, 12, 30)))
    before = await hours_of(house.ledger)
    older = await make_older(house)
    ledger = await Ledger.open(older)
    try:
        assert await hours_of(ledger) == before
        assert [known.since for known in await marks(ledger)] == [before[0].hour]
    finally:
        await ledger.close()


async def make_older(house: House) -> Path:
    """Return a copy of the house's ledger as version 2 had it."""
    older = house.path.with_name("older.db")
    db = sqlite3.connect(older)
    for make in _VERSIONS[:2]:
        make(db)
    db.execute("PRAGMA user_version = 2")
    db.commit()
    db.execute("ATTACH ? AS newer", (str(house.path),))
    for table in ("piles", "orders", "records", "record_periods", "totals"):
        columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
        db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")  # noqa: S608
    db.commit()
    db.close()
    return older


async def test_hours_use_their_index(house: House) -> None:
    """Nothing that the statistics ask goes through all sessions of all guns."""
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER))
    await hours_of(house.ledger)
    for query in (
        "SELECT sum(energy) FROM session_hours WHERE pile = 1 AND gun = 1 AND hour < 5",
        "SELECT hour, sum(energy) FROM session_hours WHERE pile = 1 AND gun = 1 AND hour >= 5 GROUP BY hour ORDER BY hour",
        "SELECT slot FROM progress WHERE order_id = 1 ORDER BY slot",
    ):
        plan = [row[3] for row in house.rows(f"EXPLAIN QUERY PLAN {query}")]
        assert all(step.startswith("SEARCH") and "PRIMARY KEY" in step for step in plan), plan
    plan = [row[3] for row in house.rows(f"EXPLAIN QUERY PLAN {_UNEXPORTED}")]
    assert not any(step.startswith("SCAN h") for step in plan), plan
