"""Limits of charges: numbers that last, fields of the actions, what was reached, over restarts, in both languages."""

from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er, translation
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.ykc.const import DOMAIN
from custom_components.ykc.protocol import ParallelRemoteStart, RemoteStart, RemoteStop
from custom_components.ykc.server.charge_limits import ChargeLimits
from custom_components.ykc.services import LIMIT_FIELDS
from custom_components.ykc.subentry import chosen_limits

from .conftest import AC_PILE, DC_PILE, MakePile, device_id, entity_id, state, wait_for
from .test_subentry_flow import stored

pytestmark = pytest.mark.usefixtures("entity_registry_enabled_by_default")

SLOW = {"guns": 2, "charge_speed": 60.0}
"""About 1 kWh in a second."""


async def limit(hass: HomeAssistant, key: str, value: float, **where: Any) -> None:
    """Set a limit of gun 1."""
    data = {"entity_id": entity_id(hass, "number", key, **{"gun": 1} | where), "value": value}
    await hass.services.async_call("number", "set_value", data, blocking=True)


async def ask(hass: HomeAssistant, action: str, **data: Any) -> Any:
    """Call an action and return its response."""
    return await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)


async def newest(hass: HomeAssistant) -> dict[str, Any]:
    """Return the newest session, when its record is there."""
    await wait_for(lambda: state(hass, "sensor", "last_session_stop_reason", gun=1) == "stopped_remotely")
    session: dict[str, Any] = (await ask(hass, "get_sessions"))["sessions"][0]
    return session


def there(hass: HomeAssistant, key: str) -> bool:
    """Tell whether the AC pile has a number."""
    return er.async_get(hass).async_get_entity_id("number", DOMAIN, f"{AC_PILE}_1_{key}") is not None


async def test_a_lasting_limit(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """A number is kept with the pile without a reload, stops each charge, and holds after a restart."""
    pile = await make_pile(DC_PILE, **SLOW)
    known = site.runtime_data.piles[next(iter(site.runtime_data.piles))].pile
    connection = known.line.connection
    assert [state(hass, "number", f"limit_{key}", gun=1) for key in ("energy", "amount", "minutes", "soc")] == [
        "0.0"
    ] * 4
    await limit(hass, "limit_energy", 2.5)
    assert state(hass, "number", "limit_energy", gun=1) == "2.5"
    assert state(hass, "number", "limit_energy", gun=2) == "0.0"
    assert state(hass, "sensor", "limit_reached", gun=1) == "unknown"
    await hass.async_block_till_done()
    assert known.line.connection is connection
    (chosen,) = chosen_limits(stored(site, DC_PILE).data).values()
    assert chosen == ChargeLimits(energy=chosen.energy)
    assert float(chosen.energy or 0) == 2.5
    await pile.plug(1)
    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": entity_id(hass, "switch", "charging", gun=1)}, blocking=True
    )
    session = await newest(hass)
    assert session["limit"] == "energy"
    assert 2.0 < session["energy"] < 3.2
    assert state(hass, "sensor", "limit_reached", gun=1) == "energy"

    await hass.config_entries.async_unload(site.entry_id)
    await hass.config_entries.async_setup(site.entry_id)
    await hass.async_block_till_done()
    assert state(hass, "number", "limit_energy", gun=1) == "2.5"
    assert state(hass, "sensor", "limit_reached", gun=1) == "energy"
    await wait_for(lambda: state(hass, "binary_sensor", "connection") == "on")
    await pile.unplug(1)
    await pile.plug(1)
    await ask(hass, "start_charging", device_id=device_id(hass, site, gun=1))
    await wait_for(lambda: state(hass, "sensor", "limit_reached", gun=1) == "unknown")
    await wait_for(lambda: state(hass, "sensor", "limit_reached", gun=1) == "energy")
    assert pile.complaints == []


@pytest.mark.parametrize(
    ("field", "value", "slug"),
    [
        ("limit_energy", 1.5, "energy"),
        ("limit_amount", 1.5, "amount"),
        ("limit_minutes", 2, "time"),
        ("limit_soc", 38, "soc"),
    ],
)
async def test_fields_of_the_action(
    hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile, field: str, value: float, slug: str
) -> None:
    """Each field limits that charge alone, and wins over what lasts; the table names it, too."""
    pile = await make_pile(DC_PILE, **SLOW)
    for key in ("limit_energy", "limit_amount", "limit_minutes"):
        await limit(hass, key, 50)
    await limit(hass, "limit_soc", 40)
    await pile.plug(1)
    await ask(hass, "start_charging", device_id=device_id(hass, site, gun=1), **{field: value})
    start = pile.all_received(RemoteStart)[-1]
    assert float(start.balance) == (1.5 if field == "limit_amount" else 10_000)
    # A pile that is told what it may cost may be faster than we are.
    await wait_for(lambda: state(hass, "sensor", "last_session_stop_reason", gun=1) not in (None, "unknown"))
    session = (await ask(hass, "get_sessions"))["sessions"][0]
    assert session["limit"] == state(hass, "sensor", "limit_reached", gun=1) == slug
    if slug in ("energy", "amount"):
        assert session[slug] == pytest.approx(value, abs=0.7)
    path = Path((await ask(hass, "export_sessions", filename="limits.csv"))["path"])
    header, row = (await hass.async_add_executor_job(path.read_text, "utf-8-sig")).splitlines()
    assert row.split(",")[header.split(",").index("Limit reached")] == slug
    assert pile.complaints == []


