"""The ledger by itself."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
import sqlite3
import threading

import pytest

from custom_components.ykc.server.ledger import Ledger, LedgerError
from custom_components.ykc.server.order import Order, Outcome, Phase
from custom_components.ykc.server.origin import Origin
from tests.server.peer import CODE

NUMBER = "1" * 32


def order(number: str = NUMBER, **values: object) -> Order:
    """Return an order."""
    return Order(transaction=number, gun=1, opened=datetime(2026, 3, 1, tzinfo=UTC), **values)  # type: ignore[arg-type] # as given


async def test_it_makes_its_folder_and_file(tmp_path: Path) -> None:
    """It makes its folder and file."""
    path = tmp_path / "a" / "b" / "ledger.db"
    ledger = await Ledger.open(path)
    history = await ledger.load(CODE)
    assert (history.pile_id, history.orders, history.guns) == (1, [], {})
    assert (await ledger.load("other")).pile_id == 2
    await ledger.close()
    ledger = await Ledger.open(path)
    assert (await ledger.load(CODE)).pile_id == 1
    await ledger.close()


async def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A file of a newer version is refused and left alone."""
    path = tmp_path / "ledger.db"
    await (await Ledger.open(path)).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(LedgerError, match="newer version"):
        await Ledger.open(path)
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (99,)
    db.close()


async def test_a_folder_that_can_not_be(tmp_path: Path) -> None:
    """A folder that cannot be."""
    path = tmp_path / "ledger.db"
    path.write_bytes(b"a file")
    with pytest.raises(LedgerError):
        await Ledger.open(path / "ledger.db")
    assert path.read_bytes() == b"a file"
    assert not [t for t in threading.enumerate() if t.name.startswith("ykc_ledger")]


async def test_a_closed_ledger_says_so(tmp_path: Path) -> None:
    """A closed ledger says so."""
    ledger = await Ledger.open(tmp_path / "ledger.db")
    await ledger.close()
    with pytest.raises(LedgerError, match="closed"):
        await ledger.load(CODE)


async def test_an_order_comes_back_as_it_was(tmp_path: Path) -> None:
    """An order comes back as it was."""
    ledger = await Ledger.open(tmp_path / "ledger.db")
    pile = (await ledger.load(CODE)).pile_id
    written = order(
        phase=Phase.STOPPING,
        began=True,
        waited=True,
        asked_to_stop=True,
        reason="not_plugged",
        energy=Decimal("1.2345"),
        amount=Decimal("429496.7295"),
        origin=Origin.FOREIGN,
        card="00000000d14b0a54",
    )
    assert await ledger.open_order(pile, order(origin=written.origin, card=written.card))
    await ledger.update_order(pile, written, Decimal("12.3456"), written.opened)
    await ledger.close()
    ledger = await Ledger.open(tmp_path / "ledger.db")
    history = await ledger.load(CODE)
    (read,) = history.orders
    for name in Order.__slots__:
        if name not in ("timing", "deadline", "_requested", "_idle_reports"):
            assert getattr(read, name) == getattr(written, name)
    assert history.guns[1].shown == Decimal("12.3456")
    assert history.guns[1].counted == 0
    await ledger.close()


async def test_a_number_is_opened_once_per_pile(tmp_path: Path) -> None:
    """A number is opened once per pile."""
    ledger = await Ledger.open(tmp_path / "ledger.db")
    first, second = (await ledger.load("a")).pile_id, (await ledger.load("b")).pile_id
    assert await ledger.open_order(first, order())
    assert not await ledger.open_order(first, order())
    assert await ledger.open_order(second, order())
    await ledger.close()


async def test_numbers_are_drawn_on_over_a_restart_and_round(tmp_path: Path) -> None:
    """Numbers are drawn on over a restart and round."""
    path = tmp_path / "ledger.db"
    ledger = await Ledger.open(path)
    pile = (await ledger.load(CODE)).pile_id
    assert [await ledger.draw_counter(pile) for _ in range(3)] == [1, 2, 3]
    await ledger.close()
    db = sqlite3.connect(path)
    db.execute("UPDATE piles SET counter = 9998")
    db.commit()
    db.close()
    ledger = await Ledger.open(path)
    assert [await ledger.draw_counter(pile) for _ in range(3)] == [9999, 0, 1]
    await ledger.close()


async def test_find_closed(tmp_path: Path) -> None:
    """Find closed."""
    ledger = await Ledger.open(tmp_path / "ledger.db")
    pile = (await ledger.load(CODE)).pile_id
    assert await ledger.find_closed(pile, NUMBER) is None
    opened = order(energy=Decimal(3))
    await ledger.open_order(pile, opened)
    assert await ledger.find_closed(pile, NUMBER) is None
    opened.close(Outcome.NO_RECORD)
    await ledger.update_order(pile, opened, Decimal(3), opened.opened)
    closed = await ledger.find_closed(pile, NUMBER)
    assert closed is not None
    assert (closed.outcome, closed.counted) == (Outcome.NO_RECORD, Decimal(3))
    await ledger.close()


async def test_calls_are_done_in_their_order_even_when_one_is_called_off(tmp_path: Path) -> None:
    """Calls are done in their order even when one is called off."""
    ledger = await Ledger.open(tmp_path / "ledger.db")
    pile = (await ledger.load(CODE)).pile_id
    free = threading.Event()
    held = asyncio.create_task(ledger._run(lambda: free.wait(20)))
    opening = asyncio.create_task(ledger.open_order(pile, order()))
    asking = asyncio.create_task(ledger.load(CODE))
    await asyncio.sleep(0)
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    free.set()
    await held
    assert len((await asking).orders) == 1
    await ledger.close()
