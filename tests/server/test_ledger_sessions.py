"""Sessions as the ledger tells them: complete, exact and in time."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
import sqlite3
import threading
from typing import Any

import pytest

from custom_components.ykc.protocol import RemoteStart, TransactionAck, encode_frame
from custom_components.ykc.server.ledger import Ledger
from custom_components.ykc.server.ledger_reader import sessions_query
from custom_components.ykc.server.origin import Origin
from custom_components.ykc.server.sessions import CardMonth, Mismatch, Session, SessionFilter, SessionState
from tests.server.conftest import MakeHouse
from tests.server.house import House, charging, eventually, hurried, periods
from tests.server.peer import CODE

NUMBER = CODE + "01" + "2603011000000001"
OTHER = CODE + "01" + "2603011000000002"
CARD = "00000000d14b0a54"
VIN = "LSVAA4182E2123456"
FOREIGN = "99" * 16


async def sessions(house: House, limit: int = -1, **wanted: Any) -> list[Session]:
    """Return sessions."""
    return await house.ledger.read(lambda reader: list(reader.sessions(SessionFilter(**wanted), limit)))


async def test_a_session_in_full(house: House) -> None:
    """A session is told in full, to the last figure that the wire has."""
    pile, peer = await house.online()
    starting = asyncio.create_task(pile.start_charging(1, card=CARD))
    peer.answer_start(await peer.expect(RemoteStart))
    transaction = (await starting).transaction
    record = peer.record(
        transaction,
        "10.0004",
        "429496.7295",
        periods=periods("1.6", "1.3", "0.9", "0.4", "0.30001"),
        meter_start=Decimal("109951162.7774"),
        meter_end=Decimal("109951162.7775"),
        energy_with_loss=Decimal(10),
        vin=VIN,
    )
    await peer.bill(record)
    (session,) = await sessions(house)
    assert session == Session(
        transaction=transaction,
        pile=CODE,
        gun=1,
        parallel=None,
        role=None,
        state=SessionState.SETTLED,
        origin=Origin.PLATFORM,
        started=datetime.fromisoformat("2026-03-01T10:00:00+08:00"),
        ended=datetime.fromisoformat("2026-03-01T11:00:00+08:00"),
        received=house.now,
        stop_reason="stopped_remotely",
        limit=None,
        started_by="app",
        card=CARD,
        driver="",
        driver_id="",
        vin=VIN,
        energy=Decimal("10.0004"),
        energy_with_loss=Decimal(10),
        amount=Decimal("429496.7295"),
        # The deep valley is of no price that we know.
        service_amount=None,
        meter_start=Decimal("109951162.7774"),
        meter_end=Decimal("109951162.7775"),
        late=True,
        repeats=0,
        mismatches=(),
        periods=session.periods,
    )
    assert [(p.name, p.price, p.service_price, p.energy, p.amount) for p in session.periods] == [
        ("sharp", Decimal("1.6"), Decimal("0.1"), Decimal("1.0001"), Decimal("1.6")),
        ("peak", Decimal("1.3"), Decimal("0.1"), Decimal("2.0001"), Decimal("2.6")),
        ("flat", Decimal("0.9"), Decimal("0.1"), Decimal("3.0001"), Decimal("2.7")),
        ("valley", Decimal("0.4"), Decimal(0), Decimal("4.0001"), Decimal("1.6")),
        ("deep_valley", Decimal("0.30001"), None, Decimal("5.0001"), Decimal("1.5")),
    ]


@pytest.mark.parametrize(
    ("prices", "amount", "service"),
    [
        (("1.6", "1.3", "0.9", "0.4"), "8.5", Decimal("0.6")),
        # Prices that are not ours have parts that we do not know.
        (("1.6", "1.3", "0.9", "0.5"), "8.9", None),
        # No amount of any period: a bill of nothing has no service, another one an unknown one.
        (("0", "0", "0", "0"), "0", Decimal(0)),
        (("0", "0", "0", "0"), "3", None),
    ],
)
async def test_the_service_in_a_bill(
    house: House, prices: tuple[str, ...], amount: str, service: Decimal | None
) -> None:
    """What of a bill is service is told where the prices are ours."""
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER, "10", amount, periods=periods(*prices)))
    (session,) = await sessions(house)
    assert session.service_amount == service


async def test_more_tariffs_than_there_are_names_for(house: House) -> None:
    """A bill that lists nine is kept and told, and those behind the deep valley are counted with it."""
    _, peer = await house.online()
    blocks = (*periods("1.0", "1.1", "1.2", "0.4"), *periods("0.3")[:1])
    record = peer.record(NUMBER, "12", "7", periods=blocks)
    (place,) = ((start, end) for field, start, end in record.places() if field.name == "periods")
    body = record.body()
    peer.writer.write(
        encode_frame(record.TYPE, body[: place[1]] + 4 * body[place[1] - 16 : place[1]] + body[place[1] :])
    )
    await peer.expect(TransactionAck, transaction=NUMBER)
    (session,) = await sessions(house)
    assert [period.name for period in session.periods] == ["sharp", "peak", "flat", "valley", "deep_valley"]
    last = blocks[-1]
    assert (session.periods[-1].price, session.periods[-1].energy) == (last.price, 5 * last.energy)
    assert session.periods[-1].amount == 5 * last.amount > 0


async def test_flags(make_house: MakeHouse) -> None:
    """Late, repeated, foreign, and different from its order or from what came before."""
    house = await make_house(hurried(record=0.1))
    pile, peer = await house.online()
    transaction = await charging(pile, peer, gun=2, energy="5")
    peer.send(peer.report(gun=2))
    await eventually(lambda: house.gun(2).last_session)
    await eventually(lambda: house.rows("SELECT count(*) FROM orders WHERE phase = 'closed'") == [(1,)])
    (session,) = await sessions(house)
    assert (session.state, session.stop_reason, session.energy) == (
        SessionState.UNBILLED,
        "no_record",
        Decimal(5),
    )
    fresh: dict[str, Any] = {"end": datetime(2026, 3, 1, 11, 59, 50)}
    await peer.bill(peer.record(transaction, "4.9", **fresh))
    for energy in ("4.9", "4.8", "4.7"):
        await peer.bill(peer.record(transaction, energy, **fresh))
    await peer.bill(peer.record(NUMBER, "1", start=None, end=None))
    await peer.bill(peer.record(OTHER, "1", started_by=4, end=datetime(2026, 2, 1)))
    flags = {s.transaction: (s.origin, s.late, s.repeats, s.mismatches) for s in await sessions(house)}
    assert flags == {
        transaction: (Origin.PLATFORM, True, 3, (Mismatch.GUN, Mismatch.ENERGY, Mismatch.REPEAT)),
        NUMBER: (Origin.FOREIGN, False, 0, ()),
        OTHER: (Origin.OFFLINE, True, 0, ()),
    }


async def test_a_foreign_charge_is_a_session_from_its_first_report(house: House) -> None:
    """A charge that the pile began is listed while it runs."""
    pile, peer = await house.online()
    assert await sessions(house) == []
    peer.send(peer.report(NUMBER, "1.5", "2.5"))
    await eventually(lambda: house.gun().transaction)
    await house.ledger.load(CODE)
    (session,) = await sessions(house)
    assert (session.state, session.origin, session.energy, session.amount, session.stop_reason) == (
        SessionState.OPEN,
        Origin.FOREIGN,
        Decimal("1.5"),
        Decimal("2.5"),
        None,
    )


async def test_filters_and_order(house: House) -> None:
    """Sessions are found by gun, time, card and stop reason, the newest first."""
    _, peer = await house.online()
    _, neighbour = await house.online("32010200000002")
    for hour, (teller, gun, card, reason) in enumerate(
        ((peer, 1, CARD, 0x40), (peer, 2, "0" * 16, 0x41), (neighbour, 1, CARD, 0x41))
    ):
        end = datetime(2026, 3, 1, hour)
        await teller.bill(
            teller.record(f"{hour + 1:032}", str(hour + 1), gun=gun, card=card, stop_reason=reason, end=end)
        )

    async def found(limit: int = -1, **wanted: Any) -> list[int]:
        return [int(s.energy) for s in await sessions(house, limit, **wanted)]

    midnight = datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert await found() == [3, 2, 1]
    assert await found(limit=2) == [3, 2]
    assert await found(guns=[(CODE, None)]) == [2, 1]
    assert await found(guns=[(CODE, 1), ("32010200000002", None)]) == [3, 1]
    assert await found(guns=[("unknown", None)]) == []
    assert await found(guns=[]) == []
    assert await found(since=midnight + timedelta(hours=1)) == [3, 2]
    assert await found(until=midnight + timedelta(hours=1)) == [1]
    assert await found(card=CARD) == [3, 1]
    assert await found(stop_reason="soc_full") == [3, 2]
    assert await found(stop_reason="soc_full", card=CARD, guns=[("32010200000002", 1)]) == [3]


async def test_guns_of_a_large_site(house: House) -> None:
    """Thousands of guns may be asked for by their numbers, as for a user who may not see all."""
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER))
    guns = [*((f"{number:014}", number % 4 + 1) for number in range(5000)), (CODE, 1)]
    wanted = SessionFilter(guns=guns)
    found = await house.ledger.read(lambda reader: [*reader.sessions(wanted)])
    assert [session.transaction for session in found] == [NUMBER]
    assert [total.sessions for total in await house.ledger.read(lambda reader: [*reader.sums(wanted)])] == [1]
    assert await house.ledger.read(lambda reader: [*reader.sessions(SessionFilter(guns=[]))]) == []


async def test_totals(house: House) -> None:
    """Bills are summed by card and by month of the piles' time, energy and service apart."""
    _, peer = await house.online()
    bills = [
        (CARD, datetime(2026, 1, 31, 23, 59), ("1.6",), "1.6"),
        (CARD, datetime(2026, 2, 1, 0, 0), ("1.6",), "1.6"),
        (CARD, datetime(2026, 2, 1, 0, 1), ("2",), "2"),
        ("0" * 16, datetime(2026, 2, 2), ("0.4",), "0.4"),
    ]
    nothing = periods("0")[0].replace(energy=Decimal(0))
    for number, (card, end, prices, amount) in enumerate(bills, 1):
        blocks = [nothing] * 4
        blocks[3 if prices == ("0.4",) else 0] = periods(*prices)[0]
        await peer.bill(peer.record(f"{number:032}", "1.0001", amount, card=card, end=end, periods=tuple(blocks)))
    totals = await house.ledger.read(lambda reader: reader.totals(SessionFilter()))
    assert totals == [
        _month("", "2026-02", 1, "1.0001", "0.4", "0.4", "0", "0"),
        _month(CARD, "2026-02", 2, "2.0002", "3.6", "1.5", "0.1", "2"),
        _month(CARD, "2026-01", 1, "1.0001", "1.6", "1.5", "0.1", "0"),
    ]
    (march,) = await house.ledger.read(lambda r: r.totals(SessionFilter(card="", guns=[(CODE, 1)])))
    assert march == totals[0]


