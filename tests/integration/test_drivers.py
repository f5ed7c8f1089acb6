"""Drivers: who they are, what becomes of their cards, and what people decide about strangers."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.components.tag.const import EVENT_TAG_SCANNED
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigSubentry, SubentryFlowResult
from homeassistant.const import CONF_NAME, CONF_PASSWORD, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.ykc.const import (
    CONF_ACCOUNT,
    CONF_CARD,
    CONF_CHARGE_LIMIT,
    CONF_ENABLED,
    CONF_LOGICAL_CARD,
    CONF_OFFLINE_USE,
    CONF_PASSWORD_HASH,
    CONF_PAYMENT,
    CONF_PILES,
    CONF_UNKNOWN_DRIVERS,
    CONF_VIN,
    DOMAIN,
    PAYMENT_UNLIMITED,
    SUBENTRY_TYPE_DRIVER,
)
from custom_components.ykc.driver import drivers
from custom_components.ykc.protocol import StartDenial, StartRequestReply
from custom_components.ykc.subentry import piles
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, device_id, entity_id, state, wait_for

CARD = "00000000d14b0a54"
VIN = "LSVAM4187C2184841"


async def open_form(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    """Open the form for another driver."""
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_TYPE_DRIVER), context={"source": SOURCE_USER}
    )


async def fill_in(hass: HomeAssistant, result: SubentryFlowResult, **values: Any) -> SubentryFlowResult:
    """Fill in the form."""
    values = {CONF_NAME: "Anna", CONF_ENABLED: True} | values
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], values)
    await hass.async_block_till_done()
    return result


async def add(hass: HomeAssistant, entry: MockConfigEntry, **values: Any) -> ConfigSubentry:
    """Add a driver."""
    result = await fill_in(hass, await open_form(hass, entry), **values)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    return drivers(entry)[-1]


async def change(hass: HomeAssistant, entry: MockConfigEntry, driver: ConfigSubentry, **values: Any) -> None:
    """Change a driver."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_TYPE_DRIVER),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": driver.subentry_id},
    )
    assert result["step_id"] == "reconfigure"
    result = await fill_in(hass, result, **values)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"


async def set_policy(hass: HomeAssistant, entry: MockConfigEntry, policy: str) -> None:
    """Choose what becomes of unknown drivers."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, CONF_UNKNOWN_DRIVERS: policy})
    await hass.async_block_till_done()


async def answered(hass: HomeAssistant, pile: VirtualPile, count: int = 1) -> StartRequestReply:
    """Return the newest answer of the platform, when there are so many."""
    await pile.wait_for(lambda: len(pile.all_received(StartRequestReply)) >= count)
    await hass.async_block_till_done()
    return pile.all_received(StartRequestReply)[-1]


def suggested(result: SubentryFlowResult) -> dict[str, Any]:
    """Return what the form suggests."""
    assert result["data_schema"] is not None
    return {str(key): (key.description or {}).get("suggested_value") for key in result["data_schema"].schema}


async def test_card_charge(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A driver who was added charges with the card; the listener and its piles go on as they are."""
    there = dict(site.runtime_data.piles)
    driver = await add(hass, site, card="D1:4B:0A:54", logical_card="573")
    assert driver.title == "Anna"
    assert dict(driver.data) == {
        CONF_CARD: CARD,
        CONF_LOGICAL_CARD: "0000000000000573",
        CONF_VIN: None,
        CONF_ACCOUNT: None,
        CONF_PASSWORD_HASH: None,
        CONF_ENABLED: True,
        CONF_OFFLINE_USE: False,
        CONF_PILES: [],
        CONF_PAYMENT: PAYMENT_UNLIMITED,
        CONF_CHARGE_LIMIT: None,
    }
    assert site.runtime_data.piles == there
    assert pile.online
    await pile.plug(1)
    await pile.show_card(1, CARD)
    answer = await answered(hass, pile)
    assert answer.logical_card == "0000000000000573"
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "charging")
    assert pile.complaints == []


