"""Whole journeys with virtual piles, which behave by the book or as real ones do."""

from decimal import Decimal

import pytest

from custom_components.ykc.server.limits import Timing
from custom_components.ykc.server.state import GunStatus
from simulator import Behaviour, GunByte, Line, RecordDialect, SequenceScope, VirtualPile, Wire
from tests.server.conftest import MakeHouse
from tests.server.house import House, eventually
from tests.server.peer import CODE

OTHER = "32010200000002"
TIMING = Timing(pace=0.01)

WIRES = {
    "by the book": Wire(),
    "slow": Wire(slow=0),
    "coalesced": Wire(coalesce=0.02),
    "garbage": Wire(garbage=b"\x68\x03noise"),
    "vendor bytes": Wire(vendor_bytes=b"extra"),
    "swapped": Wire(swapped_crc=True),
    "per gun, big-endian": Wire(sequence_scope=SequenceScope.GUN, sequence_order="big", sequence_start=0xFFFE),
    "binary guns": Wire(gun_byte=GunByte.BINARY),
}


async def journey(house: House, pile: VirtualPile, gun: int = 1) -> None:
    """Charge, stop, settle."""
    await pile.wait_ready()
    platform = house.listener.piles[pile.code]
    await pile.plug(gun)
    await eventually(lambda: house.gun(gun, pile.code).plugged)
    charge = await platform.start_charging(gun)
    assert charge.outcome == "started"
    await eventually(lambda: house.gun(gun, pile.code).total_energy > 0)
    assert house.gun(gun, pile.code).status is GunStatus.CHARGING
    await platform.stop_charging(gun)
    await eventually(lambda: house.gun(gun, pile.code).last_session)
    last = house.gun(gun, pile.code).last_session
    assert last is not None
    assert last.transaction == charge.transaction
    assert last.stop_reason == "stopped_remotely"
    assert house.gun(gun, pile.code).total_energy >= last.energy > 0
    assert last.cost > 0
    assert not pile.complaints


@pytest.mark.parametrize("wire", WIRES)
async def test_a_charge_over_any_wire(make_house: MakeHouse, wire: str) -> None:
    """A charge over any wire."""
    house = await make_house(TIMING)
    await house.approve()
    behaviour = Behaviour(wire=WIRES[wire])
    async with VirtualPile(CODE, port=house.listener.port, pace=100, behaviour=behaviour) as pile:
        await journey(house, pile)
    assert house.counts["unreadable"] == 0


@pytest.mark.parametrize("dialect", RecordDialect)
async def test_a_charge_in_every_dialect_of_its_record(make_house: MakeHouse, dialect: RecordDialect) -> None:
    """A charge in every dialect of its record."""
    house = await make_house(TIMING)
    await house.approve()
    behaviour = Behaviour()
    behaviour.record_dialect = dialect
    async with VirtualPile(CODE, port=house.listener.port, pace=100, behaviour=behaviour) as pile:
        await journey(house, pile)


async def test_two_piles_behind_a_concentrator(make_house: MakeHouse) -> None:
    """Two piles behind a concentrator."""
    house = await make_house(TIMING)
    await house.approve()
    await house.approve(OTHER, pile_type="ac", gun_count=1)
    line = Line("127.0.0.1", house.listener.port, pace=100)
    async with (
        VirtualPile(CODE, line=line, pace=100) as first,
        VirtualPile(OTHER, pile_type="ac", guns=1, line=line, pace=100) as second,
    ):
        await journey(house, first, 2)
        await journey(house, second)
        assert len(house.listener._connections) == 1
        assert house.gun(1, OTHER).state_of_charge is None


async def test_the_platform_is_killed_in_a_charge(make_house: MakeHouse) -> None:
    """The platform is killed in a charge."""
    house = await make_house(TIMING)
    platform = await house.approve()
    async with VirtualPile(CODE, port=house.listener.port, pace=100) as pile:
        await pile.wait_ready()
        await pile.plug(1)
        charge = await platform.start_charging(1)
        await eventually(lambda: house.rows("SELECT phase, energy > 0 FROM orders") == [("charging", 1)])
        house = await house.killed(same_port=True)
        before = house.gun().total_energy
        assert before > 0
        await eventually(lambda: house.gun().status is GunStatus.CHARGING)
        await eventually(lambda: house.gun().total_energy > before)
        await house.listener.piles[CODE].stop_charging(1)
        await eventually(lambda: house.gun().last_session)
        last = house.gun().last_session
        assert last is not None
        assert last.transaction == charge.transaction
        assert house.rows("SELECT count(*) FROM records") == [(1,)]
        assert house.gun().total_energy >= last.energy > Decimal(0)
