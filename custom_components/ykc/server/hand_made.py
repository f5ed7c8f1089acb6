"""Frames that a person makes by hand: checked, sent over the line like any command, and answered with the reply."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ..protocol import (
    DOWN,
    MAX_BODY,
    MESSAGES,
    UP,
    FieldError,
    Message,
    ParkingLockControl,
    ShortBody,
    TransactionAck,
    TransactionAckV12,
    frame_type,
    from_dict,
    type_text,
)
from .errors import (
    FrameBodyInvalid,
    FrameFieldInvalid,
    FrameNotAnswered,
    FrameNotByHand,
    FrameNotSent,
    FrameOfAnotherPile,
    FrameTypeUnknown,
    NoReply,
)
from .taps import TapFilter, TappedFrame

if TYPE_CHECKING:
    from .pile import Pile

HARMFUL: Final = frozenset({TransactionAck, TransactionAckV12, ParkingLockControl})
"""A pile deletes the bill that is acknowledged, stored here or not; and an arm must not rise under a car."""


def _kind(name: str) -> type[Message]:
    try:
        return MESSAGES[frame_type(name)]
    except KeyError, ValueError:
        raise FrameTypeUnknown(type=name) from None


def hand_made(pile: str, name: str, content: str | Mapping[str, Any]) -> Message:
    """Make the frame `name`, a type or a message's name, for the pile with the code `pile`.

    `content` is the body in hex, or the fields as `protocol.as_dict` gives them, where the pile need not be named.
    Raises a `CommandError`.
    """
    kind = _kind(name)
    if kind.DIRECTION is not DOWN:
        raise FrameNotSent(type=type_text(kind.TYPE))
    if kind in HARMFUL:
        raise FrameNotByHand(type=type_text(kind.TYPE))
    message = _of_hex(kind, content) if isinstance(content, str) else _of_fields(kind, pile, content)
    if (other := getattr(message, "pile", pile)) != pile:
        raise FrameOfAnotherPile(type=type_text(kind.TYPE), pile=pile, other=other)
    return message


def _of_hex(kind: type[Message], body: str) -> Message:
    try:
        message = kind.from_body(bytes.fromhex(body))
    except ShortBody, ValueError:
        message = None
    if message is None or message.extra or len(message.body()) > MAX_BODY:
        layout = kind.LAYOUT
        length = f"{layout.needed} - {MAX_BODY}" if layout.variable else str(layout.needed)
        raise FrameBodyInvalid(type=type_text(kind.TYPE), length=length)
    return message


def _of_fields(kind: type[Message], pile: str, fields: Mapping[str, Any]) -> Message:
    named = {"pile": pile} if any(field.name == "pile" for field in kind.FIELDS) else {}
    try:
        return from_dict(kind, {**named, **fields})
    except FieldError as err:
        raise FrameFieldInvalid(type=type_text(kind.TYPE), field=err.field, allowed=err.allowed) from None


def reply_kind(message: Message, name: str | None) -> int | None:
    """Return the type of the frame that is to be awaited, `name` where it is given; None for none.

    Raises a `CommandError`.
    """
    if name is None:
        return message.REPLY
    kind = _kind(name)
    if kind.DIRECTION is not UP:
        raise FrameNotAnswered(type=type_text(kind.TYPE))
    return kind.TYPE


async def send_by_hand(pile: Pile, message: Message, reply: int | None, patience: float) -> TappedFrame | None:
    """Send a frame, and return the next one of type `reply` from the pile, of the same gun where both name one.

    The reply is not taken from whoever else it is for. The line is held for `patience` seconds at most. Raises
    `PileOffline` and `NoReply`.
    """
    line = pile.line
    async with line.held:
        connection = await line.ready()
        if reply is None:
            connection.send(message)
            return None
        wanted = TapFilter(piles=frozenset({pile.code}), types=frozenset({reply}), direction=UP)
        with line.hope(TappedFrame) as answer:

            def hear(frame: TappedFrame) -> None:
                if not answer.done() and frame.logged_in and _is_of_same_gun(frame.message, message):
                    answer.set_result(frame)

            end = pile.site.taps.subscribe(hear, wanted)
            try:
                connection.send(message)
                async with asyncio.timeout(patience):
                    return await answer
            except TimeoutError:
                raise NoReply(pile=pile.code, seconds=f"{patience:.0f}") from None
            finally:
                end()


def _is_of_same_gun(reply: Message | None, message: Message) -> bool:
    """Tell whether a reply, readable or not, is not of another gun than the message."""
    guns = {getattr(each, "gun", None) for each in (reply, message)} - {None}
    return len(guns) <= 1
