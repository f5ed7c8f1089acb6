"""What a person should look after."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .server.maintenance import FirmwareUpdate


def _firmware_issue(code: str) -> str:
    return f"firmware_update_failed_{code}"


@callback
def async_tell_firmware_update(hass: HomeAssistant, code: str, name: str, update: FirmwareUpdate) -> None:
    """Tell that the update of a pile failed; one that succeeded settles that."""
    if update.outcome == "succeeded":
        async_forget_pile(hass, code)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _firmware_issue(code),
        is_fixable=False,
        # The pile tells it once.
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=f"firmware_update_{update.outcome}",
        translation_placeholders={"pile": name, "code": f"{update.code:02X}"},
    )


@callback
def async_forget_pile(hass: HomeAssistant, code: str) -> None:
    """Tell nothing of a pile any more."""
    ir.async_delete_issue(hass, DOMAIN, _firmware_issue(code))
