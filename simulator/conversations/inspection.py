"""What a strict firmware looks at before it takes a frame. What it does not like it drops without a word."""

from typing import TYPE_CHECKING

from custom_components.ykc.protocol import (
    Direction,
    Frame,
    LoginReply,
    Message,
    OfflineCardsAdd,
    OfflineCardsQuery,
    OfflineCardsRemove,
    TransactionAckBody,
    crc16,
)

if TYPE_CHECKING:
    from simulator.pile import VirtualPile

TRANSACTION_CODE = 14
"""How much of a transaction number is the pile's code, when the platform keeps to the specification."""


def is_for(pile: VirtualPile, message: Message) -> bool:
    """Tell whether a message on a shared line is for this pile."""
    if isinstance(message, TransactionAckBody):
        return pile.records.knows(message.transaction) or message.transaction[:TRANSACTION_CODE] == pile.code
    code: str = getattr(message, "pile", pile.code)
    return code == pile.code


def complaint(pile: VirtualPile, frame: Frame, message: Message) -> str | None:
    """Return what is wrong with a frame of the platform, or None."""
    name = f"{type(message).__name__} {frame.body.hex()}"
    if message.DIRECTION is not Direction.DOWN:
        return f"{name} is for a pile to send, not to get"
    if message.extra:
        return f"{name} is {len(message.extra)} bytes too long"
    if frame.raw[-2:] != crc16(frame.raw[2:-2]).to_bytes(2, "little"):
        return f"{name} has its CRC the wrong way round"
    if not pile.online and not isinstance(message, LoginReply):
        return f"{name} came before the login was accepted"
    if isinstance(message, OfflineCardsAdd | OfflineCardsRemove | OfflineCardsQuery) and message.count != len(
        message.cards
    ):
        return f"{name} announces {message.count} cards and has {len(message.cards)}"
    gun = getattr(message, "gun", None)
    if gun is not None and int(gun) not in pile.guns:
        return f"{name} is for gun {int(gun)}, which does not exist"
    return None
