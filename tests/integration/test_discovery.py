"""Piles that are not approved: cards, approval, ignoring, and limits."""

from collections.abc import Callable
from datetime import timedelta
import logging
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_IGNORE, ConfigFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.ykc.const import CARD_SILENCE, CONF_APPROVE_AUTOMATICALLY, CONF_AREA, DOMAIN, MAX_CARDS
from custom_components.ykc.server.listener import Stranger
from custom_components.ykc.server.state import PileInfo
from custom_components.ykc.subentry import piles
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, MakePile, device_id, listener_entry, set_up, state, wait_for

STRANGER = "32010200000099"


def cards(hass: HomeAssistant) -> list[ConfigFlowResult]:
    """Return the discovery cards that are shown."""
    return list(hass.config_entries.flow.async_progress_by_handler(DOMAIN))


def codes(hass: HomeAssistant) -> set[str | None]:
    """Return the codes on the cards."""
    return {card["context"]["unique_id"] for card in cards(hass)}


async def call(hass: HomeAssistant, entry: MockConfigEntry, code: str = STRANGER, **info: Any) -> None:
    """Let a pile be refused, without its socket."""
    told = {"protocol_version": "1.6", "software_version": "V2", **info}
    stranger = Stranger(PileInfo(code=code, **told), "127.0.0.1")
    entry.runtime_data.discovery.async_handle_stranger(stranger)
    await hass.async_block_till_done()


async def test_approve(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, make_pile: MakePile) -> None:
    """A stranger has a card; approved it is there at its next login, and nobody else is disturbed."""
    stranger = await make_pile(STRANGER, guns=2, ready=False)
    await wait_for(lambda: cards(hass))
    (card,) = cards(hass)
    assert card["step_id"] == "approve"
    assert card["context"]["title_placeholders"] == {
        "code": STRANGER,
        "type": "DC",
        "guns": "2",
        "version": "V1.6.0",
        "name": STRANGER,
    }
    assert not stranger.online
    connection = site.runtime_data._listener.piles[DC_PILE].line.connection

    yard = ar.async_get(hass).async_create("Yard")
    place = {CONF_NAME: "Carport", CONF_AREA: yard.id}
    result = await hass.config_entries.flow.async_configure(card["flow_id"], place | {"rated_power": -7})
    assert result["errors"] == {"rated_power": "rated_power_out_of_range"}
    result = await hass.config_entries.flow.async_configure(card["flow_id"], place)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "pile_added"
    assert result["description_placeholders"] == {"name": "Carport"}
    await stranger.wait_ready()
    await wait_for(lambda: state(hass, "sensor", "status", code=STRANGER, gun=2) == "idle")
    assert cards(hass) == []
    assert site.runtime_data._listener.piles[DC_PILE].line.connection is connection
    device = dr.async_get(hass).async_get(device_id(hass, site, STRANGER))
    assert device is not None
    assert (device.name, device.area_id) == ("Carport", yard.id)
    gun = dr.async_get(hass).async_get(device_id(hass, site, STRANGER, 1))
    assert gun is not None and gun.name == "Gun 1"
    assert site.runtime_data.discovery.waiting == {}


@pytest.mark.parametrize(("typed", "name"), [("  Carport\t", "Carport"), (" \u3000", STRANGER), ("", STRANGER)])
async def test_name(hass: HomeAssistant, listener: MockConfigEntry, typed: str, name: str) -> None:
    """A name has no blanks around it; without one the pile is called by its code."""
    await call(hass, listener)
    (card,) = cards(hass)
    result = await hass.config_entries.flow.async_configure(card["flow_id"], {CONF_NAME: typed})
    await hass.async_block_till_done()
    assert result["description_placeholders"] == {"name": name}
    assert [pile.title for pile in piles(listener)] == [name]


async def test_one_card_for_all_calls(hass: HomeAssistant, listener: MockConfigEntry) -> None:
    """A pile that calls again and again has one card."""
    for _ in range(3):
        await call(hass, listener)
    await call(hass, listener, gun_count=2)
    assert len(cards(hass)) == 1


@pytest.mark.parametrize("change", [{"gun_count": 2}, {"software_version": "V3"}, {"pile_type": "ac"}])
async def test_a_card_goes_whatever_its_pile_said(
    hass: HomeAssistant, listener: MockConfigEntry, freezer: FrozenDateTimeFactory, change: dict[str, Any]
) -> None:
    """Who says something else at each call leaves no card behind, neither by falling silent nor by being added."""
    await call(hass, listener)
    await call(hass, listener, **change)
    assert len(cards(hass)) == 1
    freezer.tick(CARD_SILENCE + timedelta(seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert cards(hass) == []
    await call(hass, listener)
    await call(hass, listener, **change)
    result = await hass.config_entries.subentries.async_init((listener.entry_id, "pile"), context={"source": "user"})
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], {"code": STRANGER})
    await hass.config_entries.subentries.async_configure(result["flow_id"], {CONF_NAME: "Here"})
    await hass.async_block_till_done()
    assert cards(hass) == []


