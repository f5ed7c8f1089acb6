"""What hassfest asks of a custom integration, as far as that can be told without it."""

import ast
from importlib import import_module
import json
from pathlib import Path
import re
from typing import Any, Final

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from homeassistant.const import Platform, __version__ as HOMEASSISTANT_VERSION
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.selector import validate_selector
from homeassistant.loader import Integration
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol
import yaml

from custom_components import ykc
from custom_components.ykc import forms
from custom_components.ykc.condition import async_get_conditions
from custom_components.ykc.config_flow import YkcConfigFlow
from custom_components.ykc.const import DOMAIN
from custom_components.ykc.messages import message_fields
from custom_components.ykc.system_health import async_system_health_info
from custom_components.ykc.trigger import async_get_triggers

from .test_translations import CHINESE, ENGLISH, texts

FOLDER: Final = Path(str(ykc.__file__)).parent
COMPONENTS: Final = Path(str(import_module("homeassistant.components").__path__[0]))
GENERATED: Final = COMPONENTS.parent / "generated"

MANIFEST: Final = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
ICONS: Final = json.loads((FOLDER / "icons.json").read_text(encoding="utf-8"))
REQUIRED: Final = {
    *("codeowners", "config_flow", "documentation", "domain", "integration_type"),
    *("iot_class", "issue_tracker", "name", "requirements", "version"),
}
ALLOWED: Final = REQUIRED | {"after_dependencies", "categories", "connectivity", "dependencies", "loggers"}
ALWAYS_THERE: Final = {*Platform, "diagnostics", "frontend", "repairs", "system_health", "websocket_api"}
"""What an integration may import without a word in its manifest."""
TOP: Final = {
    *("conditions", "config", "config_subentries", "device", "entity", "exceptions", "issues", "options"),
    *("selector", "services", "system_health", "title", "triggers"),
}
ACTIONS, TRIGGERS, CONDITIONS = (
    {
        key: value
        for key, value in yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")).items()
        if not key.startswith(".")
    }
    for name in ("services", "triggers", "conditions")
)
DESCRIBED: Final = {
    f"{kind}.{key}": (kind, key, value)
    for kind, described in (("services", ACTIONS), ("triggers", TRIGGERS), ("conditions", CONDITIONS))
    for key, value in described.items()
}


def words(name: str) -> set[str]:
    """Return the words of the slugs of a list that Home Assistant was made with."""
    listed = (GENERATED / f"{name}.json").read_text(encoding="utf-8")
    return {word for slug in re.findall(r'"([a-z_.]+)"', listed) for word in slug.split(".")}


def test_manifest() -> None:
    """Only keys that exist, with values that can be."""
    assert set(MANIFEST) >= REQUIRED
    assert set(MANIFEST) <= ALLOWED
    assert MANIFEST["domain"] == DOMAIN == FOLDER.name
    assert MANIFEST["integration_type"] == "hub"
    assert MANIFEST["iot_class"] == "local_push"
    assert MANIFEST["config_flow"] is True
    assert re.fullmatch("[a-z0-9_]+", DOMAIN)
    for address in (MANIFEST["documentation"], MANIFEST["issue_tracker"]):
        assert address.startswith("https://")
    assert MANIFEST["codeowners"]
    assert [owner for owner in MANIFEST["codeowners"] if not re.fullmatch(r"@[\w/-]+", owner)] == []
    assert AwesomeVersion(MANIFEST["version"]).strategy in {
        AwesomeVersionStrategy.SEMVER,
        AwesomeVersionStrategy.CALVER,
    }
    assert [pin for pin in MANIFEST["requirements"] if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)] == []


@pytest.mark.parametrize("key", ["categories", "connectivity"])
def test_slugs_of_the_manifest(key: str) -> None:
    """Home Assistant knows these words; 2026.10 does not read them yet."""
    if not hasattr(Integration, key):
        assert AwesomeVersion(HOMEASSISTANT_VERSION) < "2026.11"
        return
    assert {word for slug in MANIFEST[key] for word in slug.split(".")} <= words(f"integration_{key}")


def test_components_that_are_used() -> None:
    """What is imported of other integrations is named in the manifest, and what is named exists."""
    named = {*MANIFEST["dependencies"], *MANIFEST["after_dependencies"]}
    assert len(named) == len(MANIFEST["dependencies"]) + len(MANIFEST["after_dependencies"])
    assert [name for name in named if not (COMPONENTS / name / "manifest.json").exists()] == []
    used: set[str] = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (module := node.module or "").startswith(
                "homeassistant.components"
            ):
                parts = module.split(".")
                used |= {parts[2]} if len(parts) > 2 else {name.name for name in node.names}
    assert used - ALWAYS_THERE <= named


async def test_setup_and_flow(hass: HomeAssistant) -> None:
    """There is a flow for the domain, and whoever has it in the YAML configuration is told that it belongs nowhere."""
    assert (FOLDER / "config_flow.py").exists()
    assert YkcConfigFlow.MINOR_VERSION >= 1
    ykc.CONFIG_SCHEMA({})
    issues = ir.async_get(hass).issues
    assert not issues
    ykc.CONFIG_SCHEMA({DOMAIN: {"port": 1}})
    assert list(issues) == [("homeassistant", f"config_entry_only_{DOMAIN}")]


def test_no_file_of_core() -> None:
    """A custom integration has its texts in translations, and no references in them."""
    assert not (FOLDER / "strings.json").exists()
    assert [path.name for path in sorted((FOLDER / "translations").iterdir())] == ["en.json", "zh-Hans.json"]
    assert not [key for key, text in texts(ENGLISH).items() if "[%" in text]


