"""The whole conversation with a pile that shares no code with the integration."""

import struct

import pytest

from demo import flows
from demo.ports import LOOPBACK
from demo.states import Part

from .conftest import Home
from .ledger import records
from .raw_pile import RawPile

pytestmark = pytest.mark.asyncio(loop_scope="module")

PILE = "32010600000077"


async def test_raw_pile_is_approved_charges_and_settles(home: Home) -> None:
    """Bytes made from the specification's tables alone are understood, both ways."""
    gun = Part(home.states, PILE, 1)
    async with RawPile(PILE, LOOPBACK, home.port) as pile:
        await pile.until(lambda: pile.refusals > 0)
        await flows.approve(home.client, PILE, "Raw pile", None)
        await Part(home.states, PILE).state("connection", "on", "binary_sensor")
        await pile.until(lambda: bool(pile.models and pile.clocks))
        assert pile.models[0][:7] == pile.pile
        assert set(pile.models[0][42:]) <= {0, 1, 2, 3}
        await _enable(home, gun, "voltage", "current", "cable_temperature", "battery_temperature")
        await gun.state("status", "plugged")

        response = await home.client.call(
            "ykc.start_charging", target={"entity_id": await gun.id("status")}, returns=True, balance=321.5
        )
        (answer,) = response["guns"]
        assert answer["outcome"] == "started"
        assert pile.started[0][:16].hex() == answer["transaction"]
        assert struct.unpack("<I", pile.started[0][40:]) == (32150,)

        await gun.state("status", "charging")
        await gun.number("power", 35)
        await gun.number("voltage", 350)
        await gun.number("current", 100)
        await gun.number("state_of_charge", 63)
        await gun.number("cable_temperature", 30)
        await gun.number("battery_temperature", 25)
        await gun.number("charging_time", 7)
        await gun.number("remaining_time", 42)
        await gun.number("session_energy", lambda kwh: kwh > 0.5)
        await gun.number("session_cost", lambda cny: cny > 0.6)

        await home.client.call("switch.turn_off", target={"entity_id": await gun.id("charging", "switch")})
        await pile.until(lambda: bool(pile.acknowledged))
        assert pile.acknowledged == [bytes.fromhex(answer["transaction"]) + b"\0"]
        await gun.number("last_session_energy", pile.energy / 10000)
        await gun.number("last_session_cost", pile.amount / 10000)
        await gun.number("total_energy", pile.energy / 10000)
        await gun.state("last_session_stop_reason", "stopped_remotely")
        await gun.state("status", "finished")

    (record,) = records(home.hass.folder, PILE)
    assert record.transaction == answer["transaction"]
    assert (record.energy, record.amount) == (pile.energy, pile.amount)


async def _enable(home: Home, gun: Part, *keys: str) -> None:
    """Enable sensors that are disabled until somebody wants them."""
    for key in keys:
        await home.client.command("config/entity_registry/update", entity_id=await gun.id(key), disabled_by=None)
    await flows.reload(home.client, home.entry_id)
