"""Offline cards: marked in the driver's form, kept in step, handled by hand, and what they charge."""

from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.ykc.const import DOMAIN
from custom_components.ykc.protocol import OfflineCardsAdd
from custom_components.ykc.server.card_list import OfflineCardsState
from custom_components.ykc.subentry import piles
from simulator import VirtualPile

from .conftest import DC_PILE, MakePile, device_id, entity_id, state, wait_for
from .test_drivers import CARD, VIN, add, change, fill_in, open_form

LOGICAL = "0000000000000573"
GUEST = "00000000000c0ffe"


async def act(
    hass: HomeAssistant, entry: MockConfigEntry, action: str, *, response: bool = True, **data: Any
) -> list[dict[str, Any]]:
    """Call an action for the DC pile; return what it says of each card."""
    answer: Any = await hass.services.async_call(
        DOMAIN,
        f"{action}_offline_cards",
        {"device_id": device_id(hass, entry), **data},
        blocking=True,
        return_response=response,
    )
    if answer is None:
        return []
    (pile,) = answer["piles"]
    assert pile["pile"] == DC_PILE
    cards: list[dict[str, Any]] = pile["cards"]
    return cards


def cards_of(entry: MockConfigEntry) -> OfflineCardsState:
    """Return what is known of the DC pile's cards."""
    known: OfflineCardsState = next(
        pile.data.offline_cards for pile in entry.runtime_data.piles.values() if pile.pile.code == DC_PILE
    )
    return known


async def anna(hass: HomeAssistant, entry: MockConfigEntry, pile: VirtualPile) -> ConfigSubentry:
    """Add a driver whose card also works offline, and wait until the pile has it."""
    driver = await add(hass, entry, card=CARD, logical_card="573", offline_use=True)
    await wait_for(lambda: pile.offline_cards == {CARD: LOGICAL})
    await wait_for(lambda: cards_of(entry).status == "in_step")
    return driver


