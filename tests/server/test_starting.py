"""A start of a charge, and what the pile answers."""

from decimal import Decimal
import re

import pytest

from custom_components.ykc.protocol import FieldError, RemoteStart
from custom_components.ykc.server.errors import OrderOpen, StartRefused
from custom_components.ykc.server.state import GunStatus
from tests.server.conftest import MakeHouse
from tests.server.house import House, accepted, charging, eventually, hurried, requested, starting
from tests.server.peer import CODE


async def test_a_start_and_what_it_sends(house: House) -> None:
    """A start and what it sends."""
    pile, peer = await house.online()
    task = starting(pile, 2, card="00000000d14b0a54", logical_card="0000001000000573", balance=Decimal("12.34"))
    start = await peer.expect(
        RemoteStart,
        pile=CODE,
        gun=2,
        card="00000000d14b0a54",
        logical_card="0000001000000573",
        balance=Decimal("12.34"),
    )
    assert re.fullmatch(CODE + "02" + "260301120000" + r"\d{4}", start.transaction)
    assert house.gun(2).status is GunStatus.STARTING
    assert house.gun(2).transaction == start.transaction
    assert house.gun(1).status is GunStatus.IDLE
    assert house.rows("SELECT gun, phase, transaction_number FROM orders") == [(2, "requested", start.transaction)]
    peer.answer_start(start)
    charge = await task
    assert (charge.transaction, charge.outcome) == (start.transaction, "started")
    assert house.gun(2).status is GunStatus.STARTING
    peer.send(peer.report(start.transaction, "0.5", "0.6", gun=2))
    await eventually(lambda: house.gun(2).status is GunStatus.CHARGING)
    gun = house.gun(2)
    assert gun.charging
    assert gun.plugged
    assert (gun.voltage, gun.current, gun.power) == (400.0, 100.0, 40000.0)
    assert (gun.session_energy, gun.session_cost) == (Decimal("0.5"), Decimal("0.6"))
    assert (gun.charging_time, gun.remaining_time, gun.state_of_charge) == (7, 55, 50)
    assert (gun.cable_temperature, gun.battery_temperature) == (30, 31)
    assert gun.total_energy == Decimal("0.5")


async def test_a_start_without_options_brings_a_generous_balance_and_no_card(house: House) -> None:
    """A start without options brings a generous balance and no card."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    assert (start.balance, start.card, start.logical_card) == (Decimal(10000), "0" * 16, "0" * 16)
    peer.answer_start(start)
    await task


async def test_an_ac_pile_knows_nothing_of_the_battery(house: House) -> None:
    """An AC pile knows nothing of the battery."""
    pile, peer = await house.online(pile_type=1)
    await charging(pile, peer)
    gun = house.gun()
    assert gun.power
    assert gun.state_of_charge is None
    assert gun.remaining_time is None


async def test_an_idle_gun_has_no_state_of_charge(house: House) -> None:
    """An idle gun has no state of charge."""
    await house.online()
    assert house.gun().state_of_charge is None
    assert house.gun().cable_temperature is None


async def test_values_that_do_not_fit_leave_no_order(house: House) -> None:
    """Values that do not fit leave no order."""
    pile, peer = await house.online()
    for options in ({"card": "x"}, {"logical_card": "1"}, {"balance": Decimal("1.234")}, {"balance": Decimal(10**9)}):
        with pytest.raises(FieldError):
            await pile.start_charging(1, **options)
    assert house.gun().status is GunStatus.IDLE
    assert house.rows("SELECT * FROM orders") == []
    await peer.silence()


async def test_a_gun_has_one_order_at_a_time(house: House) -> None:
    """A gun has one order at a time."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    # One that waits for the line, and one that is told at once.
    second = starting(pile)
    peer.answer_start(start)
    with pytest.raises(OrderOpen) as error:
        await second
    assert error.value.placeholders == {"pile": CODE, "gun": "1"}
    await task
    with pytest.raises(OrderOpen):
        await pile.start_charging(1)
    # The other gun is free.
    await accepted(pile, peer, 2)


async def test_waiting_for_the_plug_and_a_late_success(house: House) -> None:
    """Waiting for the plug and a late success."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    peer.answer_start(start, reason=5)
    charge = await task
    assert charge.outcome == "waiting_for_plug"
    assert house.gun().status is GunStatus.WAITING_FOR_PLUG
    peer.send(peer.report(plugged=1))
    await peer.heard()
    assert house.gun().status is GunStatus.WAITING_FOR_PLUG
    peer.answer_start(start)
    await eventually(lambda: house.gun().status is GunStatus.STARTING)
    peer.send(peer.report(start.transaction, "1"))
    await eventually(lambda: house.gun().status is GunStatus.CHARGING)
    await peer.bill(peer.record(start.transaction, "2"))
    assert house.gun().total_energy == 2


async def test_not_plugged_in_time(make_house: MakeHouse) -> None:
    """Not plugged in time."""
    house = await make_house(hurried(late_plug=0.1))
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    peer.answer_start(start, reason=5)
    assert (await task).outcome == "waiting_for_plug"
    await eventually(lambda: house.gun().status is GunStatus.IDLE)
    last = house.gun().last_session
    assert last is not None
    assert last.stop_reason == "not_plugged_in_time"
    # Should the pile start it all the same, it is told not to.
    peer.answer_start(start)
    await peer.answer_stop()
    peer.send(peer.report(start.transaction, "1"))
    # What it took before the charge began ended nothing.
    await peer.answer_stop()
    peer.send(peer.report(start.transaction, "1.1"))
    await peer.silence()


async def test_a_refusal_after_the_plug_is_shown(house: House) -> None:
    """A refusal after the plug is shown."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    peer.answer_start(start, reason=5)
    await task
    peer.answer_start(start, reason=3)
    await eventually(lambda: house.gun().last_session)
    last = house.gun().last_session
    assert last is not None
    assert (last.stop_reason, last.energy) == ("start_refused", Decimal(0))
    house = await house.restart()
    again = house.gun().last_session
    assert again is not None
    assert again.transaction == last.transaction


@pytest.mark.parametrize(
    ("reason", "slug"),
    [
        (1, "wrong_pile"),
        (2, "already_charging"),
        (3, "fault"),
        (4, "offline"),
        (6, "code_06"),
        (7, "code_07"),
        (0x4E, "code_4e"),
        (0xFF, "code_ff"),
    ],
)
async def test_a_refused_start(house: House, reason: int, slug: str) -> None:
    """A refused start."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    peer.answer_start(start, reason=reason)
    with pytest.raises(StartRefused) as error:
        await task
    assert error.value.placeholders == {"pile": CODE, "gun": "1", "reason": slug}
    assert house.gun().status is GunStatus.IDLE
    assert house.gun().last_session is None
    await peer.silence()
    # A pile that charges all the same is told to stop.
    peer.send(peer.report(start.transaction, "1"))
    await peer.answer_stop()
    await accepted(pile, peer, 2)


async def test_a_charge_begins_without_a_reply(house: House) -> None:
    """A charge begins without a reply."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    peer.send(peer.report(start.transaction, "1"))
    assert (await task).outcome == "started"
    assert house.gun().status is GunStatus.CHARGING


async def test_a_charge_that_is_billed_at_once(house: House) -> None:
    """A charge that is billed at once."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    await peer.bill(peer.record(start.transaction, "0", stop_reason=0x57))
    assert (await task).outcome == "started"
    last = house.gun().last_session
    assert last is not None
    assert last.stop_reason == "start_failed_insulation"
