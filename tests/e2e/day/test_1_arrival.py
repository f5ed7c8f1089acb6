"""Morning: a new pile calls, is approved, and learns the time and its prices."""

import pytest

from custom_components.ykc.protocol import (
    BillingModelCheckReply,
    BillingModelReply,
    Heartbeat,
    HeartbeatReply,
    LoginReply,
    LoginResult,
    ModelCheck,
    ReadRealtime,
    TimeSync,
)
from demo import flows

from .day import CODE, GUNS, PATIENCE, Day, plays

pytestmark = pytest.mark.asyncio(loop_scope="package")


@plays(0x01, 0x02, serves=("config.approve", "binary_sensor.connection"))
async def test_a_new_pile_is_approved_through_its_card(day: Day) -> None:
    """It is refused and shown; once approved it comes online at its next call."""
    await day.pile.wait_for(lambda: day.pile.all_received(LoginReply))
    await flows.card(day.home.client, CODE)
    assert {reply.result for reply in day.pile.all_received(LoginReply)} == {LoginResult.REFUSED}
    await day.approve("Day pile")
    await day.pile.wait_ready(PATIENCE)
    await day.whole.state("connection", "on", "binary_sensor", PATIENCE)
    for number in range(1, GUNS + 1):
        await day.gun(number).state("status", "idle", seconds=PATIENCE)
    await day.pile.wait_for(lambda: day.pile.all_received(TimeSync), PATIENCE)


async def test_a_restart_of_home_assistant(day: Day) -> None:
    """After a restart the pile is back without a person, with all the entities that were wanted."""
    for number in range(1, GUNS + 1):
        # What only a gun with a parking lock has comes with its first report.
        await day.gun(number).id("parking_lock", "lock")
    told = len(day.pile.all_received(TimeSync))
    await day.enable_everything()
    await day.listen()
    await day.pile.wait_ready(PATIENCE)
    await day.pile.wait_for(lambda: len(day.pile.all_received(TimeSync)) > told, PATIENCE)
    await day.whole.state("connection", "on", "binary_sensor", PATIENCE)


@plays(0x55, 0x56, serves=("sensor.clock_offset", "button.synchronise_clock"))
async def test_its_clock_is_set(day: Day) -> None:
    """It was set after the login, and is set again by a button."""
    before = len(day.pile.all_received(TimeSync))
    await day.whole.use("synchronise_clock", "button.press")
    assert len(day.pile.all_received(TimeSync)) == before + 1
    await day.whole.number("clock_offset", lambda seconds: abs(seconds) < 2, PATIENCE)


@plays(0x05, 0x06, 0x09, 0x0A, serves=("sensor.billing_model",))
async def test_it_is_given_its_prices(day: Day) -> None:
    """It lost its model with the network; it asks whether it has the right one, and for that."""
    await day.pile.drop()
    day.forget_tariff()
    await day.pile.come_back()
    check = await day.pile.next_received(BillingModelCheckReply)
    assert check.result == ModelCheck.DIFFERS
    model = await day.pile.next_received(BillingModelReply)
    await day.pile.wait_ready(PATIENCE)
    assert day.tariff == model.model
    await day.whole.state("billing_model", "in_force", seconds=PATIENCE)


@plays(0x03, 0x04, serves=("binary_sensor.connection",))
async def test_its_heartbeats_are_answered(day: Day) -> None:
    """Every gun's, one for one; so the pile stays."""
    await day.pile.next_sent(Heartbeat)
    await day.pile.next_received(HeartbeatReply, lambda reply: reply.gun == GUNS)
    assert max(day.pile.unanswered_beats.values()) == 0
    await day.whole.state("connection", "on", "binary_sensor", PATIENCE)


@plays(0x12, 0x13, serves=("button.read_now", "sensor.status", "binary_sensor.plugged"))
async def test_a_gun_reports_when_it_is_asked(day: Day) -> None:
    """A report comes by itself when a car is plugged in, and whenever somebody wants one."""
    await day.pile.plug(1)
    await day.gun(1).state("status", "plugged", seconds=PATIENCE)
    await day.gun(1).state("plugged", "on", "binary_sensor", PATIENCE)
    before = len(day.pile.all_received(ReadRealtime))
    await day.gun(1).use("read_now", "button.press")
    # After a login guns are read, too.
    assert len(day.pile.all_received(ReadRealtime)) > before
    await day.pile.unplug(1)
    await day.gun(1).state("status", "idle", seconds=PATIENCE)
