"""A charge from its start to its end, with each way it can end."""

import asyncio
from decimal import Decimal
import re

import pytest

from custom_components.ykc.protocol import (
    BmsChargeEnd,
    FieldError,
    GunStatus as Reported,
    HeartbeatReply,
    LoginReply,
    ReadRealtime,
    RemoteStart,
    RemoteStartReply,
    RemoteStop,
    RemoteStopReply,
)
from custom_components.ykc.server import charges as charges_module, ledger as ledger_module, lookups as lookups_module
from custom_components.ykc.server.errors import (
    LedgerFailed,
    NoReply,
    OrderOpen,
    PileOffline,
    StartCancelled,
    StartRefused,
    StopRefused,
)
from custom_components.ykc.server.order import Phase
from custom_components.ykc.server.state import GunStatus
from tests.server.conftest import MakeHouse
from tests.server.house import House, accepted, charging, eventually, hurried, requested, starting
from tests.server.peer import CODE, Peer


def charge_end(transaction: str) -> BmsChargeEnd:
    """Make the 0x19 of a charge."""
    return BmsChargeEnd(
        transaction=transaction,
        pile=CODE,
        gun=1,
        soc=80,
        min_cell_voltage=3.0,
        max_cell_voltage=3.1,
        min_temperature=20,
        max_temperature=30,
        charging_minutes=10,
        energy=2.0,
        charger_number=1,
    )


async def heard(peer: Peer) -> None:
    """Wait until the platform has taken what the peer sent."""
    peer.send(peer.heartbeat(2))
    await peer.expect(HeartbeatReply)


# Start


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
    await heard(peer)
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


async def test_no_reply_to_a_start(make_house: MakeHouse) -> None:
    """No reply to a start."""
    house = await make_house(hurried(command=0.05, start_reply=0.2))
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    with pytest.raises(NoReply):
        await task
    await peer.answer_stop(reason=2)
    assert house.gun().last_session is None
    # The late answer is no surprise, and what was told before it ended nothing.
    peer.answer_start(start)
    await peer.answer_stop(reason=2)
    await heard(peer)
    assert house.gun().status is GunStatus.IDLE


async def test_the_line_is_free_while_a_slow_pile_thinks_about_a_start(make_house: MakeHouse) -> None:
    """The line is free while a slow pile thinks about a start."""
    house = await make_house(hurried(command=0.05))
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    reading = asyncio.create_task(pile.read_realtime(2))
    await peer.expect(ReadRealtime)
    peer.answer_start(start)
    assert (await task).outcome == "started"
    peer.send(peer.report(gun=2))
    await asyncio.gather(reading, return_exceptions=True)


async def test_stopping_a_start_that_has_no_answer(make_house: MakeHouse) -> None:
    """Stopping a start that has no answer."""
    house = await make_house(hurried(command=0.05))
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    pile.line._timing = hurried()
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop()
    await stopping
    with pytest.raises(StartCancelled):
        await task
    assert house.gun().status is GunStatus.STOPPING
    # It says yes after all, and charges: it is told again.
    peer.answer_start(start)
    peer.send(peer.report(start.transaction, "1"))
    await peer.answer_stop()
    assert house.gun().status is GunStatus.STOPPING


@pytest.mark.parametrize("reason", [0, 2])
async def test_a_stop_does_not_wait_for_the_answer_to_the_start(house: House, reason: int) -> None:
    """A stop is sent at once, and a start that it ended says so."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    async with asyncio.timeout(5):
        await peer.answer_stop(reason=reason)
        await stopping
        with pytest.raises(StartCancelled) as error:
            await task
    assert error.value.placeholders == {"pile": CODE, "gun": "1"}
    # It says yes after all: it is told again.
    peer.answer_start(start)
    await peer.answer_stop(reason=2)


async def test_a_refused_stop_leaves_the_start(house: House) -> None:
    """Where the pile does not stop, its answer to the start still counts."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=3)
    with pytest.raises(StopRefused):
        await stopping
    peer.answer_start(start)
    assert (await task).outcome == "started"


async def test_accepted_and_then_no_charging_report(make_house: MakeHouse) -> None:
    """Accepted and then no charging report."""
    house = await make_house(hurried(charging_report=0.2))
    pile, peer = await house.online()
    transaction = await accepted(pile, peer)
    peer.send(peer.report(plugged=1))
    await peer.answer_stop(reason=2)
    last = house.gun().last_session
    assert last is not None
    assert last.stop_reason == "no_charging_report"
    assert house.gun().status is GunStatus.PLUGGED
    # It charges later all the same.
    peer.send(peer.report(transaction, "1"))
    await peer.answer_stop()
    await heard(peer)
    assert house.gun().status is GunStatus.CHARGING
    assert house.gun().total_energy == 0
    # What it charged counts when its bill comes.
    await peer.bill(peer.record(transaction, "1.25"))
    assert house.gun().total_energy == Decimal("1.25")


