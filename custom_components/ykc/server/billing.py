"""Which billing model a pile has: it asks whether its own is the right one (6.5 to 6.8)."""

from typing import ClassVar

from ..protocol import BillingModelCheck, BillingModelCheckReply, BillingModelRequest, ModelCheck
from .conversation import Conversation
from .tariff import UNSET_NUMBER


class Billing(Conversation):
    """What is said of prices."""

    def _check(self, message: BillingModelCheck, sequence: bytes) -> None:
        model = self.site.billing_model
        same = message.model == model.number or (
            # A model is handed out while the pile is idle (6.6), unless it has none.
            message.model != UNSET_NUMBER and self.pile.charges.under_way
        )
        result = ModelCheck.SAME if same else ModelCheck.DIFFERS
        self.pile.reply(BillingModelCheckReply(pile=self.pile.code, model=message.model, result=result), sequence)

    def _request(self, message: BillingModelRequest, sequence: bytes) -> None:
        self.pile.reply(self.site.billing_model.reply(self.pile.code), sequence)

    TAKES: ClassVar = {BillingModelCheck: _check, BillingModelRequest: _request}
