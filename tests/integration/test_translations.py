"""Everything that people read exists in both languages, and says the same."""

import json
from pathlib import Path
import re
from string import Formatter
from typing import Any

from homeassistant.const import Platform
import pytest
import yaml

from custom_components.ykc import binary_sensor, button, event, limit_numbers, lock, number, select, sensor, switch
from custom_components.ykc.access_actions import DENIALS
from custom_components.ykc.account_sensors import ACCOUNT_DESCRIPTIONS
from custom_components.ykc.bms_sensors import ALARMS, BMS_DESCRIPTIONS
from custom_components.ykc.const import MAX_AUTOMATIC_PILES
from custom_components.ykc.exceptions import REASONS
from custom_components.ykc.parallel_sensors import PARALLEL_DESCRIPTIONS
from custom_components.ykc.pile_sensors import PILE_DESCRIPTIONS
from custom_components.ykc.plug_sensors import PLUG_DESCRIPTIONS, START_REASONS
from custom_components.ykc.protocol import (
    DOWN,
    FAULT_OTHER,
    FAULT_VENDOR_SPECIFIC,
    FAULTS,
    MESSAGES,
    UP,
    BalanceResult,
    StartFailure,
    StopFailure,
    type_text,
)
from custom_components.ykc.server import errors
from custom_components.ykc.server.bms import END_REASONS, TIMEOUTS
from custom_components.ykc.server.hand_made import HARMFUL
from custom_components.ykc.server.maintenance import UPDATE_OUTCOMES
from custom_components.ykc.server.order import Outcome
from custom_components.ykc.server.settings import START_PERIODS
from custom_components.ykc.server.state import GunStatus
from custom_components.ykc.session_sensors import SESSION_DESCRIPTIONS, STOP_REASONS

SENSORS = (
    *sensor.DESCRIPTIONS,
    *PARALLEL_DESCRIPTIONS,
    *PLUG_DESCRIPTIONS,
    *SESSION_DESCRIPTIONS,
    *BMS_DESCRIPTIONS,
    *PILE_DESCRIPTIONS,
)
FOLDER = Path(sensor.__file__).parent
ENGLISH, CHINESE = (
    json.loads((FOLDER / "translations" / f"{language}.json").read_text(encoding="utf-8"))
    for language in ("en", "zh-Hans")
)


def texts(tree: dict[str, Any], path: str = "") -> dict[str, str]:
    """Return all texts of a language by where they are."""
    found: dict[str, str] = {}
    for key, value in tree.items():
        here = f"{path}.{key}" if path else key
        found |= texts(value, here) if isinstance(value, dict) else {here: value}
    return found


