"""What a charge under way may still cost (8.9, 8.10)."""

from decimal import Decimal

from ..protocol import NO_CARD, BalanceResult, BalanceUpdate, BalanceUpdateReply
from .conversation import Conversation, code_slug
from .errors import BalanceRefused, NotCharging


class Balance(Conversation):
    """What is said of the balance."""

    __slots__ = ()

    async def update(self, number: int, balance: Decimal, *, card: str | None = None) -> None:
        """Give the charge of a gun another balance; raises `CommandError`.

        `balance` is CNY, in whole cents. `card` is 16 hex digits: the pile then
        checks whether the charge was begun with it; None has it not check.
        """
        pile = self.pile
        gun = pile.gun(number)
        message = BalanceUpdate(pile=pile.code, gun=gun.wire, card=card or NO_CARD, balance=balance)
        async with pile.line.held:
            # Looked at when the line is free: the charge may have ended meanwhile.
            if gun.order is None and not gun.charging:
                raise NotCharging(pile=pile.code, gun=str(number))
            reply = await pile.line.exchange(message, BalanceUpdateReply)
        if reply.result != BalanceResult.OK:
            raise BalanceRefused(pile=pile.code, gun=str(number), reason=code_slug(reply.result))
