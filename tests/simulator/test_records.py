"""Bills: their sums, their repetitions, and the layouts that firmware sends."""

import asyncio
from datetime import datetime

import pytest

from simulator import RecordDialect, Vehicle, VirtualPile

from .conftest import CARD, PILE, TRANSACTION, MakePile, start
from .raw_platform import Bill, Raw, RawPlatform, billing_model

MIDNIGHT_MINUS = datetime(2026, 11, 22, 23, 59, 59, 500_000)
UNTIL_THE_CLOCK_STRIKES = 0.5
SHARP, PEAK, FLAT, VALLEY = range(4)


async def charge(platform: RawPlatform, pile: VirtualPile, transaction: str = TRANSACTION) -> None:
    """Charge for three reports and stop."""
    await pile.plug(1, Vehicle(soc=20.0))
    before = len(platform.frames)
    platform.send(0x34, start(transaction))
    await platform.until(lambda: sum(raw.kind == 0x13 and raw.body[24] == 3 for raw in platform.frames[before:]) >= 3)
    platform.send(0x36, PILE + "01")
    await pile.wait_for(lambda: pile.gun(1).charge is None)


def check_sums(bill: Bill) -> None:
    """Check that everything in a bill adds up to the last digit."""
    assert sum(period[1] for period in bill.periods) == bill.energy > 0
    assert sum(period[2] for period in bill.periods) == bill.energy_with_loss
    assert sum(period[3] for period in bill.periods) == bill.amount > 0
    assert bill.meter_end - bill.meter_start == bill.energy
    for price, _, energy, amount in bill.periods:
        assert abs(amount - price * energy / 100_000) <= 0.5


