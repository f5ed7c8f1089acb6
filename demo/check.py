"""The demo without a person: charge once through Home Assistant's API, and look at what follows."""

from .scene import DC_PILE, Say, Scene
from .states import Part

_ENERGY = 0.5
"""kWh to charge before the stop."""


async def charge_once(scene: Scene, say: Say) -> None:
    """Start and stop a charge on the DC pile's first gun; fail when an entity does not follow."""
    gun = Part(scene.states, DC_PILE.code, 1)
    target = {"entity_id": await gun.id("status")}
    total_before = await gun.number("total_energy", lambda _: True)
    await gun.state("status", "plugged")
    say("the car is plugged in")

    (answer,) = (await scene.client.call("ykc.start_charging", target=target, returns=True))["guns"]
    say(f"the pile answered '{answer['outcome']}' to transaction {answer['transaction']}")
    await gun.state("status", "charging")
    power = await gun.number("power", lambda value: value > 0)
    say(f"status is 'charging', power is {power:g} {await gun.unit('power')}")

    energy = await gun.number("session_energy", lambda kwh: kwh > 0)
    cost = await gun.number("session_cost", lambda cny: cny > 0)
    grown = await gun.number("session_energy", lambda kwh: kwh > energy + _ENERGY)
    dearer = await gun.number("session_cost", lambda cny: cny > cost)
    await gun.number("total_energy", lambda kwh: kwh > total_before)
    say(f"energy grew from {energy:g} to {grown:g} kWh, cost from {cost:g} to {dearer:g} CNY")

    await scene.client.call("ykc.stop_charging", target=target)
    await gun.state("charging", "off", "switch")
    await gun.number("power", 0)
    charged = await gun.number("last_session_energy", lambda kwh: kwh >= grown)
    billed = await gun.number("last_session_cost", lambda cny: cny >= dearer)
    reason = await gun.state("last_session_stop_reason", "stopped_remotely")
    say(f"the pile stopped ('{reason}') and sent its record: {charged:g} kWh, {billed:g} CNY")

    total = await gun.number("total_energy", lambda kwh: abs(kwh - total_before - charged) < 1e-3)
    say(f"total energy of the gun is {total:g} kWh")
