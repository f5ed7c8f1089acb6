"""What doc/messages.md shows does what it says."""

from datetime import datetime
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.components import recorder
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service
import yaml

from custom_components.ykc.messages import EVENT_MESSAGE
from custom_components.ykc.protocol import MESSAGES, UP, Frame, decode
from custom_components.ykc.server.taps import TappedFrame
from simulator import VirtualPile

from .conftest import DC_PILE, entity_id, wait_for
from .test_messages import choose

TEXT = (Path(__file__).parents[2] / "doc/messages.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[Any]:
    """Return the examples in a language."""
    found = re.findall(f"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return [yaml.safe_load(block) for block in found]


def example(key: str, part: str) -> dict[str, Any]:
    """Return the YAML example that begins with a key and has some part in it."""
    found: list[dict[str, Any]] = [block for block in blocks("yaml") if key in block and part in str(block)]
    assert len(found) == 1
    return found[0]


async def automate(hass: HomeAssistant, part: str) -> None:
    """Set up the example automation that has some part in it."""
    automations = example("automation", part)
    assert await async_setup_component(hass, "automation", {"automation": automations["automation"]})
    await hass.async_block_till_done()


def test_the_form() -> None:
    """The message that is shown is one."""
    shown = blocks("json")[0]
    frame = Frame(bytes.fromhex(shown["raw"]))
    tapped = TappedFrame(
        time=datetime.fromisoformat(shown["time"]),
        direction=UP,
        address=shown["address"],
        pile=shown["pile"],
        logged_in=True,
        frame=frame,
        message=decode(frame),
    )
    assert json.loads(json.dumps(tapped.plain)) == shown
    assert list(tapped.plain) == list(shown)


def test_the_tables_for_those_who_come_from_elsewhere() -> None:
    """Every message that was forwarded there has its name here."""
    rows = re.findall(r"^\| ([0-9A-F]{2}) \| `([a-z_]+)` \|", TEXT, re.MULTILINE)
    assert [(int(number, 16), name) for number, name in rows] == [
        (number, MESSAGES[number].NAME) for number in (0x01, 0x03, 0x05, 0x09, 0x13, 0x19, 0x33, 0x35, 0x3B, 0x57, 0x91)
    ]
    for call in ("02", "06", "0a", "34", "36", "40", "58", "92"):
        assert f"| `/proxy/{call}` " in TEXT


async def test_forwarding_by_mqtt(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Each event becomes a message with the type in its topic, and itself as JSON."""
    calls = async_mock_service(hass, "mqtt", "publish")
    await automate(hass, "mqtt.publish")
    await choose(hass, site, ["heartbeat"])
    await wait_for(lambda: calls)
    assert calls[0].data["topic"] == "charge/proxy/ykc/03"
    check(calls[0], "payload")


async def test_forwarding_by_http(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The same for a command that posts to another system."""
    calls = async_mock_service(hass, "rest_command", "forward_ykc")
    await automate(hass, "rest_command.forward_ykc")
    await choose(hass, site, ["heartbeat"])
    await wait_for(lambda: calls)
    assert calls[0].data["type"] == "03"
    check(calls[0], "message")


def check(call: ServiceCall, key: str) -> None:
    """Hold that a heartbeat was passed on as it is."""
    message = json.loads(call.data[key])
    assert message["name"] == "heartbeat"
    assert message["fields"]["pile"] == DC_PILE


async def test_telling_of_a_bill(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """One kind of message alone triggers, and its figures can be shown."""
    calls = async_mock_service(hass, "notify", "persistent_notification")
    await automate(hass, "transaction_record")
    await choose(hass, site, ["heartbeat", "transaction_record"])
    await pile.plug(1)
    target = {"entity_id": entity_id(hass, "switch", "charging", gun=1)}
    await hass.services.async_call("switch", "turn_on", target, blocking=True)
    await hass.services.async_call("switch", "turn_off", target, blocking=True)
    await wait_for(lambda: calls)
    assert re.fullmatch(r"\d+\.\d+ kWh for \d+\.\d+ CNY", calls[0].data["message"].strip())


@pytest.mark.parametrize("part", ["read_realtime", "0x36"])
async def test_sending(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, part: str) -> None:
    """The action can be called as it is shown."""
    actions = example("actions", part)["actions"]
    actions[0]["target"]["entity_id"] = entity_id(hass, "sensor", "status", gun=1)
    if "body" in actions[0]["data"]:
        actions[0]["data"]["body"] = actions[0]["data"]["body"].replace("32010600000001", DC_PILE)
    sequence = [*actions, {"stop": "", "response_variable": "answer"}]
    assert await async_setup_component(hass, "script", {"script": {"shown": {"sequence": sequence}}})
    answer = await hass.services.async_call("script", "shown", blocking=True, return_response=True)
    assert answer is not None
    assert answer["pile"] == DC_PILE
    reply: Any = answer["reply"]
    assert reply["direction"] == "up"


def test_the_recorder_takes_its_example() -> None:
    """What keeps events out of it is what it reads, and names ours."""
    shown = example("recorder", "event_types")
    assert recorder.CONFIG_SCHEMA(shown)["recorder"]["exclude"]["event_types"] == [EVENT_MESSAGE]
