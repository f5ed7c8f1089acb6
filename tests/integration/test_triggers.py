"""Triggers and event entities: each thing that happens is told once, and nothing that is old."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.icon import async_get_icons
from homeassistant.helpers.translation import async_get_translations
from homeassistant.helpers.trigger import async_get_all_descriptions
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
import voluptuous as vol

from custom_components.ykc.trigger import TRIGGERS
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, MakePile, device_id, entity_id, state, wait_for
from .test_plug_start import own_prices

type Fired = list[dict[str, Any]]
type Watch = Callable[..., Awaitable[Fired]]


@pytest.fixture
async def watch(hass: HomeAssistant) -> AsyncIterator[Watch]:
    """Return what writes down what all triggers with a target fire."""

    async def start(**target: Any) -> Fired:
        fired: Fired = []
        hass.bus.async_listen("fired", lambda event: fired.append(dict(event.data)))
        automations = [
            {
                "id": f"{kind}_{len(hass.states.async_entity_ids('automation'))}",
                "alias": kind,
                "mode": "queued",
                "triggers": [
                    {"trigger": f"ykc.{kind}", "target": target}
                    | ({"options": {"period": "valley"}} if kind.startswith("tariff_period") else {})
                ],
                "actions": [{"event": "fired", "event_data": {"kind": kind, "trigger": "{{ trigger }}"}}],
            }
            for kind in TRIGGERS
        ]
        assert await async_setup_component(hass, "automation", {"automation": automations})
        await hass.async_block_till_done()
        assert len(hass.states.async_entity_ids("automation")) == len(TRIGGERS)
        return fired

    yield start
    if hass.services.has_service("automation", "turn_off"):
        await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


def kinds(fired: Fired) -> list[str]:
    """Return what fired, in order."""
    return [event["kind"] for event in fired]


def what(fired: Fired, kind: str) -> dict[str, Any]:
    """Return what the only trigger of a kind told."""
    (event,) = (event for event in fired if event["kind"] == kind)
    told: dict[str, Any] = event["trigger"]
    return told


async def start(hass: HomeAssistant, site: MockConfigEntry, gun: int = 1) -> None:
    """Start a charge."""
    await hass.services.async_call(
        "ykc", "start_charging", {"device_id": device_id(hass, site, gun=gun)}, blocking=True
    )


async def test_a_charge(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, watch: Watch) -> None:
    """Plugged in, started, finished with its bill, unplugged; of one gun alone."""
    fired = await watch(device_id=device_id(hass, site, gun=1))
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "idle")
    await pile.plug(2)
    await pile.plug(1)
    await wait_for(lambda: kinds(fired) == ["plugged"])
    await start(hass, site)
    await wait_for(lambda: kinds(fired) == ["plugged", "started"])
    await pile.wait_for(lambda: pile.gun(1).energy > 0.1)
    await pile.stop_locally(1)
    await wait_for(lambda: kinds(fired) == ["plugged", "started", "finished"])
    await pile.unplug(1)
    await wait_for(lambda: kinds(fired) == ["plugged", "started", "finished", "unplugged"])

    finished = what(fired, "finished")
    last = site.runtime_data.piles[next(iter(site.runtime_data.piles))].data.guns[1].last_session
    assert finished["device_id"] == device_id(hass, site, gun=1)
    assert (finished["gun"], finished["pile"]) == (1, DC_PILE)
    assert finished["transaction"] == last.transaction == what(fired, "started")["transaction"]
    assert finished["energy"] == float(last.energy) > 0
    assert finished["cost"] == float(last.cost) > 0
    assert finished["stop_reason"] == "stopped_manually"
    assert finished["started"] < finished["ended"]


async def test_start_failed(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, watch: Watch) -> None:
    """A refused start is told with the pile's reason, and is no charge."""
    fired = await watch(device_id=device_id(hass, site, gun=1))
    pile.behaviour.refuse_start = 3
    await pile.plug(1)
    with pytest.raises(HomeAssistantError) as refusal:
        await start(hass, site)
    await wait_for(lambda: kinds(fired) == ["plugged", "start_failed"])
    reason = what(fired, "start_failed")["reason"]
    assert refusal.value.translation_key == f"start_refused_{reason}"
    pile.behaviour.refuse_start = None
    await start(hass, site)
    await wait_for(lambda: kinds(fired) == ["plugged", "start_failed", "started"])


