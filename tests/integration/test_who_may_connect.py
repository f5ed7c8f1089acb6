"""Allowed networks, pinned addresses, and what a person sees of who was refused."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_system_health_info
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.ykc.callers import NONE
from custom_components.ykc.const import CONF_ALLOWED_NETWORKS, CONF_PINNED_ADDRESS, DOMAIN
from custom_components.ykc.protocol import LoginResult
from custom_components.ykc.server.limits import MAX_TAKEOVERS
from custom_components.ykc.server.state import PileInfo, PileState
from simulator import VirtualPile
from tests.server.peer import Peer

from .conftest import DC_PILE, MakePile, device_id, entity_id, listener_entry, state, wait_for
from .test_config_flow import open_options
from .test_subentry_flow import go_on, reconfigure, stored

HOME, AWAY = "127.0.0.1", "127.0.1.9"


async def log_in(entry: MockConfigEntry, address: str = AWAY, code: str = DC_PILE) -> LoginResult | None:
    """Log in from an address, and hang up; return what the platform answered, None if it took no connection."""
    peer = await dial(entry, address, code)
    try:
        peer.send(peer.login())
        return LoginResult((await peer.receive()).result)  # type: ignore[attr-defined] # of a login's reply
    except ConnectionError:
        return None
    finally:
        await peer.hang_up()


async def dial(entry: MockConfigEntry, address: str, code: str = DC_PILE) -> Peer:
    """Connect from an address."""
    connection = await asyncio.open_connection("127.0.0.1", entry.data["port"], local_addr=(address, 0))
    return Peer(*connection, code)


async def contest(entry: MockConfigEntry, *addresses: str) -> None:
    """Let machines at some addresses take the pile from each other, until that is told."""
    peers: list[Peer] = []
    while len(peers) < MAX_TAKEOVERS + 2 or not known(entry).logins.contested_by:
        assert len(peers) < 50
        peers.append(peer := await dial(entry, addresses[len(peers) % len(addresses)]))
        peer.send(peer.login())
        await peer.receive()
    for peer in peers:
        await peer.hang_up()


def known(entry: MockConfigEntry) -> PileState:
    """Return what is known of the DC pile."""
    found: PileState = entry.runtime_data.piles[stored(entry, DC_PILE).subentry_id].data
    return found


async def choose(hass: HomeAssistant, entry: MockConfigEntry, *networks: str) -> Mapping[str, Any]:
    """Fill in who may connect."""
    result = await open_options(hass, entry, "connections")
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {CONF_ALLOWED_NETWORKS: ", ".join(networks)}
    )
    await hass.async_block_till_done()
    return result


async def test_allowed_networks(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """They hold at once: the pile in them stays connected, others are refused, and the form tells of both."""
    result: Mapping[str, Any] = await open_options(hass, site, "connections")
    assert result["description_placeholders"] == {
        "connected": f"{DC_PILE} ({HOME})",
        "refused_connections": "0",
        "refused_logins": "0",
    }
    result = await choose(hass, site, "127.0.0.4/24, FD00::/8", "", " ::ffff:127.0.0.7；127.0.0.0/24")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert site.options == {CONF_ALLOWED_NETWORKS: ["127.0.0.0/24", "fd00::/8", "127.0.0.7"]}
    assert await log_in(site) is None
    assert pile.online
    assert known(site).connected
    result = await open_options(hass, site, "connections")
    assert result["data_schema"] is not None
    (field,) = result["data_schema"].schema
    assert field.description["suggested_value"] == ", ".join(site.options[CONF_ALLOWED_NETWORKS])
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["refused_connections"] == "1"

    # From elsewhere the pile itself may not stay, and comes back when all may.
    await choose(hass, site, "192.168.40.0/24")
    await wait_for(lambda: not known(site).connected)
    await choose(hass, site)
    assert site.options == {CONF_ALLOWED_NETWORKS: []}
    await wait_for(lambda: known(site).connected)
    assert await log_in(site, code="32010200000077") == LoginResult.REFUSED


async def test_what_is_no_network(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Each such text is named, what is right stays in the form, and can be put right."""
    typed = ["192.168.40.0/24", "192.168.1.300 garage"]
    result = await choose(hass, site, *typed)
    assert result["errors"] == {CONF_ALLOWED_NETWORKS: "invalid_network"}
    assert result["description_placeholders"]["network"] == "192.168.1.300, garage"
    (field,) = result["data_schema"].schema
    assert field.description["suggested_value"] == ", ".join(typed)
    assert CONF_ALLOWED_NETWORKS not in site.options
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {CONF_ALLOWED_NETWORKS: "192.168.1.30"}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_a_listener_that_does_not_run(hass: HomeAssistant) -> None:
    """Its options can be changed all the same, and its piles pinned."""
    entry = listener_entry(1, PileInfo(code=DC_PILE))
    entry.add_to_hass(hass)
    result = await open_options(hass, entry, "connections")
    assert result["description_placeholders"] == {
        "connected": NONE,
        "refused_connections": NONE,
        "refused_logins": NONE,
    }
    form = await reconfigure(hass, entry, DC_PILE)
    assert form["description_placeholders"] is not None
    assert form["description_placeholders"]["address"] == NONE


