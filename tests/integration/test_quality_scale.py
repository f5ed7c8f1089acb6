"""What quality_scale.yaml says of each rule can be shown."""

import ast
from importlib import import_module
from pathlib import Path
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import yaml

from custom_components.ykc.const import PLATFORMS
from custom_components.ykc.hub import Hub

ROOT = Path(__file__).parents[2]
INTEGRATION = ROOT / "custom_components/ykc"
SCALE: dict[str, dict[str, Any]] = yaml.safe_load((INTEGRATION / "quality_scale.yaml").read_text(encoding="utf-8"))[
    "rules"
]

RULES: Final = {
    "bronze": "action-setup appropriate-polling brands common-modules config-flow-test-coverage config-flow"
    " dependency-transparency docs-actions docs-conditions docs-high-level-description docs-installation-instructions"
    " docs-removal-instructions docs-triggers entity-event-setup entity-unique-id has-entity-name runtime-data"
    " test-before-configure test-before-setup unique-config-entry",
    "silver": "action-exceptions config-entry-unloading docs-configuration-parameters docs-installation-parameters"
    " entity-unavailable integration-owner log-when-unavailable parallel-updates reauthentication-flow test-coverage",
    "gold": "devices diagnostics discovery-update-info discovery docs-data-update docs-examples docs-known-limitations"
    " docs-supported-devices docs-supported-functions docs-troubleshooting docs-use-cases dynamic-devices"
    " entity-category entity-device-class entity-disabled-by-default entity-translations exception-translations"
    " icon-translations reconfiguration-flow repair-issues stale-devices",
    "platinum": "async-dependency inject-websession strict-typing",
}
"""Of Home Assistant 2026.11."""
_SHOWN = re.compile(
    r"(?:(?P<file>(?:tests|doc|scripts)/[\w./-]*\w|README\.md)(?:#(?P<heading>[\w-]+))?)?(?:::(?P<test>\w+))?"
)


def shown_by(comment: str) -> list[tuple[str, str | None, str | None]]:
    """Return files with headings or tests that a comment names; a test without a file is in the one before."""
    found: list[tuple[str, str | None, str | None]] = []
    for match in _SHOWN.finditer(comment):
        if match["file"] or match["test"]:
            found.append((match["file"] or found[-1][0], match["heading"], match["test"]))
    return found


def headings(document: str) -> set[str]:
    """Return the headings of a document as links name them."""
    titles = re.findall(r"(?m)^#+ (.+)$", document)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_rule_is_there() -> None:
    """In the order of Home Assistant, done or exempt, with what shows it."""
    assert list(SCALE) == " ".join(RULES.values()).split()
    for rule, answer in SCALE.items():
        assert set(answer) == {"status", "comment"}, rule
        assert answer["status"] in ("done", "exempt"), rule


def test_no_other_rule_is_known() -> None:
    """What the integrations of the installed Home Assistant answer are these rules."""
    components = Path(str(import_module("homeassistant.components").__path__[0]))
    known: set[str] = set()
    for path in components.glob("*/quality_scale.yaml"):
        known |= set(yaml.safe_load(path.read_text(encoding="utf-8"))["rules"])
    assert len(known) > 40
    assert known <= set(SCALE)


@pytest.mark.parametrize("rule", SCALE)
def test_what_shows_it_exists(rule: str) -> None:
    """Every file, heading and test that is named is there."""
    named = shown_by(SCALE[rule]["comment"])
    assert named
    for name, heading, test in named:
        text = (ROOT / name).read_text(encoding="utf-8")
        if heading is not None:
            assert heading in headings(text), heading
        if test is not None:
            functions = [
                node.name
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            ]
            assert test in functions


def test_every_action_is_documented() -> None:
    """The README names each, with what it is for."""
    actions = yaml.safe_load((INTEGRATION / "services.yaml").read_text(encoding="utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [action for action in actions if f"`ykc.{action}`" not in readme] == []


def test_parallel_updates() -> None:
    """Every platform says how many commands it may send at a time."""
    for platform in PLATFORMS:
        module = import_module(f"custom_components.ykc.{platform}")
        assert isinstance(module.PARALLEL_UPDATES, int)


async def test_runtime_data(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """What a listener consists of is the entry's runtime data, and gone with it."""
    assert isinstance(site.runtime_data, Hub)
    await hass.config_entries.async_unload(site.entry_id)
    assert not hasattr(site, "runtime_data")
