"""Repairs as a person does them: through the pages of Home Assistant, with a pile that obeys or does not."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.ykc.const import DOMAIN
from custom_components.ykc.issues import BILLING_MODEL_REFUSED, FIRMWARE_UPDATE_FAILED, OFFLINE_CARDS
from custom_components.ykc.ledger import ISSUE_FAILING, LEDGER_FILE
from custom_components.ykc.protocol import BillingModelSet, OfflineCardsAdd, OfflineCardsRemove, Update
from custom_components.ykc.server.state import PileInfo
from custom_components.ykc.subentry import piles
from simulator import VirtualPile

from .conftest import DC_PILE, device_id, entity_id, listener_entry, set_up, state, wait_for
from .test_billing import has, set_prices
from .test_drivers import CARD, add, change
from .test_ledger_health import fail, set_writable
from .test_maintenance import SOURCE, act
from .test_offline_cards import cards_of
from .test_translations import CHINESE, ENGLISH, placeholders

type Step = dict[str, Any]
type Send = Callable[[str, dict[str, Any]], Awaitable[Step]]

FIX = "/api/repairs/issues/fix"


@pytest.fixture
async def send(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Send:
    """Return what posts to the address of repairs, as the frontend does."""

    async def post(path: str, body: dict[str, Any]) -> Step:
        # Only now: a server that runs takes no more components.
        assert await async_setup_component(hass, "repairs", {})
        client = await hass_client()
        response = await client.post(f"{FIX}{path}", json=body)
        assert response.status == HTTPStatus.OK, await response.text()
        step: Step = await response.json()
        return step

    return post


def issue(hass: HomeAssistant, issue_id: str) -> ir.IssueEntry | None:
    """Return an issue that a person sees."""
    return ir.async_get(hass).async_get_issue(DOMAIN, issue_id)


def of_pile(site: MockConfigEntry, kind: str) -> str:
    """Return the id of an issue of the DC pile."""
    return f"{kind}_{piles(site)[0].subentry_id}"


async def begin(hass: HomeAssistant, send: Send, issue_id: str) -> Step:
    """Open an issue; all that may be read then is there in both languages."""
    known = issue(hass, issue_id)
    assert known is not None
    assert known.is_fixable
    step = await send("", {"handler": DOMAIN, "issue_id": issue_id})
    assert step["description_placeholders"] == known.translation_placeholders
    for language in (ENGLISH, CHINESE):
        told = language["issues"][known.translation_key]
        shown = told["fix_flow"]["step"][step["step_id"]]
        texts = [told["title"], shown["title"], shown["description"], *told["fix_flow"].get("abort", {}).values()]
        assert set().union(*map(placeholders, texts)) <= set(known.translation_placeholders or {})
        assert set(step.get("menu_options") or ()) <= set(shown.get("menu_options", ()))
    return step


async def choose(hass: HomeAssistant, send: Send, issue_id: str, option: str) -> str | None:
    """Choose what is to be done about an issue; return why it was not, or None."""
    step = await begin(hass, send, issue_id)
    assert step["type"] == "menu"
    assert option in step["menu_options"]
    known = issue(hass, issue_id)
    ended = await send(f"/{step['flow_id']}", {"next_step_id": option})
    if ended["type"] == "create_entry":
        assert issue(hass, issue_id) is None
        return None
    assert ended["type"] == "abort"
    assert known is not None
    reason: str = ended["reason"]
    assert reason in ENGLISH["issues"][known.translation_key]["fix_flow"]["abort"]
    assert ended["description_placeholders"] == known.translation_placeholders
    return reason


async def test_nothing_to_repair(hass: HomeAssistant, site: MockConfigEntry, send: Send) -> None:
    """No flow is begun for an issue that is settled."""
    with pytest.raises(AssertionError, match="not found"):
        await send("", {"handler": DOMAIN, "issue_id": of_pile(site, OFFLINE_CARDS)})


# Offline cards


async def refused(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> str:
    """Have a card that the pile calls wrong; return the issue's id."""
    issue_id = of_pile(site, OFFLINE_CARDS)
    pile.behaviour.bad_cards = {CARD}
    await add(hass, site, card=CARD, offline_use=True)
    await wait_for(lambda: issue(hass, issue_id))
    return issue_id


