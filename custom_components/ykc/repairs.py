"""Issues that a person confirms having read, or settles."""

from typing import Any, Final

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig, SelectSelectorMode
import voluptuous as vol

from .const import CONF_PINNED_ADDRESS

CONF_ADDRESS: Final = "address"


class ContestedPileFlow(RepairsFlow):
    """Pins a pile that two machines take from each other to the address of one of them."""

    def __init__(self, entry_id: str, subentry_id: str, pile: str, first: str, second: str) -> None:
        """Remember the pile, and the addresses that there are to choose from."""
        self._entry_id = entry_id
        self._subentry_id = subentry_id
        self._pile = pile
        self._addresses = [first, second]

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_pin()

    async def async_step_pin(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask which of the addresses is that of the pile; the other one is refused from then on."""
        if user_input is not None:
            self._pin(user_input[CONF_ADDRESS])
            return self.async_create_entry(data={})
        addresses = SelectSelectorConfig(options=self._addresses, mode=SelectSelectorMode.LIST)
        return self.async_show_form(
            step_id="pin",
            data_schema=vol.Schema({vol.Required(CONF_ADDRESS): SelectSelector(addresses)}),
            description_placeholders={
                "pile": self._pile,
                "first": self._addresses[0],
                "second": self._addresses[1],
            },
        )

    def _pin(self, address: str) -> None:
        """Write it down; the listener follows. A pile that was removed meanwhile needs nothing."""
        entries = self.hass.config_entries
        entry = entries.async_get_entry(self._entry_id)
        pile = None if entry is None else entry.subentries.get(self._subentry_id)
        if entry is not None and pile is not None:
            entries.async_update_subentry(entry, pile, data={**pile.data, CONF_PINNED_ADDRESS: address})


async def async_create_fix_flow(hass: HomeAssistant, issue_id: str, data: dict[str, Any] | None) -> RepairsFlow:
    """Settle an issue that has data, or show its text once more: confirming that ends it."""
    return ConfirmRepairFlow() if data is None else ContestedPileFlow(**data)
