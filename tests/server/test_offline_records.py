"""Bills of charges that a pile began by itself while it was offline: taken in with their own times."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
import sqlite3

import pytest

from custom_components.ykc.protocol import StartedBy
from custom_components.ykc.server.access import Access, Driver
from custom_components.ykc.server.ledger_schema import (
    SCHEMA_VERSION,
    _make_version_1,
    _make_version_2,
    bring_up_to_date,
)
from custom_components.ykc.server.sessions import SessionFilter
from custom_components.ykc.server.state import GunStatus

from .house import House, charging, eventually, last_session
from .peer import CODE

CARD = "00000000d14b0a54"
NUMBER = CODE + "01" + "260228223000" + "0001"
ANNA = Driver(id="anna", name="Anna", card=CARD)
START, END = datetime(2026, 2, 28, 22, 30), datetime(2026, 2, 28, 23, 30)
"""The evening before, in Shanghai."""
END_UTC = datetime(2026, 2, 28, 15, 30, tzinfo=UTC)

ROWS = "SELECT transaction_number, at, late, origin, started_by, driver, driver_name, card FROM records"


@pytest.mark.parametrize("card", [CARD, "540a4bd100000000"])
async def test_the_evening_before(house: House, card: str) -> None:
    """It belongs to the time at which it ended, is late, and is booked on the driver, also of a card in reverse."""
    house.listener.apply(replace(house.settings, access=Access(drivers=(ANNA,))))
    _, peer = await house.online()
    record = peer.record(NUMBER, "5", "6", start=START, end=END, time=END, started_by=StartedBy.OFFLINE_CARD, card=card)
    await peer.bill(record)
    ((number, at, late, origin, started_by, driver, name, _),) = house.rows(ROWS)
    assert (number, late, origin, started_by) == (NUMBER, 1, "offline", 4)
    assert (driver, name) == ("anna", "Anna")
    assert at == END_UTC.timestamp() * 1000
    session = house.gun().last_session
    assert session is not None
    assert session.ended == END_UTC
    assert house.gun().total_energy == Decimal(5)


async def test_it_does_not_take_the_place_of_a_newer_session(house: House) -> None:
    """A session of the evening before is not the last one when there was one this morning."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    await peer.bill(peer.record(transaction, "2", "3"))
    await eventually(lambda: house.gun().last_session is not None)
    await peer.bill(peer.record(NUMBER, "5", "6", start=START, end=END, started_by=StartedBy.OFFLINE_CARD, card=CARD))
    await eventually(lambda: house.gun().total_energy == Decimal(7))
    session = house.gun().last_session
    assert session is not None
    assert session.transaction == transaction


@pytest.mark.parametrize(
    ("start", "end"), [(None, None), (datetime(2000, 1, 1, 0, 5), datetime(2000, 1, 1, 1, 5))], ids=["none", "2000"]
)
async def test_a_clock_that_was_never_set(house: House, start: datetime | None, end: datetime | None) -> None:
    """A record without times, or with impossible ones, belongs to the moment and the month in which it came."""
    _, peer = await house.online()
    await peer.bill(
        peer.record(NUMBER, "5", "6", start=start, end=end, time=end, started_by=StartedBy.OFFLINE_CARD, card=CARD)
    )
    ((_, at, late, origin, *_),) = house.rows(ROWS)
    assert (late, origin) == (0, "offline")
    assert at == house.now.timestamp() * 1000
    await eventually(lambda: house.gun().last_session is not None)
    assert (last_session(house.gun()).started, last_session(house.gun()).ended) == (None, house.now)
    month = house.gun().month
    assert month is not None
    assert (month.energy, month.cost) == (Decimal(5), Decimal(6))
    (total,) = await house.ledger.read(lambda reader: reader.totals(SessionFilter()))
    assert (total.month, total.amount) == ("2026-03", Decimal(6))


async def test_a_charge_that_outlasts_the_absence(house: House) -> None:
    """Begun offline and going on: an order of the pile's own number, which its record settles as an offline one."""
    house.listener.apply(replace(house.settings, access=Access(drivers=(ANNA,))))
    _, peer = await house.online()
    peer.send(peer.report(NUMBER, "1.5", "2"))
    await eventually(lambda: house.gun().status is GunStatus.CHARGING and house.gun().transaction == NUMBER)
    house.now += timedelta(minutes=30)
    await peer.bill(
        peer.record(NUMBER, "5", "6", start=START, end=datetime(2026, 3, 1, 12, 25), started_by=4, card=CARD)
    )
    await eventually(lambda: house.rows("SELECT outcome FROM orders") == [("settled",)])
    ((_, _, late, origin, _, driver, *_),) = house.rows(ROWS)
    assert (late, origin, driver) == (0, "offline", "anna")
    assert house.gun().total_energy == Decimal(5)


def test_an_older_ledger() -> None:
    """The piles of a ledger of version 2 have no offline cards, and write cards straight."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    _make_version_1(db)
    _make_version_2(db)
    db.execute("INSERT INTO piles (code) VALUES ('1')")
    db.execute("PRAGMA user_version = 2")
    bring_up_to_date(db, "ledger")
    assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    assert db.execute("SELECT code, card_order FROM piles").fetchall() == [("1", 0)]
    assert db.execute("SELECT count(*) FROM offline_cards").fetchone() == (0,)
    db.close()
