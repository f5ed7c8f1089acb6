"""Which flow repairs what an issue tells."""

from typing import Final

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow
from homeassistant.core import HomeAssistant

from .issues import BILLING_MODEL_REFUSED, CONTESTED, FIRMWARE_UPDATE_FAILED, OFFLINE_CARDS
from .ledger import ISSUE_FAILING
from .repair_flows import BillingModelFlow, ContestedFlow, FirmwareUpdateFlow, LedgerFlow, OfflineCardsFlow

FLOWS: Final[dict[str, type[RepairsFlow]]] = {
    BILLING_MODEL_REFUSED: BillingModelFlow,
    CONTESTED: ContestedFlow,
    FIRMWARE_UPDATE_FAILED: FirmwareUpdateFlow,
    OFFLINE_CARDS: OfflineCardsFlow,
    ISSUE_FAILING: LedgerFlow,
}
"""By what the id of an issue begins with."""


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that repairs an issue; of one without a flow of its own a person takes note."""
    flow = next((flow for prefix, flow in FLOWS.items() if issue_id.startswith(prefix)), ConfirmRepairFlow)
    return flow()
