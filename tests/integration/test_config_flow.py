"""A listener is made, moved and set in the user interface."""

import errno
import socket
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_PORT, CONF_TIME_ZONE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.const import (
    CONF_ALLOW_RAISING_BY_LOCK,
    CONF_APPROVE_AUTOMATICALLY,
    CONF_BILLING_MODEL,
    CONF_UNKNOWN_DRIVERS,
    DEFAULT_HOST,
    DEFAULT_PORT,
    DOMAIN,
)
from custom_components.ykc.network import async_addresses
from custom_components.ykc.options import DEFAULT_BILLING_MODEL
from custom_components.ykc.server.tariff import BillingModel, Price
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, MakePile, is_loaded, listener_entry, set_up, state, wait_for

LOCAL = "127.0.0.1"


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the form for a new listener."""
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    assert result["errors"] == {}
    return result


def taken_port() -> socket.socket:
    """Return a socket that has a port for itself."""
    taken = socket.socket()
    taken.bind((LOCAL, 0))
    taken.listen()
    return taken


async def test_user(hass: HomeAssistant, port: int) -> None:
    """A listener is made, and says where piles reach it."""
    result = await start(hass)
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["addresses"]
    assert result["data_schema"] is not None
    assert result["data_schema"]({}) == {CONF_HOST: "0.0.0.0", CONF_PORT: DEFAULT_PORT}

    result = await hass.config_entries.flow.async_configure(result["flow_id"], {CONF_HOST: LOCAL, CONF_PORT: port})
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == f"YKC {port}"
    assert result["data"] == {CONF_HOST: LOCAL, CONF_PORT: port}
    assert result["description_placeholders"] == {"addresses": LOCAL, "port": str(port)}
    entry = result["result"]
    assert is_loaded(entry)
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_port_is_taken(hass: HomeAssistant, port: int) -> None:
    """A port that another program has is an error of its field, and another one will do."""
    result = await start(hass)
    with taken_port() as taken:
        result = await hass.config_entries.flow.async_configure(
            result["flow_id"], {CONF_HOST: LOCAL, CONF_PORT: taken.getsockname()[1]}
        )
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {CONF_PORT: "port_in_use"}

    result = await hass.config_entries.flow.async_configure(result["flow_id"], {CONF_HOST: LOCAL, CONF_PORT: port})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert is_loaded(result["result"])


@pytest.mark.parametrize(
    ("error", "errors"),
    [
        (OSError(errno.EACCES, "denied"), {CONF_PORT: "port_forbidden"}),
        (OSError(errno.EADDRNOTAVAIL, "not here"), {CONF_HOST: "cannot_bind"}),
        (socket.gaierror(socket.EAI_NONAME, "who?"), {CONF_HOST: "cannot_bind"}),
    ],
)
async def test_address_cannot_be_had(hass: HomeAssistant, port: int, error: OSError, errors: dict[str, str]) -> None:
    """Whatever keeps it from listening is said, and can be put right."""
    result = await start(hass)
    with patch("custom_components.ykc.config_flow.probe", side_effect=error):
        result = await hass.config_entries.flow.async_configure(result["flow_id"], {CONF_HOST: LOCAL, CONF_PORT: port})
    assert result["errors"] == errors

    result = await hass.config_entries.flow.async_configure(result["flow_id"], {CONF_HOST: LOCAL, CONF_PORT: port})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert is_loaded(result["result"])


@pytest.mark.parametrize("error", [UnicodeError("label too long"), ValueError("embedded null character")])
async def test_address_that_cannot_be_looked_up(hass: HomeAssistant, site: MockConfigEntry, error: ValueError) -> None:
    """A name that cannot even be looked up is an error of its field, in both forms."""
    for result in (await start(hass), await site.start_reconfigure_flow(hass)):
        with patch("custom_components.ykc.config_flow.probe", side_effect=error):
            shown = await hass.config_entries.flow.async_configure(result["flow_id"], {CONF_HOST: "..", CONF_PORT: 1})
        assert shown["errors"] == {CONF_HOST: "cannot_bind"}
        # The form goes on telling an address at which piles do reach this machine.
        assert shown["description_placeholders"] == {"addresses": await async_addresses(hass, DEFAULT_HOST)}


@pytest.mark.parametrize("typed", [0, -1, 65536, 99999.0])
async def test_port_that_cannot_be(hass: HomeAssistant, site: MockConfigEntry, typed: float) -> None:
    """A port beyond the range is an error of its field, which names the range in the user's language."""
    for result in (await start(hass), await site.start_reconfigure_flow(hass)):
        shown = await hass.config_entries.flow.async_configure(result["flow_id"], {CONF_HOST: LOCAL, CONF_PORT: typed})
        assert shown["errors"] == {CONF_PORT: "port_not_whole"}


