"""Bills: stored before they are acknowledged, once, whatever way they come."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
import sqlite3

import pytest

from custom_components.ykc.protocol import (
    HeartbeatReply,
    Record,
    TransactionAck,
    TransactionAckV12,
    TransactionRecord,
    TransactionRecordV12,
    TransactionRecordV14,
    TransactionRecordV17,
)
from custom_components.ykc.server import bills as bills_module
from custom_components.ykc.server.state import GunState, GunStatus, LastSession
from tests.server.conftest import MakeHouse
from tests.server.house import House, accepted, charging, eventually, hurried
from tests.server.peer import CODE

NUMBER = CODE + "01" + "2603011000000001"
OLDER = CODE + "01" + "2602011000000001"


def last_session(gun: GunState) -> LastSession:
    """Return a gun's last session, which there is."""
    assert gun.last_session is not None
    return gun.last_session


async def test_nothing_is_acknowledged_before_it_is_on_disk(house: House) -> None:
    """Nothing is acknowledged before it is on disk."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    house.disk.hold()
    peer.send(peer.record(transaction), sequence=b"\x0a\x0b")
    await peer.silence(0.3)
    # The conversation goes on meanwhile.
    peer.send(peer.heartbeat())
    await peer.expect(HeartbeatReply)
    assert house.gun().last_session is None
    assert house.rows("SELECT * FROM records") == []
    house.disk.release()
    await peer.expect(TransactionAck, transaction=transaction, result=0)
    assert peer.frame.sequence == b"\x0a\x0b"
    assert house.rows("SELECT transaction_number FROM records") == [(transaction,)]


async def test_it_is_committed_with_full_synchronisation(house: House) -> None:
    """It is committed with full synchronisation."""
    _, peer = await house.online()
    statements: list[str] = []
    await house.ledger._run(lambda: house.disk._file._db.set_trace_callback(statements.append))
    await peer.bill(peer.record(NUMBER))
    told = [s.split()[0] if "synchronous" not in s else s for s in statements]
    assert told[:2] == ["PRAGMA synchronous = FULL", "BEGIN"]
    assert told[-1] == "COMMIT"
    assert house.rows("PRAGMA journal_mode") == [("wal",)]


async def test_a_failing_disk_acknowledges_nothing_and_stores_the_repeat(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """A failing disk acknowledges nothing and stores the repeat."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    house.disk.fails = {"store_record"}
    for _ in range(2):
        peer.send(peer.record(transaction))
    await eventually(lambda: house.counts["ledger"] == 2)
    await peer.silence()
    assert house.gun().last_session is None
    assert caplog.text.count("could not be stored") == 1
    house.disk.fails = set()
    await peer.bill(peer.record(transaction))
    assert house.gun().last_session is not None
    assert house.rows("SELECT count(*) FROM records") == [(1,)]