async def test_a_pile_that_does_not_obey_is_told_again(make_house: MakeHouse) -> None:
    """A pile that does not obey is told again."""
    house = await make_house(hurried(charging_report=0.1, insist=0.3))
    pile, peer = await house.online()
    transaction = await accepted(pile, peer)
    await peer.answer_stop()
    for _ in range(2):
        await asyncio.sleep(0.35)
        peer.send(peer.report(transaction, "1"))
        await peer.answer_stop()


async def test_a_charge_that_begins_late_is_told_at_once(make_house: MakeHouse) -> None:
    """A stop that came before the charge ended nothing; one of a running charge is given time."""
    house = await make_house(hurried(start_reply=0.1))
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    with pytest.raises(NoReply):
        await task
    await peer.answer_stop(reason=2)
    peer.answer_start(start)
    await peer.answer_stop(reason=2)
    peer.answer_start(start)
    await heard(peer)
    peer.send(peer.report(start.transaction, "1"))
    await peer.answer_stop()
    for energy in ("1.1", "1.2"):
        peer.send(peer.report(start.transaction, energy))
    await heard(peer)
    await peer.silence()
    # It ended, and begins again.
    peer.send(peer.report(plugged=1), peer.report(start.transaction, "1.3"))
    await peer.answer_stop()


async def test_what_says_twice_that_a_charge_began_is_told_once(house: House) -> None:
    """A reply and a report in one go are one reason to stop."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    peer.answer_start(start, reason=1)
    with pytest.raises(StartRefused):
        await task
    peer.answer_start(start)
    peer.send(peer.report(start.transaction, "1"))
    await peer.answer_stop()
    await peer.silence()


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


async def test_a_start_that_is_called_off_runs_its_course(house: House) -> None:
    """A start that is called off runs its course."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    task.cancel()
    await asyncio.sleep(0)
    peer.answer_start(start)
    peer.send(peer.report(start.transaction, "1"))
    await eventually(lambda: house.gun().status is GunStatus.CHARGING)


@pytest.mark.parametrize("call", ["draw_counter", "open_order"])
async def test_a_start_that_is_called_off_before_it_is_sent_leaves_no_order(house: House, call: str) -> None:
    """A start that is called off before it is sent leaves no order."""
    pile, peer = await house.online()
    house.disk.hold(call)
    task = starting(pile)
    await eventually(lambda: call in house.disk.calls)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    house.disk.release()
    await eventually(lambda: not pile._tasks - {pile._greeting})
    assert house.rows("SELECT phase, outcome FROM orders") == [("closed", "no_reply")] * (call == "open_order")
    assert house.gun().status is GunStatus.IDLE
    await accepted(pile, peer)


async def test_a_start_that_is_called_off_while_the_line_is_paced(house: House) -> None:
    """A start that is called off while the line is paced."""
    pile, peer = await house.online()
    connection = pile.line.connection
    assert connection is not None
    paced = asyncio.Event()
    connection.pace = paced.wait  # type: ignore[assignment, method-assign] # until the test says so
    task = starting(pile)
    await eventually(lambda: pile.guns[1].orders)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not pile.guns[1].orders
    paced.set()
    await accepted(pile, peer)


async def test_a_start_while_the_connection_is_lost(house: House) -> None:
    """A start while the connection is lost."""
    pile, peer = await house.online()
    house.disk.hold()
    task = starting(pile)
    await eventually(pile.line.held.locked)
    await peer.hang_up()
    await eventually(lambda: not pile.state.connected)
    house.disk.release()
    with pytest.raises(PileOffline):
        await task
    await eventually(lambda: house.rows("SELECT phase, outcome FROM orders") == [("closed", "no_reply")])
    _, peer = await house.online()
    await peer.silence()


async def test_a_start_whose_connection_is_lost_before_the_answer(house: House) -> None:
    """A start whose connection is lost before the answer."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    await peer.vanish()
    with pytest.raises(PileOffline):
        await task
    # Whoever asked was told that it failed: the pile must not charge.
    peer = await house.dial()
    peer.send(peer.login())
    await peer.expect(LoginReply)
    await peer.answer_clock()
    await peer.expect(ReadRealtime, gun=1)
    peer.send(peer.report(start.transaction, "1"))
    await peer.answer_stop()
    await peer.expect(ReadRealtime, gun=2)


async def test_an_answer_and_the_end_of_the_connection_at_once(house: House) -> None:
    """An answer and the end of the connection at once."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    peer.answer_start(start)
    await peer.hang_up()
    assert (await task).outcome == "started"
    peer = await house.dial()
    peer.send(peer.login())
    await peer.expect(LoginReply)
    await peer.greeted(gun_1=peer.report(start.transaction, "1"))
    await eventually(lambda: house.gun().status is GunStatus.CHARGING)
    await peer.silence()


