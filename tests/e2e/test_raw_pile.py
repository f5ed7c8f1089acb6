"""The whole conversation with a pile that shares no code with the integration."""

import struct

import pytest

from demo import flows

from .conftest import Home
from .ledger import records
from .raw_pile import RawPile

pytestmark = pytest.mark.asyncio(loop_scope="module")

PILE = "32010600000077"


async def test_raw_pile_is_approved_charges_and_settles(home: Home) -> None:
    """Bytes made from the specification's tables alone are understood, both ways."""
    states = home.states
    async with RawPile(PILE, "127.0.0.1", home.port) as pile:
        await pile.until(lambda: pile.refusals > 0)
        await flows.approve(home.client, PILE, "Raw pile", None)
        await pile.until(lambda: pile.logins > 0)

        async def entity(key: str, domain: str = "sensor") -> str:
            return await states.entity_id(domain, f"{PILE}_1_{key}")

        await states.until(await states.entity_id("binary_sensor", f"{PILE}_connection"), "on")
        await pile.until(lambda: bool(pile.models and pile.clocks))
        assert pile.models[0][:7] == pile.pile
        assert set(pile.models[0][42:]) <= {0, 1, 2, 3}
        await states.until(await entity("status"), "plugged")

        answer = await home.client.call(
            "ykc.start_charging",
            target={"entity_id": await entity("status")},
            returns=True,
            balance=321.5,
        )
        (gun,) = answer["guns"]
        assert gun["outcome"] == "started"
        assert pile.started[0][:16].hex() == gun["transaction"]
        assert struct.unpack("<I", pile.started[0][40:]) == (32150,)

        await states.until(await entity("status"), "charging")
        assert states.number(await entity("power")) == 35
        assert states.number(await entity("voltage")) == 350
        assert states.number(await entity("current")) == 100
        assert states.number(await entity("state_of_charge")) == 63
        await states.until_number(await entity("session_energy"), lambda kwh: kwh > 0.5)
        await states.until_number(await entity("session_cost"), lambda cny: cny > 0.6)

        await home.client.call("switch.turn_off", target={"entity_id": await entity("charging", "switch")})
        await pile.until(lambda: bool(pile.acknowledged))
        assert pile.acknowledged == [bytes.fromhex(gun["transaction"]) + b"\0"]
        energy, amount = pile.energy / 10000, pile.amount / 10000
        await states.until_number(await entity("last_session_energy"), energy.__eq__)
        await states.until_number(await entity("last_session_cost"), amount.__eq__)
        await states.until_number(await entity("total_energy"), energy.__eq__)
        assert states.get(await entity("last_session_stop_reason")) == "stopped_remotely"
        await states.until(await entity("status"), "finished")

    (record,) = records(home.hass.folder, PILE)
    assert record.transaction == gun["transaction"]
    assert (record.energy, record.amount) == (pile.energy, pile.amount)
