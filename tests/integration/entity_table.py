"""The table of all entities in doc/entities.md, made of their descriptions and translations.

python -m tests.integration.entity_table
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
import json
from pathlib import Path
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.button import ButtonEntityDescription
from homeassistant.components.event import EventEntityDescription
from homeassistant.components.lock import LockEntityDescription
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.select import SelectEntityDescription
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.const import Platform
from homeassistant.helpers.entity import EntityDescription

from custom_components.ykc.entity import GunDescription, PileDescription

ROOT = Path(__file__).parents[2]
INTEGRATION = ROOT / "custom_components/ykc"
DOCUMENT = ROOT / "doc/entities.md"
STABLE = Path(__file__).with_name("stable_keys.txt")

PLATFORMS: dict[type[EntityDescription], Platform] = {
    BinarySensorEntityDescription: Platform.BINARY_SENSOR,
    ButtonEntityDescription: Platform.BUTTON,
    EventEntityDescription: Platform.EVENT,
    LockEntityDescription: Platform.LOCK,
    NumberEntityDescription: Platform.NUMBER,
    SelectEntityDescription: Platform.SELECT,
    SensorEntityDescription: Platform.SENSOR,
    SwitchEntityDescription: Platform.SWITCH,
}
UNIQUE_IDS = {"pile": "<pile>_{key}", "gun": "<pile>_<gun>_{key}", "driver": "<driver>_{key}"}
HEADINGS = {"pile": "Of a pile", "gun": "Of a gun", "driver": "Of a prepaid driver"}
HEAD = """# Entities

Made from the descriptions of the entities by `scripts/tables`; a test compares. A unique id never changes: automations,
dashboards and other integrations find an entity by the end of it, `_<key>`. `<pile>` is the 14-digit code of the pile,
`<gun>` the number of the gun from 1 on, `<driver>` the id of the driver in Home Assistant. Which of them a pile has depends
on its type and on what it reports; those that are not enabled by default are enabled on their page in Home Assistant.
"""
COLUMNS = ["| key | platform | unique id | English | 中文 | enabled |", "|---|---|---|---|---|---|"]


@dataclass(frozen=True, order=True)
class Described:
    """An entity, by what never changes, and whether it is enabled by default."""

    owner: str
    platform: str
    key: str
    enabled: bool

    @property
    def stable(self) -> str:
        """What must not change, in a line."""
        return f"{self.owner} {self.platform} {self.key}"

    @property
    def unique_id(self) -> str:
        """How its unique id is made."""
        return UNIQUE_IDS[self.owner].format(key=self.key)


def entities() -> list[Described]:
    """Find the descriptions of all entities, in order."""
    found = {
        described
        for path in sorted(INTEGRATION.glob("*.py"))
        if path.stem != "__init__"
        for described in _in_module(vars(import_module(f"custom_components.ykc.{path.stem}")))
    }
    return sorted(found)


def _in_module(names: dict[str, Any]) -> Iterator[Described]:
    for value in names.values():
        for description in value if isinstance(value, tuple) else (value,):
            if isinstance(description, EntityDescription):
                yield Described(
                    owner=_owner(description),
                    platform=next(name for kind, name in PLATFORMS.items() if isinstance(description, kind)),
                    key=description.key,
                    enabled=description.entity_registry_enabled_default,
                )


def _owner(description: EntityDescription) -> str:
    match description:
        case GunDescription():
            return "gun"
        case PileDescription():
            return "pile"
    return "driver"


def _names(language: str) -> dict[str, Any]:
    texts = json.loads((INTEGRATION / f"translations/{language}.json").read_text(encoding="utf-8"))
    names: dict[str, Any] = texts["entity"]
    return names


def document() -> str:
    """Make the whole document."""
    english, chinese = _names("en"), _names("zh-Hans")
    known = entities()
    parts = [HEAD]
    for owner, heading in HEADINGS.items():
        rows = [
            f"| `{entity.key}` | {entity.platform} | `{entity.unique_id}` |"
            f" {english[entity.platform][entity.key]['name']} | {chinese[entity.platform][entity.key]['name']} |"
            f" {'yes' if entity.enabled else ''} |"
            for entity in known
            if entity.owner == owner
        ]
        parts.append("\n".join([f"## {heading}", "", *COLUMNS, *rows, ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