async def test_calls_that_differ_make_no_more_cards(hass: HomeAssistant, listener: MockConfigEntry) -> None:
    """Of a pile that says something else at each call one flow is made, and not one for each call."""
    with patch("custom_components.ykc.discovery.discovery_flow.async_create_flow") as made:
        for number in range(5):
            await call(hass, listener, software_version=f"V{number}")
    assert len({made_call.kwargs["data"] for made_call in made.mock_calls}) == 1


async def test_ignore(hass: HomeAssistant, listener: MockConfigEntry) -> None:
    """An ignored pile makes no card again, and is not approved automatically; ignored no more it has a card."""
    await call(hass, listener)
    await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_IGNORE}, data={"unique_id": STRANGER, "title": "Stranger"}
    )
    assert cards(hass) == []
    await call(hass, listener)
    hass.config_entries.async_update_entry(listener, options={CONF_APPROVE_AUTOMATICALLY: True})
    await call(hass, listener)
    assert cards(hass) == []
    assert piles(listener) == []
    assert listener.runtime_data.discovery.waiting == {}

    hass.config_entries.async_update_entry(listener, options={})
    ignored = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, STRANGER)
    assert ignored is not None
    await hass.config_entries.async_remove(ignored.entry_id)
    await call(hass, listener)
    assert codes(hass) == {STRANGER}


async def test_limit(hass: HomeAssistant, listener: MockConfigEntry, caplog: pytest.LogCaptureFixture) -> None:
    """A listener shows 20 cards and says once that there are more; one that goes makes room."""
    numbers = [f"320102000001{number:02}" for number in range(MAX_CARDS + 3)]
    for code in numbers:
        await call(hass, listener, code)
    assert codes(hass) == set(numbers[:MAX_CARDS])
    assert listener.runtime_data.discovery.overflow == 3
    warnings = [
        record for record in caplog.records if record.levelno == logging.WARNING and "already wait" in record.message
    ]
    assert len(warnings) == 1

    await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_IGNORE}, data={"unique_id": numbers[0], "title": "One"}
    )
    await call(hass, listener, numbers[-1])
    assert numbers[-1] in codes(hass)
    assert listener.runtime_data.discovery.overflow == 0


