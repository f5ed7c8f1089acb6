"""Balance, reboot, software updates and QR codes."""

from functools import partial
import logging
from typing import Any

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.ykc.const import DOMAIN
from custom_components.ykc.issues import async_tell_firmware_update
from custom_components.ykc.protocol import BalanceUpdate, GunQrCode, LocalQrCode, QrCode, QrFormat, Reboot, Update, When
from custom_components.ykc.server.maintenance import FirmwareUpdate
from custom_components.ykc.server.state import PileInfo
from custom_components.ykc.subentry import piles
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, MakePile, device_id, entity_id, listener_entry, set_up, state, wait_for
from .test_subentry_flow import go_on, reconfigure

SOURCE = {"server": "192.168.1.10", "user": "pile", "password": "opensesame", "path": "/v2/pile.bin", "power": 60}


async def act(hass: HomeAssistant, action: str, **data: Any) -> None:
    """Do an action."""
    await hass.services.async_call(DOMAIN, action, data, blocking=True)


def issue(hass: HomeAssistant, code: str = DC_PILE) -> str | None:
    """Return what is told of a pile's update."""
    found = [
        known.translation_key
        for (_, issue_id), known in ir.async_get(hass).issues.items()
        if issue_id.startswith("firmware_update_failed_") and (known.translation_placeholders or {})["pile"] == code
    ]
    return found[0] if found else None


def has_changed(hass: HomeAssistant, key: str, before: str | None) -> bool:
    """Tell whether an event has come since."""
    return state(hass, "event", key) != before


# Balance


