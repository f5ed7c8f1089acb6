"""Frames made by hand: the action that sends one and returns the reply."""

from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from custom_components.ykc.const import DOMAIN
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, device_id, state, wait_for


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
