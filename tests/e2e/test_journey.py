"""Virtual piles in a process of their own, from the first call to the settled charge."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from demo import flows
from demo.errors import Refused
from demo.piles import Pile, VirtualPiles
from demo.ports import is_free
from demo.states import Part
from demo.waiting import until

from .conftest import Home
from .ledger import records

pytestmark = pytest.mark.asyncio(loop_scope="module")

DC = Pile("32010600000001", "dc", 2)
AC = Pile("32010600000002", "ac", 1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def piles(home: Home) -> AsyncIterator[VirtualPiles]:
    """Let two piles call, both approved through their cards."""
    async with VirtualPiles(DC, AC, port=home.port, log=home.hass.folder / "piles.log") as running:
        for pile in (DC, AC):
            await flows.approve(home.client, pile.code, f"{pile.kind} pile", None)
            await Part(home.states, pile.code).state("connection", "on", "binary_sensor")
        yield running


def gun_of(home: Home, pile: Pile, number: int) -> Part:
    """Return the entities of a gun."""
    return Part(home.states, pile.code, number)


async def press(home: Home, gun: Part, key: str) -> None:
    """Press a button of a gun."""
    await home.client.call("button.press", target={"entity_id": await gun.id(key, "button")})


@asynccontextmanager
async def raises(key: str) -> AsyncIterator[None]:
    """Expect the error that is translated under a key."""
    with pytest.raises(Refused) as error:
        yield
    assert error.value.translation_key == key


async def test_guns_are_devices_below_their_pile(home: Home, piles: VirtualPiles) -> None:
    """A pile has its code as serial number, and a child device for each gun."""
    devices = await home.client.command("config/device_registry/list")
    (pile,) = (device for device in devices if device.get("serial_number") == DC.code)
    guns = [device for device in devices if ["ykc", f"{DC.code}_1"] in device["identifiers"]]
    assert pile["name"] == "dc pile"
    assert pile["sw_version"]
    assert [gun["parent_device_id"] for gun in guns] == [pile["id"]]


async def test_charge_with_the_buttons(home: Home, piles: VirtualPiles) -> None:
    """Start, watch, stop, and find the bill; the pile's other gun is not touched."""
    gun, other = gun_of(home, DC, 2), gun_of(home, DC, 1)
    await gun.state("status", "plugged")
    await press(home, gun, "start")
    await gun.state("status", "charging")
    await gun.state("charging", "on", "switch")
    await gun.state("charging", "on", "binary_sensor")
    soc = await gun.number("state_of_charge", lambda percent: percent > 0)
    await gun.number("state_of_charge", lambda percent: percent > soc)
    energy = await gun.number("session_energy", lambda kwh: kwh > 0.3)
    await other.state("status", "plugged")

    await press(home, gun, "stop")
    await gun.state("status", "finished")
    charged = await gun.number("last_session_energy", lambda kwh: kwh >= energy)
    await gun.number("total_energy", charged)
    await gun.state("last_session_stop_reason", "stopped_remotely")
    await other.number("total_energy", 0)


async def test_ac_pile_charges_without_a_state_of_charge(home: Home, piles: VirtualPiles) -> None:
    """An AC pile knows nothing of the battery."""
    gun = gun_of(home, AC, 1)
    await home.client.call("switch.turn_on", target={"entity_id": await gun.id("charging", "switch")})
    await gun.state("status", "charging")
    await gun.number("session_energy", lambda kwh: kwh > 0)
    unique_ids = [entry["unique_id"] for entry in await home.client.command("config/entity_registry/list")]
    assert f"{DC.code}_1_state_of_charge" in unique_ids
    assert f"{AC.code}_1_state_of_charge" not in unique_ids
    await home.client.call("switch.turn_off", target={"entity_id": await gun.id("charging", "switch")})
    await gun.state("status", "finished")


