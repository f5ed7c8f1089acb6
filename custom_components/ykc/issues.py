"""What a person should look after."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .server.card_list import PROBLEMS, OfflineCardsState
from .server.logins import LoginsState
from .server.maintenance import FirmwareUpdate


def _firmware_issue(subentry_id: str) -> str:
    return f"firmware_update_failed_{subentry_id}"


@callback
def async_tell_firmware_update(hass: HomeAssistant, subentry_id: str, name: str, update: FirmwareUpdate) -> None:
    """Tell that the update of a pile failed; one that succeeded settles that."""
    if update.outcome == "succeeded":
        ir.async_delete_issue(hass, DOMAIN, _firmware_issue(subentry_id))
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _firmware_issue(subentry_id),
        is_fixable=False,
        # The pile tells it once.
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=f"firmware_update_{update.outcome}",
        translation_placeholders={"pile": name, "code": f"{update.code:02X}"},
    )


def _cards_issue(subentry_id: str) -> str:
    return f"offline_cards_{subentry_id}"


@callback
def async_tell_offline_cards(hass: HomeAssistant, subentry_id: str, name: str, known: OfflineCardsState) -> None:
    """Tell that a pile does not take offline cards, or does not let go of some; else that this is settled."""
    troubled = [report for report in known.cards if report.state in PROBLEMS]
    if not troubled:
        ir.async_delete_issue(hass, DOMAIN, _cards_issue(subentry_id))
        return
    reason = troubled[0].state
    ir.async_create_issue(
        hass,
        DOMAIN,
        _cards_issue(subentry_id),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=f"offline_cards_{reason}",
        translation_placeholders={
            "pile": name,
            "cards": ", ".join(f"{report.driver or report.card}" for report in troubled if report.state is reason),
        },
    )


def _contested_issue(subentry_id: str) -> str:
    return f"contested_{subentry_id}"


@callback
def async_tell_contested(hass: HomeAssistant, entry_id: str, subentry_id: str, name: str, logins: LoginsState) -> None:
    """Tell that two machines take a pile from each other, and from where; else that this is over."""
    addresses = logins.contested_by
    if not addresses:
        async_tell_uncontested(hass, subentry_id)
        return
    two = len(addresses) > 1
    ir.async_create_issue(
        hass,
        DOMAIN,
        _contested_issue(subentry_id),
        # Where both have one address there is none to choose.
        is_fixable=two,
        data={
            "entry_id": entry_id,
            "subentry_id": subentry_id,
            "pile": name,
            "first": addresses[0],
            "second": addresses[-1],
        },
        severity=ir.IssueSeverity.WARNING,
        translation_key="contested" if two else "contested_one_address",
        translation_placeholders={"pile": name, "first": addresses[0], "second": addresses[-1]},
    )


@callback
def async_tell_uncontested(hass: HomeAssistant, subentry_id: str) -> None:
    """Tell no more that a pile is taken by two machines."""
    ir.async_delete_issue(hass, DOMAIN, _contested_issue(subentry_id))


@callback
def async_forget_pile(hass: HomeAssistant, subentry_id: str) -> None:
    """Tell nothing of a pile any more."""
    ir.async_delete_issue(hass, DOMAIN, _firmware_issue(subentry_id))
    ir.async_delete_issue(hass, DOMAIN, _cards_issue(subentry_id))
    async_tell_uncontested(hass, subentry_id)
