"""The total energy of a gun."""

from decimal import Decimal

from custom_components.ykc.protocol import TransactionAck
from tests.server.conftest import MakeHouse
from tests.server.house import House, charging, eventually, hurried, last_session


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