async def test_a_commit_that_fails_leaves_the_ledger_usable(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit that fails leaves the ledger usable."""
    _, peer = await house.online()
    file = house.disk._file

    class FullDisk:
        def __init__(self, db: sqlite3.Connection) -> None:
            self.db = db
            self.full = True

        def execute(self, statement: str, *parameters: object) -> object:
            if statement == "COMMIT" and self.full:
                self.full = False
                raise sqlite3.OperationalError("database or disk is full")
            return self.db.execute(statement, *parameters)  # type: ignore[arg-type] # passed on

        def __getattr__(self, name: str) -> object:
            return getattr(self.db, name)

    db = FullDisk(file._db)
    monkeypatch.setattr(file, "_db", db)
    peer.send(peer.record(NUMBER))
    await eventually(lambda: house.counts["ledger"])
    await peer.silence()
    assert not file._db.in_transaction
    await peer.bill(peer.record(NUMBER))


async def test_a_repeat_is_acknowledged_again_and_stored_once(house: House) -> None:
    """A repeat is acknowledged again and stored once."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    for _ in range(4):
        await peer.bill(peer.record(transaction, "2"))
    # Even one that says something else: the first one counts.
    await peer.bill(peer.record(transaction, "3"))
    assert house.gun().total_energy == 2
    assert house.rows("SELECT energy FROM records") == [(20000,)]


async def test_repeats_that_overtake_the_disk_are_stored_once(house: House) -> None:
    """Repeats that overtake the disk are stored once."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    house.disk.hold()
    for _ in range(3):
        peer.send(peer.record(transaction, "2"))
    await peer.silence()
    house.disk.release()
    for _ in range(3):
        await peer.expect(TransactionAck, result=0)
    assert house.gun().total_energy == 2
    assert last_session(house.gun()).energy == 2


async def test_a_pile_that_floods_with_records_is_answered_as_the_disk_allows(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pile that floods with records is answered as the disk allows."""
    monkeypatch.setattr(bills_module, "MAX_RECORDS", 2)
    _, peer = await house.online()
    house.disk.hold()
    peer.send(*(peer.record(f"{number:032}") for number in range(1, 5)))
    await eventually(lambda: house.counts["too_many_records"] == 2)
    house.disk.release()
    for number in (1, 2):
        await peer.expect(TransactionAck, transaction=f"{number:032}")
    await peer.silence()
    await peer.bill(peer.record(f"{3:032}"))


@pytest.mark.parametrize(
    ("kind", "blocks", "answer"),
    [
        (TransactionRecord, 4, TransactionAck),
        (TransactionRecord, 5, TransactionAck),
        (TransactionRecordV14, 4, TransactionAck),
        (TransactionRecordV12, 4, TransactionAckV12),
        (TransactionRecordV17, 5, TransactionAck),
    ],
)
async def test_every_dialect(
    house: House, kind: type[Record], blocks: int, answer: type[TransactionAck | TransactionAckV12]
) -> None:
    """Every dialect."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    record = peer.record(transaction, "2.3456", "3.4567", kind=kind, blocks=blocks, vin="LSVAA4182E2123456")
    for _ in range(2):
        peer.send(record, sequence=b"\x01\x02")
        await peer.expect(answer, transaction=transaction, result=0)
        assert peer.frame.sequence == b"\x01\x02"
    assert house.gun().total_energy == Decimal("2.3456")
    assert last_session(house.gun()).cost == Decimal("3.4567")
    assert house.rows("SELECT frame_type, body, energy, amount, vin, started_by FROM records") == [
        (kind.TYPE, record.body(), 23456, 34567, "LSVAA4182E2123456", 1)
    ]


async def test_a_record_of_an_unknown_order_counts_when_it_comes(house: House) -> None:
    """A record of an unknown order counts when it comes."""
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER, "3"))
    assert house.gun().total_energy == 3
    assert last_session(house.gun()).transaction == NUMBER


async def test_a_record_of_an_unknown_gun_is_kept(house: House) -> None:
    """A record of an unknown gun is kept."""
    pile, peer = await house.online()
    before = pile.state
    for number, gun in enumerate((3, 98), 1):
        await peer.bill(peer.record(f"{number:032}", "3", gun=gun))
    assert pile.state == before
    assert house.rows("SELECT gun FROM records") == [(3,), (98,)]
    # It turns out that there is a third.
    peer.send(peer.login(gun_count=3))
    await peer.receive()
    assert house.gun(3).total_energy == 3


@pytest.mark.parametrize("byte", [0x00, 0xFF])
async def test_a_record_of_a_gun_that_can_not_be(house: House, byte: int) -> None:
    """A record of a gun that cannot be."""
    _, peer = await house.online()
    body = bytearray(peer.record(NUMBER).body())
    body[23] = byte
    await peer.bill(TransactionRecord.from_body(bytes(body)))
    house = await house.restart()
    assert house.gun().total_energy == 0


async def test_a_record_that_names_the_wrong_gun_settles_its_order(house: House) -> None:
    """A record that names the wrong gun settles its order."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer, gun=2)
    await peer.bill(peer.record(transaction, "2", gun=1))
    assert house.gun(2).transaction is None
    assert house.gun(2).total_energy == 2
    assert house.gun(1).total_energy == 0
    house = await house.restart()
    assert (house.gun(1).total_energy, house.gun(2).total_energy) == (Decimal(0), Decimal(2))


async def test_records_without_a_number_are_known_by_what_they_say(house: House) -> None:
    """Records without a number are known by what they say."""
    _, peer = await house.online()
    for _ in range(2):
        await peer.bill(peer.record(energy="1"))
    await peer.bill(peer.record(energy="2", end=datetime(2026, 3, 1, 11, 30)))
    assert house.gun().total_energy == 3
    assert last_session(house.gun()).energy == 2
    # An older one of the same number, which is none, is no replacement.
    await peer.bill(peer.record(energy="4", end=datetime(2026, 2, 1, 11, 0)))
    assert house.gun().total_energy == 7
    assert last_session(house.gun()).energy == 2


async def test_records_out_of_order(house: House) -> None:
    """Records out of order."""
    pile, peer = await house.online()
    newest = await charging(pile, peer)
    await peer.bill(peer.record(newest, "2"))
    await peer.bill(peer.record(OLDER, "4", end=datetime(2026, 2, 1, 11, 0)))
    assert last_session(house.gun()).transaction == newest
    assert house.gun().total_energy == 6
    house = await house.restart()
    assert last_session(house.gun()).transaction == newest
    assert house.gun().total_energy == 6


async def test_a_late_record_of_an_older_session_leaves_the_unbilled_one(make_house: MakeHouse) -> None:
    """A late record of an older session leaves the unbilled one."""
    house = await make_house(hurried(record=0.1))
    pile, peer = await house.online()
    newest = await charging(pile, peer)
    peer.send(peer.report())
    await eventually(lambda: house.gun().last_session)
    await peer.bill(peer.record(OLDER, "4", end=datetime(2026, 2, 1, 11, 0)))
    assert last_session(house.gun()).transaction == newest
    house = await house.restart()
    assert last_session(house.gun()).transaction == newest
    assert last_session(house.gun()).stop_reason == "no_record"


@pytest.mark.parametrize("end", [None, datetime(2099, 1, 1)])
async def test_a_pile_with_a_wrong_clock(house: House, end: datetime | None) -> None:
    """Its session ended when its record came, and the next one is later."""
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER, "3", start=None, end=end, time=None))
    last = last_session(house.gun())
    assert last.ended == house.now
    assert last.started is None
    house.now += timedelta(hours=1)
    await peer.bill(peer.record(OLDER, "4", end=datetime(2026, 3, 1, 12, 30)))
    assert last_session(house.gun()).transaction == OLDER
    house = await house.restart()
    assert last_session(house.gun()).transaction == OLDER