async def test_a_start_that_is_not_written_down_is_not_sent(house: House) -> None:
    """A start that is not written down is not sent."""
    pile, peer = await house.online()
    for call in ("draw_counter", "open_order"):
        house.disk.fails = {call}
        with pytest.raises(LedgerFailed) as error:
            await pile.start_charging(1)
        assert error.value.placeholders == {"error": "database or disk is full"}
    await peer.silence()
    assert house.gun().status is GunStatus.IDLE
    house.disk.fails = set()
    await accepted(pile, peer)


async def test_a_number_that_was_given_before_is_not_given_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, and the counter begins anew."""
    pile, peer = await house.online()
    first = await accepted(pile, peer)
    monkeypatch.setattr(house.disk._file, "draw_counter", iter([1, 1, 2]).__next__)
    monkeypatch.setattr(ledger_module.Ledger, "draw_counter", _counter([int(first[-4:]), 4711]))
    second = await accepted(pile, peer, 2)
    assert second[-4:] == "4711" or second[:16] != first[:16]
    await peer.bill(peer.record(first))
    monkeypatch.setattr(ledger_module.Ledger, "draw_counter", _counter([int(first[-4:]), 4712]))
    assert (await accepted(pile, peer))[-4:] == "4712"
    monkeypatch.setattr(charges_module, "NUMBER_TRIES", 1)
    await peer.bill(peer.record(pile.guns[1].order.transaction))  # type: ignore[union-attr] # it is open
    monkeypatch.setattr(ledger_module.Ledger, "draw_counter", _counter([int(first[-4:])]))
    with pytest.raises(LedgerFailed):
        await pile.start_charging(1)


def _counter(numbers: list[int]) -> object:
    async def draw(*_: object) -> int:
        return numbers.pop(0)

    return draw


# Stop


async def test_a_stop_and_its_record(house: House) -> None:
    """A stop and its record."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop()
    await stopping
    assert house.gun().status is GunStatus.STOPPING
    peer.send(charge_end(transaction))
    await heard(peer)
    assert house.gun().status is GunStatus.CHARGING  # the gun's last report
    peer.send(peer.report(plugged=1))
    await eventually(lambda: house.gun().status is GunStatus.FINISHED)
    assert house.gun().total_energy == Decimal("1.5")
    await peer.bill(peer.record(transaction, "1.6", "2.6"))
    gun = house.gun()
    assert gun.status is GunStatus.FINISHED
    assert gun.transaction is None
    assert gun.total_energy == Decimal("1.6")
    last = gun.last_session
    assert last is not None
    assert (last.energy, last.cost, last.stop_reason) == (Decimal("1.6"), Decimal("2.6"), "stopped_remotely")
    peer.send(peer.report())
    await eventually(lambda: house.gun().status is GunStatus.IDLE)


async def test_a_record_before_the_reply_to_a_stop(house: House) -> None:
    """A record before the reply to a stop."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.expect(RemoteStop)
    await peer.bill(peer.record(transaction))
    peer.send(RemoteStopReply(pile=CODE, gun=1, result=1))
    await stopping
    assert house.gun().transaction is None


@pytest.mark.parametrize("reason", [1, 3, 9])
async def test_a_refused_stop(house: House, reason: int) -> None:
    """A refused stop."""
    pile, peer = await house.online()
    await charging(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=reason)
    with pytest.raises(StopRefused) as error:
        await stopping
    assert error.value.placeholders["reason"] == {1: "wrong_pile", 3: "other", 9: "code_09"}[reason]
    assert house.gun().status is GunStatus.CHARGING


async def test_stopping_what_does_not_charge(house: House) -> None:
    """Stopping what does not charge."""
    pile, peer = await house.online()
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=2)
    with pytest.raises(StopRefused) as error:
        await stopping
    assert error.value.placeholders["reason"] == "not_charging"


async def test_stopping_a_charge_that_the_pile_says_is_over(make_house: MakeHouse) -> None:
    """Stopping a charge that the pile says is over."""
    house = await make_house(hurried(record=0.1))
    pile, peer = await house.online()
    await charging(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=2)
    await stopping
    await eventually(lambda: house.gun().last_session)
    last = house.gun().last_session
    assert last is not None
    assert last.stop_reason == "no_record"


@pytest.mark.parametrize("reason", [0, 2, 3])
async def test_stopping_while_the_pile_waits_for_the_plug(house: House, reason: int) -> None:
    """Stopping while the pile waits for the plug."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    peer.answer_start(start, reason=5)
    await task
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=reason)
    await stopping
    assert house.gun().status is GunStatus.IDLE
    last = house.gun().last_session
    assert last is not None
    assert last.stop_reason == "cancelled"
    peer.answer_start(start)
    await peer.answer_stop()


