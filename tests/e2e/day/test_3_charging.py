"""Noon: charges from Home Assistant, and each way in which they end."""

import pytest

from custom_components.ykc.protocol import RecordResult, StopReason, TransactionAck, TransactionRecord
from demo.errors import Refused
from simulator import Vehicle

from .day import PATIENCE, Day, plays

pytestmark = pytest.mark.asyncio(loop_scope="package")

CARD = "00000000D14B0A54"


@plays(
    *(0x33, 0x34),
    serves=("ykc.start_charging", "button.start", "switch.charging", "sensor.session_energy", "sensor.session_cost"),
)
@plays(0x35, 0x36, serves=("button.stop", "sensor.last_session_stop_reason"))
async def test_a_charge_with_the_buttons(day: Day) -> None:
    """It starts and stops when the pile says so, and what it costs is shown meanwhile."""
    gun = day.gun(1)
    await day.pile.unplug(1)
    with pytest.raises(Refused) as refused:
        await gun.use("stop", "button.press")
    assert refused.value.translation_key == "stop_refused_not_charging"
    answer = await gun.act("start_charging", returns=True, card=CARD)
    assert answer["outcome"] == "waiting_for_plug"
    await gun.state("status", "waiting_for_plug", seconds=PATIENCE)
    await gun.use("charging", "switch.turn_off")
    await day.pile.plug(1)
    await gun.use("start", "button.press")
    await day.charging(1)
    await gun.state("charging", "on", "switch", PATIENCE)
    await gun.number("session_cost", lambda cny: cny > 0, PATIENCE)
    await gun.number("power", lambda kw: 15 < kw <= 30, PATIENCE)
    await gun.use("stop", "button.press")
    await day.billed(1, "stopped_remotely")
    await gun.state("status", "finished", seconds=PATIENCE)


@plays(0x15, serves=("sensor.battery_type", "sensor.battery_capacity", "sensor.charge_cycles", "sensor.vin"))
@plays(0x17, serves=("sensor.battery_nominal_energy",))
@plays(0x23, serves=("sensor.voltage_demand", "sensor.current_demand", "sensor.bms_voltage", "sensor.charging_mode"))
@plays(0x25, serves=("sensor.max_battery_temperature", "sensor.charging_allowed", "sensor.battery_alarm"))
@plays(0x21, serves=("sensor.charge_end_reason",))
@plays(0x19, serves=("sensor.min_cell_voltage",))
async def test_what_the_vehicle_says(day: Day) -> None:
    """Who it is, what it wants and how its battery feels; then how the charge ended."""
    gun, car = day.gun(1), Vehicle(soc=20.0, vin="LSVAM4187C2184841")
    await day.plug(1, car)
    await gun.use("start", "button.press")
    await gun.state("battery_type", "nmc", seconds=PATIENCE)
    await gun.number("battery_capacity", lambda ah: ah > 100, PATIENCE)
    await gun.number("charge_cycles", car.charge_cycles, PATIENCE)
    await gun.state("vin", car.vin, seconds=PATIENCE)
    await gun.number("battery_nominal_energy", car.capacity, PATIENCE)
    await gun.number("voltage_demand", car.full_voltage, PATIENCE)
    await gun.number("current_demand", car.max_current, PATIENCE)
    await gun.number("bms_voltage", lambda volts: car.empty_voltage < volts < car.full_voltage, PATIENCE)
    await gun.state("charging_mode", "constant_current", seconds=PATIENCE)
    await gun.number("max_battery_temperature", lambda celsius: celsius > 20, PATIENCE)
    await gun.state("charging_allowed", "allowed", seconds=PATIENCE)
    await gun.state("battery_alarm", "none", seconds=PATIENCE)
    await gun.use("charging", "switch.turn_off")
    record = await day.billed(1, "stopped_remotely")
    assert record.vin == car.vin
    await gun.state("charge_end_reason", "charger_reason_condition_reached", seconds=PATIENCE)
    await gun.number("min_cell_voltage", lambda volts: volts > 3, PATIENCE)