async def test_fault(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, watch: Watch) -> None:
    """A fault is told with its name, and that it is gone."""
    fired = await watch(device_id=device_id(hass, site))
    await wait_for(lambda: state(hass, "sensor", "status", gun=2) == "idle")
    await pile.fault(2, 3)
    await wait_for(lambda: kinds(fired) == ["fault_raised"])
    await pile.clear_fault(2)
    await wait_for(lambda: kinds(fired) == ["fault_raised", "fault_cleared"])
    assert what(fired, "fault_raised")["gun"] == 2


async def test_card(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, watch: Watch) -> None:
    """A card is told once, without its number, also one that nobody knows."""
    fired = await watch(device_id=device_id(hass, site, gun=1))
    await pile.plug(1)
    await pile.show_card(1, "00000000D14B0A54")
    await wait_for(lambda: "card_presented" in kinds(fired))
    told = what(fired, "card_presented")
    assert (told["driver"], told["outcome"], told["reason"]) == (None, "refused", "no_account")
    assert "D14B" not in told["number"]


async def test_pile_lost(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, make_pile: MakePile, watch: Watch
) -> None:
    """A pile that goes is told once, and that it is back; what stands there then is no news."""
    fired = await watch(device_id=device_id(hass, site, gun=2))
    await pile.plug(2)
    await start(hass, site, 2)
    await wait_for(lambda: kinds(fired) == ["plugged", "started"])
    await pile.drop()
    await wait_for(lambda: kinds(fired) == ["plugged", "started", "pile_lost"])
    await pile.come_back()
    await wait_for(lambda: kinds(fired)[3:] == ["pile_back"])
    await wait_for(lambda: state(hass, "binary_sensor", "charging", gun=2) == "on")
    await pile.stop_locally(2)
    await wait_for(lambda: kinds(fired)[4:] == ["finished"])


async def test_reload(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, watch: Watch) -> None:
    """A reload ends no trigger, and what was before it is told no second time."""
    fired = await watch(device_id=device_id(hass, site))
    await pile.plug(1)
    await pile.plug(2)
    await start(hass, site)
    await wait_for(lambda: kinds(fired) == ["plugged", "plugged", "started"])
    assert await hass.config_entries.async_reload(site.entry_id)
    await wait_for(lambda: state(hass, "binary_sensor", "charging", gun=1) == "on")
    await wait_for(lambda: state(hass, "binary_sensor", "plugged", gun=2) == "on")
    assert kinds(fired) == ["plugged", "plugged", "started"]
    await pile.stop_locally(1)
    await wait_for(lambda: kinds(fired)[3:] == ["finished"])
    await pile.unplug(2)
    await wait_for(lambda: kinds(fired)[3:] == ["finished", "unplugged"])


