"""The last word of an order reaches the ledger, however long the disk takes nothing."""

from decimal import Decimal

import pytest

from .conftest import MakeHouse
from .house import House, charging, eventually, hurried
from .test_prepaid import PAULA, figures, started, top_up
from .test_start_requests import let_in

SOON = hurried(charging_report=0.05, rewrite=0.05)
CLOSED = [("closed", "no_charging_report", 0)]
QUERY = "SELECT phase, outcome, reserved FROM orders"


async def test_money_is_free_when_the_disk_is(make_house: MakeHouse) -> None:
    """What a charge that came to nothing had reserved is freed by itself, though the disk was full when it closed."""
    house = await make_house(SOON)
    let_in(house, PAULA)
    _, peer = await house.online()
    await top_up(house, "20")
    house.disk.fails = {"update_order"}
    await started(house, peer, "20")
    await peer.answer_stop()
    await eventually(lambda: house.disk.calls.count("update_order") > 4)
    assert await figures(house) == (Decimal(20), Decimal(20))
    assert house.rows(QUERY) != CLOSED
    house.disk.fails.clear()
    await eventually(lambda: house.rows(QUERY) == CLOSED)
    assert await figures(house) == (Decimal(20), Decimal(0))


@pytest.mark.parametrize("amount", ["5", "0"])
async def test_the_bill_was_faster(make_house: MakeHouse, amount: str) -> None:
    """A bill that came meanwhile is not undone by what is written late."""
    house = await make_house(SOON)
    let_in(house, PAULA)
    _, peer = await house.online()
    await top_up(house, "20")
    house.disk.fails = {"update_order"}
    transaction = await started(house, peer, "20")
    await peer.answer_stop()
    await peer.bill(peer.record(transaction, "1", amount))
    calls = house.disk.calls.count("update_order")
    house.disk.fails.clear()
    await eventually(lambda: house.disk.calls.count("update_order") > calls)
    assert await figures(house) == (20 - Decimal(amount), Decimal(0))
    assert house.rows(QUERY) == [("closed", "settled", 0)]


async def test_restarted_before(make_house: MakeHouse) -> None:
    """An order whose end was never written is taken up after a restart, and closed again."""
    house = await make_house(hurried(charging_report=0.05))
    let_in(house, PAULA)
    _, peer = await house.online()
    await top_up(house, "20")
    house.disk.fails = {"update_order"}
    await started(house, peer, "20")
    await peer.answer_stop()
    await eventually(lambda: house.counts["ledger"] > 1)
    house = await house.restart(hurried(resumed=0.05, charging_report=0.05))
    await house.online()
    await eventually(lambda: house.rows(QUERY) == [("closed", "no_reply", 0)])


async def test_progress_is_written_together(house: House) -> None:
    """What charges report while they run is gathered for a moment: one transaction for all, and what follows finds it written."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    house.disk.calls.clear()
    for energy in ("2", "3", "4"):
        peer.send(peer.report(transaction, energy))
    await peer.heard()
    assert house.gun().session_energy == 4
    assert "update_order" not in house.disk.calls
    await eventually(lambda: house.rows("SELECT energy FROM orders") == [(40000,)])
    assert house.disk.calls.count("write_progress") == 1
    peer.send(peer.report(transaction, "5"))
    await peer.heard()
    # Whatever is asked of the ledger next comes after it.
    await house.ledger.load(pile.code)
    assert house.rows("SELECT energy FROM orders") == [(50000,)]


async def test_progress_is_not_lost_at_the_end(house: House) -> None:
    """What was gathered is written before the ledger is closed."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    peer.send(peer.report(transaction, "2"))
    await peer.heard()
    later = await house.restart()
    assert later.rows("SELECT energy FROM orders") == [(20000,)]