@pytest.mark.parametrize("language", [ENGLISH, CHINESE], ids=["en", "zh-Hans"])
def test_texts(language: dict[str, Any]) -> None:
    """Known places, lower-case keys, and no HTML, address or blank at the ends in what people read."""
    assert set(language) == TOP
    for path, text in texts(language).items():
        assert re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", path), path
        assert not re.search(r"<[a-zA-Z/!]|https?://", text), path
        assert text == text.strip(), path


@pytest.mark.parametrize("language", [ENGLISH, CHINESE], ids=["en", "zh-Hans"])
def test_issues(language: dict[str, Any]) -> None:
    """An issue has a title, and either a description or the steps of its repair."""
    for key, issue in language["issues"].items():
        assert "title" in issue, key
        assert ("description" in issue) != ("fix_flow" in issue), key


@pytest.mark.parametrize(("kind", "key", "described"), DESCRIBED.values(), ids=DESCRIBED)
def test_actions_triggers_and_conditions(kind: str, key: str, described: dict[str, Any] | None) -> None:
    """Every one has name, description and icon; every field a selector that works, a name and a description."""
    told = ENGLISH[kind][key]
    assert {"name", "description"} <= set(told)
    assert re.fullmatch("mdi:[a-z0-9-]+", ICONS[kind][key][kind.removesuffix("s")])
    fields = (described or {}).get("fields") or {}
    sections = {name: field["fields"] for name, field in fields.items() if "fields" in field}
    assert set(told.get("sections", {})) == set(sections)
    plain = {name: field for name, field in fields.items() if name not in sections}
    for inner in sections.values():
        plain |= inner
    assert set(told.get("fields", {})) == set(plain)
    for name, field in plain.items():
        assert {"name", "description"} <= set(told["fields"][name])
        validate_selector(field["selector"])
        for config in field["selector"].values():
            if config and "translation_key" in config:
                options = {
                    option["value"] if isinstance(option, dict) else option for option in config.get("options", ())
                }
                assert set(map(str, options)) <= set(ENGLISH["selector"][config["translation_key"]]["options"])


async def test_all_are_described(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """What is registered is what is described, in the files as in texts and icons."""
    assert set(hass.services.async_services_for_domain(DOMAIN)) == set(ACTIONS)
    assert set(await async_get_triggers(hass)) == set(TRIGGERS)
    assert set(await async_get_conditions(hass)) == set(CONDITIONS)
    for kind, described in (("services", ACTIONS), ("triggers", TRIGGERS), ("conditions", CONDITIONS)):
        assert set(ENGLISH[kind]) == set(described)
        assert set(ICONS[kind]) == set(described)


def test_icons() -> None:
    """Icons are those of the Material Design set, for entities and states that exist."""
    assert set(ICONS) == {"conditions", "entity", "services", "triggers"}
    for path, icon in texts(ICONS["entity"]).items():
        platform, key, *rest = path.split(".")
        assert re.fullmatch("mdi:[a-z0-9-]+", icon), path
        told = ENGLISH["entity"][platform][key]
        match rest:
            case ["default"]:
                pass
            case ["state", state]:
                assert state in told.get("state", {}) or state in ("on", "off", "locked", "unlocked"), path
            case _:
                pytest.fail(path)


def test_every_field_of_a_form(site_entry: MockConfigEntry) -> None:
    """The forms ask for what the texts name, and for nothing else."""
    place = vol.Schema(forms.PLACE_FIELDS | forms.POWER_FIELD)
    pile = vol.Schema(forms.PLACE_FIELDS | forms.HARDWARE_FIELDS | forms.POWER_FIELD)
    change = vol.Schema(
        forms.NAME_FIELD
        | forms.HARDWARE_FIELDS
        | forms.POWER_FIELD
        | forms.QR_FIELD
        | forms.PINNED_FIELD
        | forms.OWN_MODEL_FIELD
    )
    code = forms.code_field(())
    subentry = ENGLISH["config_subentries"]["pile"]["step"]
    options = ENGLISH["options"]["step"]
    for form, *schemas in (
        (ENGLISH["config"]["step"]["user"], forms.LISTENER_FIELDS),
        (ENGLISH["config"]["step"]["reconfigure"], forms.LISTENER_FIELDS),
        (ENGLISH["config"]["step"]["approve"], place),
        (subentry["user"], code),
        (subentry["details"], pile),
        (subentry["reconfigure"], change, code),
        (subentry["billing_model"], forms.BILLING_MODEL_FIELDS),
        (options["billing_model"], forms.BILLING_MODEL_FIELDS),
        (options["connections"], forms.NETWORKS_FIELD),
        (options["general"], forms.general_fields(())),
        (options["messages"], message_fields(site_entry)),
    ):
        asked = {str(key) for schema in schemas for key in schema.schema}
        assert asked == set(form["data"]) == set(form["data_description"])


@pytest.fixture
def site_entry() -> MockConfigEntry:
    """Return a listener without piles."""
    return MockConfigEntry(domain=DOMAIN)


def test_every_step_has_its_texts() -> None:
    """Each step that a flow shows is in the texts, and each of these is shown."""
    shown = {
        step
        for path in FOLDER.glob("*flow.py")
        for step in re.findall(r"async_step_(\w+)\(self", path.read_text(encoding="utf-8"))
    }
    told = {
        *ENGLISH["config"]["step"],
        *ENGLISH["options"]["step"],
        *(step for kind in ENGLISH["config_subentries"].values() for step in kind["step"]),
    }
    assert shown - told == {"integration_discovery"}
    assert told <= shown


async def test_system_health(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Whatever the page of system information shows has a name."""
    assert set(await async_system_health_info(hass)) == set(ENGLISH["system_health"]["info"])