@plays(0x1D, serves=("sensor.charge_end_reason", "sensor.state_of_charge"))
async def test_a_full_car(day: Day) -> None:
    """The car itself ends the charge."""
    gun = day.gun(1)
    await day.plug(1, Vehicle(soc=99.9))
    await gun.use("start", "button.press")
    await gun.number("state_of_charge", lambda percent: percent >= 99, PATIENCE)
    await day.billed(1, "soc_full")
    await gun.state("charge_end_reason", "bms_reason_soc_reached", seconds=PATIENCE)


@plays(0x1B, serves=("sensor.bms_timeout",))
async def test_a_car_that_says_nothing(day: Day) -> None:
    """The start was accepted and comes to nothing; the bill says why."""
    day.pile.behaviour.fail_start = StopReason.START_FAILED_BRM_TIMEOUT
    await day.gun(1).use("start", "button.press")
    record = await day.billed(1, "start_failed_brm_timeout")
    day.pile.behaviour.fail_start = None
    assert record.energy == 0
    await day.gun(1).state("bms_timeout", "bms_identification", seconds=PATIENCE)


@plays(0x41, 0x42, serves=("ykc.update_balance",))
async def test_a_balance_that_is_used_up(day: Day) -> None:
    """A charge under way gets another balance, and ends with its last cent; a wrong card is refused."""
    gun = day.gun(1)
    await day.plug(1)
    await gun.act("start_charging", card=CARD)
    await day.charging(1)
    with pytest.raises(Refused) as refused:
        await gun.act("update_balance", balance=50, card="1234")
    assert refused.value.translation_key == "balance_refused_wrong_card"
    await gun.act("update_balance", balance=1.5, card=CARD)
    record = await day.billed(1, "amount_limit")
    assert 1.45 < record.amount <= 1.5


@plays(serves=("binary_sensor.problem", "sensor.status"))
async def test_a_fault(day: Day) -> None:
    """It ends the charge and is shown until it is repaired; a faulty gun does not start."""
    gun = day.gun(1)
    await gun.use("start", "button.press")
    await day.charging(1)
    await day.pile.fault(1, 1)
    await gun.state("problem", "on", "binary_sensor", PATIENCE)
    await day.billed(1, "aborted_emergency_stop")
    await gun.state("status", "fault", seconds=PATIENCE)
    with pytest.raises(Refused) as refused:
        await gun.use("start", "button.press")
    assert refused.value.translation_key == "start_refused_fault"
    await day.pile.clear_fault(1)
    await gun.state("problem", "off", "binary_sensor", PATIENCE)


@plays(
    *(0x3B, 0x40),
    serves=("sensor.last_session_energy", "sensor.last_session_cost", "sensor.total_energy", "ykc.get_sessions"),
)
async def test_a_bill_that_comes_late_and_again(day: Day) -> None:
    """The driver stops while the network is lost: the bill comes with the next login, stuttering, and counts once."""
    gun, pile = day.gun(1), day.pile
    before = await gun.number("total_energy", lambda _: True, PATIENCE)
    await gun.use("start", "button.press")
    await day.charging(1)
    await pile.drop()
    await pile.stop_locally(1)
    await pile.wait_for(lambda: pile.gun(1).charge is None, PATIENCE)
    pile.behaviour.record_copies = 3
    await pile.come_back()
    record = await day.billed(1, "stopped_manually")
    pile.behaviour.record_copies = 1
    acknowledged = TransactionAck(transaction=record.transaction, result=RecordResult.OK)
    await pile.wait_for(lambda: pile.all_received(TransactionAck).count(acknowledged) == 3, PATIENCE)
    assert pile.all_sent(TransactionRecord).count(record) == 3
    total = await gun.number("total_energy", lambda kwh: kwh > before, PATIENCE)
    assert total == pytest.approx(before + float(record.energy), abs=1e-6)
    session = await day.session(record)
    assert (session["repeats"], session["mismatches"]) == (2, [])