async def test_the_form(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Only a card can be offline."""
    result = await fill_in(hass, await open_form(hass, site), vin=VIN, offline_use=True)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"offline_use": "offline_needs_card"}
    result = await fill_in(hass, result, vin=VIN, card=CARD, offline_use=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_in_step(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The pile has the card while the driver is marked and may charge there, and the sensor says so."""
    driver = await anna(hass, site, pile)
    sensor = hass.states.get(entity_id(hass, "sensor", "offline_cards"))
    assert sensor is not None
    assert sensor.state == "in_step"
    assert (sensor.attributes["wanted"], sensor.attributes["stored"]) == (1, 1)
    assert sensor.attributes["cards"] == [{"card": "****0a54", "driver": "Anna", "state": "stored"}]
    await change(hass, site, driver, card=CARD, enabled=False, offline_use=True)
    await wait_for(lambda: pile.offline_cards == {})
    await change(hass, site, driver, card="E14C0A54", offline_use=True)
    await wait_for(lambda: list(pile.offline_cards) == ["00000000e14c0a54"])
    hass.config_entries.async_remove_subentry(site, driver.subentry_id)
    await wait_for(lambda: pile.offline_cards == {})
    await wait_for(lambda: state(hass, "sensor", "offline_cards") == "in_step")


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_while_the_pile_is_away(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The sensor knows what is to be told, and it is told after the next login."""
    await pile.drop()
    await add(hass, site, card=CARD, logical_card="573", offline_use=True)
    await wait_for(lambda: state(hass, "sensor", "offline_cards") == "pending")
    await pile.come_back()
    await wait_for(lambda: pile.offline_cards == {CARD: LOGICAL})
    await wait_for(lambda: state(hass, "sensor", "offline_cards") == "in_step")


async def test_a_reload_sends_nothing_again(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """What the pile confirmed is known after a restart; what it lost is given again."""
    await anna(hass, site, pile)
    pile.received.clear()
    await hass.config_entries.async_reload(site.entry_id)
    await pile.wait_ready()
    await wait_for(lambda: cards_of(site).status == "in_step")
    assert not pile.all_received(OfflineCardsAdd)
    await pile.reset()
    await hass.config_entries.async_reload(site.entry_id)
    await wait_for(lambda: pile.offline_cards == {CARD: LOGICAL})


async def test_by_hand(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Cards are added, looked for and removed; what is by hand outlives what is kept in step."""
    driver = await anna(hass, site, pile)
    assert await act(hass, site, "add", cards=["C0:FF:E"], logical_cards=["99"]) == [
        {"card": GUEST, "driver": None, "result": "stored"}
    ]
    assert pile.offline_cards[GUEST] == "0000000000000099"
    assert await act(hass, site, "query") == [
        {"card": GUEST, "driver": None, "result": "stored"},
        {"card": CARD, "driver": "Anna", "result": "stored"},
    ]
    assert await act(hass, site, "query", cards="E14C0A54", drivers="anna") == [
        {"card": "00000000e14c0a54", "driver": None, "result": "missing"},
        {"card": CARD, "driver": "Anna", "result": "stored"},
    ]
    hass.config_entries.async_remove_subentry(site, driver.subentry_id)
    await wait_for(lambda: list(pile.offline_cards) == [GUEST])
    assert await act(hass, site, "remove", cards=[GUEST]) == [{"card": GUEST, "driver": None, "result": "removed"}]
    assert pile.offline_cards == {}


async def test_forty_by_hand(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Long lists are cut."""
    cards = [f"{number:x}" for number in range(1, 41)]
    assert {card["result"] for card in await act(hass, site, "add", cards=cards)} == {"stored"}
    assert [message.count for message in pile.all_received(OfflineCardsAdd)] == [15, 15, 10]
    assert len(await act(hass, site, "query", cards=cards)) == 40
    assert {card["result"] for card in await act(hass, site, "remove", cards=cards)} == {"removed"}
    assert pile.offline_cards == {}


async def test_a_driver_by_name(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A driver's card is added with the driver's logical number, and removed although it is marked."""
    await add(hass, site, card=CARD, logical_card="573")
    await act(hass, site, "add", drivers=["Anna"])
    assert pile.offline_cards == {CARD: LOGICAL}
    await act(hass, site, "remove", drivers=["Anna"], response=False)
    assert pile.offline_cards == {}


@pytest.mark.parametrize(
    ("action", "data", "key"),
    [
        ("add", {"cards": ["1", "xyz"]}, "offline_card_invalid"),
        ("add", {"cards": ["0"]}, "offline_card_invalid"),
        ("query", {"cards": ["12345678901234567"]}, "offline_card_invalid"),
        ("add", {"cards": ["1"], "logical_cards": ["12a"]}, "logical_card_invalid"),
        ("add", {"cards": ["1"], "logical_cards": ["1", "2"]}, "logical_cards_count"),
        ("add", {}, "offline_cards_none"),
        ("remove", {}, "offline_cards_none"),
        ("remove", {"drivers": ["Nobody"]}, "unknown_driver"),
        ("add", {"drivers": ["Ben"]}, "offline_card_driver_without_card"),
        ("add", {"cards": [CARD]}, "offline_card_barred"),
    ],
)
async def test_wrong_calls(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, action: str, data: dict[str, Any], key: str
) -> None:
    """What cannot be meant is named, and no pile hears of it."""
    await add(hass, site, card=CARD, enabled=False)
    await add(hass, site, name="Ben", vin=VIN)
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, site, action, **data)
    assert error.value.translation_key == key
    assert pile.offline_cards == {}


async def test_refusals_by_hand(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A response says what became of each card; without one the action fails with the pile's reason."""
    pile.behaviour.bad_cards = {GUEST}
    assert await act(hass, site, "add", cards=[GUEST, CARD]) == [
        {"card": GUEST, "driver": None, "result": "bad_card_number"},
        {"card": CARD, "driver": None, "result": "stored"},
    ]
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, site, "add", cards=[GUEST], response=False)
    assert error.value.translation_key == "offline_cards_bad_card_number"
    assert (error.value.translation_placeholders or {})["cards"] == "****0ffe"
    pile.behaviour.card_space = 1
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, site, "add", cards=["1"], response=False)
    assert error.value.translation_key == "offline_cards_no_space"
    pile.behaviour.keeps_cards = True
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, site, "remove", cards=[CARD], response=False)
    assert error.value.translation_key == "offline_cards_not_removed"