async def test_change_and_delete(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """What is changed counts at once; a driver who is deleted is unknown."""
    driver = await add(hass, site, card=CARD, piles=[AC_PILE])
    await pile.show_card(1, CARD)
    assert (await answered(hass, pile)).reason == StartDenial.NOT_ALLOWED_HERE
    await change(hass, site, driver, card=CARD, name="Ben", enabled=False, piles=[])
    assert [known.title for known in drivers(site)] == ["Ben"]
    await pile.show_card(1, CARD)
    assert (await answered(hass, pile, 2)).reason == StartDenial.ACCOUNT_FROZEN
    hass.config_entries.async_remove_subentry(site, driver.subentry_id)
    await hass.async_block_till_done()
    await pile.show_card(1, CARD)
    assert (await answered(hass, pile, 3)).reason == StartDenial.NO_ACCOUNT
    assert len(piles(site)) == len(site.runtime_data.piles) == 2


async def test_password(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Only the hash of a password is stored; left empty it stays."""
    driver = await add(hass, site, account="13800138000", password="123456")
    assert driver.data[CONF_PASSWORD_HASH] == "49ba59abbe56e057"
    assert "123456" not in str(site.as_dict())
    await change(hass, site, driver, account="13800138000")
    await pile.plug(1)
    await pile.type_account(1, "13800138000", "654321")
    assert (await answered(hass, pile)).reason == StartDenial.WRONG_PASSWORD
    await pile.type_account(1, "13800138000", "123456")
    assert (await answered(hass, pile, 2)).authorised


async def test_vin(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A vehicle charges by its VIN, however that was typed."""
    await add(hass, site, vin=VIN.lower())
    await pile.plug(1)
    await pile.show_vin(1, VIN)
    assert (await answered(hass, pile)).authorised
    await pile.show_vin(2, VIN[::-1])
    assert (await answered(hass, pile, 2)).reason == StartDenial.VIN_UNKNOWN


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({CONF_CARD: "card"}, {CONF_CARD: "invalid_card"}),
        ({CONF_CARD: "0000"}, {CONF_CARD: "invalid_card"}),
        ({CONF_CARD: "1" * 17}, {CONF_CARD: "invalid_card"}),
        ({CONF_CARD: "1", CONF_LOGICAL_CARD: "12a"}, {CONF_LOGICAL_CARD: "invalid_logical_card"}),
        ({CONF_VIN: VIN[1:]}, {CONF_VIN: "invalid_vin"}),
        ({CONF_ACCOUNT: "anna", CONF_PASSWORD: "1"}, {CONF_ACCOUNT: "invalid_account"}),
        ({CONF_ACCOUNT: "123"}, {CONF_PASSWORD: "password_missing"}),
        ({}, {CONF_CARD: "nothing_known"}),
        ({CONF_NAME: " ", CONF_CARD: "1"}, {CONF_NAME: "name_missing"}),
        ({CONF_CARD: "1", "charge_limit": 0.5}, {"charge_limit": "charge_limit_out_of_range"}),
        (
            {CONF_CARD: "D14B0A54", CONF_VIN: VIN, CONF_ACCOUNT: "1", CONF_PASSWORD: "1"},
            {CONF_CARD: "card_taken", CONF_VIN: "vin_taken", CONF_ACCOUNT: "account_taken"},
        ),
    ],
)
async def test_errors(
    hass: HomeAssistant, site: MockConfigEntry, values: dict[str, Any], errors: dict[str, str]
) -> None:
    """Each field says what is wrong with it, and the form goes on from there."""
    await add(hass, site, card=CARD, vin=VIN, account="1", password="1")
    result = await fill_in(hass, await open_form(hass, site), **values)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == errors
    result = await fill_in(hass, result, card="2")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_pile_that_is_gone_stays_chosen(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A driver of a removed pile does not become one of all piles by saving the form."""
    driver = await add(hass, site, card=CARD, piles=[AC_PILE])
    gone = next(pile for pile in piles(site) if pile.unique_id == AC_PILE)
    hass.config_entries.async_remove_subentry(site, gone.subentry_id)
    await hass.async_block_till_done()
    await change(hass, site, driver, card=CARD, piles=[AC_PILE])
    assert drivers(site)[0].data[CONF_PILES] == [AC_PILE]


async def test_tag_scan(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A known card is a tag of the gun, also when its bytes come in reverse; an unknown or a frozen one is none."""
    scans = async_capture_events(hass, EVENT_TAG_SCANNED)
    driver = await add(hass, site, card=CARD)
    pile.behaviour.reversed_cards = True
    await pile.show_card(1, CARD)
    await answered(hass, pile)
    await wait_for(lambda: scans)
    assert scans[0].data["tag_id"] == CARD
    assert scans[0].data["device_id"] == device_id(hass, site, gun=1)
    await pile.show_card(2, "1234")
    await answered(hass, pile, 2)
    await change(hass, site, driver, card=CARD, enabled=False)
    await pile.show_card(2, CARD)
    await answered(hass, pile, 3)
    assert len(scans) == 1


async def learn(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Learn the next unknown card at the DC pile."""
    await hass.services.async_call(DOMAIN, "learn_card", {"device_id": device_id(hass, entry)}, blocking=True)


async def test_learn_card(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The next unknown card is suggested for a driver, and is a tag; the one after it is neither."""
    scans = async_capture_events(hass, EVENT_TAG_SCANNED)
    assert suggested(await open_form(hass, site))[CONF_CARD] is None
    await add(hass, site, card="99")
    await learn(hass, site)
    for count, card in enumerate(("99", CARD, "1234"), 1):
        await pile.show_card(1, card)
        await answered(hass, pile, count)
    await wait_for(lambda: len(scans) == 2)
    assert [scan.data["tag_id"] for scan in scans] == ["99".zfill(16), CARD]
    result = await open_form(hass, site)
    assert suggested(result)[CONF_CARD] == CARD
    await fill_in(hass, result, card=CARD)
    assert suggested(await open_form(hass, site))[CONF_CARD] is None


async def test_learning_ends(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """After its time no card is learnt."""
    with patch("custom_components.ykc.cards.LEARNING_TIME", timedelta(0)):
        await learn(hass, site)
    await pile.show_card(1, CARD)
    await answered(hass, pile)
    assert suggested(await open_form(hass, site))[CONF_CARD] is None


async def answer(hass: HomeAssistant, entry: MockConfigEntry, authorised: bool) -> None:
    """Decide on the driver at gun 1."""
    await hass.services.async_call(
        DOMAIN,
        "answer_start_request",
        {"device_id": device_id(hass, entry, gun=1), "authorised": authorised},
        blocking=True,
    )


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize(("authorised", "kind"), [(True, "authorised"), (False, "refused")])
async def test_ask(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, authorised: bool, kind: str) -> None:
    """An event tells of an unknown driver, an action decides, and an event tells what came of it."""
    await set_policy(hass, site, "ask")
    await pile.plug(1)
    request = entity_id(hass, "event", "start_request", gun=1)
    assert state(hass, "event", "start_request", gun=1) == STATE_UNKNOWN
    with pytest.raises(HomeAssistantError) as error:
        await answer(hass, site, authorised)
    assert error.value.translation_key == "no_start_request"

    def told() -> dict[str, Any]:
        found = hass.states.get(request)
        assert found is not None
        return {key: found.attributes.get(key) for key in ("event_type", "driver", "method", "number", "reason")}

    nobody = {"driver": None, "method": "card", "number": "****0a54"}
    await pile.show_card(1, CARD)
    await wait_for(lambda: told()["event_type"] == "asked")
    assert told() == {"event_type": "asked", "reason": None, **nobody}
    await answer(hass, site, authorised)
    await answered(hass, pile)
    await wait_for(lambda: told()["event_type"] == kind)
    assert told() == {"event_type": kind, "reason": None if authorised else "not_allowed_here", **nobody}
    assert state(hass, "event", "start_request", gun=2) == STATE_UNKNOWN
    if authorised:
        await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "charging")


async def test_everybody(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Where everybody is let in, an unknown card charges, and a frozen one does not."""
    await set_policy(hass, site, "allow")
    await add(hass, site, card=CARD, enabled=False)
    await pile.plug(1)
    await pile.show_card(1, CARD)
    assert not (await answered(hass, pile)).authorised
    await pile.show_card(1, "1234")
    assert (await answered(hass, pile, 2)).authorised


async def test_form_without_listener(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A driver is added also while the listener is not loaded; the pile's own form is untouched by drivers."""
    await hass.config_entries.async_unload(site.entry_id)
    await add(hass, site, card=CARD, piles=[DC_PILE])
    assert await hass.config_entries.async_setup(site.entry_id)
    await hass.async_block_till_done()
    assert set(site.runtime_data.piles) == {pile.subentry_id for pile in piles(site)}


async def test_a_change_that_cannot_be(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A driver is not given another one's card; after the correction all is as it was meant."""
    await add(hass, site, name="Ben", card="E14C0A54")
    driver = await add(hass, site, card=CARD)
    result = await hass.config_entries.subentries.async_init(
        (site.entry_id, SUBENTRY_TYPE_DRIVER),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": driver.subentry_id},
    )
    result = await fill_in(hass, result, card="E14C0A54")
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {CONF_CARD: "card_taken"})
    assert site.subentries[driver.subentry_id].data[CONF_CARD] == CARD
    assert suggested(result)[CONF_CARD] == "E14C0A54"
    result = await fill_in(hass, result, card=CARD, name="Anna B.")
    assert result["reason"] == "reconfigure_successful"
    assert site.subentries[driver.subentry_id].title == "Anna B."
