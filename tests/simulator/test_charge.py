"""Charges from the command to the record, seen from the wire."""

import asyncio
from decimal import Decimal

import pytest

from simulator import Vehicle, VirtualPile

from .conftest import CARD, PILE, TRANSACTION, MakePile, start
from .raw_platform import Bill, Raw, RawPlatform

IDLE, CHARGING, FAULT = 2, 3, 1


def is_charging(raw: Raw) -> bool:
    """Tell whether a 0x13 says that its gun charges."""
    return raw.body[24] == CHARGING


async def begin(
    platform: RawPlatform, pile: VirtualPile, vehicle: Vehicle | None = None, balance: int = 100_00
) -> None:
    """Plug a car and start a charge."""
    await pile.plug(1, vehicle)
    platform.send(0x34, start(balance=balance))
    await platform.wait(0x13, 1, is_charging)


async def stop(platform: RawPlatform) -> Raw:
    """Stop the charge and return its record."""
    platform.send(0x36, PILE + "01")
    return (await platform.wait(0x3B))[0]


async def test_a_whole_charge(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check start, charge, stop and record, and that the frames come in the order of the flow chart."""
    await pile.plug(1)
    platform.send(0x34, start(), b"\x12\x34")
    (reply,) = await platform.wait(0x33)
    assert reply.sequence == b"\x12\x34"
    assert reply.body.hex() == TRANSACTION + PILE + "01" + "01" + "00"
    charging = await platform.wait(0x13, 3, is_charging)
    assert all(raw.text(0, 24) == TRANSACTION + PILE + "01" for raw in charging)
    platform.send(0x36, PILE + "01", b"\xab\xcd")
    (stopped,) = await platform.wait(0x35)
    assert stopped.sequence == b"\xab\xcd"
    assert stopped.body.hex() == PILE + "01" + "01" + "00"
    (record,) = await platform.wait(0x3B)
    assert record.text(0, 24) == TRANSACTION + PILE + "01"
    await pile.wait_for(lambda: not pile.records.open)
    before = platform.frames.index(record)
    idle = (await platform.wait(0x13, 1, lambda raw: raw.body[23] == 1 and platform.frames.index(raw) > before))[0]
    assert (idle.text(0, 16), idle.body[24], idle.body[26]) == ("00" * 16, IDLE, 1)
    kinds = [raw.kind for raw in platform.frames[platform.frames.index(reply) :] if raw.kind not in (0x03, 0x25)]
    assert kinds[:5] == [0x33, 0x15, 0x17, 0x13, 0x23]
    assert kinds[kinds.index(0x35) :][:5] == [0x35, 0x21, 0x19, 0x3B, 0x13]
    assert pile.complaints == []


async def test_no_idle_report_in_an_order(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that once charging is reported, no report says idle before the record."""
    await begin(platform, pile)
    for _ in range(3):
        platform.send(0x12, PILE + "01")
    record = await stop(platform)
    platform.send(0x12, PILE + "01")
    before = platform.frames[: platform.frames.index(record)]
    reports = [raw for raw in before if raw.kind == 0x13 and raw.body[23] == 1]
    reports = reports[reports.index(next(filter(is_charging, reports))) :]
    assert all(is_charging(raw) for raw in reports)


async def test_the_curve(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that a DC charge looks like one: first the current is constant, then the voltage, and it ends when full."""
    pile = await make_pile(charge_speed=6000.0)
    await begin(platform, pile, Vehicle(soc=20.0))
    record = (await platform.wait(0x3B))[0]
    assert Bill.of(record).stop_reason == 0x41  # state of charge reached
    reports = [raw for raw in platform.all(0x13, is_charging) if raw.number(29, 2)]
    assert len(reports) > 5
    for name, (offset, size) in {
        "voltage": (27, 2), "soc": (40, 1), "minutes": (42, 2), "energy": (46, 4), "amount": (54, 4),
    }.items():  # fmt: skip
        values = [raw.number(offset, size) for raw in reports]
        assert values == sorted(values), name
    currents = [raw.number(29, 2) / 10 for raw in reports]
    socs = [raw.body[40] for raw in reports]
    low = [current for current, soc in zip(currents, socs, strict=True) if soc < 80]
    high = [current for current, soc in zip(currents, socs, strict=True) if soc > 80]
    assert len(set(low)) == 1
    assert high == sorted(high, reverse=True)
    assert max(high) < low[0]
    assert max(raw.number(27, 2) * raw.number(29, 2) / 100 for raw in reports) <= 60_100
    remaining = [raw.number(44, 2) for raw in reports]
    assert remaining == sorted(remaining, reverse=True)
    assert 30 < remaining[0] < 180
    energy = Bill.of(record).energy / 10_000
    assert energy == pytest.approx(60.0 * 0.8 / 0.94, rel=0.01)
    assert Bill.of(record).energy == pytest.approx(reports[-1].number(46, 4), rel=0.1)
    modes = [raw.body[28] for raw in platform.all(0x23)]
    assert modes == sorted(modes, reverse=True)
    assert set(modes) == {1, 2}
    temperatures = [raw.body[31] - 50 for raw in reports]
    assert 25 <= min(temperatures) <= max(temperatures) <= 60


async def test_bms_frames(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check what the car says, at the places of the tables of chapter 7."""
    await begin(platform, pile, Vehicle(soc=50.0))
    (handshake,) = await platform.wait(0x15)
    (configuration,) = await platform.wait(0x17)
    demand = (await platform.wait(0x23))[0]
    status = (await platform.wait(0x25))[0]
    await stop(platform)
    (end,) = await platform.wait(0x19)
    (abort,) = await platform.wait(0x21)
    sizes = {0x15: 73, 0x17: 45, 0x23: 44, 0x25: 31, 0x19: 39, 0x21: 28}
    for raw in (handshake, configuration, demand, status, end, abort):
        assert raw.text(0, 24) == TRANSACTION + PILE + "01"
        assert len(raw.body) == sizes[raw.kind]
    assert handshake.text(24, 3) == "010100"
    assert handshake.body[48:65] == b"LYKCVIRTUAL000001"
    assert configuration.number(33, 2) == 500  # 50.0 %
    assert configuration.number(26, 2) == 4000 - 1500  # -150 A
    assert demand.number(26, 2) == 4000 - 1500
    assert demand.body[28] == 2
    assert demand.number(31, 2) == 4000 - round(60_000 / 420 * 10)
    assert 50 <= demand.body[35] <= 60
    assert status.body[24] == 16  # cell 17
    assert status.body[30] == 0b0001_0000  # charging allowed, nothing wrong
    assert 50 <= end.body[24] <= 90
    assert abort.body[24] == 0b01  # a condition of the charger was reached


async def test_ac(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that an AC charge has 220 V, at most 7 kW, no state of charge and no car that talks."""
    pile = await make_pile(pile_type="ac", guns=1)
    await begin(platform, pile)
    reports = await platform.wait(0x13, 3, is_charging)
    record = await stop(platform)
    for raw in reports:
        assert raw.number(27, 2) == 2200
        assert raw.number(29, 2) == 318
        assert raw.body[40] == raw.body[41] == raw.number(44, 2) == 0
    assert not {0x15, 0x17, 0x19, 0x1D, 0x21, 0x23, 0x25} & {raw.kind for raw in platform.frames}
    assert Bill.of(record).vin == bytes(17)


async def test_ac_car_gets_full(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that a full car ends an AC charge."""
    pile = await make_pile(pile_type="ac", guns=1, charge_speed=6000.0)
    await begin(platform, pile, Vehicle(soc=95.0))
    (record,) = await platform.wait(0x3B)
    assert Bill.of(record).stop_reason == 0x41
    assert Bill.of(record).energy / 10_000 == pytest.approx(60 * 0.05 / 0.94, rel=0.02)


async def test_balance(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a charge ends when its money is used up, to the fraction of a cent that one more unit would cost."""
    await begin(platform, pile, balance=2_00)
    (record,) = await platform.wait(0x3B)
    assert Bill.of(record).stop_reason == 0x43
    assert 2_0000 - 2 < Bill.of(record).amount <= 2_0000


async def test_balance_update(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that 0x42 changes what a charge may cost, and is refused for another card."""
    await begin(platform, pile, balance=1000_00)
    platform.send(0x42, PILE + "01" + "00000000deadbeef" + (1_00).to_bytes(4, "little").hex())
    (wrong,) = await platform.wait(0x41)
    assert wrong.body.hex() == PILE + "00000000deadbeef" + "02"
    platform.send(0x42, PILE + "01" + CARD + (1_00).to_bytes(4, "little").hex())
    right = (await platform.wait(0x41, 2))[1]
    assert right.body.hex() == PILE + CARD + "00"
    (record,) = await platform.wait(0x3B)
    assert Bill.of(record).stop_reason == 0x43


async def test_refusals(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check the reason of every start that is refused."""
    platform.mute.add(0x09)
    pile = await make_pile()
    expected = []

    async def refused(reason: int, gun: str = "01", balance: int = 100_00) -> None:
        platform.send(0x34, start(gun=gun, balance=balance))
        expected.append(reason)
        replies = await platform.wait(0x33, len(expected))
        assert [(raw.body[24], raw.body[25]) for raw in replies] == [(0, reason) for reason in expected]

    await pile.plug(1)
    await refused(0x07)  # no tariff
    platform.mute.clear()
    await pile.wait_for(lambda: pile.tariff)
    await refused(0x4E, balance=0)
    await pile.fault(1, 1)
    await refused(3)
    await pile.clear_fault(1)
    pile.behaviour.refuse_start = 0x4A
    await refused(0x4A)
    pile.behaviour.refuse_start = None
    await refused(5, gun="02")
    platform.send(0x34, start())
    await platform.wait(0x13, 1, is_charging)
    expected.append(0)
    platform.send(0x34, start())
    second = (await platform.wait(0x33, len(expected) + 1))[-1]
    assert (second.body[24], second.body[25]) == (0, 2)


async def test_late_plug(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a start waits for the car, and is answered a second time when it comes."""
    platform.send(0x34, start())
    (first,) = await platform.wait(0x33)
    assert first.body[24:].hex() == "0005"
    await pile.plug(1)
    second = (await platform.wait(0x33, 2))[1]
    assert second.body.hex() == TRANSACTION + PILE + "01" + "0100"
    await platform.wait(0x13, 1, is_charging)


async def test_too_late_plug(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that after a minute nothing starts and nothing is said."""
    pile = await make_pile(pace=300.0)
    pile.silent()
    platform.send(0x34, start())
    await platform.wait(0x33)
    waiting = pile.gun(1).waiting
    assert waiting is not None
    await pile.wait_for(lambda: pile.clock.elapsed() > waiting.until)
    await pile.plug(1)
    platform.send(0x12, PILE + "01", b"\x55\x55")
    await platform.wait(0x13, 1, lambda raw: raw.sequence == b"\x55\x55")
    assert len(platform.all(0x33)) == 1
    assert not platform.all(0x13, is_charging)


async def test_stop_while_waiting(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a stop also ends the waiting for a car."""
    platform.send(0x34, start())
    await platform.wait(0x33)
    platform.send(0x36, PILE + "01")
    (reply,) = await platform.wait(0x35)
    assert reply.body[8:].hex() == "0002"
    await pile.plug(1)
    assert pile.gun(1).charge is None


async def test_late_start_with_a_car(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check the pile that first does not see a car that is there."""
    pile.behaviour.late_start = 5.0
    await pile.plug(1)
    platform.send(0x34, start())
    replies = await platform.wait(0x33, 2)
    assert [raw.body[24:].hex() for raw in replies] == ["0005", "0100"]


async def test_unplug_ends_at_once(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that the record of a gun that is pulled out does not wait, and that the gun is shown unplugged."""
    pile.behaviour.settle_seconds = 1000.0
    await begin(platform, pile)
    await pile.unplug(1)
    (record,) = await platform.wait(0x3B)
    assert Bill.of(record).stop_reason == 0x6B
    last = (await platform.wait(0x13, 1, lambda raw: raw.body[24] == IDLE and raw.body[26] == 0))[-1]
    assert last.text(0, 16) == "00" * 16


async def test_unplug_before_the_first_ampere(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a car which leaves during the handshake ends a start that never was a charge."""
    pile.behaviour.start_seconds = 1000.0
    await pile.plug(1)
    platform.send(0x34, start())
    await platform.wait(0x33)
    await pile.unplug(1)
    (record,) = await platform.wait(0x3B)
    assert Bill.of(record).stop_reason == 0x4B
    assert not platform.all(0x13, is_charging)


async def test_stop_at_the_pile(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check the stop button."""
    await begin(platform, pile)
    await pile.stop_locally(1)
    (record,) = await platform.wait(0x3B)
    assert Bill.of(record).stop_reason == 0x45
    assert (await platform.wait(0x21))[0].body[24] == 0b0100  # manual


async def test_fault_in_a_charge(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a fault is reported at once and ends the charge with its own reason."""
    await begin(platform, pile)
    await pile.fault(1, 1)
    (report,) = await platform.wait(0x13, 1, lambda raw: raw.body[24] == FAULT)
    assert report.number(58, 2) == 1
    (record,) = await platform.wait(0x3B)
    assert Bill.of(record).stop_reason == 0x72
    await pile.clear_fault(1)
    await platform.wait(0x13, 1, lambda raw: raw.body[24] == IDLE and raw.number(58, 2) == 0)


async def test_failed_start(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a start that was accepted and then failed gets a record of nothing, and never reports charging."""
    pile.behaviour.fail_start = 0x5A
    await pile.plug(1)
    platform.send(0x34, start())
    (record,) = await platform.wait(0x3B)
    assert platform.all(0x33)[0].body[24:].hex() == "0100"
    assert Bill.of(record).stop_reason == 0x5A
    assert (Bill.of(record).energy, Bill.of(record).amount) == (0, 0)
    assert not platform.all(0x13, is_charging)
    assert platform.all(0x1B)[0].body[28] == 1  # the car's identification did not come


async def test_stop_without_a_charge(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check the answer to a stop of nothing."""
    platform.send(0x36, PILE + "01")
    (reply,) = await platform.wait(0x35)
    assert reply.body.hex() == PILE + "01" + "00" + "02"
    assert pile.gun(1).charge is None


async def test_disobedience(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check the firmware that says yes and charges on, and the one that says no."""
    await begin(platform, pile)
    pile.behaviour.ignores_stop = True
    platform.send(0x36, PILE + "01")
    await platform.wait(0x35)
    pile.behaviour.ignores_stop = False
    pile.behaviour.refuse_stop = 3
    platform.send(0x36, PILE + "01")
    replies = await platform.wait(0x35, 2)
    assert [raw.body[8:].hex() for raw in replies] == ["0100", "0003"]
    assert pile.gun(1).charging


async def test_lost_frames(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check commands that never arrive, and replies that never do."""
    await pile.plug(1)
    pile.behaviour.ignores = {0x34}
    platform.send(0x34, start())
    platform.send(0x12, PILE + "01", b"\x55\x55")
    await platform.wait(0x13, 1, lambda raw: raw.sequence == b"\x55\x55")
    assert pile.gun(1).charge is None
    pile.behaviour.ignores = set()
    pile.behaviour.mute = {0x33}
    platform.send(0x34, start())
    await platform.wait(0x13, 1, is_charging)
    assert not platform.all(0x33)


async def test_reply_delay(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a slow pile thinks before it answers, and goes on with its heartbeats meanwhile."""
    pile.behaviour.reply_delay = 30.0
    platform.send(0x36, PILE + "01")
    loop = asyncio.get_running_loop()
    asked, beats = loop.time(), len(platform.all(0x03))
    await platform.wait(0x35)
    assert loop.time() - asked > 0.25
    assert len(platform.all(0x03)) > beats


async def test_idle_in_a_charge(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check the firmware that reports idle while it charges."""
    await begin(platform, pile)
    pile.behaviour.reports_idle = True
    before = len(platform.frames)
    await platform.until(lambda: len([raw for raw in platform.frames[before:] if raw.kind == 0x13]) >= 2)
    assert all(raw.body[24] == IDLE for raw in platform.frames[before:] if raw.kind == 0x13)
    assert pile.gun(1).charging


async def test_two_guns(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that the guns of a pile charge independently."""
    other = TRANSACTION[:14] + "02" + TRANSACTION[16:]
    for gun in (1, 2):
        await pile.plug(gun)
    platform.send(0x34, start())
    platform.send(0x34, start(other, "02"))
    await pile.wait_for(lambda: pile.gun(1).charging and pile.gun(2).charging)
    await stop(platform)
    assert pile.gun(2).charging
    await pile.wait_for(lambda: pile.gun(1).charge is None)
    assert pile.gun(1).meter_kwh > Decimal("1234.5678")