async def test_pinned_address(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A login from elsewhere is refused, the pile stays; unpinned, the newest login wins again."""
    result = await reconfigure(hass, site, DC_PILE)
    assert result["description_placeholders"] == {"code": DC_PILE, "address": HOME, "network": ""}
    await go_on(hass, result, name="Garage", pinned_address=f" {HOME} ")
    assert stored(site, DC_PILE).data[CONF_PINNED_ADDRESS] == HOME
    assert await log_in(site) == LoginResult.REFUSED
    assert pile.online
    assert known(site).address == HOME
    assert known(site).logins.refused == 1
    result = await reconfigure(hass, site, DC_PILE)
    assert result["data_schema"] is not None
    shown = {str(key): key.description for key in result["data_schema"].schema}
    assert shown[CONF_PINNED_ADDRESS] == {"suggested_value": HOME}
    await go_on(hass, result, name="Garage")
    assert stored(site, DC_PILE).data[CONF_PINNED_ADDRESS] is None
    assert await log_in(site) == LoginResult.OK


@pytest.mark.parametrize(
    ("typed", "error"),
    [("garage", "invalid_network"), ("10.0.0.0/40", "invalid_network"), ("10.0.0.7", "network_not_allowed")],
)
async def test_what_a_pile_cannot_be_pinned_to(
    hass: HomeAssistant, site: MockConfigEntry, typed: str, error: str
) -> None:
    """The form names what was typed, and another address will do."""
    await choose(hass, site, "127.0.0.0/8", "fd00::/8")
    result = await go_on(hass, await reconfigure(hass, site, DC_PILE), name="Garage", pinned_address=typed)
    assert result["errors"] == {CONF_PINNED_ADDRESS: error}
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["network"] == typed
    result = await go_on(hass, result, name="Garage", pinned_address="127.0.0.0/16")
    assert result["reason"] == "reconfigure_successful"
    assert stored(site, DC_PILE).data[CONF_PINNED_ADDRESS] == "127.0.0.0/16"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_refusals_are_shown(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, site: MockConfigEntry
) -> None:
    """At the pile, on the page of system information and in the diagnostics, there without an address."""
    await choose(hass, site, "127.0.0.0/8")
    await go_on(hass, await reconfigure(hass, site, DC_PILE), name="Garage", pinned_address=HOME)
    assert state(hass, "sensor", "refused_logins") == "0"
    await log_in(site)
    await log_in(site, code="32010200000077")
    await wait_for(lambda: state(hass, "sensor", "refused_logins") == "1")
    shown = hass.states.get(entity_id(hass, "sensor", "refused_logins"))
    assert shown is not None
    assert shown.attributes["last_address"] == AWAY
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    told: Any = await get_system_health_info(hass, DOMAIN)
    assert (told["refused_connections"], told["refused_logins"]) == (0, 2)
    told = await get_diagnostics_for_config_entry(hass, hass_client, site)
    assert told["listener"]["trouble"] == {"foreign_login": 1, "refused_login": 1}
    assert told["listener"]["networks_allowed"] == 1
    (dc_pile,) = (pile for pile in told["piles"] if pile["state"]["logins"]["refused"])
    assert dc_pile["addresses_that_contest"] == 0
    assert HOME not in str(told)
    assert AWAY not in str(told)
    assert "127.0.0.0" not in str(told)


def issue(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    """Return what is told of a pile that two machines take from each other."""
    return ir.async_get(hass).async_get_issue(DOMAIN, f"contested_{stored(entry, DC_PILE).subentry_id}")


async def repair(hass: HomeAssistant, client: Any, issue_id: str) -> dict[str, Any]:
    """Open the repair of an issue as the page of repairs does."""
    response = await client.post("/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue_id})
    assert response.status == 200
    told: dict[str, Any] = await response.json()
    return told


async def test_two_machines_with_one_code(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, site: MockConfigEntry
) -> None:
    """Both addresses are named; the one that a person chooses keeps the pile, and nothing is told any more."""
    assert await async_setup_component(hass, "repairs", {})
    await contest(site, AWAY, HOME)
    found = issue(hass, site)
    assert found is not None
    assert found.is_fixable
    assert found.translation_key == "contested"
    assert found.translation_placeholders == {"pile": DC_PILE, "first": AWAY, "second": HOME}
    client = await hass_client()
    form = await repair(hass, client, found.issue_id)
    assert form["step_id"] == "pin"
    assert form["description_placeholders"] == found.translation_placeholders
    (field,) = form["data_schema"]
    assert field["selector"]["select"]["options"] == [AWAY, HOME]
    response = await client.post(f"/api/repairs/issues/fix/{form['flow_id']}", json={"address": "10.0.0.1"})
    assert response.status == 400
    response = await client.post(f"/api/repairs/issues/fix/{form['flow_id']}", json={"address": HOME})
    assert (await response.json())["type"] == "create_entry"
    await hass.async_block_till_done()
    assert issue(hass, site) is None
    assert stored(site, DC_PILE).data[CONF_PINNED_ADDRESS] == HOME
    assert known(site).logins.contested_by == ()
    assert await log_in(site) == LoginResult.REFUSED
    assert await log_in(site, HOME) == LoginResult.OK


async def test_the_pile_is_removed_meanwhile(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, site: MockConfigEntry
) -> None:
    """Its issue goes with it, and a form that is still open does no harm."""
    assert await async_setup_component(hass, "repairs", {})
    await contest(site, HOME, AWAY)
    found = issue(hass, site)
    assert found is not None
    client = await hass_client()
    form = await repair(hass, client, found.issue_id)
    hass.config_entries.async_remove_subentry(site, stored(site, DC_PILE).subentry_id)
    await hass.async_block_till_done()
    assert ir.async_get(hass).async_get_issue(DOMAIN, found.issue_id) is None
    response = await client.post(f"/api/repairs/issues/fix/{form['flow_id']}", json={"address": HOME})
    assert (await response.json())["type"] == "create_entry"


async def test_both_at_one_address(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """There is nothing to choose then; it goes away by itself when it is over, and with the listener."""
    logins = site.runtime_data.piles[stored(site, DC_PILE).subentry_id].pile.logins
    logins._timing = replace(logins._timing, takeovers=1.0)
    await contest(site, HOME)
    found = issue(hass, site)
    assert found is not None
    assert not found.is_fixable
    assert found.translation_key == "contested_one_address"
    pile = await make_pile(DC_PILE, guns=2)
    await wait_for(lambda: issue(hass, site) is None)
    assert pile.online
    assert device_id(hass, site)
    await pile.stop()
    await contest(site, HOME)
    assert issue(hass, site) is not None
    assert await hass.config_entries.async_unload(site.entry_id)
    assert issue(hass, site) is None