def placeholders(text: str) -> set[str]:
    """Return what is filled in."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same() -> None:
    """The same keys, the same placeholders, and no text is missing."""
    english, chinese = texts(ENGLISH), texts(CHINESE)
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert text.strip() == text != ""
        assert placeholders(text) == placeholders(chinese[key]), key


def test_chinese_is_chinese() -> None:
    """Chinese texts have Chinese characters and Chinese punctuation."""
    latin = {"entity.sensor.state_of_charge.name"}
    for key, text in texts(CHINESE).items():
        if key not in latin:
            assert re.search("[\u4e00-\u9fff]", text), key
        assert not re.search("[\u4e00-\u9fff][,:;(]|[,:;(][\u4e00-\u9fff]", text), key


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_states(language: dict[str, Any]) -> None:
    """Every option of an enumeration has a name, and no name is left over."""
    states = language["entity"]["sensor"]
    enumerations = {d.key: d.options for d in SENSORS if d.options is not None}
    assert {key for key, texts in states.items() if "state" in texts} == enumerations.keys()
    for key, options in enumerations.items():
        assert set(states[key]["state"]) == set(options)
        assert all(re.fullmatch("[a-z0-9_]+", state) for state in options)
    assert set(states["status"]["state"]) == set(GunStatus)
    assert {outcome for outcome in Outcome if outcome != "settled"} < set(STOP_REASONS)


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_no_two_have_the_same_name(language: dict[str, Any]) -> None:
    """Entities of one kind have names of their own, and an attribute is not called as its entity is."""
    for platform, entities in language["entity"].items():
        names = [entity["name"] for entity in entities.values()]
        assert len(set(names)) == len(names), platform
        for key, entity in entities.items():
            attributes = entity.get("state_attributes", {}).values()
            assert entity["name"] not in [attribute.get("name") for attribute in attributes], key


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_items_of_attributes(language: dict[str, Any]) -> None:
    """Every item of an attribute has a name; a choice has one for each option."""
    assert set(language["entity"]["select"]["start_period"]["state"]) == set(START_PERIODS)
    sensors = language["entity"]["sensor"]
    for key, attribute, items in (
        ("charge_end_reason", "reasons", END_REASONS),
        ("bms_timeout", "timeouts", TIMEOUTS),
        ("battery_alarm", "alarms", ALARMS),
    ):
        assert set(sensors[key]["state_attributes"][attribute]["state"]) == set(items)
    assert set(sensors["automatic_start"]["state_attributes"]["reason"]["state"]) == START_REASONS
    request = language["entity"]["event"]["start_request"]["state_attributes"]
    assert set(request["reason"]["state"]) == set(DENIALS)
    faults = language["entity"]["binary_sensor"]["problem"]["state_attributes"]["faults"]["state"]
    assert set(faults) == {*FAULTS, FAULT_OTHER, FAULT_VENDOR_SPECIFIC}


def test_entities_have_names_and_icons() -> None:
    """Every entity has a name; what has no device class of its own has an icon."""
    names: dict[str, Any] = ENGLISH["entity"]
    icons = json.loads((FOLDER / "icons.json").read_text(encoding="utf-8"))["entity"]
    described = {
        Platform.SENSOR: SENSORS,
        Platform.BINARY_SENSOR: binary_sensor.DESCRIPTIONS,
        Platform.NUMBER: (number.MAX_POWER, number.MAX_POWER_KW, *limit_numbers.LIMITS),
        Platform.SELECT: (select.START_PERIOD,),
        Platform.SWITCH: (switch.CHARGING, switch.START_WHEN_PLUGGED, switch.IN_SERVICE),
        Platform.EVENT: (event.FIRMWARE_UPDATE, event.PILE_EVENT, event.START_REQUEST, event.GUN_EVENT),
        Platform.LOCK: (lock.PARKING_LOCK,),
        Platform.BUTTON: button.DESCRIPTIONS,
    }
    expected: dict[str, set[str]] = {
        platform: {description.key for description in descriptions} for platform, descriptions in described.items()
    }
    expected[Platform.SENSOR] |= {description.key for description in ACCOUNT_DESCRIPTIONS}
    expected[Platform.BINARY_SENSOR].add("connection")
    expected[Platform.BUTTON] |= {"synchronise_clock", "reboot"}
    assert {platform: set(keys) for platform, keys in names.items()} == expected
    for platform, descriptions in described.items():
        for description in descriptions:
            has_icon = description.key in icons.get(platform, {})
            assert has_icon == (description.device_class in (None, "enum")), description.key


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_update_outcomes(language: dict[str, Any]) -> None:
    """Every way in which an update can end has a name, and every failure an issue."""
    event_type = language["entity"]["event"]["firmware_update"]["state_attributes"]["event_type"]
    assert set(event_type["state"]) == set(UPDATE_OUTCOMES)
    told = {key for key in language["issues"] if key.startswith("firmware_update_")}
    assert told == {f"firmware_update_{outcome}" for outcome in UPDATE_OUTCOMES if outcome != "succeeded"}


def test_errors() -> None:
    """Every error of a command has its sentence, and so has every reason that is known."""
    known = ENGLISH["exceptions"]
    kinds = [errors.CommandError]
    for kind in kinds:
        assert kind.key in known
        kinds += kind.__subclasses__()
    reasons = {"start_refused": StartFailure, "stop_refused": StopFailure, "balance_refused": BalanceResult}
    for key, sentences in REASONS.items():
        assert {reason.slug for reason in reasons[key] if reason} <= sentences
        for reason in sentences:
            assert f"{key}_{reason}" in known


def test_every_key_in_the_source_exists() -> None:
    """What the source names as a translation key or as the reason of an abort has a text."""
    source = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    for key in re.findall(
        'translation_key="([a-z_]+)",\\s*translation_placeholders|translation_key="([a-z_]+_targeted)"', source
    ):
        name = next(filter(None, key))
        assert any(name in ENGLISH[kind] for kind in ("exceptions", "device", "issues")), name
    aborts = ENGLISH["config"]["abort"].keys() | ENGLISH["config_subentries"]["pile"]["abort"].keys()
    # The second is Home Assistant's own, whose text is ours to have.
    assert {*re.findall('async_abort\\(\\s*reason="([a-z_]+)"', source), "reconfigure_successful"} == set(aborts)
    for reason in re.findall('BindError\\(CONF_[A-Z]+, "([a-z_]+)"\\)', source):
        assert reason in ENGLISH["config"]["error"]
        assert reason in ENGLISH["exceptions"]


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_messages(language: dict[str, Any]) -> None:
    """Every message has a name of its own that begins with its type; an action offers those that may be sent."""
    names = language["selector"]["message_type"]["options"]
    assert set(names) == {kind.NAME for kind in MESSAGES.values()}
    assert len(set(names.values())) == len(names)
    for kind in MESSAGES.values():
        assert re.fullmatch(f"{type_text(kind.TYPE)} .+", names[kind.NAME])
    fields = yaml.safe_load((FOLDER / "services.yaml").read_text(encoding="utf-8"))["send_frame"]["fields"]
    sent, replies = (fields[name]["selector"]["select"]["options"] for name in ("message", "reply"))
    kinds = [kind for _, kind in sorted(MESSAGES.items())]
    assert sent == [kind.NAME for kind in kinds if kind.DIRECTION is DOWN and kind not in HARMFUL]
    assert replies == [kind.NAME for kind in kinds if kind.DIRECTION is UP]


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_limit_of_automatic_approval(language: dict[str, Any]) -> None:
    """The option tells how many piles are approved automatically."""
    text = language["options"]["step"]["general"]["data_description"]["approve_automatically"]
    assert f" {MAX_AUTOMATIC_PILES} " in text


def test_services() -> None:
    """Every action and field of services.yaml has name, description and icon."""
    services = yaml.safe_load((FOLDER / "services.yaml").read_text(encoding="utf-8"))
    icons = json.loads((FOLDER / "icons.json").read_text(encoding="utf-8"))["services"]
    assert set(services) == set(ENGLISH["services"]) == set(icons)
    for name, service in services.items():
        texts_of = ENGLISH["services"][name]
        assert {"name", "description"} <= set(texts_of)
        assert set(service.get("fields", {})) == set(texts_of.get("fields", {}))


def test_every_field_is_described() -> None:
    """Every field of every form says what it means."""
    forms = {
        **ENGLISH["config"]["step"],
        **ENGLISH["options"]["step"],
        **{
            f"{kind}_{step}": form
            for kind, texts_of in ENGLISH["config_subentries"].items()
            for step, form in texts_of["step"].items()
        },
    }
    for name, form in forms.items():
        assert set(form.get("data", {})) == set(form.get("data_description", {})), name