async def test_cards_are_sent_again(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, send: Send) -> None:
    """What a pile refused for good is sent when a person says so: in vain, and with success."""
    issue_id = await refused(hass, site, pile)
    assert await choose(hass, send, issue_id, "again") == "unsolved"
    assert issue(hass, issue_id)
    assert len(pile.all_received(OfflineCardsAdd)) == 2
    pile.behaviour.bad_cards = set()
    assert await choose(hass, send, issue_id, "again") is None
    assert CARD in pile.offline_cards
    assert cards_of(site).status == "in_step"


async def test_refused_cards_are_left_out(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, send: Send
) -> None:
    """The pile does without them, also after it dialled in anew; the driver keeps the mark."""
    issue_id = await refused(hass, site, pile)
    assert await choose(hass, send, issue_id, "leave_out") is None
    assert cards_of(site).wanted == 0
    sent = len(pile.all_received(OfflineCardsAdd))
    await pile.drop()
    await pile.come_back()
    await pile.wait_ready()
    await wait_for(lambda: state(hass, "binary_sensor", "connection") == "on")
    assert issue(hass, issue_id) is None
    assert len(pile.all_received(OfflineCardsAdd)) == sent
    (driver,) = site.get_subentries_of_type("driver")
    assert driver.data["offline_use"] is True


async def test_a_pile_that_is_away_is_told_nothing(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, send: Send
) -> None:
    """Without a connection, an answer, or a listener that runs, the issue stays."""
    issue_id = await refused(hass, site, pile)
    await pile.drop()
    await wait_for(lambda: state(hass, "binary_sensor", "connection") == "off")
    for option in ("again", "leave_out"):
        assert await choose(hass, send, issue_id, option) == "not_reached"
    assert issue(hass, issue_id)
    await hass.config_entries.async_unload(site.entry_id)
    assert await choose(hass, send, issue_id, "again") == "not_reached"
    assert issue(hass, issue_id)


async def test_cards_that_are_kept(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, send: Send) -> None:
    """Their removal is sent again; there is nothing to leave out."""
    issue_id = of_pile(site, OFFLINE_CARDS)
    driver = await add(hass, site, card=CARD, offline_use=True)
    await wait_for(lambda: CARD in pile.offline_cards and cards_of(site).status == "in_step")
    pile.behaviour.keeps_cards = True
    await change(hass, site, driver, card=CARD)
    await wait_for(lambda: issue(hass, issue_id))
    step = await begin(hass, send, issue_id)
    assert step["menu_options"] == ["again"]
    assert await choose(hass, send, issue_id, "again") == "unsolved"
    pile.behaviour.keeps_cards = False
    assert await choose(hass, send, issue_id, "again") is None
    assert not pile.offline_cards
    assert len(pile.all_received(OfflineCardsRemove)) == 3


# Firmware


async def test_an_update_is_sent_again(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, send: Send
) -> None:
    """The same one, password and all; what becomes of it may be an issue again."""
    issue_id = of_pile(site, FIRMWARE_UPDATE_FAILED)
    pile.behaviour.update_result = 3
    await act(hass, "update_firmware", device_id=device_id(hass, site), when="now", **SOURCE)
    await wait_for(lambda: issue(hass, issue_id))
    assert (await begin(hass, send, issue_id))["menu_options"] == ["again", "note"]
    assert await choose(hass, send, issue_id, "again") is None
    await wait_for(lambda: issue(hass, issue_id))
    first, second = pile.all_received(Update)
    assert first == second

    await pile.drop()
    await wait_for(lambda: state(hass, "binary_sensor", "connection") == "off")
    assert await choose(hass, send, issue_id, "again") == "not_reached"
    await pile.come_back()
    await pile.wait_ready()

    # It succeeds while a person still reads: then nothing is sent.
    step = await begin(hass, send, issue_id)
    pile.behaviour.update_result = 0
    assert await choose(hass, send, issue_id, "again") is None
    await wait_for(lambda: not site.runtime_data.piles[piles(site)[0].subentry_id].pile.maintenance.may_update_again)
    late = await send(f"/{step['flow_id']}", {"next_step_id": "again"})
    assert (late["type"], late["reason"]) == ("abort", "unsolved")
    assert len(pile.all_received(Update)) == 3