async def test_typed_carelessly(hass: HomeAssistant, site: MockConfigEntry, unused_tcp_port_factory: Any) -> None:
    """Blanks around an address are dropped; no address, and a port that is not whole, are errors of their fields."""
    port = unused_tcp_port_factory()
    for result in (await start(hass), await site.start_reconfigure_flow(hass)):
        flow_id = result["flow_id"]
        shown = await hass.config_entries.flow.async_configure(flow_id, {CONF_HOST: " \t", CONF_PORT: port + 0.5})
        assert shown["errors"] == {CONF_HOST: "host_missing", CONF_PORT: "port_not_whole"}
    ended = await hass.config_entries.flow.async_configure(flow_id, {CONF_HOST: f" {LOCAL}\n", CONF_PORT: float(port)})
    assert ended["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert site.data == {CONF_HOST: LOCAL, CONF_PORT: port}
    assert isinstance(site.data[CONF_PORT], int)
    assert is_loaded(site)

    port = unused_tcp_port_factory()
    result = await start(hass)
    made = await hass.config_entries.flow.async_configure(
        result["flow_id"], {CONF_HOST: f"\t{LOCAL} ", CONF_PORT: float(port)}
    )
    assert made["title"] == f"YKC {port}"
    assert made["data"] == {CONF_HOST: LOCAL, CONF_PORT: port}
    assert await hass.config_entries.async_unload(made["result"].entry_id)


async def test_never_two_on_one_port(hass: HomeAssistant, port: int) -> None:
    """Another listener's port is refused, also when that one does not run and has another address."""
    other = listener_entry(port)
    other.add_to_hass(hass)
    result = await start(hass)
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {CONF_HOST: "0.0.0.0", CONF_PORT: port})
    assert result["errors"] == {CONF_PORT: "already_configured"}


async def test_addresses_of_all_interfaces(hass: HomeAssistant) -> None:
    """The default address comes first, and the loopback is no use to a pile."""
    adapters = [
        {"enabled": True, "ipv4": [{"address": a} for a in ("127.0.0.1", "10.0.0.2", "192.168.1.5")], "ipv6": []}
    ]
    with (
        patch("homeassistant.components.network.async_get_adapters", return_value=adapters),
        patch("homeassistant.components.network.util.async_get_source_ip", return_value="192.168.1.5"),
    ):
        result = await start(hass)
    assert result["description_placeholders"] == {"addresses": "192.168.1.5, 10.0.0.2"}


async def reconfigure(hass: HomeAssistant, entry: MockConfigEntry, **data: Any) -> ConfigFlowResult:
    """Move a listener."""
    result = await entry.start_reconfigure_flow(hass)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "reconfigure"
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {**entry.data, **data})
    await hass.async_block_till_done()
    return result


async def test_reconfigure_moves_the_port(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, unused_tcp_port_factory: Any, make_pile: MakePile
) -> None:
    """The old port is free at once, and a pile that dials the new one is there."""
    old, new = site.data[CONF_PORT], unused_tcp_port_factory()
    result = await reconfigure(hass, site, port=new)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert site.data == {CONF_HOST: LOCAL, CONF_PORT: new}
    assert site.title == f"YKC {new}"
    assert is_loaded(site)
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind((LOCAL, old))

    await make_pile(AC_PILE, port=new, pile_type="ac", guns=1)
    await wait_for(lambda: state(hass, "binary_sensor", "connection", code=AC_PILE) == "on")


async def test_reconfigure_to_the_same(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A listener does not stand in its own way, and nobody is dropped for nothing."""
    result = await reconfigure(hass, site)
    assert result["reason"] == "reconfigure_successful"
    assert pile.online
    assert state(hass, "binary_sensor", "connection") == "on"


async def test_reconfigure_the_address_only(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Its own port is not in the way of another address; an address it cannot have is said."""
    result = await site.start_reconfigure_flow(hass)
    port = site.data[CONF_PORT]
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {CONF_HOST: "192.0.2.1", CONF_PORT: port}
    )
    assert result["errors"] == {CONF_HOST: "cannot_bind"}
    result = await hass.config_entries.flow.async_configure(result["flow_id"], {CONF_HOST: "0.0.0.0", CONF_PORT: port})
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert is_loaded(site)


async def test_reconfigure_helps_one_that_cannot_start(hass: HomeAssistant, port: int) -> None:
    """A listener whose port is taken starts as soon as it has another; a name that was given stays."""
    with taken_port() as taken:
        entry = listener_entry(taken.getsockname()[1])
        entry.add_to_hass(hass)
        hass.config_entries.async_update_entry(entry, title="Yard")
        assert not await hass.config_entries.async_setup(entry.entry_id)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert entry.error_reason_translation_key == "port_in_use"
        result = await reconfigure(hass, entry, port=port)
    assert result["reason"] == "reconfigure_successful"
    assert is_loaded(entry)
    assert entry.title == "Yard"
    assert await hass.config_entries.async_unload(entry.entry_id)


async def open_options(hass: HomeAssistant, entry: MockConfigEntry, step: str) -> ConfigFlowResult:
    """Choose from the menu of options."""
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["general", "connections", "billing_model", "messages"]
    result = await hass.config_entries.options.async_configure(result["flow_id"], {"next_step_id": step})
    assert result["type"] is FlowResultType.FORM
    return result


