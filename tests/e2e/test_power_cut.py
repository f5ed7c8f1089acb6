"""Home Assistant is killed during a charge: the car and the bill must not notice."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from demo import flows
from demo.piles import Pile, VirtualPiles
from demo.states import Part
from demo.waiting import until

from .conftest import Home
from .ledger import records

pytestmark = pytest.mark.asyncio(loop_scope="module")

PILE = Pile("32010600000003", "dc", 1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def piles(home: Home) -> AsyncIterator[VirtualPiles]:
    """Let a pile call, approved, and its approval on disk."""
    async with VirtualPiles(PILE, port=home.port, log=home.hass.folder / "piles.log") as running:
        await flows.approve(home.client, PILE.code, "Pile", None)
        file = home.hass.folder / ".storage" / "core.config_entries"

        async def is_saved() -> bool | None:
            return True if file.exists() and PILE.code in file.read_text(encoding="utf-8") else None

        await until("Home Assistant has saved the pile", is_saved, 30)
        yield running


async def start_and_charge(home: Home) -> tuple[str, float]:
    """Start a charge; return its transaction number and an energy that was seen."""
    gun = Part(home.states, PILE.code, 1)
    await gun.state("status", lambda status: status in ("plugged", "finished"))
    response = await home.client.call("ykc.start_charging", target={"entity_id": await gun.id("status")}, returns=True)
    await gun.state("status", "charging")
    energy = await gun.number("session_energy", lambda kwh: kwh > 0.5)
    return response["guns"][0]["transaction"], energy


async def test_session_goes_on(home: Home, piles: VirtualPiles) -> None:
    """After a SIGKILL and a start the same session runs on, and settles once."""
    transaction, energy = await start_and_charge(home)
    total = await Part(home.states, PILE.code, 1).number("total_energy", lambda kwh: kwh >= energy)
    await home.hass.kill()
    assert "charging" in await piles.ask("status")

    await home.restart_after_kill()
    gun = Part(home.states, PILE.code, 1)
    totals = home.states.record(await gun.id("total_energy"))
    await gun.state("status", "charging", seconds=90)
    await gun.number("session_energy", lambda kwh: kwh > energy)
    await home.client.call("ykc.stop_charging", target={"entity_id": await gun.id("status")})
    await gun.state("status", "finished")
    charged = await gun.number("last_session_energy", lambda kwh: kwh > energy)
    await gun.number("total_energy", charged)

    assert [float(value) for value in totals] == sorted(float(value) for value in totals)
    assert all(float(value) >= total for value in totals)
    (record,) = records(home.hass.folder, PILE.code)
    assert (record.transaction, record.energy) == (transaction, round(charged * 10000))


async def test_record_that_came_while_dead_is_counted_once(home: Home, piles: VirtualPiles) -> None:
    """The driver stops while Home Assistant is dead: the bill comes with the next login."""
    gun = Part(home.states, PILE.code, 1)
    before = await gun.number("total_energy", lambda _: True)
    transaction, energy = await start_and_charge(home)
    await home.hass.kill()
    await piles.do("stop 1", PILE)

    await home.restart_after_kill()
    gun = Part(home.states, PILE.code, 1)
    await gun.state("last_session_stop_reason", "stopped_manually", seconds=90)
    charged = await gun.number("last_session_energy", lambda kwh: kwh >= energy)
    await gun.number("total_energy", lambda kwh: abs(kwh - before - charged) < 1e-6)
    *_, record = records(home.hass.folder, PILE.code)
    assert (record.transaction, record.energy) == (transaction, round(charged * 10000))
    await piles.do("wait settled", PILE)
    assert len(records(home.hass.folder, PILE.code)) == 2