async def test_silence(hass: HomeAssistant, listener: MockConfigEntry, freezer: FrozenDateTimeFactory) -> None:
    """A card goes ten minutes after the last call; a call in between keeps it; it comes again with the pile."""
    await call(hass, listener)
    freezer.tick(CARD_SILENCE - timedelta(seconds=1))
    async_fire_time_changed(hass)
    await call(hass, listener)
    freezer.tick(CARD_SILENCE - timedelta(seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert codes(hass) == {STRANGER}
    freezer.tick(2)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert cards(hass) == []
    assert listener.runtime_data.discovery.waiting == {}
    await call(hass, listener)
    assert codes(hass) == {STRANGER}


async def test_ever_new_descriptions(
    hass: HomeAssistant,
    listener: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Strangers that say something else with each call leave no card behind, and do not fill the log."""
    for hour in range(3):
        for number in range(MAX_CARDS + 5):
            for guns in (1, 2):
                await call(hass, listener, f"32010200{hour:02}{number:04}", gun_count=guns)
            # One by one, so that each card that goes makes room for one.
            freezer.tick(1)
        assert len(cards(hass)) == MAX_CARDS
        for number in range(MAX_CARDS + 5):
            freezer.tick(CARD_SILENCE / MAX_CARDS)
            async_fire_time_changed(hass)
            await call(hass, listener, f"33010200{hour:02}{number:04}")
            await call(hass, listener, f"34010200{hour:02}{number:04}")
            assert len(cards(hass)) <= MAX_CARDS
    freezer.tick(CARD_SILENCE + timedelta(seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert cards(hass) == []
    assert listener.runtime_data.discovery.waiting == {}
    assert len([record for record in caplog.records if "already wait" in record.message]) < 10


async def test_approve_automatically(hass: HomeAssistant, port: int, make_pile: MakePile) -> None:
    """Where it is asked, a pile is approved when it calls, and is there at the next call."""
    entry = await set_up(hass, listener_entry(port, options={CONF_APPROVE_AUTOMATICALLY: True}))
    await make_pile(AC_PILE, pile_type="ac", guns=1)
    await wait_for(lambda: state(hass, "sensor", "status", code=AC_PILE, gun=1) == "idle")
    (approved,) = piles(entry)
    assert approved.title == approved.unique_id == AC_PILE
    assert cards(hass) == []
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(("limit", "value", "guns"), [("MAX_AUTOMATIC_PILES", 2, 1), ("MAX_AUTOMATIC_GUNS", 6, 3)])
async def test_approve_automatically_has_a_limit(
    hass: HomeAssistant, port: int, caplog: pytest.LogCaptureFixture, limit: str, value: int, guns: int
) -> None:
    """Beyond the limit of piles, or of guns, there are cards, and it is said once; a person may go on."""
    entry = await set_up(hass, listener_entry(port, options={CONF_APPROVE_AUTOMATICALLY: True}))
    numbers = [f"320102000001{number:02}" for number in range(5)]
    with patch(f"custom_components.ykc.discovery.{limit}", value):
        for code in (*numbers[:4], *numbers):
            await call(hass, entry, code, gun_count=guns)
        assert [pile.unique_id for pile in piles(entry)] == numbers[:2]
        assert codes(hass) == set(numbers[2:])
        warnings = [record for record in caplog.records if "no longer approved automatically" in record.message]
        assert len(warnings) == 1
        card = next(card for card in cards(hass) if card["context"]["unique_id"] == numbers[2])
        await hass.config_entries.flow.async_configure(card["flow_id"], {CONF_NAME: "Third"})
        await hass.async_block_till_done()
        assert len(piles(entry)) == 3

        # What is removed makes room again.
        for pile in piles(entry)[:2]:
            hass.config_entries.async_remove_subentry(entry, pile.subentry_id)
        await call(hass, entry, numbers[4], gun_count=guns)
        assert {pile.unique_id for pile in piles(entry)} == {numbers[2], numbers[4]}
        await hass.async_block_till_done()
        assert numbers[4] not in codes(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_belongs_to_one_listener(
    hass: HomeAssistant, site: MockConfigEntry, unused_tcp_port_factory: Callable[[], int]
) -> None:
    """A pile that another listener has is neither shown nor approved; one card for a pile that calls both."""
    other = await set_up(hass, listener_entry(unused_tcp_port_factory(), options={CONF_APPROVE_AUTOMATICALLY: True}))
    await call(hass, other, DC_PILE)
    assert cards(hass) == []
    assert piles(other) == []
    hass.config_entries.async_update_entry(other, options={})
    await call(hass, other)
    await call(hass, site)
    assert len(cards(hass)) == 1
    assert await hass.config_entries.async_unload(other.entry_id)
    assert cards(hass) == [], "a listener takes its cards with it"


async def test_approved_meanwhile(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A card that stood open while its pile was approved elsewhere says so."""
    await call(hass, site)
    await call(hass, site, "32010200000098")
    (card,) = [card for card in cards(hass) if card["context"]["unique_id"] == STRANGER]
    await hass.config_entries.flow.async_configure(card["flow_id"])
    result = await hass.config_entries.subentries.async_init((site.entry_id, "pile"), context={"source": "user"})
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], {"code": STRANGER})
    await hass.config_entries.subentries.async_configure(result["flow_id"], {CONF_NAME: "Here"})
    await hass.async_block_till_done()
    ended = await hass.config_entries.flow.async_configure(card["flow_id"], {CONF_NAME: "There"})
    assert ended["type"] is FlowResultType.ABORT
    assert ended["reason"] == "already_configured"
    assert [pile.title for pile in piles(site) if pile.unique_id == STRANGER] == ["Here"]
    assert codes(hass) == {"32010200000098"}


async def test_listener_is_gone(hass: HomeAssistant, port: int) -> None:
    """A card that stood open while its listener was removed says so."""
    entry = await set_up(hass, listener_entry(port))
    await call(hass, entry)
    (card,) = cards(hass)
    await hass.config_entries.flow.async_configure(card["flow_id"])
    await hass.config_entries.async_remove(entry.entry_id)
    ended = await hass.config_entries.flow.async_configure(card["flow_id"], {CONF_NAME: "There"})
    assert ended["reason"] == "listener_gone"


async def test_remove_pile(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, make_pile: MakePile) -> None:
    """Removing a pile removes what it had and hangs up, and touches no other; it then has a card."""
    other = await make_pile(AC_PILE, pile_type="ac", guns=1)
    connection = site.runtime_data._listener.piles[AC_PILE].line.connection
    device = device_id(hass, site)
    (subentry,) = [subentry for subentry in piles(site) if subentry.unique_id == DC_PILE]
    hass.config_entries.async_remove_subentry(site, subentry.subentry_id)
    await wait_for(lambda: cards(hass))
    await hass.async_block_till_done()
    assert dr.async_get(hass).async_get(device) is None
    assert not [
        entity
        for entity in er.async_entries_for_config_entry(er.async_get(hass), site.entry_id)
        if entity.unique_id.startswith(DC_PILE)
    ]
    assert codes(hass) == {DC_PILE}
    assert not pile.online
    assert other.online
    assert site.runtime_data._listener.piles[AC_PILE].line.connection is connection