@pytest.mark.parametrize("behind", [datetime(2020, 1, 1, 0, 10), datetime(2026, 3, 1, 2, 0)])
async def test_a_clock_that_is_behind_hides_no_session_that_we_saw(house: House, behind: datetime) -> None:
    """The session that just ended is the last one, whatever the pile's clock says; also after a restart."""
    pile, peer = await house.online()
    first = await charging(pile, peer)
    await peer.bill(peer.record(first, "2"))
    house.now += timedelta(minutes=30)
    second = await charging(pile, peer)
    await peer.bill(peer.record(second, "3", end=behind))
    assert last_session(house.gun()).transaction == second
    # What nobody saw is put in order by what it says itself.
    await peer.bill(peer.record(OLDER, "4", end=datetime(2026, 2, 28, 11, 0)))
    assert last_session(house.gun()).transaction == second
    house = await house.restart()
    assert last_session(house.gun()).transaction == second
    assert last_session(house.gun()).energy == 3
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER, "5", end=datetime(2026, 2, 28, 12, 0)))
    assert last_session(house.gun()).transaction == second


async def test_the_late_record_of_the_newest_order_is_the_last_session(make_house: MakeHouse) -> None:
    """A record that comes after its order was closed takes the place of it, and of nothing newer."""
    house = await make_house(hurried(record=0.1))
    pile, peer = await house.online()
    older = await charging(pile, peer)
    peer.send(peer.report())
    await eventually(lambda: house.gun().last_session)
    house.now += timedelta(minutes=30)
    newest = await charging(pile, peer)
    peer.send(peer.report())
    await eventually(lambda: last_session(house.gun()).transaction == newest)
    house = await house.restart()
    _, peer = await house.online()
    await peer.bill(peer.record(newest, "2", end=datetime(2020, 1, 1)))
    await peer.bill(peer.record(older, "2", end=datetime(2026, 3, 1, 11, 30)))
    assert last_session(house.gun()).transaction == newest
    assert last_session(house.gun()).energy == 2
    house = await house.restart()
    assert last_session(house.gun()).transaction == newest


async def test_times_are_the_piles_local_time(house: House) -> None:
    """Times are the pile's local time."""
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER))
    assert last_session(house.gun()).ended == datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
    assert house.rows("SELECT started, ended FROM records") == [
        ("2026-03-01T10:00:00+08:00", "2026-03-01T11:00:00+08:00")
    ]


async def test_an_unknown_stop_reason_and_starter(house: House) -> None:
    """An unknown stop reason and starter."""
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER, stop_reason=0xC8, started_by=9))
    assert last_session(house.gun()).stop_reason == "unknown_code"


# Total energy


