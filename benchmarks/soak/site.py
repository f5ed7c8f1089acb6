"""Sets the site up as a person does: listener, prices, drivers, piles, and what is to happen by itself."""

from collections.abc import Iterator
from pathlib import Path

from demo import flows
from demo.client import Client, Json
from demo.flows import Kind
from demo.ports import LOOPBACK
from demo.waiting import until

from .drivers import PREPAID, sign_up
from .fleet import Fleet
from .house import House
from .office import Office, set_prices
from .prices import Tariff

PATIENCE = 180.0
LIMITED_GUNS = 3
LIMIT_ENERGY = 12.5
FIRST_MONEY = 200.0


async def set_up(house: House, port: int) -> None:
    """Let all piles in, and start once more with what was enabled."""
    office, fleet = house.office, house.fleet
    client = await house.open()
    office.entry_id = await flows.add_listener(client, LOOPBACK, port)
    menu = await flows.start(client, office.entry_id, Kind.OPTIONS)
    form = await flows.answer(client, menu, {"next_step_id": "general"}, Kind.OPTIONS)
    answers = {field["name"]: field["default"] for field in form["data_schema"] if "default" in field}
    result = await flows.answer(client, form, answers | {"approve_automatically": True}, Kind.OPTIONS)
    assert result["type"] == "create_entry", result
    office.tariffs.append(Tariff(0))
    await set_prices(client, office.entry_id, office.tariffs[0])
    await sign_up(client, office.entry_id)
    await _approved(house.hass.folder, fleet)
    await _find_entities(client, house)
    wanted = [*_to_enable(fleet)]
    ids = await _registry(client)
    for name in wanted:
        await client.command("config/entity_registry/update", entity_id=ids[name], disabled_by=None)
    await house.restart()
    await _choose(office, ids, wanted)
    for driver in PREPAID:
        await office.add_money(driver.name, FIRST_MONEY)
    assert not office.strange, office.strange


async def _approved(folder: Path, fleet: Fleet) -> None:
    """Wait until the file of the config entries has all piles: it is written a moment after they came."""
    file = folder / ".storage" / "core.config_entries"

    async def probe() -> bool | None:
        entries = file.read_text(encoding="utf-8") if file.exists() else ""
        return all(pile.code in entries for pile in fleet.piles) or None

    await until("all piles are approved for good", probe, PATIENCE)


async def _registry(client: Client) -> dict[tuple[str, str], str]:
    """Return the ids of the integration's entities, by domain and unique id."""
    found: list[Json] = await client.command("config/entity_registry/list")
    return {
        (entry["entity_id"].partition(".")[0], entry["unique_id"]): entry["entity_id"]
        for entry in found
        if entry["platform"] == flows.DOMAIN
    }


async def _find_entities(client: Client, house: House) -> None:
    guns = [(station.pile.code, gun) for station in house.fleet.stations for gun in station.guns]

    async def probe() -> bool | None:
        ids = await _registry(client)
        if not all(("sensor", f"{code}_{gun}_status") in ids for code, gun in guns):
            return None
        house.office.ids.update({(code, gun): ids["sensor", f"{code}_{gun}_status"] for code, gun in guns})
        house.meters.ids = {ids["sensor", f"{code}_{gun}_total_energy"]: (code, gun) for code, gun in guns}
        return True

    await until("all guns have their entities", probe, PATIENCE)


def _to_enable(fleet: Fleet) -> Iterator[tuple[str, str]]:
    """Yield the switches and numbers that are used, which nobody has enabled yet."""
    for station in fleet.stations:
        for gun in sorted(station.by_itself):
            yield "switch", f"{station.pile.code}_{gun}_start_when_plugged"
    for station in fleet.stations[-LIMITED_GUNS:]:
        yield "number", f"{station.pile.code}_1_limit_energy"


async def _choose(office: Office, ids: dict[tuple[str, str], str], wanted: list[tuple[str, str]]) -> None:
    """Turn them on."""
    for name in wanted:
        if name[0] == "switch":
            await office.act("switch.turn_on", ids[name])
        else:
            await office.act("number.set_value", ids[name], value=LIMIT_ENERGY)
