"""What hassfest asks of texts, files and icons, by Home Assistant's own readers where it has them."""

import ast
import logging
from pathlib import Path
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition, service, trigger
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.ykc import const
from custom_components.ykc.const import DOMAIN

from .test_hassfest_rules import ACTIONS, CONDITIONS, FOLDER, ICONS, TRIGGERS
from .test_quality_scale import headings
from .test_translations import CHINESE, ENGLISH, texts

ROOT: Final = Path(__file__).parents[2]

_TEXT = str
_TEXTS = {str: _TEXT}
_STEP = {
    "title": _TEXT,
    "description": _TEXT,
    "data": _TEXTS,
    "data_description": _TEXTS,
    "menu_options": _TEXTS,
    "sections": {str: {"name": _TEXT, "description": _TEXT, "data": _TEXTS, "data_description": _TEXTS}},
}
_FLOW = {"step": {str: _STEP}, "error": _TEXTS, "abort": _TEXTS, "create_entry": _TEXTS}
_STATES = {"name": _TEXT, "state": _TEXTS}
_FIELD = {"name": _TEXT, "description": _TEXT}
_DESCRIBED = {
    vol.Required("name"): _TEXT,
    vol.Required("description"): _TEXT,
    "fields": {str: {vol.Required("name"): _TEXT, "description": _TEXT}},
    "sections": {str: _FIELD},
}
SCHEMA: Final = vol.Schema(
    {
        "title": _TEXT,
        "config": {"flow_title": _TEXT, "initiate_flow": {vol.Required("user"): _TEXT}, **_FLOW},
        "config_subentries": {
            str: {
                vol.Required("entry_type"): _TEXT,
                vol.Required("initiate_flow"): {vol.Required("user"): _TEXT, "reconfigure": _TEXT},
                **_FLOW,
            }
        },
        "options": _FLOW,
        "device": {str: {vol.Required("name"): _TEXT}},
        "entity": {
            str: {
                str: {
                    "name": _TEXT,
                    "state": _TEXTS,
                    "state_attributes": {str: _STATES},
                    "unit_of_measurement": _TEXT,
                }
            }
        },
        "exceptions": {str: {vol.Required("message"): _TEXT}},
        "issues": {
            str: {
                vol.Required("title"): _TEXT,
                vol.Exclusive("description", "fixable"): _TEXT,
                vol.Exclusive("fix_flow", "fixable"): _FLOW,
            }
        },
        "selector": {str: {"options": _TEXTS, "fields": {str: _FIELD}}},
        "services": {str: _DESCRIBED},
        "triggers": {str: _DESCRIBED},
        "conditions": {str: _DESCRIBED},
        "system_health": {"info": _TEXTS},
    }
)
"""Where a custom integration may have texts."""


@pytest.mark.parametrize("language", [ENGLISH, CHINESE], ids=["en", "zh-Hans"])
def test_places(language: dict[str, Any]) -> None:
    """Texts are where Home Assistant looks for them; what is filled in is in no quotes, and braces are whole."""
    SCHEMA(language)
    for path, text in texts(language).items():
        assert not re.search(r"'\{\w+\}'", text), path
        assert not re.search(r"[{}]", re.sub(r"\{\w+\}", "", text)), path


async def test_descriptions(hass: HomeAssistant, site: MockConfigEntry, caplog: pytest.LogCaptureFixture) -> None:
    """Home Assistant reads the files of actions, triggers and conditions, and has nothing to say against them."""
    caplog.set_level(logging.WARNING)
    actions = (await service.async_get_all_descriptions(hass))[DOMAIN]
    assert set(actions) == set(ACTIONS)
    assert {key for key, action in actions.items() if action["fields"]} == {
        key for key, action in ACTIONS.items() if (action or {}).get("fields")
    }
    for read, written in ((trigger, TRIGGERS), (condition, CONDITIONS)):
        described: dict[str, Any] = await read.async_get_all_descriptions(hass)
        assert {f"{DOMAIN}.{key}" for key in written} <= set(described)
        for key in written:
            assert described[f"{DOMAIN}.{key}"]["target"]
    assert not [record.getMessage() for record in caplog.records if DOMAIN in record.getMessage()]


def test_icons_of_states_are_others() -> None:
    """A state that has the icon of the entity needs none of its own; nothing but icons is in the file."""
    for platform, entities in ICONS["entity"].items():
        for key, icons in entities.items():
            assert set(icons) <= {"default", "state"}, (platform, key)
            assert icons["default"] not in icons.get("state", {}).values(), (platform, key)
    for kind in ("services", "triggers", "conditions"):
        assert {part for icons in ICONS[kind].values() for part in icons} == {kind.removesuffix("s")}


def strings() -> set[str]:
    """Return every string in the source of the integration, and the beginnings of those that are put together."""
    found: set[str] = set()
    for path in (*FOLDER.glob("*.py"), *(FOLDER / "server").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_no_text_is_left_over() -> None:
    """Every sentence, issue, error and reason is named by the source, wholly or by how its key begins or ends."""
    said = strings()
    beginnings = {text for text in said if text.endswith("_") and len(text) > 5}
    reasons = {"start_refused_", "stop_refused_", "balance_refused_"}
    begins = (*beginnings, *reasons)
    ends = tuple(text for text in said if text.startswith("_") and len(text) > 5)

    def is_said(key: str) -> bool:
        return key in said or key.startswith(begins) or key.endswith(ends)

    places = {
        "exceptions": ENGLISH["exceptions"],
        "issues": ENGLISH["issues"],
        "config.abort": ENGLISH["config"]["abort"],
        "config.error": ENGLISH["config"]["error"],
        "options.error": ENGLISH["options"]["error"],
        **{
            f"{kind}.{part}": texts_of.get(part, {})
            for kind, texts_of in ENGLISH["config_subentries"].items()
            for part in ("abort", "error")
        },
    }
    for place, keys in places.items():
        left = [key for key in keys if not is_said(key)]
        assert left == ["reconfigure_successful"] * ("reconfigure_successful" in left), place


def test_documents_that_issues_point_to() -> None:
    """Whoever wants to know more finds the heading."""
    sources = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    links = re.findall(r'f"\{DOCUMENTS\}/([\w./-]+)#([\w-]+)"', sources)
    assert links
    for document, heading in links:
        assert heading in headings((ROOT / document).read_text(encoding="utf-8"))
    assert const.DOCUMENTS.startswith("https://")
