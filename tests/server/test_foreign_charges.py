"""Charges that were begun at the pile."""

import asyncio
from decimal import Decimal

import pytest

from custom_components.ykc.protocol import GunStatus as Reported, RemoteStartReply
from custom_components.ykc.server import lookups as lookups_module
from custom_components.ykc.server.errors import OrderOpen
from custom_components.ykc.server.order import Phase
from custom_components.ykc.server.state import GunStatus
from tests.server.conftest import MakeHouse
from tests.server.house import House, accepted, charging, eventually, hurried
from tests.server.peer import CODE


async def test_a_charge_that_was_begun_at_the_pile(house: House) -> None:
    """A charge that was begun at the pile."""
    pile, peer = await house.online()
    foreign = CODE + "01" + "2603011100000001"
    peer.send(peer.report(foreign, "1"))
    await eventually(lambda: house.gun().transaction == foreign)
    assert house.gun().status is GunStatus.CHARGING
    assert house.gun().total_energy == 1
    with pytest.raises(OrderOpen):
        await pile.start_charging(1)
    peer.send(peer.report(foreign, "2"))
    await eventually(lambda: house.gun().total_energy == 2)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop()
    await stopping
    await peer.bill(peer.record(foreign, "3"))
    assert house.gun().total_energy == 3
    assert house.rows("SELECT phase, outcome FROM orders") == [("closed", "settled")]


async def test_a_foreign_charge_that_ends_while_it_is_looked_up(make_house: MakeHouse) -> None:
    """A foreign charge that ends while it is looked up."""
    house = await make_house(hurried(record=0.2))
    _, peer = await house.online()
    house.disk.hold()
    peer.send(peer.report("7" * 32, "1"), peer.report("7" * 32, "2"), peer.report())
    await peer.heard()
    house.disk.release()
    await eventually(lambda: house.gun().last_session)
    assert house.gun().status is GunStatus.IDLE
    assert house.gun().total_energy == 2
    await peer.bill(peer.record("7" * 32, "2.5"))
    assert house.gun().total_energy == Decimal("2.5")


async def test_stored_reports_of_two_foreign_charges_in_one_go(house: House) -> None:
    """All that was reported counts, of each charge that is looked up; the one before is over."""
    _, peer = await house.online()
    first, second = "7" * 32, "8" * 32
    house.disk.hold()
    peer.send(*(peer.report(first, energy) for energy in ("1", "3", "2")))
    peer.send(*(peer.report(second, energy) for energy in ("1", "5")))
    await peer.heard()
    house.disk.release()
    await eventually(lambda: house.gun().transaction == second)
    assert house.gun().total_energy == 8
    rows = [(first, "ended", 30_000), (second, "charging", 50_000)]
    await eventually(lambda: house.rows("SELECT transaction_number, phase, energy FROM orders ORDER BY 1") == rows)
    await peer.bill(peer.record(first, "3"))
    await peer.bill(peer.record(second, "6"))
    assert house.gun().total_energy == 9


async def test_a_foreign_charge_that_goes_idle_in_a_burst_is_over(house: House) -> None:
    """An idle report ends a charge that is still looked up, and an end of charge does."""
    pile, peer = await house.online()
    for foreign, end in (("7" * 32, peer.report()), ("8" * 32, peer.charge_end("8" * 32))):
        house.disk.hold()
        peer.send(peer.report(foreign, "1"), peer.report(foreign, "4"), end)
        await peer.heard()
        house.disk.release()
        await eventually(lambda: pile.guns[1].orders)
        (order,) = pile.guns[1].orders.values()
        assert (order.transaction, order.phase, order.energy) == (foreign, Phase.ENDED, Decimal(4))
        assert house.gun().transaction is None
        await peer.bill(peer.record(foreign, "4"))