async def test_balance(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The charge under way gets another balance; with the wrong card the pile refuses."""
    gun = device_id(hass, site, gun=1)
    with pytest.raises(HomeAssistantError) as raised:
        await act(hass, "update_balance", device_id=gun, balance=20)
    assert raised.value.translation_key == "not_charging"
    await pile.plug(1)
    await act(hass, "start_charging", device_id=gun, card="D14B0A54")
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "charging")
    await act(hass, "update_balance", device_id=gun, balance=20.5, card="D14B0A54")
    (sent,) = pile.all_received(BalanceUpdate)
    assert (str(sent.balance), sent.card) == ("20.50", "00000000d14b0a54")
    with pytest.raises(HomeAssistantError) as raised:
        await act(hass, "update_balance", device_id=gun, balance=30, card="1234")
    assert raised.value.translation_key == "balance_refused_wrong_card"
    await act(hass, "update_balance", device_id=gun, balance=5000)
    with pytest.raises(vol.Invalid):
        await act(hass, "update_balance", device_id=gun)
    await act(hass, "stop_charging", device_id=gun)


# Reboot


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_reboot(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A button and an action reboot when idle, the action also at once; a refusal is told."""
    button = {"entity_id": entity_id(hass, "button", "reboot")}
    await hass.services.async_call("button", "press", button, blocking=True)
    await wait_for(lambda: state(hass, "binary_sensor", "connection") == "off")
    await pile.wait_ready()
    await act(hass, "reboot", device_id=device_id(hass, site), when="now")
    await wait_for(lambda: not pile.online)
    await pile.wait_ready()
    pile.behaviour.refuse_reboot = True
    with pytest.raises(HomeAssistantError) as raised:
        await act(hass, "reboot", device_id=device_id(hass, site))
    assert raised.value.translation_key == "reboot_refused"
    sent = [message.when for message in pile.all_received(Reboot)]
    assert sent == [When.WHEN_IDLE, When.NOW, When.WHEN_IDLE]
    with pytest.raises(vol.Invalid):
        await act(hass, "reboot", device_id=device_id(hass, site), when="never")


# Update


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_update(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, caplog: pytest.LogCaptureFixture
) -> None:
    """A failed update is an event and an issue, a later one that succeeds settles that."""
    caplog.set_level(logging.DEBUG, "custom_components.ykc")
    assert state(hass, "event", "firmware_update") == STATE_UNKNOWN
    event = entity_id(hass, "event", "firmware_update")
    for result, outcome, told in (
        (3, "download_timeout", "firmware_update_download_timeout"),
        (9, "unknown_code", "firmware_update_unknown_code"),
        (0, "succeeded", None),
    ):
        before = state(hass, "event", "firmware_update")
        pile.behaviour.update_result = result
        await act(hass, "update_firmware", device_id=device_id(hass, site), when="now", **SOURCE)
        await wait_for(partial(has_changed, hass, "firmware_update", before))
        found = hass.states.get(event)
        assert found is not None
        assert (found.attributes["event_type"], found.attributes["code"]) == (outcome, result)
        assert issue(hass) == told
    sent = pile.all_received(Update)[-1]
    assert (sent.server, sent.port, sent.user, sent.password, sent.path, sent.power, sent.timeout, sent.model) == (
        *("192.168.1.10", 21, "pile", "opensesame", "/v2/pile.bin", 60, 30, 1),
    )
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("custom_components")]
    assert not any("opensesame" in line for line in ours)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_update_of_the_wrong_model(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """The model is the pile's own unless one is named; an outcome is told once, and its issue goes with the pile."""
    await make_pile(AC_PILE, pile_type="ac", guns=1)
    wallbox = device_id(hass, site, AC_PILE)
    await act(hass, "update_firmware", device_id=wallbox, when="now", model="dc", **SOURCE)
    await wait_for(lambda: issue(hass, AC_PILE) == "firmware_update_wrong_model")
    event = state(hass, "event", "firmware_update", code=AC_PILE)
    assert event != STATE_UNKNOWN

    # The platforms begin anew, and the pile's last word is no news.
    assert await hass.config_entries.async_unload(site.entry_id)
    assert await hass.config_entries.async_setup(site.entry_id)
    await hass.async_block_till_done()
    assert state(hass, "event", "firmware_update", code=AC_PILE) == event
    assert issue(hass, AC_PILE) == "firmware_update_wrong_model"

    subentry = next(pile for pile in site.subentries.values() if pile.unique_id == AC_PILE)
    hass.config_entries.async_remove_subentry(site, subentry.subentry_id)
    await hass.async_block_till_done()
    assert issue(hass, AC_PILE) is None


async def test_removed_listener(hass: HomeAssistant, port: int) -> None:
    """Nothing is told of the piles of a listener that is gone."""
    entry = await set_up(hass, listener_entry(port, PileInfo(code=DC_PILE)))
    failed = FirmwareUpdate(outcome="wrong_pile", code=1, received=dt_util.utcnow())
    async_tell_firmware_update(hass, piles(entry)[0].subentry_id, DC_PILE, failed)
    assert issue(hass) == "firmware_update_wrong_pile"
    await hass.config_entries.async_remove(entry.entry_id)
    assert issue(hass) is None


@pytest.mark.parametrize(("name", "limit"), [("server", "16"), ("user", "16"), ("password", "16"), ("path", "32")])
async def test_update_that_cannot_be_sent(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, name: str, limit: str
) -> None:
    """The error names the field, and not what was in it."""
    with pytest.raises(ServiceValidationError) as raised:
        await act(hass, "update_firmware", device_id=device_id(hass, site), **SOURCE | {name: "x" * 40})
    assert raised.value.translation_key == "update_field_invalid"
    assert raised.value.translation_placeholders == {"field": name, "limit": limit}
    assert "xxx" not in str(raised.value)
    assert not pile.all_received(Update)


# QR codes


async def test_common_qr_code(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A pile shows one text at all guns, as a prefix or whole."""
    dc = device_id(hass, site)
    await act(hass, "set_qr_code", device_id=dc, text="https://x.cn/?no=")
    await act(hass, "set_qr_code", entity_id=entity_id(hass, "binary_sensor", "connection"), text="y", format="whole")
    assert [(m.format, m.text) for m in pile.all_received(QrCode)] == [
        (QrFormat.PREFIX, "https://x.cn/?no="),
        (QrFormat.WHOLE, "y"),
    ]
    assert pile.qr_codes == {1: "y", 2: "y"}
    for data, key in (
        ({"device_id": device_id(hass, site, gun=1), "text": "z"}, "qr_code_of_pile"),
        ({"device_id": dc, "text": "码"}, "qr_text_invalid"),
        ({"text": "z"}, "no_pile_targeted"),
    ):
        with pytest.raises(ServiceValidationError) as raised:
            await act(hass, "set_qr_code", **data)
        assert raised.value.translation_key == key
    pile.behaviour.refuse_qr = True
    with pytest.raises(HomeAssistantError) as refused:
        await act(hass, "set_qr_code", device_id=dc, text="z")
    assert refused.value.translation_key == "qr_code_refused"
    assert refused.value.translation_placeholders == {"pile": DC_PILE, "result": "1"}


@pytest.mark.parametrize(("dialect", "kind"), [("per_gun", GunQrCode), ("local", LocalQrCode)])
async def test_other_dialects(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, dialect: str, kind: type[GunQrCode | LocalQrCode]
) -> None:
    """A pile's dialect is chosen in its settings; then each gun has its text, and a pile's is that of its guns."""
    await hass.async_block_till_done()
    await go_on(hass, await reconfigure(hass, site, DC_PILE), name="Pile", qr_dialect=dialect)
    pile.behaviour.qr_dialects = {kind.TYPE}
    gun = device_id(hass, site, gun=2)
    await act(hass, "set_qr_code", device_id=gun, text="two")
    assert pile.qr_codes == {2: "two"}
    await act(hass, "set_qr_code", device_id=[gun, device_id(hass, site)], text="all")
    assert pile.qr_codes == {1: "all", 2: "all"}
    assert len(pile.all_received(kind)) == 3
    pile.behaviour.refuse_qr = True
    with pytest.raises(HomeAssistantError) as raised:
        await act(hass, "set_qr_code", device_id=gun, text="two")
    # By the name that it has been given.
    assert raised.value.translation_placeholders == {"pile": "Pile", "result": "0"}


async def test_unknown_dialect(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A pile that knows another dialect says nothing."""
    pile.behaviour.qr_dialects = {0x5A}
    with pytest.raises(HomeAssistantError) as raised:
        await act(hass, "set_qr_code", device_id=device_id(hass, site), text="x")
    assert raised.value.translation_key == "no_reply"