async def test_no_limit_for_this_charge(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """0 takes a lasting limit off one charge, also after a restart of the listener in the middle of it."""
    pile = await make_pile(DC_PILE, **SLOW)
    await limit(hass, "limit_energy", 1)
    await pile.plug(1)
    await ask(hass, "start_charging", device_id=device_id(hass, site, gun=1), limit_energy=0, limit_soc=42)
    await wait_for(lambda: float(state(hass, "sensor", "session_energy", gun=1) or 0) > 2)
    await hass.config_entries.async_unload(site.entry_id)
    await hass.config_entries.async_setup(site.entry_id)
    await hass.async_block_till_done()
    assert (await newest(hass))["limit"] == "soc"
    assert pile.gun(1).soc == pytest.approx(42, abs=1.5)


@pytest.mark.parametrize("way", ["ignores_stop", "refuse_stop"])
async def test_a_pile_that_does_not_stop(
    hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile, way: str
) -> None:
    """A pile that says no, or says yes and goes on, is told again until it stops."""
    pile = await make_pile(DC_PILE, **SLOW)
    setattr(pile.behaviour, way, 3)
    await pile.plug(1)
    await ask(hass, "start_charging", device_id=device_id(hass, site, gun=1), limit_energy=1)
    await wait_for(lambda: len(pile.all_received(RemoteStop)) == 2)
    assert pile.gun(1).charging
    assert state(hass, "sensor", "limit_reached", gun=1) == "energy"
    setattr(pile.behaviour, way, None)
    assert (await newest(hass))["limit"] == "energy"
    assert len(pile.all_received(RemoteStop)) == 3


async def test_a_parallel_charge(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """The limit of a parallel charge is for all its guns together."""
    pile = await make_pile(DC_PILE, **SLOW)
    await pile.plug(1)
    await pile.plug(2, vehicle=pile.gun(1).vehicle)
    await ask(hass, "start_parallel_charging", device_id=device_id(hass, site), limit_energy=3)
    assert len(pile.all_received(ParallelRemoteStart)) == 2
    await newest(hass)
    await wait_for(lambda: state(hass, "sensor", "last_session_stop_reason", gun=2) == "stopped_remotely")
    answer = await ask(hass, "get_sessions")
    assert [session["limit"] for session in answer["sessions"]] == ["energy", "energy"]
    assert 2.3 < sum(session["energy"] for session in answer["sessions"]) < 4


async def test_wrong_requests(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """An AC pile has no limit by the state of charge, and what is out of range is named."""
    assert there(hass, "limit_energy")
    assert not there(hass, "limit_soc")
    gun = device_id(hass, site, code=AC_PILE, gun=1)
    with pytest.raises(ServiceValidationError) as error:
        await ask(hass, "start_charging", device_id=gun, limit_soc=80)
    assert error.value.translation_key == "no_state_of_charge"
    assert error.value.translation_placeholders == {"pile": AC_PILE, "gun": "1"}
    for field, value in (
        ("limit_energy", 1001),
        ("limit_amount", -1),
        ("limit_minutes", 2881),
        ("limit_soc", 101),
        ("limit_soc", "full"),
    ):
        with pytest.raises(vol.Invalid, match=field):
            await ask(hass, "start_charging", device_id=gun, **{field: value})


@pytest.mark.parametrize(
    ("language", "name", "energy"), [("en", "Energy limit", "Energy"), ("zh-Hans", "单次充电电量上限", "电量")]
)
async def test_words(hass: HomeAssistant, site: MockConfigEntry, language: str, name: str, energy: str) -> None:
    """A person reads what it does in either language."""
    texts = await translation.async_get_translations(hass, language, "entity", {DOMAIN})
    prefix = f"component.{DOMAIN}.entity"
    assert texts[f"{prefix}.number.limit_energy.name"] == name
    assert texts[f"{prefix}.sensor.limit_reached.state.energy"] == energy


@pytest.mark.parametrize(
    ("key", "typed", "taken"), [("energy", 0.004, "0.01"), ("minutes", 0.5, "1.0"), ("soc", 0, "0.0")]
)
async def test_a_limit_that_is_nearly_none_is_one(
    hass: HomeAssistant, site: MockConfigEntry, key: str, typed: float, taken: str
) -> None:
    """Only 0 is no limit: what is rounded to nothing would let a vehicle charge until it is full."""
    await limit(hass, f"limit_{key}", typed)
    assert state(hass, "number", f"limit_{key}", gun=1) == taken
    field = next(field for field in LIMIT_FIELDS if field == f"limit_{key}")
    assert float(LIMIT_FIELDS[field](typed)) == float(taken)
