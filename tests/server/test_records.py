"""Bills: stored before they are acknowledged, once, whatever way they come."""

import asyncio
from datetime import datetime
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
from custom_components.ykc.server.state import GunStatus
from tests.server.house import House, accepted, charging, eventually, last_session
from tests.server.peer import CODE

NUMBER = CODE + "01" + "2603011000000001"
OLDER = CODE + "01" + "2602011000000001"


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
