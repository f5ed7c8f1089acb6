"""The actions, and how what goes wrong is told."""

from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.helpers.translation import async_load_integrations
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol
import yaml

from custom_components.ykc import services
from custom_components.ykc.const import DOMAIN
from custom_components.ykc.exceptions import translated_errors
from custom_components.ykc.protocol import UNKNOWN_CODE, RemoteStart
from custom_components.ykc.server.errors import CommandError, StartRefused, StopRefused
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, MakePile, device_id, entity_id, listener_entry, state, wait_for


async def start(hass: HomeAssistant, **data: Any) -> Any:
    """Start charging, and return the response."""
    return await hass.services.async_call(DOMAIN, "start_charging", data, blocking=True, return_response=True)


async def stop(hass: HomeAssistant, **data: Any) -> None:
    """Stop charging."""
    await hass.services.async_call(DOMAIN, "stop_charging", data, blocking=True)


async def test_start_and_stop(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A gun is started with a card and a balance; the answer has its transaction number."""
    await pile.plug(1)
    gun = device_id(hass, site, gun=1)
    response = await start(hass, device_id=gun, card="D14B0A54", logical_card="12345", balance=50.5)
    (sent,) = pile.all_received(RemoteStart)
    answer = {"pile": DC_PILE, "gun": 1, "transaction": sent.transaction, "outcome": "started"}
    assert response == {"guns": [answer], **answer}
    assert sent.transaction.startswith(f"{DC_PILE}01")
    assert (sent.card, sent.logical_card) == ("00000000d14b0a54", "0000000000012345")
    assert str(sent.balance) == "50.50" or float(sent.balance) == 50.5
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "charging")
    await stop(hass, device_id=gun)
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "finished")


async def test_waiting_for_plug(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A gun without a car waits for one: no error, and its status tells."""
    response = await start(hass, entity_id=entity_id(hass, "sensor", "status", gun=2))
    assert [gun["outcome"] for gun in response["guns"]] == ["waiting_for_plug"]
    assert response == {"guns": response["guns"], **response["guns"][0]}
    await wait_for(lambda: state(hass, "sensor", "status", gun=2) == "waiting_for_plug")
    assert state(hass, "switch", "charging", gun=2) == "on"
    await pile.plug(2)
    await wait_for(lambda: state(hass, "sensor", "status", gun=2) == "charging")
    await stop(hass, entity_id=entity_id(hass, "sensor", "status", gun=2))


async def test_several_guns(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, make_pile: MakePile) -> None:
    """All guns of an area are started with one call; what is no gun is left alone."""
    wallbox = await make_pile(AC_PILE, pile_type="ac", guns=1)
    for there, gun in ((pile, 1), (pile, 2), (wallbox, 1)):
        await there.plug(gun)
    yard = ar.async_get(hass).async_create("Yard")
    for code in (DC_PILE, AC_PILE):
        dr.async_get(hass).async_update_device(device_id(hass, site, code), area_id=yard.id)
    response = await start(hass, area_id=yard.id)
    assert [(gun["pile"], gun["gun"]) for gun in response["guns"]] == [(DC_PILE, 1), (DC_PILE, 2), (AC_PILE, 1)]
    await stop(hass, area_id=yard.id)


async def test_named_twice(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A gun that is named by its device and by an entity is started once."""
    await pile.plug(1)
    response = await start(
        hass,
        device_id=device_id(hass, site, gun=1),
        entity_id=[entity_id(hass, "switch", "charging", gun=1), entity_id(hass, "sensor", "power", gun=1)],
    )
    assert len(response["guns"]) == 1


async def test_a_pile_with_one_gun(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """A pile with one gun stands for its gun."""
    wallbox = await make_pile(AC_PILE, pile_type="ac", guns=1)
    await wallbox.plug(1)
    response = await start(hass, device_id=device_id(hass, site, AC_PILE))
    assert [gun["gun"] for gun in response["guns"]] == [1]
    await stop(hass, entity_id=entity_id(hass, "binary_sensor", "connection", code=AC_PILE))


async def test_wrong_targets(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """What is no gun is refused in words, before anything is sent."""
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    foreign = dr.async_get(hass).async_get_or_create(config_entry_id=other.entry_id, identifiers={("other", "thing")})
    hass.states.async_set("sensor.foreign", "1")
    for target, key in (
        ({}, "no_gun_targeted"),
        ({"area_id": "nowhere"}, "no_gun_targeted"),
        ({"device_id": device_id(hass, site)}, "pile_has_several_guns"),
        ({"entity_id": entity_id(hass, "binary_sensor", "connection")}, "pile_has_several_guns"),
        ({"device_id": foreign.id}, "service_device_wrong_domain"),
        ({"device_id": "unknown"}, "service_device_not_found"),
        ({"entity_id": "sensor.foreign"}, "entity_of_no_gun"),
    ):
        for action in (start, stop):
            with pytest.raises(ServiceValidationError) as raised:
                await action(hass, **target)
            assert raised.value.translation_key == key, target


async def test_listener_does_not_run(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """The actions are there, and say that the listener is not."""
    gun = device_id(hass, site, gun=1)
    yard = ar.async_get(hass).async_create("Yard")
    dr.async_get(hass).async_update_device(device_id(hass, site), area_id=yard.id)
    await hass.config_entries.async_unload(site.entry_id)
    with pytest.raises(ServiceValidationError) as raised:
        await start(hass, device_id=gun)
    assert raised.value.translation_key == "service_config_entry_not_loaded"
    with pytest.raises(ServiceValidationError) as raised:
        await start(hass, area_id=yard.id)
    assert raised.value.translation_key == "no_gun_targeted"
    await hass.config_entries.async_setup(site.entry_id)


@pytest.mark.parametrize("data", [{"balance": -1}, {"balance": "nan"}, {"limit": 1}])
async def test_wrong_data(hass: HomeAssistant, site: MockConfigEntry, data: dict[str, Any]) -> None:
    """What cannot be sent is refused before anything is sent."""
    with pytest.raises(vol.Invalid):
        await start(hass, device_id=device_id(hass, site, gun=1), **data)


@pytest.mark.parametrize("field", ["card", "logical_card"])
@pytest.mark.parametrize("number", ["xyz", "0" * 17, ""])
async def test_a_card_that_is_none(hass: HomeAssistant, site: MockConfigEntry, field: str, number: str) -> None:
    """What is no card number is refused in words that name the field."""
    with pytest.raises(ServiceValidationError) as raised:
        await start(hass, device_id=device_id(hass, site, gun=1), **{field: number})
    assert raised.value.translation_key == "card_number_invalid"
    assert raised.value.translation_placeholders == {"field": field}


async def test_offline(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A pile that is not there says so, from every side."""
    with pytest.raises(HomeAssistantError) as raised:
        await start(hass, device_id=device_id(hass, site, gun=1))
    assert raised.value.translation_key == "pile_offline"
    assert raised.value.translation_placeholders == {"pile": DC_PILE}
    assert str(raised.value) == f"Pile {DC_PILE} is offline"


@pytest.mark.parametrize(
    ("reason", "key"),
    [
        (1, "start_refused_wrong_pile"),
        (2, "start_refused_already_charging"),
        (3, "start_refused_fault"),
        (4, "start_refused_offline"),
        (7, "start_refused_code_07"),
        (0x4E, "start_refused_code_4e"),
        (0x7A, "start_refused"),
    ],
)
async def test_start_refused(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, reason: int, key: str
) -> None:
    """A refusal is an error with the pile's reason, from action, switch and button."""
    await pile.plug(1)
    pile.behaviour.refuse_start = reason
    for domain, action, target in (
        (DOMAIN, "start_charging", {"device_id": device_id(hass, site, gun=1)}),
        ("switch", "turn_on", {"entity_id": entity_id(hass, "switch", "charging", gun=1)}),
        ("button", "press", {"entity_id": entity_id(hass, "button", "start", gun=1)}),
    ):
        with pytest.raises(HomeAssistantError) as raised:
            await hass.services.async_call(domain, action, target, blocking=True)
        assert raised.value.translation_domain == DOMAIN
        assert raised.value.translation_key == key
        placeholders = raised.value.translation_placeholders
        assert placeholders is not None
        assert placeholders["pile"] == DC_PILE
        assert placeholders["gun"] == "1"
        if key == "start_refused":
            assert str(raised.value) == f"Pile {DC_PILE} refused to start gun 1, with the code 7A"
    assert state(hass, "switch", "charging", gun=1) == "off"


@pytest.mark.parametrize(
    ("error", "reason"), [(StartRefused, "none"), (StopRefused, "none"), (StartRefused, UNKNOWN_CODE)]
)
def test_refused_for_no_reason(error: type[CommandError], reason: str) -> None:
    """A pile that refuses and says that nothing is wrong gave no reason."""
    with pytest.raises(HomeAssistantError) as raised, translated_errors():
        raise error(pile=DC_PILE, gun="1", reason=reason)
    assert raised.value.translation_key == f"{error.key}_none"


async def test_stop_refused(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A gun that does not charge cannot be stopped."""
    for domain, action, target in (
        (DOMAIN, "stop_charging", {"device_id": device_id(hass, site, gun=1)}),
        ("switch", "turn_off", {"entity_id": entity_id(hass, "switch", "charging", gun=1)}),
        ("button", "press", {"entity_id": entity_id(hass, "button", "stop", gun=1)}),
    ):
        with pytest.raises(HomeAssistantError) as raised:
            await hass.services.async_call(domain, action, target, blocking=True)
        assert raised.value.translation_key == "stop_refused_not_charging"


async def test_order_open(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A gun has one charge at a time."""
    await pile.plug(1)
    gun = device_id(hass, site, gun=1)
    await start(hass, device_id=gun)
    with pytest.raises(HomeAssistantError) as raised:
        await start(hass, device_id=gun)
    assert raised.value.translation_key == "order_open"
    await stop(hass, device_id=gun)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_no_reply(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A pile that does not answer says nothing, and we say so."""
    pile.behaviour.ignores = {0x12, 0x56}
    for button in (
        entity_id(hass, "button", "read_now", gun=1),
        entity_id(hass, "button", "synchronise_clock"),
    ):
        with pytest.raises(HomeAssistantError) as raised:
            await hass.services.async_call("button", "press", {"entity_id": button}, blocking=True)
        assert raised.value.translation_key == "no_reply"
    pile.behaviour.ignores = set()
    for button in (
        entity_id(hass, "button", "read_now", gun=1),
        entity_id(hass, "button", "synchronise_clock"),
    ):
        await hass.services.async_call("button", "press", {"entity_id": button}, blocking=True)


async def test_all_are_tried(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """One gun that fails keeps no other from starting; one error is told as it is, several in one sentence."""
    await pile.plug(1)
    guns = [device_id(hass, site, gun=1), device_id(hass, site, AC_PILE, 1)]
    with pytest.raises(HomeAssistantError) as raised:
        await start(hass, device_id=guns)
    assert raised.value.translation_key == "pile_offline"
    assert raised.value.translation_placeholders == {"pile": AC_PILE}
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "charging")

    await hass.config.async_update(language="zh-Hans")
    with pytest.raises(HomeAssistantError) as raised:
        await start(hass, device_id=guns)
    # Home Assistant may have the new language's texts already, or not yet.
    sentences = f"Pile {AC_PILE} is offline", f"充电桩 {AC_PILE} 已离线"
    assert any(sentence in str(raised.value) for sentence in sentences)
    await async_load_integrations(hass, {DOMAIN})
    with pytest.raises(HomeAssistantError) as raised:
        await start(hass, device_id=guns)
    assert raised.value.translation_key == "several_failed"
    placeholders = raised.value.translation_placeholders
    assert placeholders is not None
    assert (placeholders["failed"], placeholders["total"]) == ("2", "2")
    assert f"充电桩 {AC_PILE} 已离线。" in placeholders["errors"]
    assert f"充电桩 {DC_PILE} 的 1 号枪已有进行中的充电订单。" in placeholders["errors"]
    await stop(hass, device_id=guns[0])


async def test_registered_once(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """The actions are those of the integration, not of a listener."""
    other = listener_entry(1)
    other.add_to_hass(hass)
    described = yaml.safe_load(Path(services.__file__).with_name("services.yaml").read_text(encoding="utf-8"))
    assert set(hass.services.async_services_for_domain(DOMAIN)) == set(described)
