"""What a person downloads to show to others: everything but whose it is."""

from collections.abc import Mapping
import json
from typing import Any
from unittest.mock import PropertyMock, patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_system_health_info
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.ykc.const import CONF_MESSAGE_PILES, CONF_PILES, CONF_REPLACED_CODE, DOMAIN
from custom_components.ykc.protocol import TransactionRecord
from custom_components.ykc.server.ledger import Ledger, LedgerError
from custom_components.ykc.server.state import PileState
from simulator import VirtualPile
from simulator.vehicle import Vehicle

from .conftest import AC_PILE, DC_PILE, MakePile, device_id, state, wait_for
from .test_drivers import CARD, VIN, add

STRANGER = "32010200000077"
LOGICAL = "0000057305730573"
SIM = "89860452161970107196"
PASSWORD = "opensesame"
ACCOUNT = "0000000013800138"
NAMES = ("Anna Müller", "Herrn Pauls Garage")
PEER = "127.0.0.1"
SERVER = "192.168.77.10"


def forms(value: str) -> set[str]:
    """Return every way in which a private value may be written, in lower case."""
    texts = {value, value[::-1], value.strip("0")}
    packed = [text.encode() for text in texts]
    if len(value) % 2 == 0 and not value.strip("0123456789abcdef"):
        packed.append(bytes.fromhex(value))
    return {form.lower() for form in texts | {data.hex() for raw in packed for data in (raw, raw[::-1])}}


async def act(hass: HomeAssistant, action: str, **data: Any) -> None:
    """Do an action."""
    await hass.services.async_call(DOMAIN, action, data, blocking=True)


async def charge(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Have everything that is private said on the line."""
    await add(
        hass,
        site,
        name=NAMES[0],
        card=CARD,
        logical_card=LOGICAL,
        vin=VIN,
        account=ACCOUNT,
        password=PASSWORD,
        offline_use=True,
        piles=[DC_PILE],
    )
    subentry = next(pile for pile in site.subentries.values() if pile.unique_id == DC_PILE)
    hass.config_entries.async_update_subentry(site, subentry, title=NAMES[1])
    await hass.async_block_till_done()
    await wait_for(lambda: pile.offline_cards == {CARD: LOGICAL})
    await pile.plug(1, Vehicle(vin=VIN))
    await pile.show_card(1, CARD)
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "charging")
    await pile.plug(2, Vehicle(vin=VIN))
    await act(hass, "start_charging", device_id=device_id(hass, site, gun=2), card=CARD, logical_card=LOGICAL)
    await pile.type_account(2, ACCOUNT, PASSWORD)
    source = {"server": SERVER, "user": ACCOUNT, "password": PASSWORD, "path": "/v2.bin", "power": 60}
    await act(hass, "update_firmware", device_id=device_id(hass, site), **source)
    await pile.stop_locally(1)
    await wait_for(lambda: pile.all_sent(TransactionRecord))


def frames_of(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the frames of a pile."""
    frames: list[dict[str, Any]] = told["recent"]["frames"]
    return frames


async def test_nothing_private_is_in_it(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    site: MockConfigEntry,
    make_pile: MakePile,
) -> None:
    """No code, card, VIN, account, password, SIM, name or address, in any form, in what is downloaded."""
    with patch("simulator.conversations.registration.NO_SIM", SIM):
        pile = await make_pile(DC_PILE, guns=2)
        await make_pile(STRANGER, ready=False)
    await charge(hass, site, pile)
    await wait_for(lambda: STRANGER in site.runtime_data.discovery.waiting)
    told = await get_diagnostics_for_config_entry(hass, hass_client, site)
    device = dr.async_get(hass).async_get(device_id(hass, site, gun=1))
    assert device is not None
    of_gun = await get_diagnostics_for_device(hass, hass_client, site, device)
    text = json.dumps([told, of_gun], ensure_ascii=False).lower()
    for value in (DC_PILE, AC_PILE, STRANGER, CARD, LOGICAL, VIN, ACCOUNT, PASSWORD, SIM, PEER, SERVER, *NAMES):
        for form in forms(value):
            assert form not in text, (value, form)
    assert of_gun["gun"] == 1
    names = [frame["name"] for frame in frames_of(of_gun)]
    assert {"remote_start", "start_request", "start_request_reply", "transaction_record", "update"} <= set(names)
    assert "heartbeat" not in names
    (login,) = (frame for frame in frames_of(of_gun) if frame["name"] == "login")
    assert b"*".hex() * 10 in login["raw"]


async def test_what_is_in_it(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, site: MockConfigEntry, pile: VirtualPile
) -> None:
    """Listener, ledger, piles with their guns, trouble and clock: what is looked at first when something is wrong."""
    await wait_for(lambda: state(hass, "sensor", "status", gun=2) == "idle")
    await wait_for(lambda: pile_state(site).clock_offset is not None)
    site.runtime_data.listener.trouble.note("garbage", "bytes that are no frame")
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, site)
    assert told["entry"]["data"] == {"host": "**REDACTED**", "port": site.data["port"]}
    assert told["listener"] == {
        "connections": 1,
        "connections_not_logged_in": 0,
        "networks_allowed": 0,
        "piles_waiting_for_approval": [],
        "trouble": {"garbage": 1},
    }
    assert told["ledger"]["failing"] is False
    assert told["ledger"]["damaged_file_set_aside"] is False
    assert told["ledger"]["bytes"] > 0
    assert len(told["piles"]) == 2
    dc_pile = next(pile for pile in told["piles"] if pile["stored"]["gun_count"] == 2)
    assert dc_pile["state"]["online"] is True
    assert isinstance(dc_pile["state"]["clock_offset"], float)
    assert {number: gun["status"] for number, gun in dc_pile["state"]["guns"].items()} == {"1": "idle", "2": "idle"}
    assert dc_pile["recent"]["heartbeats"] > 0
    (login,) = (frame for frame in frames_of(dc_pile) if frame["name"] == "login")
    assert login["fields"]["pile"] == dc_pile["stored"]["code"] == dc_pile["state"]["info"]["code"] != DC_PILE
    assert dc_pile["stored"]["code"] in login["raw"]