async def test_an_update_that_is_not_known_any_more(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, send: Send
) -> None:
    """Its password is stored nowhere, so after a restart a person can only take note."""
    issue_id = of_pile(site, FIRMWARE_UPDATE_FAILED)
    pile.behaviour.update_result = 2
    await act(hass, "update_firmware", device_id=device_id(hass, site), when="now", **SOURCE)
    await wait_for(lambda: issue(hass, issue_id))
    await hass.config_entries.async_reload(site.entry_id)
    assert (await begin(hass, send, issue_id))["menu_options"] == ["note"]
    assert await choose(hass, send, issue_id, "note") is None


# Prices


def is_refused(hass: HomeAssistant, site: MockConfigEntry) -> bool:
    """Tell whether a person is told that the pile refuses its prices."""
    return issue(hass, of_pile(site, BILLING_MODEL_REFUSED)) is not None


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_prices_are_given_again(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, send: Send
) -> None:
    """A pile that bills by other prices is an issue until it takes the right ones."""
    issue_id = of_pile(site, BILLING_MODEL_REFUSED)
    await wait_for(lambda: state(hass, "sensor", "billing_model") == "in_force")
    assert not is_refused(hass, site)
    pile.behaviour.refuses_model = True
    await set_prices(hass, site)
    await wait_for(lambda: is_refused(hass, site))
    known = issue(hass, issue_id)
    assert known is not None
    assert known.translation_placeholders == {"pile": DC_PILE, "number": "0101"}
    assert await choose(hass, send, issue_id, "again") == "unsolved"
    assert is_refused(hass, site)
    assert len(pile.all_received(BillingModelSet)) == 2
    pile.behaviour.refuses_model = False
    assert await choose(hass, send, issue_id, "again") is None
    assert has(pile, "0101")
    assert state(hass, "sensor", "billing_model") == "in_force"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_prices_wait_for_a_charge(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, send: Send
) -> None:
    """No prices are changed in a charge: they are given again when it is over. Prices that are taken settle the issue."""
    issue_id = of_pile(site, BILLING_MODEL_REFUSED)
    await wait_for(lambda: state(hass, "sensor", "billing_model") == "in_force")
    pile.behaviour.refuses_model = True
    await set_prices(hass, site)
    await wait_for(lambda: is_refused(hass, site))
    await pile.plug(1)
    target = {"entity_id": entity_id(hass, "switch", "charging", gun=1)}
    await hass.services.async_call("switch", "turn_on", target, blocking=True)
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "charging")
    assert await choose(hass, send, issue_id, "again") is None
    assert state(hass, "sensor", "billing_model") == "pending"
    assert len(pile.all_received(BillingModelSet)) == 1
    await hass.services.async_call("switch", "turn_off", target, blocking=True)
    await wait_for(lambda: is_refused(hass, site))
    assert len(pile.all_received(BillingModelSet)) == 2
    pile.behaviour.refuses_model = False
    await set_prices(hass, site, flat_energy_price=0.8)
    await wait_for(lambda: not is_refused(hass, site))
    assert has(pile, "0102")


# The ledger


async def test_the_ledger_is_tried_at_once(hass: HomeAssistant, site: MockConfigEntry, send: Send) -> None:
    """Nobody has to wait a minute to see whether making room has helped."""
    await fail(hass)
    for helped in (False, True):
        if helped:
            await set_writable(hass, writable=True)
        step = await begin(hass, send, ISSUE_FAILING)
        assert (step["type"], step["step_id"]) == ("form", "again")
        ended = await send(f"/{step['flow_id']}", {})
        assert ended["type"] == ("create_entry" if helped else "abort")
        assert ended.get("reason") == (None if helped else "unsolved")
        assert (issue(hass, ISSUE_FAILING) is None) is helped


async def test_a_damaged_ledger_is_taken_note_of(hass: HomeAssistant, port: int, send: Send) -> None:
    """There is nothing to be done here but to read which file was set aside."""

    def spoil() -> None:
        path = Path(hass.config.path(".storage", LEDGER_FILE))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"no ledger " * 1000)

    await asyncio.to_thread(spoil)
    entry = await set_up(hass, listener_entry(port, PileInfo(code=DC_PILE)))
    (known,) = (found for found in ir.async_get(hass).issues.values() if found.domain == DOMAIN)
    step = await begin(hass, send, known.issue_id)
    assert (step["type"], step["step_id"]) == ("form", "confirm")
    assert (await send(f"/{step['flow_id']}", {}))["type"] == "create_entry"
    assert issue(hass, known.issue_id) is None
    assert await hass.config_entries.async_unload(entry.entry_id)
