"""Flows that do something about an issue, and say when that did not help.

One that ends well takes its issue away; one that is aborted leaves it, unless
what was tried has settled it meanwhile.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, override

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig, SelectSelectorMode
import voluptuous as vol

from .const import CONF_PINNED_ADDRESS, DOMAIN
from .issues import ATTR_SUBENTRY_ID
from .ledger import shared_ledger
from .server.errors import CommandError
from .server.ledger import LedgerError
from .server.pile import Pile

CONF_ADDRESS: Final = "address"
NOT_REACHED: Final = "not_reached"
UNSOLVED: Final = "unsolved"


class _Flow(RepairsFlow):
    """Fills in what its issue names, which may be settled before the flow ends."""

    _issue: ir.IssueEntry

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Ask what to do."""
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        assert issue is not None, "no flow is begun without its issue"
        self._issue = issue
        return self._ask()

    @callback
    def _ask(self) -> RepairsFlowResult:
        """Show what can be done."""
        raise NotImplementedError

    @property
    def _placeholders(self) -> Mapping[str, str] | None:
        return self._issue.translation_placeholders

    @callback
    def _end(self, reason: str | None) -> RepairsFlowResult:
        """End well, or with the reason why not."""
        if reason is None:
            return self.async_create_entry(data={})
        return self.async_abort(reason=reason, description_placeholders=self._placeholders)


class LedgerFlow(_Flow):
    """Tries to write the ledger without waiting for the minute to pass."""

    @callback
    @override
    def _ask(self) -> RepairsFlowResult:
        return self.async_show_form(
            step_id="again", data_schema=vol.Schema({}), description_placeholders=self._placeholders
        )

    async def async_step_again(self, user_input: dict[str, str]) -> RepairsFlowResult:
        """Write."""
        try:
            async with shared_ledger(self.hass) as ledger:
                await ledger.try_writing()
        except LedgerError:
            return self._end(UNSOLVED)
        return self._end(None)


class _PileFlow(_Flow):
    """Offers what can be done about one pile."""

    @callback
    @override
    def _ask(self) -> RepairsFlowResult:
        return self.async_show_menu(
            step_id="init", menu_options=self._options(), description_placeholders=self._placeholders
        )

    @callback
    def _options(self) -> list[str]:
        """Return the steps that a person chooses from."""
        return ["again"]

    @callback
    def _pile(self) -> Pile | None:
        """Return the pile, if its listener runs."""
        subentry_id = (self._issue.data or {}).get(ATTR_SUBENTRY_ID)
        for entry in self.hass.config_entries.async_loaded_entries(DOMAIN):
            for coordinator in entry.runtime_data.piles.values():
                if coordinator.subentry.subentry_id == subentry_id:
                    pile: Pile = coordinator.pile
                    return pile
        return None

    async def _attempt(self, remedy: Callable[[Pile], Awaitable[bool]]) -> RepairsFlowResult:
        """Try something that tells whether it helped."""
        if (pile := self._pile()) is None:
            return self._end(NOT_REACHED)
        try:
            helped = await remedy(pile)
        except CommandError:
            return self._end(NOT_REACHED)
        return self._end(None if helped else UNSOLVED)


class BillingModelFlow(_PileFlow):
    """Gives a pile its prices again."""

    async def async_step_again(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Give them now, or after the charges under way."""
        return await self._attempt(lambda pile: pile.billing.give_again())


class ContestedFlow(_Flow):
    """Pins a pile that two machines take from each other to the address of one of them."""

    @callback
    @override
    def _ask(self) -> RepairsFlowResult:
        placeholders = self._placeholders or {}
        addresses = SelectSelectorConfig(
            options=[placeholders["first"], placeholders["second"]], mode=SelectSelectorMode.LIST
        )
        return self.async_show_form(
            step_id="pin",
            data_schema=vol.Schema({vol.Required(CONF_ADDRESS): SelectSelector(addresses)}),
            description_placeholders=placeholders,
        )

    async def async_step_pin(self, user_input: dict[str, str]) -> RepairsFlowResult:
        """Write down which address is that of the pile; the listener follows, and refuses the other one."""
        entries = self.hass.config_entries
        subentry_id = str((self._issue.data or {})[ATTR_SUBENTRY_ID])
        for entry in entries.async_entries(DOMAIN):
            # A pile that was removed meanwhile needs nothing.
            if (pile := entry.subentries.get(subentry_id)) is not None:
                pinned = {**pile.data, CONF_PINNED_ADDRESS: user_input[CONF_ADDRESS]}
                entries.async_update_subentry(entry, pile, data=pinned)
        return self._end(None)


class FirmwareUpdateFlow(_PileFlow):
    """Sends an update again, or lets a person take note that it failed."""

    @callback
    @override
    def _options(self) -> list[str]:
        pile = self._pile()
        return ["again", "note"] if pile is not None and pile.maintenance.may_update_again else ["note"]

    async def async_step_again(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Send it; how it went comes later, and may be an issue again."""
        return await self._attempt(lambda pile: pile.maintenance.update_again())

    async def async_step_note(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Take note."""
        return self._end(None)


class OfflineCardsFlow(_PileFlow):
    """Sends cards again, or gives up those that a pile refuses."""

    @callback
    @override
    def _options(self) -> list[str]:
        # A card that is only not removed is not wanted anyway.
        return ["again"] if self._issue.translation_key == "offline_cards_not_removed" else ["again", "leave_out"]

    async def async_step_again(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Send the cards that are missing, and the removal of those that should not be there."""
        return await self._attempt(lambda pile: pile.offline_cards.tell_again())

    async def async_step_leave_out(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Do without the cards at this pile."""
        return await self._attempt(lambda pile: pile.offline_cards.leave_out_refused())