def cp56(raw: bytes) -> datetime:
    """Read a CP56Time2a."""
    milliseconds = int.from_bytes(raw[:2], "little")
    minute, hour, day, month, year = raw[2:]
    return datetime(2000 + year, month, day, hour, minute, milliseconds // 1000, milliseconds % 1000 * 1000)


async def test_a_record(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check every field of a record."""
    pile.clock.set(datetime(2026, 3, 16, 17, 14, 47))
    await charge(platform, pile)
    bill = Bill.of((await platform.wait(0x3B))[0])
    check_sums(bill)
    assert [period[0] for period in bill.periods] == [240_000, 190_000, 140_000, 90_000]
    assert bill.periods[FLAT][1] == bill.energy
    assert bill.vin == b"LYKCVIRTUAL000001"
    assert bill.started_by == 1
    assert bill.stop_reason == 0x40
    assert bill.card == CARD
    assert datetime(2026, 3, 16, 17, 14, 47) <= cp56(bill.start) < cp56(bill.end) == cp56(bill.time)
    last = [raw for raw in platform.all(0x13) if raw.body[24] == 3][-1]
    assert last.number(46, 4) <= bill.energy


async def test_periods_of_the_day(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that what is charged before and after the stroke of the clock is billed at its own price."""
    platform.model = billing_model("0200", bytes((VALLEY,)) + bytes((FLAT,)) * 46 + bytes((PEAK,)))
    await pile.drop()
    await pile.come_back()
    await pile.wait_ready()
    pile.clock.set(MIDNIGHT_MINUS)
    await pile.plug(1)
    platform.send(0x34, start())
    await pile.wait_for(lambda: pile.gun(1).charging and pile.clock.now().hour == 0 and pile.clock.now().second >= 1)
    await pile.stop_locally(1)
    bill = Bill.of((await platform.wait(0x3B))[0])
    check_sums(bill)
    assert bill.periods[SHARP][1] == bill.periods[FLAT][1] == 0
    assert bill.periods[PEAK][1] > 0
    assert bill.periods[VALLEY][1] > 0


async def test_loss_ratio(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that a loss ratio raises what is billed, and nothing else."""
    platform.model = billing_model(loss=10)
    pile = await make_pile()
    await charge(platform, pile)
    bill = Bill.of((await platform.wait(0x3B))[0])
    check_sums(bill)
    assert bill.energy_with_loss == pytest.approx(bill.energy * 1.1, abs=0.5)


async def test_meter_goes_on(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that the next charge begins where the meter stood."""
    await charge(platform, pile)
    await charge(platform, pile, TRANSACTION[:-1] + "2")
    first, second = map(Bill.of, await platform.wait(0x3B, 2))
    assert second.meter_start == first.meter_end


async def test_repeated_until_acknowledged(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a record comes again every 30 s of the pile, until its exact transaction is acknowledged."""
    platform.mute.add(0x3B)
    await charge(platform, pile)
    loop = asyncio.get_running_loop()
    await platform.wait(0x3B)
    first = loop.time()
    records = await platform.wait(0x3B, 3)
    assert loop.time() - first > 0.55
    assert len({raw.body for raw in records}) == 1
    assert len({raw.sequence for raw in records}) == 3
    platform.send(0x40, "00" * 16 + "00")
    platform.send(0x40, TRANSACTION + "01")
    await platform.wait(0x3B, 4)
    platform.send(0x40, TRANSACTION + "00")
    await pile.wait_for(lambda: not pile.records.open)
    assert [record.transaction for record in pile.records.acknowledged] == [TRANSACTION]


async def test_given_up(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that after three repetitions, and one more five minutes later, the pile gives up."""
    platform.mute.add(0x3B)
    pile = await make_pile(pace=300.0)
    pile.silent()
    await charge(platform, pile)
    await platform.wait(0x3B, 5)
    await pile.wait_for(lambda: pile.records.given_up)
    assert len(platform.all(0x3B)) == 5
    assert not pile.records.open


async def test_sent_again_after_a_login(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that an unacknowledged record is among the first things that a pile says when it is back."""
    platform.mute.add(0x3B)
    await charge(platform, pile)
    await pile.drop()
    platform.mute.clear()
    await pile.come_back()
    await pile.wait_for(lambda: not pile.records.open)
    kinds = [raw.kind for raw in platform.frames if raw.connection == 2]
    assert kinds[:3] == [0x01, 0x3B, 0x05]


async def test_stored_after_the_check(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check the order of the flow chart: 0x05 first."""
    pile.behaviour.stored_after_check = True
    platform.mute.add(0x3B)
    await charge(platform, pile)
    await pile.drop()
    await pile.come_back()
    await platform.wait(0x3B, 1, lambda raw: raw.connection == 2)
    kinds = [raw.kind for raw in platform.frames if raw.connection == 2]
    assert kinds[:4] == [0x01, 0x05, 0x09, 0x3B]


async def test_no_record(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check the firmware that forgets to send its record, and that it still has it."""
    pile.behaviour.no_record = True
    await charge(platform, pile)
    platform.send(0x12, PILE + "01", b"\x55\x55")
    await platform.wait(0x13, 1, lambda raw: raw.sequence == b"\x55\x55")
    assert not platform.all(0x3B)
    assert TRANSACTION in pile.records.open


async def test_stuttered_record(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a record can come several times at once."""
    pile.behaviour.record_copies = 3
    await charge(platform, pile)
    records = await platform.wait(0x3B, 3)
    assert len({raw.body for raw in records}) == 1


async def test_deep_valley(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check the record with a fifth tariff block behind valley."""
    pile.behaviour.record_dialect = RecordDialect.DEEP_VALLEY
    await charge(platform, pile)
    (raw,) = await platform.wait(0x3B)
    assert len(raw.body) == 174
    check_sums(Bill.of(raw, blocks=5))


@pytest.mark.parametrize(("dialect", "kind"), [(RecordDialect.V14, 0x3F), (RecordDialect.V12, 0x39)])
async def test_older_records(platform: RawPlatform, pile: VirtualPile, dialect: RecordDialect, kind: int) -> None:
    """Check the records with short meter readings, and that each is acknowledged in its own way."""
    pile.behaviour.record_dialect = dialect
    await charge(platform, pile)
    (raw,) = await platform.wait(kind)
    assert len(raw.body) == 156
    check_sums(Bill.of(raw, meter=4))
    await pile.wait_for(lambda: not pile.records.open)


async def test_invalid(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check the firmware that deletes its record whatever 0x40 says."""
    pile.behaviour.deletes_on_any_ack = True
    platform.mute.add(0x3B)
    await charge(platform, pile)
    await platform.wait(0x3B)
    platform.send(0x40, TRANSACTION + "01")
    await pile.wait_for(lambda: not pile.records.open)


def stored(raw: Raw) -> bool:
    """Tell whether a 0x13 is about the charge, so that it is stored when there is no line."""
    return raw.text(0, 16) == TRANSACTION


async def test_offline_charge(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a charge outlives the line, and that its reports and its record come after the login."""
    await pile.plug(1)
    platform.send(0x34, start())
    await platform.wait(0x13, 1, stored)
    await pile.drop()
    energy = pile.gun(1).energy
    await pile.wait_for(lambda: pile.gun(1).energy > energy)
    await asyncio.sleep(0.5)
    await pile.stop_locally(1)
    await pile.wait_for(lambda: pile.records.open)
    await pile.come_back()
    await pile.wait_for(lambda: not pile.records.open)
    kinds = [raw.kind for raw in platform.frames if raw.connection == 2]
    assert kinds[0] == 0x01
    first = kinds.index(0x3B)
    assert first >= 3
    assert set(kinds[1:first]) == {0x13}
    offline = [raw for raw in platform.all(0x13, stored) if raw.connection == 2]
    energies = [raw.number(46, 4) for raw in offline]
    assert energies == sorted(energies)
    assert {raw.body[24] for raw in offline} == {3}


async def test_stored_reports_as_offline(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check the firmware whose stored reports say 'offline'."""
    pile.behaviour.stored_as_offline = True
    await pile.plug(1)
    platform.send(0x34, start())
    await platform.wait(0x13, 1, stored)
    await pile.drop()
    await pile.clock.sleep(40.0)
    await pile.come_back()
    await platform.wait(0x13, 1, lambda raw: raw.connection == 2 and stored(raw) and raw.body[24] == 3)
    said = [raw.body[24] for raw in platform.all(0x13, stored) if raw.connection == 2]
    assert said[:2] == [0, 0]


async def test_power_cut(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a charge ends with the mains, and that its record survives them."""
    await pile.plug(1)
    platform.send(0x34, start())
    await platform.wait(0x13, 1, stored)
    await pile.power_cycle()
    bill = Bill.of((await platform.wait(0x3B))[0])
    assert bill.stop_reason == 0x83
    await pile.wait_ready()
    assert pile.gun(1).plugged