async def test_the_total_is_never_lowered(house: House) -> None:
    """The total is never lowered."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer, energy="10")
    await peer.bill(peer.record(transaction, "9.5"))
    assert last_session(house.gun()).energy == Decimal("9.5")
    assert house.gun().total_energy == 10
    # Nor is it by a restart.
    house = await house.restart()
    assert house.gun().total_energy == 10
    pile, peer = await house.online()
    # The next session makes up for what the bill had less.
    transaction = await charging(pile, peer, energy="0.25")
    assert house.gun().total_energy == 10
    await peer.bill(peer.record(transaction, "1.5"))
    assert house.gun().total_energy == 11


async def test_guns_count_apart(house: House) -> None:
    """Guns count apart."""
    pile, peer = await house.online()
    first = await charging(pile, peer, 1, "1")
    second = await charging(pile, peer, 2, "2")
    assert (house.gun(1).total_energy, house.gun(2).total_energy) == (Decimal(1), Decimal(2))
    await peer.bill(peer.record(second, "2.5", gun=2))
    await peer.bill(peer.record(first, "1.5"))
    assert (house.gun(1).total_energy, house.gun(2).total_energy) == (Decimal("1.5"), Decimal("2.5"))


async def test_an_order_without_a_record_keeps_what_was_reported(make_house: MakeHouse) -> None:
    """An order without a record keeps what was reported."""
    house = await make_house(hurried(record=0.1))
    pile, peer = await house.online()
    transaction = await charging(pile, peer, energy="5")
    peer.send(peer.report())
    await eventually(lambda: house.gun().last_session)
    assert house.gun().total_energy == 5
    house = await house.restart()
    assert house.gun().total_energy == 5
    _, peer = await house.online()
    # Nothing of it is remembered but in the ledger.
    await peer.bill(peer.record(transaction, "6"))
    assert house.gun().total_energy == 6
    house = await house.restart()
    assert house.gun().total_energy == 6
    assert last_session(house.gun()).stop_reason == "stopped_remotely"


async def test_a_record_that_comes_while_its_order_is_closed(make_house: MakeHouse) -> None:
    """A record that comes while its order is closed."""
    house = await make_house(hurried(record=0.1))
    pile, peer = await house.online()
    transaction = await charging(pile, peer, energy="5")
    house.disk.hold()
    peer.send(peer.report(), peer.record(transaction, "6"))
    await eventually(lambda: house.gun().last_session)
    assert last_session(house.gun()).stop_reason == "no_record"
    house.disk.release()
    await peer.expect(TransactionAck)
    await eventually(lambda: last_session(house.gun()).stop_reason == "stopped_remotely")
    assert house.gun().total_energy == 6
    house = await house.restart()
    assert house.gun().total_energy == 6
    assert house.rows("SELECT phase, outcome FROM orders") == [("closed", "settled")]


async def test_many_orders_without_records(make_house: MakeHouse) -> None:
    """More than a gun remembers: the ledger knows them."""
    house = await make_house(hurried(record=0.02))
    pile, peer = await house.online()
    transactions = []
    for number in range(18):
        transactions.append(await charging(pile, peer, energy="1"))
        peer.send(peer.report())
        await eventually(lambda n=number: house.gun().total_energy == n + 1 and house.gun().transaction is None)  # type: ignore[misc] # bound
        await eventually(lambda: not pile.guns[1].orders)
    assert len(pile.guns[1]._closed) == 16
    await peer.bill(peer.record(transactions[0], "1.5"))
    assert house.gun().total_energy == Decimal("18.5")


async def test_an_order_that_can_not_be_written_is_noted(house: House) -> None:
    """An order that cannot be written is noted."""
    pile, peer = await house.online()
    transaction = await accepted(pile, peer)
    house.disk.fails = {"update_order"}
    peer.send(peer.report(transaction, "1"))
    await eventually(lambda: house.counts["ledger"])
    assert house.gun().status is GunStatus.CHARGING
    house.disk.fails = set()
    peer.send(peer.report(transaction, "2"))
    await eventually(lambda: house.rows("SELECT energy FROM orders") == [(20000,)])


async def test_a_record_of_an_absent_pile_s_last_words_is_stored(house: House) -> None:
    """The connection ends before the acknowledgement can go out."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    house.disk.hold()
    peer.send(peer.record(transaction))
    await eventually(lambda: pile.bills._under_way)
    await peer.vanish()
    await eventually(lambda: not pile.state.connected)
    house.disk.release()
    await eventually(lambda: house.gun().last_session)
    _, peer = await house.online()
    await peer.bill(peer.record(transaction))
    assert house.rows("SELECT count(*) FROM records") == [(1,)]


async def test_a_record_under_way_is_stored_before_the_listener_is_closed(house: House) -> None:
    """A record under way is stored before the listener is closed."""
    pile, peer = await house.online()
    house.disk.hold()
    peer.send(peer.record(NUMBER))
    await eventually(lambda: pile.bills._under_way)
    closing = asyncio.create_task(house.listener.close())
    await peer.closed()
    house.disk.release()
    await closing
    assert house.rows("SELECT transaction_number FROM records") == [(NUMBER,)]