@pytest.mark.parametrize("reason", [0, 2])
async def test_stopping_between_the_yes_and_the_charge(make_house: MakeHouse, reason: int) -> None:
    """Stopping between the yes and the charge."""
    house = await make_house(hurried(record=0.1))
    pile, peer = await house.online()
    transaction = await accepted(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=reason)
    await stopping
    await eventually(lambda: house.gun().last_session)
    last = house.gun().last_session
    assert last is not None
    assert last.stop_reason == "cancelled"
    peer.send(peer.report(transaction, "1"))
    await peer.answer_stop()


async def test_a_stop_that_the_pile_does_not_follow(make_house: MakeHouse) -> None:
    """A stop that the pile does not follow."""
    house = await make_house(hurried(record=0.5, insist=0.6))
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    stopping = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop()
    await stopping
    # It goes on charging for longer than a record would take.
    for energy in range(2, 9):
        await asyncio.sleep(0.1)
        peer.send(peer.report(transaction, str(energy)))
    await peer.answer_stop()
    assert house.gun().status is GunStatus.STOPPING
    assert house.gun().total_energy >= 2
    await peer.bill(peer.record(transaction, "9"))
    assert house.gun().total_energy == 9


async def test_a_stop_that_was_meant_for_a_charge_that_is_over_spares_the_next(make_house: MakeHouse) -> None:
    """A stop that was meant for a charge that is over spares the next."""
    house = await make_house(hurried(charging_report=0.1))
    pile, peer = await house.online()
    await accepted(pile, peer)
    reading = asyncio.create_task(pile.read_realtime(2))
    await peer.expect(ReadRealtime)
    house.listener.timing = pile.guns[1]._timing = hurried()
    begun: list[asyncio.Task[object]] = []

    def start_again() -> None:
        if house.gun().transaction is None and not begun:
            begun.append(starting(pile))

    pile.subscribe(start_again)
    # The order is closed, and who has waited for that starts anew before the line is free.
    async with asyncio.timeout(20):
        while not begun:
            await asyncio.sleep(0.01)
    peer.send(peer.report(gun=2))
    await reading
    messages = [await peer.receive()]
    if isinstance(messages[0], RemoteStop):
        peer.send(RemoteStopReply(pile=CODE, gun=1, result=0, reason=2))
        messages.append(await peer.receive())
    assert isinstance(messages[-1], RemoteStart)
    peer.answer_start(messages[-1])
    await begun[0]
    await peer.silence()


# The end that comes by itself


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


async def test_a_gun_that_calls_itself_offline(house: House) -> None:
    """A gun that calls itself offline."""
    _, peer = await house.online()
    peer.send(peer.report(status=Reported.OFFLINE))
    await eventually(lambda: house.gun().status is GunStatus.OFFLINE)


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
    peer.send(charge_end(transaction), peer.report(transaction, "1.7"))
    await eventually(lambda: house.gun().total_energy == Decimal("1.7"))
    assert house.gun().transaction == transaction
    peer.send(charge_end("9" * 32), peer.report())
    await eventually(lambda: house.gun().transaction is None)


async def test_reported_energy_never_goes_back(house: House) -> None:
    """Reported energy never goes back."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer, energy="5")
    peer.send(peer.report(transaction, "3"))
    await eventually(lambda: house.gun().session_energy == 3)
    assert house.gun().total_energy == 5


# Charges that were begun at the pile


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
    await heard(peer)
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
    await heard(peer)
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
    for foreign, end in (("7" * 32, peer.report()), ("8" * 32, charge_end("8" * 32))):
        house.disk.hold()
        peer.send(peer.report(foreign, "1"), peer.report(foreign, "4"), end)
        await heard(peer)
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
    await heard(peer)
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
        await heard(peer)
        await eventually(lambda: not pile.charges._lookups.under_way)
    assert len(pile.guns[1].orders) == 3
    assert house.counts["too_many_charges"] == 2


async def test_reports_of_an_unknown_gun(house: House) -> None:
    """Reports of an unknown gun."""
    _, peer = await house.online()
    before = house.listener.piles[CODE].state
    peer.send(
        peer.report("7" * 32, "1", gun=9),
        charge_end("7" * 32).replace(gun=9),
        RemoteStartReply(transaction="7" * 32, pile=CODE, gun=9, result=1, reason=0),
        RemoteStartReply(transaction="7" * 32, pile=CODE, gun=1, result=1, reason=0),
    )
    await heard(peer)
    assert house.listener.piles[CODE].state == before
    assert house.counts["unknown_gun"] == 3