def pile_state(site: MockConfigEntry) -> PileState:
    """Return what is known of the DC pile."""
    known: PileState = next(c.data for c in site.runtime_data.piles.values() if c.pile.code == DC_PILE)
    return known


async def test_ledger_that_cannot_be_read(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, site: MockConfigEntry
) -> None:
    """Diagnostics are there also when the ledger is not."""
    with patch.object(Ledger, "size", side_effect=LedgerError("gone")):
        told: Any = await get_diagnostics_for_config_entry(hass, hass_client, site)
    assert told["ledger"]["bytes"] is None


async def test_device_without_a_pile(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, site: MockConfigEntry
) -> None:
    """A device that is no pile's any more has nothing to tell."""
    device = dr.async_get(hass).async_get_or_create(config_entry_id=site.entry_id, identifiers={(DOMAIN, "gone")})
    assert await get_diagnostics_for_device(hass, hass_client, site, device) == {}


async def test_system_health(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The page of system information tells how many listen, on which port, who is there, and how the ledger is."""
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    told = await get_system_health_info(hass, DOMAIN)
    assert told == {
        "listeners": "1 / 1",
        "ports": str(site.data["port"]),
        "piles_online": "1 / 2",
        "connections": 1,
        "refused_connections": 0,
        "refused_logins": 0,
        "ledger": "ok",
    }
    with patch.object(Ledger, "failing", new_callable=PropertyMock(return_value=True)):
        told = await get_system_health_info(hass, DOMAIN)
    assert told["ledger"] == {"type": "failed", "error": "cannot be written"}
    await hass.config_entries.async_unload(site.entry_id)
    told = await get_system_health_info(hass, DOMAIN)
    assert told["listeners"] == "0 / 1"
    assert "ledger" not in told


async def test_codes_of_piles_that_are_gone(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, site: MockConfigEntry
) -> None:
    """The code that a pile had before, and those that drivers and options still name, are hidden as well."""
    former, of_driver, of_option = ("32010200000088", "32010200000089", "32010200000090")
    driver = await add(hass, site, card=CARD, piles=[AC_PILE])
    for subentry, change in (
        (driver, {CONF_PILES: [of_driver]}),
        (next(iter(site.subentries.values())), {CONF_REPLACED_CODE: former}),
    ):
        hass.config_entries.async_update_subentry(site, subentry, data={**subentry.data, **change})
    hass.config_entries.async_update_entry(site, options={**site.options, CONF_MESSAGE_PILES: [of_option]})
    await hass.async_block_till_done()
    text = json.dumps(await get_diagnostics_for_config_entry(hass, hass_client, site))
    assert CONF_REPLACED_CODE in text
    assert [code for code in (former, of_driver, of_option) if code in text] == []