async def test_refusals_say_why(home: Home, piles: VirtualPiles) -> None:
    """What a pile refuses is an error with its reason, from every door."""
    gun = gun_of(home, DC, 1)
    status = await gun.id("status")
    async with raises("stop_refused_not_charging"):
        await home.client.call("ykc.stop_charging", target={"entity_id": status})
    await piles.do("fault 1", DC)
    await gun.state("status", "fault")
    async with raises("start_refused_fault"):
        await press(home, gun, "start")
    await piles.do("clear 1", DC)
    await gun.state("status", "plugged")
    await press(home, gun, "start")
    await gun.state("status", "charging")
    async with raises("order_open"):
        await home.client.call("ykc.start_charging", target={"entity_id": status})
    await press(home, gun, "stop")
    await gun.state("status", "finished")


async def test_start_waits_for_the_plug(home: Home, piles: VirtualPiles) -> None:
    """A start before the plug is no error; what the driver stops says so."""
    gun = gun_of(home, DC, 1)
    await piles.do("unplug 1", DC)
    await gun.state("plugged", "off", "binary_sensor")
    response = await home.client.call("ykc.start_charging", target={"entity_id": await gun.id("status")}, returns=True)
    assert [answer["outcome"] for answer in response["guns"]] == ["waiting_for_plug"]
    await gun.state("status", "waiting_for_plug")
    await piles.do("plug 1", DC)
    await gun.state("status", "charging")
    await piles.do("stop 1", DC)
    await gun.state("last_session_stop_reason", "stopped_manually")


async def test_short_absence_changes_only_the_connection(home: Home, piles: VirtualPiles) -> None:
    """A mobile link that drops for a moment is no event for a charge."""
    gun, pile = gun_of(home, DC, 1), Part(home.states, DC.code)
    await press(home, gun, "start")
    await gun.state("status", "charging")
    seen = home.states.record(await gun.id("status"))
    await piles.do("drop", DC)
    await pile.state("connection", "off", "binary_sensor")
    await piles.do("back", DC)
    await pile.state("connection", "on", "binary_sensor")
    energy = await gun.number("session_energy", lambda _: True)
    await gun.number("session_energy", lambda kwh: kwh > energy)
    assert seen == []
    await press(home, gun, "stop")
    await gun.state("status", "finished")


async def test_unload_frees_the_port_and_ends_no_charge(home: Home, piles: VirtualPiles) -> None:
    """The integration can be taken away and put back while a car charges."""
    gun, pile = gun_of(home, DC, 1), Part(home.states, DC.code)
    response = await home.client.call("ykc.start_charging", target={"entity_id": await gun.id("status")}, returns=True)
    transaction = response["guns"][0]["transaction"]
    await gun.state("status", "charging")
    before = await gun.number("session_energy", lambda kwh: kwh > 0)

    await flows.disable(home.client, home.entry_id)
    assert is_free(home.port)
    await gun.state("status", "missing")

    await flows.enable(home.client, home.entry_id)
    await pile.state("connection", "on", "binary_sensor")
    await gun.state("status", "charging")
    await gun.number("session_energy", lambda kwh: kwh > before)
    await flows.reload(home.client, home.entry_id)
    await gun.state("status", "charging")
    await press(home, gun, "stop")
    await gun.state("status", "finished")

    async def bills() -> list[int] | None:
        stored = records(home.hass.folder, DC.code)
        return [record.energy for record in stored if record.transaction == transaction] or None

    (energy,) = await until("the record is in the ledger", bills, 30)
    assert energy / 10000 > before
    await gun.number("last_session_energy", energy / 10000)


async def test_second_listener_cannot_have_the_port(home: Home) -> None:
    """A port that is taken is an error of the form, and the form goes on."""
    step = await flows.answer(home.client, await flows.start(home.client), {"host": "127.0.0.1", "port": home.port})
    assert step["errors"] == {"port": "already_configured"}
    step = await flows.answer(home.client, step, {"host": "127.0.0.1", "port": home.hass.port})
    assert step["errors"] == {"port": "port_in_use"}