async def test_no_answer(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A pile that does not answer, answers for others, or is away, is an error."""
    pile.behaviour.answers_other_cards = True
    assert await act(hass, site, "query", cards=[CARD]) == [{"card": CARD, "driver": None, "result": "no_reply"}]
    pile.behaviour.ignores = {0x44, 0x46, 0x48}
    for action in ("add", "remove", "query"):
        with pytest.raises(HomeAssistantError) as error:
            await act(hass, site, action, cards=[CARD])
        assert error.value.translation_key == "no_reply"
    await pile.drop()
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, site, "query", cards=[CARD])
    assert error.value.translation_key == "pile_offline"


@pytest.mark.parametrize(("trouble", "key"), [("space", "no_space"), ("number", "bad_card_number")])
async def test_a_repair_issue(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, trouble: str, key: str
) -> None:
    """A pile that does not take a driver's card is something to look after, until it is settled."""
    pile.behaviour.card_space = 0 if trouble == "space" else 10
    pile.behaviour.bad_cards = {CARD} if trouble == "number" else set()
    driver = await add(hass, site, card=CARD, offline_use=True)
    issues = ir.async_get(hass)
    issue_id = f"offline_cards_{piles(site)[0].subentry_id}"
    await wait_for(lambda: issues.async_get_issue(DOMAIN, issue_id))
    issue = issues.async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.translation_key == f"offline_cards_{key}"
    assert issue.translation_placeholders == {"pile": DC_PILE, "cards": "Anna"}
    await hass.config_entries.async_reload(site.entry_id)
    assert issues.async_get_issue(DOMAIN, issue_id)
    await pile.wait_ready()
    await change(hass, site, driver, card=CARD)
    await wait_for(lambda: not issues.async_get_issue(DOMAIN, issue_id))


async def test_a_pile_that_is_removed_leaves_no_issue(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile
) -> None:
    """Nobody is told of a pile that is gone."""
    pile.behaviour.card_space = 0
    await add(hass, site, card=CARD, offline_use=True)
    issues = ir.async_get(hass)
    issue_id = f"offline_cards_{piles(site)[0].subentry_id}"
    await wait_for(lambda: issues.async_get_issue(DOMAIN, issue_id))
    subentry_id = next(key for key, known in site.runtime_data.piles.items() if known.pile.code == DC_PILE)
    hass.config_entries.async_remove_subentry(site, subentry_id)
    await wait_for(lambda: not issues.async_get_issue(DOMAIN, issue_id))


async def test_a_charge_offline(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A card in the pile's memory charges while Home Assistant is away; afterwards it is a session of its own time."""
    await anna(hass, site, pile)
    await pile.plug(1)
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "plugged")
    total = float(state(hass, "sensor", "total_energy", gun=1) or 0)
    await pile.drop()
    await pile.show_card(1, CARD)
    await pile.wait_for(lambda: pile.gun(1).energy > 1)
    await pile.stop_locally(1)
    await pile.wait_for(lambda: pile.records.open)
    watched = {entity_id(hass, "sensor", key, gun=1) for key in ("status", "power", "session_energy")}
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)
    await pile.come_back()
    await pile.wait_for(lambda: pile.records.acknowledged)
    await pile.wait_ready()
    record = pile.records.acknowledged[0]
    await wait_for(
        lambda: float(state(hass, "sensor", "total_energy", gun=1) or 0) == pytest.approx(total + float(record.energy))
    )
    seen = {event.data["new_state"].state for event in changes if event.data["entity_id"] in watched}
    assert seen <= {"plugged", "unavailable", "offline", "0", "0.0"}
    assert state(hass, "sensor", "power", gun=1) in ("0.0", "0")
    sessions: Any = await hass.services.async_call(
        DOMAIN, "get_sessions", {"device_id": device_id(hass, site)}, blocking=True, return_response=True
    )
    (session,) = sessions["sessions"]
    assert (session["origin"], session["card"], session["driver"]) == ("offline", CARD, "Anna")


async def test_a_pile_that_turns_cards_round(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """Once it showed a driver's card in reverse it is given cards so, and charges offline for them."""
    pile = await make_pile(DC_PILE, guns=2)
    pile.behaviour.reversed_cards = True
    await anna(hass, site, pile)
    await pile.show_card(2, CARD)
    turned = bytes.fromhex(CARD)[::-1].hex()
    await wait_for(lambda: list(pile.offline_cards) == [turned])
    await wait_for(lambda: cards_of(site).status == "in_step")
    await pile.plug(1)
    await pile.drop()
    await pile.show_card(1, CARD)
    await pile.wait_for(lambda: pile.gun(1).charging)