def _month(card: str, month: str, count: int, *figures: str) -> CardMonth:
    names = ("energy", "amount", "energy_amount", "service_amount", "unsplit_amount")
    return CardMonth(card=card, month=month, sessions=count, **dict(zip(names, map(Decimal, figures), strict=True)))


async def test_a_hundred_thousand_records(tmp_path: Path) -> None:
    """Each list finds its way over an index, and gives what is there."""
    path = tmp_path / "ledger.db"
    await (await Ledger.open(path)).close()
    count = 100_000
    db = sqlite3.connect(path)
    db.execute("INSERT INTO piles (code) VALUES (?)", (CODE,))
    db.executemany(
        "INSERT INTO records (pile, gun, transaction_number, key, frame_type, body, received, started, ended, at,"
        " energy, amount, stop_reason, started_by, card, vin)"
        " VALUES (1, ?, ?, ?, 59, x'', ?, ?, ?, ?, 10000, 20000, 'none', 1, ?, '')",
        (
            (n % 2 + 1, str(n), str(n), when, when, when, n * 1000, f"{n % 100:016}")
            for n, when in ((n, datetime.fromtimestamp(n, UTC).isoformat()) for n in range(count))
        ),
    )
    db.commit()
    wanted: dict[str, Any]
    for wanted, index in (
        ({}, "records_at"),
        ({"since": datetime(2026, 1, 1, tzinfo=UTC)}, "records_at"),
        ({"card": "1"}, "records_of_card"),
        ({"guns": [(CODE, 1)]}, "records_of_gun"),
    ):
        query, values = sessions_query(SessionFilter(**wanted))
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {query}", [*values, 10])]
        assert any(index in step for step in plan), plan
        assert not any(step.startswith("SCAN s") and "USING" not in step for step in plan), plan
    db.close()
    ledger = await Ledger.open(path)
    assert (await ledger.load(CODE)).guns[1].counted == count // 2
    newest = await ledger.read(lambda r: list(r.sessions(SessionFilter(guns=[(CODE, 1)], card=f"{98:016}"), 3)))
    assert [s.transaction for s in newest] == ["99998", "99898", "99798"]
    totals = await ledger.read(lambda r: r.totals(SessionFilter()))
    assert sum(month.sessions for month in totals) == count
    assert sum(month.amount for month in totals) == count * 2
    await ledger.close()


async def test_reading_keeps_no_record_waiting(house: House) -> None:
    """A record is stored and acknowledged while a list is read, which does not see it."""
    _, peer = await house.online()
    await peer.bill(peer.record(NUMBER))
    begun, go_on = threading.Event(), threading.Event()

    def slowly(reader: Any) -> list[Session]:
        rows = reader.sessions(SessionFilter())
        first = next(rows)
        begun.set()
        go_on.wait(20)
        return [first, *rows]

    reading = asyncio.create_task(house.ledger.read(slowly))
    await eventually(begun.is_set)
    await peer.bill(peer.record(OTHER))
    go_on.set()
    assert [s.transaction for s in await reading] == [NUMBER]
    assert len(await sessions(house)) == 2
