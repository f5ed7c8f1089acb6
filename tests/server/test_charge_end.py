"""The end of a charge that comes by itself."""

import asyncio
from decimal import Decimal

from custom_components.ykc.protocol import GunStatus as Reported
from custom_components.ykc.server.state import GunStatus
from tests.server.conftest import MakeHouse
from tests.server.house import House, charging, eventually, hurried


async def test_a_record_in_time_ends_a_charge(house: House) -> None:
    """A record in time ends a charge."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    peer.send(peer.report(plugged=1), peer.record(transaction, "1.5"))
    await peer.receive()
    await eventually(lambda: house.gun().last_session)
    assert house.gun().status is GunStatus.FINISHED
    assert house.rows("SELECT phase, outcome FROM orders") == [("closed", "settled")]


async def test_unplugged_in_a_charge(house: House) -> None:
    """Unplugged in a charge."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    peer.send(peer.report(), peer.record(transaction, "1.5", stop_reason=0x6B))
    await peer.receive()
    await eventually(lambda: house.gun().last_session)
    assert house.gun().status is GunStatus.IDLE


async def test_a_fault_in_a_charge(house: House) -> None:
    """A fault in a charge."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    peer.send(peer.report(status=Reported.FAULT, plugged=1, faults=0x0801))
    await eventually(lambda: house.gun().status is GunStatus.FAULT)
    gun = house.gun()
    assert gun.problem
    assert gun.faults == 0x0801
    assert not gun.charging
    peer.send(peer.report(transaction, "2"))
    await eventually(lambda: house.gun().status is GunStatus.CHARGING)


async def test_no_record(make_house: MakeHouse) -> None:
    """No record."""
    house = await make_house(hurried(record=0.1))
    pile, peer = await house.online()
    transaction = await charging(pile, peer, energy="1.5", amount="2.5")
    peer.send(peer.report(plugged=1))
    await eventually(lambda: house.gun().last_session)
    last = house.gun().last_session
    assert last is not None
    assert (last.stop_reason, last.energy, last.cost) == ("no_record", Decimal("1.5"), Decimal("2.5"))
    assert last.ended == house.now
    assert house.gun().status is GunStatus.FINISHED
    assert house.gun().total_energy == Decimal("1.5")
    # The late record replaces what was reported.
    await peer.bill(peer.record(transaction, "1.75", "3"))
    last = house.gun().last_session
    assert last is not None
    assert (last.stop_reason, last.energy) == ("stopped_remotely", Decimal("1.75"))
    assert house.gun().total_energy == Decimal("1.75")


async def test_idle_twice_in_an_order(make_house: MakeHouse) -> None:
    """Idle twice in an order."""
    house = await make_house(hurried(record=0.2))
    pile, peer = await house.online()
    await charging(pile, peer)
    peer.send(peer.report(plugged=1), peer.report(plugged=1))
    await eventually(lambda: house.gun().last_session)
    last = house.gun().last_session
    assert last is not None
    assert last.stop_reason == "idle_during_order"


async def test_idle_once_and_charging_again(make_house: MakeHouse) -> None:
    """Idle once and charging again."""
    house = await make_house(hurried(record=0.2))
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    peer.send(peer.report(plugged=1), peer.report(transaction, "1.6"))
    await eventually(lambda: house.gun().session_energy == Decimal("1.6"))
    await asyncio.sleep(0.3)
    assert house.gun().status is GunStatus.CHARGING
    assert house.gun().last_session is None


async def test_a_pile_that_reboots_in_a_charge(make_house: MakeHouse) -> None:
    """A pile that reboots in a charge."""
    house = await make_house(hurried(record=0.2))
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    await peer.vanish()
    _, peer = await house.online()
    await eventually(lambda: house.gun().last_session)
    assert house.gun().total_energy == Decimal("1.5")
    # It finds the record of the charge that the power cut ended.
    await peer.bill(peer.record(transaction, "1.55", stop_reason=0x83))
    assert house.gun().total_energy == Decimal("1.55")


async def test_a_pile_that_is_back_and_says_nothing_of_its_charge(make_house: MakeHouse) -> None:
    """A pile that is back and says nothing of its charge."""
    house = await make_house(hurried(resumed=0.1, record=0.1, background=0.01))
    pile, peer = await house.online()
    await charging(pile, peer)
    await peer.vanish()
    peer = await house.dial()
    peer.send(peer.login())
    await eventually(lambda: house.gun().last_session)
    last = house.gun().last_session
    assert last is not None
    assert last.stop_reason == "no_record"


async def test_an_end_and_a_report_that_crossed_it(house: House) -> None:
    """An end and a report that crossed it."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    peer.send(peer.charge_end(transaction), peer.report(transaction, "1.7"))
    await eventually(lambda: house.gun().total_energy == Decimal("1.7"))
    assert house.gun().transaction == transaction
    peer.send(peer.charge_end("9" * 32), peer.report())
    await eventually(lambda: house.gun().transaction is None)


async def test_reported_energy_never_goes_back(house: House) -> None:
    """Reported energy never goes back."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer, energy="5")
    peer.send(peer.report(transaction, "3"))
    await eventually(lambda: house.gun().session_energy == 3)
    assert house.gun().total_energy == 5
