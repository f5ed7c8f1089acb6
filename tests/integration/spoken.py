"""Watches what the integration tells people in any test: each text exists, and gets whatever it fills in.

Flows, errors and issues are looked at where Home Assistant takes them, so what
is checked is what the code passes, and not what it looks like.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import SOURCE_IGNORE, ConfigSubentryFlow, OptionsFlow
from homeassistant.data_entry_flow import FlowHandler, FlowManager
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

from custom_components.ykc.const import DOMAIN

from .test_translations import ENGLISH, placeholders, texts

UNHEARD: Final = "already_in_progress"
"""What a second call of a pile ends with, whose card is shown already."""


class TextListener:
    """Notes whatever is told and has no text, or fills in too little."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.faults: list[str] = []

    def hear(self, path: Iterable[str], given: Mapping[str, Any] | None, *, needed: bool = True) -> None:
        """Look for the texts at a path."""
        path = tuple(path)
        found: Any = ENGLISH
        for key in path:
            found = found.get(key, {}) if isinstance(found, dict) else {}
        if not found:
            if needed:
                self.faults.append(f"{'.'.join(path)} has no text")
            return
        for where, text in texts(found).items() if isinstance(found, dict) else (("", found),):
            if missing := placeholders(text) - set(given or {}):
                self.faults.append(f"{'.'.join((*path, where))} is not given {sorted(missing)}")

    def hear_step(self, flow: FlowHandler[Any, Any, Any], result: Mapping[str, Any]) -> None:
        """Look for the texts of what a flow shows or ends with."""
        if not type(flow).__module__.startswith(f"custom_components.{DOMAIN}."):
            return
        place = _place_of(flow)
        given = result.get("description_placeholders")
        match str(result["type"]):
            case "form":
                self.hear((*place, "step", result["step_id"]), given)
                schema = result["data_schema"]
                for field in schema.schema if schema is not None else ():
                    self.hear((*place, "step", result["step_id"], "data", str(field)), given)
                for error in (result["errors"] or {}).values():
                    self.hear((*place, "error", error), given)
            case "menu":
                self.hear((*place, "step", result["step_id"]), given)
                for option in result["menu_options"]:
                    self.hear((*place, "step", result["step_id"], "menu_options", option), given)
            case "abort" if result["reason"] != UNHEARD:
                self.hear((*place, "abort", result["reason"]), given)
            case "create_entry" if flow.context.get("source") != SOURCE_IGNORE:
                self.hear((*place, "create_entry", result.get("description") or "default"), given, needed=False)

    def hear_error(self, domain: str | None, key: str | None, given: Mapping[str, Any] | None) -> None:
        """Look for the sentence of an error."""
        if domain == DOMAIN and key is not None:
            self.hear(("exceptions", key, "message"), given)

    def hear_issue(self, domain: str, key: str | None, given: Mapping[str, Any] | None) -> None:
        """Look for the texts of an issue; those of its repair come with the flow."""
        if domain == DOMAIN:
            for part in ("title", "description"):
                self.hear(("issues", str(key), part), given, needed=part == "title")


def _place_of(flow: FlowHandler[Any, Any, Any]) -> tuple[str, ...]:
    """Return where the texts of a flow are."""
    match flow:
        case ConfigSubentryFlow():
            return "config_subentries", flow.handler[1]
        case OptionsFlow():
            return ("options",)
        case RepairsFlow():
            known: Any = ir.async_get(flow.hass).async_get_issue(DOMAIN, flow.issue_id) or getattr(flow, "_issue", None)
            return "issues", str(known.translation_key), "fix_flow"
        case _:
            return ("config",)


@contextmanager
def heard() -> Iterator[TextListener]:
    """Listen to flows, errors and issues."""
    listener = TextListener()
    handle_step = FlowManager._async_handle_step
    make_error = HomeAssistantError.__init__
    make_issue = ir.IssueRegistry.async_get_or_create

    async def step(
        self: FlowManager[Any, Any, Any], flow: FlowHandler[Any, Any, Any], *args: Any, **kwargs: Any
    ) -> Any:
        result = await handle_step(self, flow, *args, **kwargs)
        listener.hear_step(flow, result)
        return result

    def error(self: HomeAssistantError, *args: Any, **kwargs: Any) -> None:
        make_error(self, *args, **kwargs)
        listener.hear_error(self.translation_domain, self.translation_key, self.translation_placeholders)

    def issue(self: ir.IssueRegistry, domain: str, issue_id: str, **kwargs: Any) -> ir.IssueEntry:
        listener.hear_issue(domain, kwargs.get("translation_key"), kwargs.get("translation_placeholders"))
        return make_issue(self, domain, issue_id, **kwargs)

    with (
        patch.object(FlowManager, "_async_handle_step", step),
        patch.object(HomeAssistantError, "__init__", error),
        patch.object(ir.IssueRegistry, "async_get_or_create", issue),
    ):
        yield listener
