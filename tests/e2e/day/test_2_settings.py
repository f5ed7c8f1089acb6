"""What a person sets: prices, power, QR codes and parking locks."""

import pytest

from custom_components.ykc.protocol import (
    BillingModelSet,
    CommandResult,
    LockState,
    ParkingLockReply,
    ParkingLockStatus,
    WorkParameters,
)
from demo.errors import Refused

from .day import GUNS, PATIENCE, Day, plays

pytestmark = pytest.mark.asyncio(loop_scope="package")

PRICES = {
    "sharp": (1.23456, 0.4, "10:00-12:00"),
    "peak": (1.0, 0.35, "08:00-10:00, 12:00-15:00"),
    "flat": (0.7, 0.3, "15:00-22:00"),
    "valley": (0.29999, 0.25, "22:00-08:00"),
}
"""Of energy and service in CNY/kWh, and when."""


@plays(0x57, 0x58, serves=("options.billing_model", "sensor.billing_model"))
async def test_new_prices_reach_the_pile(day: Day) -> None:
    """What was typed is confirmed by the idle pile; what misses half hours goes nowhere."""
    form = {
        f"{period}_{what}": value
        for period, values in PRICES.items()
        for what, value in zip(("energy_price", "service_price", "times"), values, strict=True)
    }
    with pytest.raises(AssertionError, match="times_missing"):
        await day.choose("billing_model", **form | {"flat_times": ""})
    await day.choose("billing_model", **form)
    await day.pile.wait_for(lambda: day.pile.all_received(BillingModelSet), PATIENCE)
    await day.whole.state("billing_model", "in_force", seconds=PATIENCE)
    (given,) = day.pile.all_received(BillingModelSet)
    assert [str(price) for price in (given.sharp_energy_price, given.valley_service_price)] == ["1.23456", "0.25000"]
    assert day.tariff == given.model


@plays(0x51, 0x52, serves=("number.max_power",))
async def test_the_power_is_limited(day: Day) -> None:
    """The pile takes half its power; it is told at most once a minute, so once a day here."""
    await day.whole.use("max_power", "number.set_value", value=50)
    await day.whole.state("max_power", "50", "number", PATIENCE)
    (told,) = day.pile.all_received(WorkParameters)
    assert (told.max_power, day.pile.power_percent) == (50, 50)


@plays(serves=("ykc.set_qr_code", "pile.reconfigure"))
async def test_qr_codes_in_each_dialect(day: Day) -> None:
    """No chapter of the specification has them; a refusal is an error."""
    for dialect in ("common", "per_gun", "local"):
        await day.change_pile(name="Day pile", qr_dialect=dialect, own_billing_model=False)
        await day.whole.act("set_qr_code", text=f"https://example.com/{dialect}?no=")
        assert day.pile.qr_codes == dict.fromkeys(range(1, GUNS + 1), f"https://example.com/{dialect}?no=")
    day.pile.behaviour.refuse_qr = True
    with pytest.raises(Refused) as refused:
        await day.gun(1).act("set_qr_code", text="https://example.com/")
    day.pile.behaviour.refuse_qr = False
    assert refused.value.translation_key == "qr_code_refused"


@plays(
    *(0x61, 0x62, 0x63),
    serves=(
        "lock.parking_lock",
        "binary_sensor.parking_space",
        "sensor.parking_lock_battery",
        "ykc.raise_parking_lock",
    ),
)
async def test_a_parking_lock(day: Day) -> None:
    """The arm goes up and down; under a car it stays down."""
    gun, lock = day.gun(2), day.pile.locks[2]
    await gun.state("parking_lock", "unlocked", "lock", PATIENCE)
    await gun.number("parking_lock_battery", lock.battery, PATIENCE)
    await gun.act("raise_parking_lock")
    await gun.state("parking_lock", "locked", "lock", PATIENCE)
    assert lock.state is LockState.RAISED
    await gun.use("parking_lock", "lock.unlock")
    await gun.state("parking_lock", "unlocked", "lock", PATIENCE)
    assert [reply.result for reply in day.pile.all_sent(ParkingLockReply)] == [CommandResult.OK, CommandResult.OK]
    await day.pile.arrive(2)
    await gun.state("parking_space", "on", "binary_sensor", PATIENCE)
    with pytest.raises(Refused) as refused:
        await gun.act("raise_parking_lock")
    assert refused.value.translation_key == "parking_space_occupied"
    await day.pile.leave(2)
    await gun.state("parking_space", "off", "binary_sensor", PATIENCE)
    assert LockState.BETWEEN in {status.lock for status in day.pile.all_sent(ParkingLockStatus)}