async def test_areas_and_disabled_entities(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, watch: Watch
) -> None:
    """The guns of an area are meant, wherever they were when the automation was made; no entity need be enabled."""
    area = ar.async_get(hass).async_create("Carport")
    fired = await watch(area_id=area.id)
    registry = er.async_get(hass)
    for entry in er.async_entries_for_config_entry(registry, site.entry_id):
        registry.async_update_entity(entry.entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    assert await hass.config_entries.async_reload(site.entry_id)
    coordinator = next(iter(site.runtime_data.piles.values()))
    await wait_for(lambda: coordinator.data.guns[1].plugged is False)
    await pile.plug(2)
    await wait_for(lambda: coordinator.data.guns[2].plugged)
    assert fired == []
    dr.async_get(hass).async_update_device(device_id(hass, site), area_id=area.id)
    await pile.plug(1)
    await wait_for(lambda: kinds(fired) == ["plugged"])


@pytest.mark.parametrize(
    ("key", "gun", "expected"), [("power", 1, [1]), ("gun_event", 2, [2]), ("clock_offset", None, [1, 2])]
)
async def test_entities(
    hass: HomeAssistant,
    site: MockConfigEntry,
    pile: VirtualPile,
    watch: Watch,
    key: str,
    gun: int | None,
    expected: list[int],
) -> None:
    """An entity, also a disabled one, stands for its gun, and one of a pile for all its guns."""
    platform = "event" if key == "gun_event" else "sensor"
    fired = await watch(entity_id=entity_id(hass, platform, key, gun=gun))
    coordinator = next(iter(site.runtime_data.piles.values()))
    guns = (1, 2)
    await wait_for(lambda: all(coordinator.data.guns[number].plugged is False for number in guns))
    for number in guns:
        await pile.plug(number)
    await wait_for(lambda: all(coordinator.data.guns[number].plugged for number in guns))
    await hass.async_block_till_done()
    # The two reports are on their way at once.
    assert sorted(event["trigger"]["gun"] for event in fired) == expected


@pytest.mark.parametrize("target", [{}, {"target": {}}])
async def test_a_target_is_needed(hass: HomeAssistant, site: MockConfigEntry, target: dict[str, Any]) -> None:
    """A trigger without one is refused when the automation is made."""
    with pytest.raises(vol.Invalid):
        await TRIGGERS["started"].async_validate_config(hass, target)


async def test_tariff_period_began(
    hass: HomeAssistant, site: MockConfigEntry, watch: Watch, freezer: FrozenDateTimeFactory
) -> None:
    """The beginning and the end of a period are told for each pile, in the piles' time zone."""
    await own_prices(hass, site)
    freezer.move_to("2026-03-03T05:50:00+00:00")
    fired = await watch(device_id=[device_id(hass, site), device_id(hass, site, AC_PILE, gun=1)])
    # 22:00 and 06:00 of US/Pacific, in winter.
    began, ended = ["tariff_period_began"] * 2, ["tariff_period_ended"] * 2
    for moment, told in (("05:59:30", []), ("06:00:00", began), ("06:30:00", began), ("14:00:00", began + ended)):
        freezer.move_to(f"2026-03-03T{moment}+00:00")
        async_fire_time_changed(hass, dt_util.utcnow())
        await hass.async_block_till_done()
        assert kinds(fired) == told
    assert {event["trigger"]["period"] for event in fired} == {"valley"}
    assert {event["trigger"]["pile"] for event in fired} == {DC_PILE, AC_PILE}


# Event entities


async def test_event_entities(
    hass: HomeAssistant,
    entity_registry_enabled_by_default: None,
    site: MockConfigEntry,
    pile: VirtualPile,
    make_pile: MakePile,
    watch: Watch,
) -> None:
    """They tell what the triggers do, of their gun and their pile alone."""
    fired = await watch(device_id=device_id(hass, site))
    told: list[str | None] = []
    gun_event, pile_event = entity_id(hass, "event", "gun_event", gun=1), entity_id(hass, "event", "pile_event")
    assert state(hass, "event", "gun_event", gun=1) == state(hass, "event", "pile_event") == "unknown"

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        if (now := event.data["new_state"]) is not None:
            told.append(now.attributes.get("event_type"))

    async_track_state_change_event(hass, [gun_event, pile_event], note)
    await pile.plug(1)
    await start(hass, site)
    await wait_for(lambda: "started" in kinds(fired))
    await pile.stop_locally(1)
    await wait_for(lambda: "finished" in kinds(fired))
    await hass.async_block_till_done()
    shown = hass.states.get(gun_event)
    assert shown is not None
    finished = what(fired, "finished")
    assert {key: shown.attributes[key] for key in ("energy", "cost", "transaction", "stop_reason")} == {
        key: finished[key] for key in ("energy", "cost", "transaction", "stop_reason")
    }
    await pile.drop()
    await wait_for(lambda: told[-1] == "pile_lost" == kinds(fired)[-1])
    await pile.come_back()
    await wait_for(lambda: told[-1] == "pile_back" == kinds(fired)[-1])
    assert hass.states.get(gun_event) == shown
    assert told == kinds(fired) == ["plugged", "started", "finished", "pile_lost", "pile_back"]
    assert state(hass, "event", "gun_event", gun=2) == "unknown"


async def test_descriptions(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Home Assistant can show every trigger, with its target, in both languages and with an icon."""
    assert await async_setup_component(hass, "automation", {})
    descriptions = await async_get_all_descriptions(hass)
    icons = await async_get_icons(hass, "triggers", ["ykc"])
    for language in ("en", "zh-Hans"):
        texts = await async_get_translations(hass, language, "triggers", ["ykc"])
        for kind in TRIGGERS:
            assert texts[f"component.ykc.triggers.{kind}.name"]
            assert texts[f"component.ykc.triggers.{kind}.description"]
    for kind in TRIGGERS:
        description = descriptions[f"ykc.{kind}"]
        assert description is not None
        assert description["target"]["device"] == [{"integration": "ykc"}]
        assert icons["ykc"][kind]["trigger"].startswith("mdi:")
    assert {key.removeprefix("ykc.") for key in descriptions if key.startswith("ykc.")} == set(TRIGGERS)
