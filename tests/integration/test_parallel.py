"""Several guns of a pile for one car, from Home Assistant to a virtual pile and back."""

from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_load_integrations
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.const import DOMAIN
from custom_components.ykc.protocol import ParallelRemoteStart, RemoteStop
from simulator import Vehicle, VirtualPile
from simulator.behaviour import ParallelStyle

from .conftest import AC_PILE, DC_PILE, MakePile, device_id, entity_id, state, wait_for

pytestmark = pytest.mark.usefixtures("entity_registry_enabled_by_default")


async def act(hass: HomeAssistant, action: str, **data: Any) -> Any:
    """Call an action, and return its response."""
    return await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)


async def start(hass: HomeAssistant, site: MockConfigEntry, *guns: int, **data: Any) -> Any:
    """Start guns of the DC pile together."""
    targets = [device_id(hass, site, gun=gun) for gun in guns or (1, 2)]
    return await act(hass, "start_parallel_charging", device_id=targets, **data)


async def stop(hass: HomeAssistant, gun: int) -> None:
    """Turn a gun's switch off."""
    target = {"entity_id": entity_id(hass, "switch", "charging", gun=gun)}
    await hass.services.async_call("switch", "turn_off", target, blocking=True)


async def one_car(pile: VirtualPile, soc: float = 20.0) -> Vehicle:
    """Put both guns into the same car."""
    car = Vehicle(soc=soc)
    for gun in (1, 2):
        await pile.plug(gun, car)
    return car


async def both_are(hass: HomeAssistant, status: str) -> None:
    """Wait for the status of both guns."""
    await wait_for(lambda: all(state(hass, "sensor", "status", gun=gun) == status for gun in (1, 2)))


def attributes(hass: HomeAssistant, gun: int) -> Any:
    """Return what the sensor of a gun's role says beside the role."""
    found = hass.states.get(entity_id(hass, "sensor", "parallel_role", gun=gun))
    assert found is not None
    return found.attributes


async def test_one_charge(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, tmp_path: Path) -> None:
    """Two guns charge one car; one of them is stopped, both have a record, and the ledger shows one charge."""
    await one_car(pile)
    assert state(hass, "sensor", "parallel_role", gun=1) == "alone"
    response = await start(hass, site, card="D14B0A54", balance=80)
    commands = pile.all_received(ParallelRemoteStart)
    assert [(int(c.gun), c.card, float(c.balance)) for c in commands] == [
        (1, "00000000d14b0a54", 80.0),
        (2, "00000000d14b0a54", 80.0),
    ]
    number = commands[0].parallel_id
    assert response == {
        "pile": DC_PILE,
        "parallel": number,
        "guns": [{"gun": int(c.gun), "transaction": c.transaction, "outcome": "started"} for c in commands],
    }
    await both_are(hass, "charging")
    assert [state(hass, "sensor", "parallel_role", gun=gun) for gun in (1, 2)] == ["main", "auxiliary"]
    assert (attributes(hass, 2)["parallel"], attributes(hass, 2)["guns"]) == (number, [1, 2])
    await stop(hass, 2)
    await both_are(hass, "finished")
    await wait_for(lambda: len(pile.records.acknowledged) == 2)
    assert [state(hass, "sensor", "parallel_role", gun=gun) for gun in (1, 2)] == ["alone", "alone"]
    found = await act(hass, "get_sessions")
    sessions = {session["gun"]: session for session in found["sessions"]}
    assert {gun: (s["parallel"], s["role"]) for gun, s in sessions.items()} == {
        1: (number, "main"),
        2: (number, "auxiliary"),
    }
    (charge,) = found["parallel_charges"]
    assert (charge["parallel"], charge["pile"], charge["guns"], charge["main_gun"]) == (number, DC_PILE, [1, 2], 1)
    assert charge["state"] == "settled"
    assert charge["energy"] == pytest.approx(sum(session["energy"] for session in sessions.values()))
    assert charge["transactions"] == [sessions[1]["transaction"], sessions[2]["transaction"]]
    only = await act(hass, "get_sessions", device_id=device_id(hass, site, gun=2), limit=1)
    assert len(only["sessions"]) == 1
    assert only["parallel_charges"] == [charge]
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    table = tmp_path / "table.csv"
    await act(hass, "export_sessions", filename=str(table))
    lines = (await hass.async_add_executor_job(table.read_text, "utf-8-sig")).splitlines()
    assert "Parallel charge,Role" in lines[0]
    assert all(f"\t{number}" in line for line in lines[1:])


