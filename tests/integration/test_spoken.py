"""What watches over the texts in all other tests finds what it should."""

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

from custom_components.ykc.config_flow import YkcConfigFlow
from custom_components.ykc.const import DOMAIN

from .spoken import TextListener


async def test_what_is_missing_is_found(hass: HomeAssistant, everything_told_has_its_text: TextListener) -> None:
    """A text that does not exist, one that is given too little, of an error, an issue and a flow."""
    listener = everything_told_has_its_text
    HomeAssistantError(translation_domain=DOMAIN, translation_key="pile_offline")
    HomeAssistantError(translation_domain=DOMAIN, translation_key="nonsense")
    HomeAssistantError(translation_domain="light", translation_key="nonsense")
    ir.async_create_issue(
        hass,
        DOMAIN,
        "here",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="entity_limit",
        translation_placeholders={"percent": "81", "limit": "10000"},
    )
    flow = YkcConfigFlow()
    listener.hear_step(flow, {"type": "form", "step_id": "approve", "data_schema": None, "errors": {"x": "none"}})
    listener.hear_step(flow, {"type": "abort", "reason": "nothing"})
    await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    faults = [*dict.fromkeys(fault.partition(" is not given")[0] for fault in listener.faults)]
    listener.faults.clear()
    assert faults == [
        "exceptions.pile_offline.message.",
        "exceptions.nonsense.message has no text",
        "issues.entity_limit.title.",
        "config.step.approve.description",
        "config.error.none has no text",
        "config.abort.nothing has no text",
    ]