async def test_general_options(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The time zone takes effect at once, and drops nobody; left empty it is Home Assistant's."""
    settings = site.runtime_data._listener
    assert settings.time_zone == dt_util.get_default_time_zone()

    result = await open_options(hass, site, "general")
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {CONF_TIME_ZONE: "Asia/Shanghai", CONF_APPROVE_AUTOMATICALLY: True}
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert str(settings.time_zone) == "Asia/Shanghai"

    result = await open_options(hass, site, "general")
    result = await hass.config_entries.options.async_configure(result["flow_id"], {CONF_APPROVE_AUTOMATICALLY: False})
    await hass.async_block_till_done()
    assert site.options == {
        CONF_APPROVE_AUTOMATICALLY: False,
        "show_page": True,
        CONF_UNKNOWN_DRIVERS: "refuse",
        CONF_ALLOW_RAISING_BY_LOCK: False,
    }
    await hass.config.async_update(time_zone="Europe/Berlin")
    await hass.async_block_till_done()
    assert str(settings.time_zone) == "Europe/Berlin"
    assert pile.online


PRICES = {
    "sharp_energy_price": 1.2,
    "sharp_service_price": 0.4,
    "peak_energy_price": 1.0,
    "peak_service_price": 0.4,
    "flat_energy_price": 0.7,
    "flat_service_price": 0.35,
    "valley_energy_price": 0.30123,
    "valley_service_price": 0,
}
TIMES = {
    "sharp_times": "10:00-12:00",
    "peak_times": "08:00-10:00, 18:00-22:00",
    "flat_times": "06:00-08:00,12:00-18:00",
    "valley_times": "22:00-06:00",
}


async def test_billing_model(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A whole day makes a model with a number of its own, which the next pile to ask is told."""
    listener = site.runtime_data._listener
    assert listener.billing_model.number == "0100"
    result = await open_options(hass, site, "billing_model")
    result = await hass.config_entries.options.async_configure(result["flow_id"], PRICES | TIMES)
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    model: BillingModel = listener.billing_model
    assert model.number == "0101"
    assert model.prices["valley"] == Price(*map(type(model.prices["valley"].energy), ("0.30123", "0")))
    assert [model.periods[hour * 2] for hour in (0, 7, 9, 11, 13, 19, 23)] == [
        "valley", "flat", "peak", "sharp", "flat", "peak", "valley",
    ]  # fmt: skip
    assert pile.online

    # What did not change keeps its number.
    result = await open_options(hass, site, "billing_model")
    await hass.config_entries.options.async_configure(result["flow_id"], PRICES | TIMES)
    await hass.async_block_till_done()
    assert listener.billing_model.number == "0101"


@pytest.mark.parametrize(
    ("change", "errors", "placeholders"),
    [
        ({"sharp_times": ""}, {"base": "times_missing"}, {"times": "10:00-12:00"}),
        ({"sharp_times": "09:30-12:00"}, {"base": "times_double"}, {"times": "09:30-10:00"}),
        (
            {"sharp_times": "08:30-11:00", "flat_times": "06:00-08:00,12:30-18:00"},
            {"base": "times_missing_and_double"},
            {"missing": "11:00-12:30", "double": "08:30-10:00"},
        ),
        ({"sharp_times": "ten to noon"}, {"sharp_times": "times_unreadable"}, {"times": "ten to noon"}),
        ({"peak_energy_price": 0.123456}, {"peak_energy_price": "price_too_fine"}, {}),
        ({"peak_energy_price": -0.5}, {"peak_energy_price": "price_out_of_range"}, {}),
        ({"valley_service_price": 10000}, {"valley_service_price": "price_out_of_range"}, {}),
    ],
)
async def test_billing_model_errors(
    hass: HomeAssistant,
    site: MockConfigEntry,
    change: dict[str, Any],
    errors: dict[str, str],
    placeholders: dict[str, str],
) -> None:
    """What is no whole day is said by the half hour, and can be put right."""
    result = await open_options(hass, site, "billing_model")
    result = await hass.config_entries.options.async_configure(result["flow_id"], PRICES | TIMES | change)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == errors
    assert result["description_placeholders"] == placeholders
    assert CONF_BILLING_MODEL not in site.options

    result = await hass.config_entries.options.async_configure(result["flow_id"], PRICES | TIMES)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_default_billing_model_is_shown(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """The form begins with what is in force."""
    result = await open_options(hass, site, "billing_model")
    assert result["data_schema"] is not None
    suggested = {str(key): key.description["suggested_value"] for key in result["data_schema"].schema}
    assert suggested == {key: value for key, value in DEFAULT_BILLING_MODEL.items() if key != "number"}


async def test_two_listeners(hass: HomeAssistant, unused_tcp_port_factory: Any, make_pile: MakePile) -> None:
    """Two listeners work side by side, with one ledger, which the last one closes."""
    first, second = [await set_up(hass, listener_entry(unused_tcp_port_factory())) for _ in range(2)]
    assert first.runtime_data._listener.ledger is second.runtime_data._listener.ledger
    assert await hass.config_entries.async_unload(first.entry_id)
    await second.runtime_data._listener.ledger.load(DC_PILE)
    assert await hass.config_entries.async_unload(second.entry_id)