async def test_main_gun_and_whole_pile(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The main gun may be chosen, and a pile stands for all of its guns."""
    await one_car(pile)
    target = device_id(hass, site)
    response = await act(hass, "start_parallel_charging", device_id=target, main_gun=2)
    assert [gun["gun"] for gun in response["guns"]] == [2, 1]
    await both_are(hass, "charging")
    assert [state(hass, "sensor", "parallel_role", gun=gun) for gun in (1, 2)] == ["auxiliary", "main"]
    await stop(hass, 1)
    await both_are(hass, "finished")


async def test_one_gun_refuses(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The error names the gun and the pile's reason; the other gun is stopped again."""
    await async_load_integrations(hass, {DOMAIN})
    pile.behaviour.parallel = ParallelStyle.ALONE
    pile.behaviour.refuse_guns = {2: 3}
    await one_car(pile)
    with pytest.raises(HomeAssistantError) as refusal:
        await start(hass, site)
    assert not isinstance(refusal.value, ServiceValidationError)
    assert refusal.value.translation_placeholders is not None
    assert refusal.value.translation_placeholders["gun"] == "2"
    assert refusal.value.translation_key == "start_refused_fault"
    await wait_for(lambda: pile.all_received(RemoteStop))
    await wait_for(lambda: pile.idle)
    assert {int(message.gun) for message in pile.all_received(RemoteStop)} == {1}


async def test_a_gun_is_not_free(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Nothing is sent when a gun has a charge already."""
    await one_car(pile)
    await act(hass, "start_charging", device_id=device_id(hass, site, gun=2))
    with pytest.raises(HomeAssistantError) as busy:
        await start(hass, site)
    assert (busy.value.translation_key, busy.value.translation_placeholders) == (
        "order_open",
        {"pile": DC_PILE, "gun": "2"},
    )
    assert pile.all_received(ParallelRemoteStart) == []


async def test_wrong_targets(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Guns of different piles, one gun, and a main gun that is not named are told before anything is sent."""
    wallbox = device_id(hass, site, AC_PILE)
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"device_id": [device_id(hass, site, gun=1), wallbox]}, "guns_of_different_piles"),
        ({"device_id": device_id(hass, site, gun=1)}, "parallel_needs_guns"),
        ({"device_id": device_id(hass, site), "main_gun": 3}, "main_gun_not_targeted"),
    )
    for data, key in cases:
        with pytest.raises(ServiceValidationError) as error:
            await act(hass, "start_parallel_charging", **data)
        assert error.value.translation_key == key
    assert pile.all_received(ParallelRemoteStart) == []


async def test_restart_in_a_charge(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """After a reload both guns are known as one charge, which one switch ends."""
    await one_car(pile)
    response = await start(hass, site)
    await both_are(hass, "charging")
    assert await hass.config_entries.async_reload(site.entry_id)
    await both_are(hass, "charging")
    assert [state(hass, "sensor", "parallel_role", gun=gun) for gun in (1, 2)] == ["main", "auxiliary"]
    assert attributes(hass, 1)["parallel"] == response["parallel"]
    await stop(hass, 1)
    await wait_for(lambda: len(pile.records.acknowledged) == 2)
    (charge,) = (await act(hass, "get_sessions"))["parallel_charges"]
    assert charge["state"] == "settled"


async def test_a_card_at_the_pile(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """A driver asks at the pile for both guns: both have their event, and charge together."""
    hass.config_entries.async_update_entry(site, options={**site.options, "unknown_drivers": "allow"})
    await hass.async_block_till_done()
    pile = await make_pile(DC_PILE, guns=2)
    await one_car(pile)
    await pile.show_card_for_all(1, (2,), "D14B0A54")
    await both_are(hass, "charging")
    assert [state(hass, "sensor", "parallel_role", gun=gun) for gun in (1, 2)] == ["main", "auxiliary"]
    for gun in (1, 2):
        event = hass.states.get(entity_id(hass, "event", "start_request", gun=gun))
        assert event is not None
        assert event.attributes["event_type"] == "authorised"
    await stop(hass, 2)
    await wait_for(lambda: len(pile.records.acknowledged) == 2)
    assert pile.complaints == []