async def test_a_foreign_charge_whose_record_is_here_already(house: House) -> None:
    """A foreign charge whose record is here already."""
    _, peer = await house.online()
    await peer.bill(peer.record("7" * 32, "2"))
    # Stored reports come late.
    peer.send(peer.report("7" * 32, "1.5"))
    await eventually(lambda: "find_closed" in house.disk.calls)
    peer.send(peer.report("7" * 32, "1.6"))
    await peer.heard()
    assert house.gun().transaction is None
    assert house.gun().total_energy == 2
    assert "open_order" not in house.disk.calls


async def test_a_foreign_charge_that_the_ledger_can_not_take(house: House) -> None:
    """A foreign charge that the ledger cannot take."""
    _, peer = await house.online()
    house.disk.fails = {"open_order"}
    peer.send(peer.report("7" * 32, "1"))
    await eventually(lambda: house.counts["ledger"])
    assert house.gun().status is GunStatus.CHARGING
    house.disk.fails = set()
    peer.send(peer.report("7" * 32, "2"))
    await eventually(lambda: house.gun().transaction == "7" * 32)


async def test_another_charge_ends_the_one_before(make_house: MakeHouse) -> None:
    """Another charge ends the one before."""
    house = await make_house(hurried(record=0.3))
    pile, peer = await house.online()
    first = await charging(pile, peer)
    foreign = "7" * 32
    peer.send(peer.report(foreign, "1"))
    await eventually(lambda: foreign in pile.guns[1].orders)
    peer.send(peer.report(foreign, "2"))
    await eventually(lambda: house.gun().transaction == foreign)
    await eventually(lambda: house.gun().last_session)
    assert house.gun().total_energy == Decimal("3.5")
    await peer.bill(peer.record(first, "1.5"))
    await peer.bill(peer.record(foreign, "4"))
    assert house.gun().total_energy == Decimal("5.5")


async def test_an_order_that_comes_to_nothing_spares_another_charge(make_house: MakeHouse) -> None:
    """An order that comes to nothing spares another charge."""
    house = await make_house(hurried(charging_report=0.2))
    pile, peer = await house.online()
    await accepted(pile, peer)
    peer.send(peer.report("7" * 32, "1"))
    await eventually(lambda: house.gun().last_session)
    last = house.gun().last_session
    assert last is not None
    assert last.stop_reason == "no_charging_report"
    await peer.silence()
    assert house.gun().transaction == "7" * 32


async def test_a_pile_that_charges_without_a_number(house: House) -> None:
    """A pile that charges without a number."""
    _, peer = await house.online()
    peer.send(peer.report(energy="1", status=Reported.CHARGING))
    await eventually(lambda: house.gun().status is GunStatus.CHARGING)
    assert house.gun().transaction is None
    assert house.gun().session_energy == 1
    assert house.gun().total_energy == 0
    await peer.bill(peer.record(energy="2"))
    assert house.gun().total_energy == 2


async def test_a_pile_that_reports_ever_new_charges(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pile that reports ever new charges."""
    monkeypatch.setattr(lookups_module, "MAX_ORDERS", 3)
    pile, peer = await house.online()
    for number in range(1, 6):
        peer.send(peer.report(f"{number:032}", "1"))
        await peer.heard()
        await eventually(lambda: not pile.charges._lookups.under_way)
    assert len(pile.guns[1].orders) == 3
    assert house.counts["too_many_charges"] == 2


async def test_reports_of_an_unknown_gun(house: House) -> None:
    """Reports of an unknown gun."""
    _, peer = await house.online()
    before = house.listener.piles[CODE].state
    peer.send(
        peer.report("7" * 32, "1", gun=9),
        peer.charge_end("7" * 32).replace(gun=9),
        RemoteStartReply(transaction="7" * 32, pile=CODE, gun=9, result=1, reason=0),
        RemoteStartReply(transaction="7" * 32, pile=CODE, gun=1, result=1, reason=0),
    )
    await peer.heard()
    assert house.listener.piles[CODE].state == before
    assert house.counts["unknown_gun"] == 3
