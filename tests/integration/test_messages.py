"""Every message available to others: the websocket, the events, and frames made by hand."""

from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser, async_capture_events
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
import voluptuous as vol

from custom_components.ykc import message_commands
from custom_components.ykc.const import CONF_MESSAGE_PILES, CONF_MESSAGE_TYPES, DOMAIN
from custom_components.ykc.messages import EVENT_MESSAGE, TAPS
from custom_components.ykc.server.access import hash_password
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, MakePile, device_id, state, wait_for
from .test_config_flow import open_options

STRANGER = "32010200000077"


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


async def send(hass: HomeAssistant, site: MockConfigEntry, code: str = DC_PILE, **data: Any) -> dict[str, Any]:
    """Send a frame by hand; return the response."""
    response = await hass.services.async_call(
        DOMAIN,
        "send_frame",
        {"device_id": device_id(hass, site, code), **data},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    return dict(response)


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
    assert hass.data[TAPS].in_use

    await client.send_json_auto_id({"type": "unsubscribe_events", "subscription": subscription})
    while (answer := await client.receive_json())["type"] == "event":
        pass
    assert answer["success"]
    assert not hass.data[TAPS].in_use


async def test_a_connection_that_ends_listens_no_more(
    hass: HomeAssistant, site: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    """Nobody is left to tell."""
    client = await hass_ws_client(hass)
    await subscribe(client)
    await client.close()
    await wait_for(lambda: not hass.data[TAPS].in_use)


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
    assert not hass.data[TAPS].in_use


async def test_subscribing_is_for_administrators(
    hass: HomeAssistant, site: MockConfigEntry, hass_ws_client: WebSocketGenerator, hass_admin_user: MockUser
) -> None:
    """Others are refused."""
    hass_admin_user.groups = []
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "ykc/subscribe_messages"})
    answer = await client.receive_json()
    assert answer["error"]["code"] == "unauthorized"
    assert not hass.data[TAPS].in_use


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
    assert not hass.data[TAPS].in_use


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
    assert not hass.data[TAPS].in_use
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


async def test_unloading_ends_the_events(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A listener that is gone listens to nothing."""
    await choose(hass, site, ["login"])
    assert hass.data[TAPS].in_use
    await hass.config_entries.async_unload(site.entry_id)
    assert not hass.data[TAPS].in_use


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


# Frames made by hand


async def test_send_by_fields_and_by_body(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Either way the same frame goes out, and the pile's reply comes back."""
    by_fields = await send(hass, site, message="read_realtime", fields={"gun": 1})
    by_body = await send(hass, site, message=0x12, body=f"{DC_PILE}01")
    assert by_fields["sent"] == by_body["sent"]
    assert by_fields["sent"] == {
        "type": "0x12",
        "name": "read_realtime",
        "fields": {"pile": DC_PILE, "gun": 1},
        "extra": "",
        "body": f"{DC_PILE}01",
    }
    for response in (by_fields, by_body):
        assert response["pile"] == DC_PILE
        assert response["reply"]["name"] == "realtime"
        assert response["reply"]["fields"]["gun"] == 1
        assert response["reply"]["fields"]["status"] == "idle"


async def test_send_shows_a_refusal(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A reply that says no is a reply, not an error."""
    response = await send(hass, site, message="remote_stop", fields={"gun": 1})
    assert response["reply"]["fields"]["result"] == "failed"
    assert response["reply"]["fields"]["reason"] == "not_charging"


async def test_send_without_waiting(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """With no time to wait the frame is sent and that is all; a password is not in the response."""
    response = await send(hass, site, message="0x36", fields={"gun": 1}, timeout=0)
    assert response["reply"] is None
    response = await send(hass, site, message="heartbeat_reply", fields={"gun": 1})
    assert response["reply"] is None


@pytest.mark.parametrize(
    ("data", "key", "placeholders"),
    [
        ({"message": "0x77"}, "frame_type_unknown", {"type": "0x77"}),
        ({"message": "remote_stopp"}, "frame_type_unknown", {"type": "remote_stopp"}),
        ({"message": "realtime"}, "frame_not_sent", {"type": "0x13"}),
        ({"message": "remote_stop", "body": "01"}, "frame_body_invalid", {"type": "0x36", "length": "8"}),
        ({"message": "remote_stop"}, "frame_field_invalid", {"type": "0x36", "field": "gun"}),
        ({"message": "remote_stop", "fields": {"gun": 100}}, "frame_field_invalid", {"field": "gun"}),
        ({"message": "remote_stop", "body": f"{AC_PILE}01"}, "frame_of_another_pile", {"other": AC_PILE}),
        ({"message": "transaction_ack", "body": "00" * 17}, "frame_not_by_hand", {"type": "0x40"}),
        ({"message": "parking_lock_control", "body": "00" * 13}, "frame_not_by_hand", {"type": "0x62"}),
        (
            {"message": "remote_stop", "fields": {"gun": 1}, "reply": "remote_stop"},
            "frame_not_answered",
            {"type": "0x36"},
        ),
    ],
)
async def test_send_refuses(
    hass: HomeAssistant,
    site: MockConfigEntry,
    pile: VirtualPile,
    data: dict[str, Any],
    key: str,
    placeholders: dict[str, str],
) -> None:
    """What cannot be sent is told with what would be right."""
    with pytest.raises(ServiceValidationError) as caught:
        await send(hass, site, **data)
    assert caught.value.translation_key == key
    assert placeholders.items() <= (caught.value.translation_placeholders or {}).items()
    assert str(caught.value)


async def test_send_without_a_reply(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A pile that does not answer in time is told of, and so is one that is away."""
    with pytest.raises(HomeAssistantError) as caught:
        await send(hass, site, message="remote_stop", fields={"gun": 1}, reply="parking_lock_reply", timeout=0.05)
    assert caught.value.translation_key == "no_reply"
    with pytest.raises(HomeAssistantError) as caught:
        await send(hass, site, AC_PILE, message="remote_stop", fields={"gun": 1})
    assert caught.value.translation_key == "pile_offline"


async def test_send_to_one_pile(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A frame is for one pile, and has one content."""
    both = [device_id(hass, site), device_id(hass, site, AC_PILE)]
    data = {"device_id": both, "message": "remote_stop", "fields": {"gun": 1}}
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call(DOMAIN, "send_frame", data, blocking=True)
    assert caught.value.translation_key == "one_pile_targeted"
    with pytest.raises(vol.Invalid):
        await send(hass, site, message="remote_stop", fields={"gun": 1}, body="00")
    with pytest.raises(vol.Invalid):
        await send(hass, site, message="remote_stop", fields={"gun": 1}, timeout=31)


async def test_sending_is_for_administrators(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, hass_read_only_user: MockUser
) -> None:
    """Others are refused."""
    data = {"device_id": device_id(hass, site), "message": "remote_stop", "fields": {"gun": 1}}
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN, "send_frame", data, blocking=True, context=Context(user_id=hass_read_only_user.id)
        )


async def test_a_charge_that_is_started_by_hand(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Home Assistant did not give its number, and shows and bills it all the same."""
    await pile.plug(1)
    transaction = f"{DC_PILE}01260301100000{'9' * 2}01"
    response = await send(
        hass, site, message="remote_start", fields={"transaction": transaction, "gun": 1, "balance": "100.00"}
    )
    assert response["reply"]["fields"]["result"] == "ok"
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "charging")
