"""Every message available to others: the websocket and the events."""

import asyncio
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser, async_capture_events
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.ykc import message_commands
from custom_components.ykc.const import CONF_MESSAGE_PILES, CONF_MESSAGE_TYPES, DOMAIN
from custom_components.ykc.messages import EVENT_MESSAGE, TAPS
from custom_components.ykc.protocol import Heartbeat
from custom_components.ykc.server.access import hash_password
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, MakePile, state, wait_for
from .test_config_flow import open_options
from .test_send_frame import send

STRANGER = "32010200000077"


def listening(hass: HomeAssistant) -> int:
    """Return how many listen to frames, beside those who keep the last ones for diagnostics."""
    kept = {entry.runtime_data.recent_frames.take for entry in hass.config_entries.async_loaded_entries(DOMAIN)}
    return len(hass.data[TAPS]._wanted.keys() - kept)


async def subscribe(client: Any, **wanted: Any) -> int:
    """Subscribe to frames; return the id of the subscription."""
    await client.send_json_auto_id({"type": "ykc/subscribe_messages", **wanted})
    answer = await client.receive_json()
    assert answer["success"], answer
    subscription: int = answer["id"]
    return subscription


async def next_message(client: Any, **expected: Any) -> dict[str, Any]:
    """Return the next frame that is told which has some values."""
    while True:
        answer = await client.receive_json()
        assert answer["type"] == "event"
        event: dict[str, Any] = answer["event"]
        if expected.items() <= event.items():
            return event


async def choose(hass: HomeAssistant, site: MockConfigEntry, types: list[str], *piles: str) -> None:
    """Choose the messages that become events, as a person does."""
    result = await open_options(hass, site, "messages")
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {CONF_MESSAGE_TYPES: types, CONF_MESSAGE_PILES: list(piles)}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


# The websocket


async def test_subscribe(hass: HomeAssistant, pile: VirtualPile, hass_ws_client: WebSocketGenerator) -> None:
    """An administrator is told every frame, as long as it likes."""
    client = await hass_ws_client(hass)
    subscription = await subscribe(client)
    beat = await next_message(client, name="heartbeat")
    reply = await next_message(client, name="heartbeat_reply")
    assert beat["fields"]["pile"] == beat["pile"] == DC_PILE
    assert (beat["direction"], reply["direction"]) == ("up", "down")
    assert beat["sequence"] == reply["sequence"]
    assert beat["raw"].startswith("68") and beat["missed"] == 0
    assert listening(hass)

    await client.send_json_auto_id({"type": "unsubscribe_events", "subscription": subscription})
    while (answer := await client.receive_json())["type"] == "event":
        pass
    assert answer["success"]
    assert not listening(hass)


async def test_a_connection_that_ends_listens_no_more(
    hass: HomeAssistant, site: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    """Nobody is left to tell."""
    client = await hass_ws_client(hass)
    await subscribe(client)
    await client.close()
    await wait_for(lambda: not listening(hass))


async def test_filters(
    hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile, hass_ws_client: WebSocketGenerator
) -> None:
    """Piles, types and the direction are chosen; a type is a name, or a number in hex."""
    client = await hass_ws_client(hass)
    await subscribe(client, piles=[AC_PILE], types=["0x03", "heartbeat_reply", "0x77"], direction="up")
    await make_pile(DC_PILE, guns=2)
    await make_pile(AC_PILE, pile_type="ac")
    for _ in range(3):
        event = (await client.receive_json())["event"]
        assert (event["pile"], event["name"], event["direction"]) == (AC_PILE, "heartbeat", "up")


async def test_subscription_outlives_a_listener(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, hass_ws_client: WebSocketGenerator
) -> None:
    """A listener that is loaded anew is listened to again."""
    client = await hass_ws_client(hass)
    await subscribe(client, types=["login"])
    await hass.config_entries.async_reload(site.entry_id)
    login = await next_message(client, name="login")
    assert login["pile"] == DC_PILE


async def test_a_pile_that_is_not_approved_is_told(
    hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile, hass_ws_client: WebSocketGenerator
) -> None:
    """So a newly wired pile shows from its first frame on."""
    client = await hass_ws_client(hass)
    await subscribe(client)
    await make_pile(STRANGER, ready=False)
    login = await next_message(client, name="login")
    assert (login["pile"], login["logged_in"], login["fields"]["gun_count"]) == (STRANGER, False, 2)
    refusal = await next_message(client, name="login_reply")
    assert refusal["fields"]["result"] == "refused"


@pytest.mark.parametrize(
    "wrong", [{"piles": ["12"]}, {"types": ["heartbeet"]}, {"types": ["03"]}, {"direction": "sideways"}]
)
async def test_wrong_filters(
    hass: HomeAssistant, site: MockConfigEntry, hass_ws_client: WebSocketGenerator, wrong: dict[str, Any]
) -> None:
    """What no frame could meet is refused."""
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "ykc/subscribe_messages", **wrong})
    answer = await client.receive_json()
    assert not answer["success"]
    assert answer["error"]["code"] == "invalid_format"
    assert not listening(hass)


