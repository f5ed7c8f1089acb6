"""A blueprint as a person uses it: saved in a real Home Assistant, made an automation, and left to charge."""

from pathlib import Path
from urllib.parse import quote

import pytest

from demo import flows
from demo.hass import REPOSITORY
from demo.piles import Pile, VirtualPiles
from demo.states import Part
from demo.waiting import until

from .conftest import Home
from .ledger import records

pytestmark = pytest.mark.asyncio(loop_scope="module")

PILE = Pile("32010600000021", "dc", 2)
FOLDER = Path(REPOSITORY) / "blueprints" / "automation" / "ykc"
NAME = "ykc/start_when_plugged_with_limit.yaml"
AUTOMATION = "automation.charge_two"


async def device_of(home: Home, gun: int) -> str:
    """Return the device of a gun."""
    devices = await home.client.command("config/device_registry/list")
    (found,) = (device for device in devices if ["ykc", f"{PILE.code}_{gun}"] in device["identifiers"])
    device_id: str = found["id"]
    return device_id


async def test_all_can_be_saved(home: Home) -> None:
    """Home Assistant takes each of them, and lists it with its name and what it asks for."""
    files = sorted(FOLDER.glob("*.yaml"))
    assert files
    for path in files:
        await home.client.command(
            "blueprint/save", domain="automation", path=f"ykc/{path.name}", yaml=path.read_text(encoding="utf-8")
        )
    listed = await home.client.command("blueprint/list", domain="automation")
    for path in files:
        metadata = listed[f"ykc/{path.name}"]["metadata"]
        assert metadata["name"].startswith("YKC: ")
        assert metadata["input"]


async def test_an_automation_of_it_charges(home: Home) -> None:
    """A vehicle that is plugged in is charged by itself, and stopped when it has its energy; also after a restart."""
    async with VirtualPiles(PILE, port=home.port, log=home.hass.folder / "piles.log", plugged=False) as piles:
        await flows.approve(home.client, PILE.code, "Yard", None)
        await Part(home.states, PILE.code).state("connection", "on", "binary_sensor")
        await Part(home.states, PILE.code, 1).state("status", "idle")
        inputs = {"gun": await device_of(home, 1), "energy": 1}
        await home.client.request(
            "POST",
            f"/api/config/automation/config/{quote('charge_two')}",
            {"alias": "Charge two", "use_blueprint": {"path": NAME, "input": inputs}},
        )
        await home.states.until(AUTOMATION, "on")
        await _charge_by_itself(home, piles, 1)
        await home.restart()
        await home.states.until(AUTOMATION, "on")
        await Part(home.states, PILE.code, 1).state("status", "idle")
        await _charge_by_itself(home, piles, 2)
    charged = records(home.hass.folder, PILE.code)
    assert len(charged) == 2
    # Energy is told every 1.5 s here, which is 0.5 kWh at 60 kW and twenty times the speed.
    assert all(10000 <= record.energy < 30000 for record in charged)


async def _charge_by_itself(home: Home, piles: VirtualPiles, count: int) -> None:
    """Plug a vehicle in, and do nothing but wait for its bill."""
    gun = Part(home.states, PILE.code, 1)
    await piles.do("plug 1", PILE)
    await gun.state("status", "charging")
    await gun.state("status", "finished")

    async def is_billed() -> bool | None:
        return len(records(home.hass.folder, PILE.code)) == count or None

    await until("the charge is billed", is_billed, 30)
    await gun.number("last_session_energy", lambda kwh: kwh >= 1)
    await gun.state("last_session_stop_reason", "stopped_remotely")
    await Part(home.states, PILE.code, 2).state("status", "idle")
    await piles.do("unplug 1", PILE)
    await gun.state("status", "idle")
