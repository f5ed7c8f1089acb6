"""The demo without a person: charge once through Home Assistant's API, and look at what follows."""

from .scene import DC_PILE, Say, Scene

GUN = 1
_ENERGY = 0.5
"""kWh to charge before the stop."""


async def charge_once(scene: Scene, say: Say) -> None:
    """Start and stop a charge on the DC pile's first gun; fail when an entity does not follow."""
    states = scene.states

    async def entity(key: str, domain: str = "sensor") -> str:
        return await states.entity_id(domain, f"{DC_PILE.code}_{GUN}_{key}")

    status, power = await entity("status"), await entity("power")
    energy, cost, total = await entity("session_energy"), await entity("session_cost"), await entity("total_energy")
    total_before = await states.until_number(total, lambda _: True)
    await states.until(status, "plugged")
    say("the car is plugged in")

    answer = await scene.client.call("ykc.start_charging", target={"entity_id": status}, returns=True)
    (gun,) = answer["guns"]
    say(f"the pile answered '{gun['outcome']}' to transaction {gun['transaction']}")
    await states.until(status, "charging")
    watts = await states.until_number(power, lambda value: value > 0)
    say(f"status is 'charging', power is {watts:g} {states.unit(power)}")

    first = await states.until_number(energy, lambda kwh: kwh > 0)
    paid = await states.until_number(cost, lambda cny: cny > 0)
    grown = await states.until_number(energy, lambda kwh: kwh > first + _ENERGY)
    dearer = await states.until_number(cost, lambda cny: cny > paid)
    await states.until_number(total, lambda kwh: kwh > total_before)
    say(f"energy grew from {first:g} to {grown:g} kWh, cost from {paid:g} to {dearer:g} CNY")

    await scene.client.call("ykc.stop_charging", target={"entity_id": status})
    await states.until(await entity("charging", "switch"), "off")
    await states.until_number(power, lambda value: value == 0)
    charged = await states.until_number(await entity("last_session_energy"), lambda kwh: kwh >= grown)
    billed = await states.until_number(await entity("last_session_cost"), lambda cny: cny >= dearer)
    reason = await states.until(await entity("last_session_stop_reason"), "stopped_remotely")
    say(f"the pile stopped ('{reason}') and sent its record: {charged:g} kWh, {billed:g} CNY")

    expected = total_before + charged
    final = await states.until_number(total, lambda kwh: abs(kwh - expected) < 1e-3)
    say(f"total energy of the gun is {final:g} kWh")