async def test_subscribing_is_for_administrators(
    hass: HomeAssistant, site: MockConfigEntry, hass_ws_client: WebSocketGenerator, hass_admin_user: MockUser
) -> None:
    """Others are refused."""
    hass_admin_user.groups = []
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "ykc/subscribe_messages"})
    answer = await client.receive_json()
    assert answer["error"]["code"] == "unauthorized"
    assert not listening(hass)


async def test_a_flood_is_bounded(
    hass: HomeAssistant,
    pile: VirtualPile,
    hass_ws_client: WebSocketGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of too many frames in a second the rest is left out, and counted."""
    monkeypatch.setattr(message_commands, "MAX_PER_SECOND", 2)
    client = await hass_ws_client(hass)
    await subscribe(client)
    missed = 0
    while not missed:
        missed = (await client.receive_json())["event"]["missed"]
    assert missed > 0


# The events


async def test_no_events_unless_chosen(hass: HomeAssistant, pile: VirtualPile) -> None:
    """Nothing is fired, and nothing listens, until somebody asks for it."""
    events = async_capture_events(hass, EVENT_MESSAGE)
    await pile.plug(1)
    await wait_for(lambda: state(hass, "binary_sensor", "plugged", gun=1) == "on")
    assert events == []
    assert not listening(hass)


async def test_events(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """The chosen messages of the chosen piles are fired, and the choice is kept and can be taken back."""
    events = async_capture_events(hass, EVENT_MESSAGE)
    await choose(hass, site, ["heartbeat", "login"], DC_PILE)
    await make_pile(AC_PILE, pile_type="ac")
    await make_pile(DC_PILE, guns=2)
    await wait_for(lambda: {event.data["name"] for event in events} == {"login", "heartbeat"})
    assert {event.data["pile"] for event in events} == {DC_PILE}
    login = next(event.data for event in events if event.data["name"] == "login")
    assert login["fields"]["gun_count"] == 2
    assert login["type"] == "0x01"

    result = await open_options(hass, site, "messages")
    schema = result["data_schema"]
    assert schema is not None
    suggested = {str(key): key.description["suggested_value"] for key in schema.schema}
    assert suggested == {CONF_MESSAGE_TYPES: ["heartbeat", "login"], CONF_MESSAGE_PILES: [DC_PILE]}
    await hass.config_entries.options.async_configure(result["flow_id"], {CONF_MESSAGE_TYPES: []})
    await hass.async_block_till_done()
    assert not listening(hass)
    assert state(hass, "binary_sensor", "connection") == "on"


async def test_events_of_all_piles(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """Without a choice of piles, those that are approved; and none of a pile that is not."""
    events = async_capture_events(hass, EVENT_MESSAGE)
    await choose(hass, site, ["login"])
    await make_pile(STRANGER, ready=False)
    await make_pile(AC_PILE, pile_type="ac")
    await make_pile(DC_PILE, guns=2)
    await wait_for(lambda: {event.data["pile"] for event in events} >= {AC_PILE, DC_PILE})
    assert STRANGER not in {event.data["pile"] for event in events}


async def test_who_only_claims_to_be_a_pile_makes_no_event(
    hass: HomeAssistant, site: MockConfigEntry, port: int, hass_ws_client: WebSocketGenerator
) -> None:
    """Before its login a connection may name any pile: administrators are told that, and the bus is not."""
    events = async_capture_events(hass, EVENT_MESSAGE)
    await choose(hass, site, ["heartbeat", "heartbeat_reply", "realtime"])
    client = await hass_ws_client(hass)
    await subscribe(client, piles=[DC_PILE])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(Heartbeat(pile=DC_PILE, gun=1, gun_state=0).to_frame())
    told = await next_message(client)
    assert (told["name"], told["logged_in"]) == ("heartbeat", False)
    writer.close()
    await writer.wait_closed()
    await hass.async_block_till_done()
    assert events == []


async def test_unloading_ends_the_events(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A listener that is gone listens to nothing."""
    await choose(hass, site, ["login"])
    assert listening(hass)
    await hass.config_entries.async_unload(site.entry_id)
    assert not listening(hass)


async def test_passwords_are_in_no_event(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Of a driver who types one, everything else is told; a password is not."""
    events = async_capture_events(hass, EVENT_MESSAGE)
    await choose(hass, site, ["start_request", "update"])
    await pile.type_account(1, "12345678", "opensesame")
    await send(
        hass,
        site,
        message="update",
        timeout=0,
        fields={
            "model": "dc",
            "power": 60,
            "server": "10.0.0.1",
            "port": 21,
            "user": "ftp-user",
            "password": "opensesame",
            "path": "/f",
            "when": "now",
            "timeout": 5,
        },
    )
    await wait_for(lambda: len(events) == 2)
    by_name = {event.data["name"]: event.data for event in events}
    assert by_name["start_request"]["fields"]["password"] == "***"
    assert by_name["start_request"]["fields"]["account_or_card"].endswith("12345678")
    assert by_name["update"]["fields"]["user"] == by_name["update"]["fields"]["password"] == "***"
    assert by_name["update"]["fields"]["server"] == "10.0.0.1"
    told = str([event.data for event in events])
    for secret in ("opensesame", hash_password("opensesame"), "ftp-user"):
        assert secret not in told
        assert secret.encode().hex() not in told
