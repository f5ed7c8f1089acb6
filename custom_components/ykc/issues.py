"""What a person should look after at a pile; `repairs.py` has what can be done about it."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .server.card_list import PROBLEMS, OfflineCardsState
from .server.logins import LoginsState
from .server.maintenance import FirmwareUpdate
from .server.tariff import ModelState

BILLING_MODEL_REFUSED: Final = "billing_model_refused"
CONTESTED: Final = "contested"
FIRMWARE_UPDATE_FAILED: Final = "firmware_update_failed"
OFFLINE_CARDS: Final = "offline_cards"
_KINDS: Final = (BILLING_MODEL_REFUSED, CONTESTED, FIRMWARE_UPDATE_FAILED, OFFLINE_CARDS)
"""What ids of issues begin with; the id of the pile's subentry follows."""

ATTR_SUBENTRY_ID: Final = "subentry_id"


@callback
def async_tell_billing_model(hass: HomeAssistant, subentry_id: str, name: str, state: ModelState, number: str) -> None:
    """Tell that a pile bills by other prices than it should, until it has these."""
    if state is ModelState.REFUSED:
        _tell(hass, BILLING_MODEL_REFUSED, subentry_id, BILLING_MODEL_REFUSED, {"pile": name, "number": number})
    elif state is ModelState.IN_FORCE:
        _settle(hass, BILLING_MODEL_REFUSED, subentry_id)


@callback
def async_tell_firmware_update(hass: HomeAssistant, subentry_id: str, name: str, update: FirmwareUpdate) -> None:
    """Tell that the update of a pile failed; one that succeeded settles that."""
    if update.outcome == "succeeded":
        _settle(hass, FIRMWARE_UPDATE_FAILED, subentry_id)
        return
    placeholders = {"pile": name, "code": f"{update.code:02X}"}
    key = f"firmware_update_{update.outcome}"
    # The pile tells it once.
    _tell(hass, FIRMWARE_UPDATE_FAILED, subentry_id, key, placeholders, is_persistent=True)


@callback
def async_tell_offline_cards(hass: HomeAssistant, subentry_id: str, name: str, known: OfflineCardsState) -> None:
    """Tell that a pile does not take offline cards, or does not let go of some; else that this is settled."""
    troubled = [report for report in known.cards if report.state in PROBLEMS]
    if not troubled:
        _settle(hass, OFFLINE_CARDS, subentry_id)
        return
    reason = troubled[0].state
    cards = ", ".join(f"{report.driver or report.card}" for report in troubled if report.state is reason)
    _tell(hass, OFFLINE_CARDS, subentry_id, f"offline_cards_{reason}", {"pile": name, "cards": cards})


@callback
def async_tell_contested(hass: HomeAssistant, subentry_id: str, name: str, logins: LoginsState) -> None:
    """Tell that two machines take a pile from each other, and from where; else that this is over."""
    addresses = logins.contested_by
    if not addresses:
        async_tell_uncontested(hass, subentry_id)
        return
    two = len(addresses) > 1
    placeholders = {"pile": name, "first": addresses[0], "second": addresses[-1]}
    # Where both have one address there is none to choose.
    _tell(hass, CONTESTED, subentry_id, "contested" if two else "contested_one_address", placeholders, is_fixable=two)


@callback
def async_tell_uncontested(hass: HomeAssistant, subentry_id: str) -> None:
    """Tell no more that a pile is taken by two machines."""
    _settle(hass, CONTESTED, subentry_id)


@callback
def async_forget_pile(hass: HomeAssistant, subentry_id: str) -> None:
    """Tell nothing of a pile any more."""
    for kind in _KINDS:
        _settle(hass, kind, subentry_id)


@callback
def _tell(
    hass: HomeAssistant,
    kind: str,
    subentry_id: str,
    key: str,
    placeholders: dict[str, str],
    *,
    is_fixable: bool = True,
    is_persistent: bool = False,
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{kind}_{subentry_id}",
        data={ATTR_SUBENTRY_ID: subentry_id},
        is_fixable=is_fixable,
        is_persistent=is_persistent,
        severity=ir.IssueSeverity.WARNING,
        translation_key=key,
        translation_placeholders=placeholders,
    )


@callback
def _settle(hass: HomeAssistant, kind: str, subentry_id: str) -> None:
    ir.async_delete_issue(hass, DOMAIN, f"{kind}_{subentry_id}")
