"""Bytes in hex without the secrets among them.

What a field is to be kept from says its declaration (`secret=True`). Where a secret may be and its place is not known,
nothing of the body is shown: in a frame of an unknown type, in one that is encrypted, and in a short one of a type that
has secrets.
"""

from .framing import Frame
from .message import MESSAGES, Message

_HIDDEN = "**"
_HEADER = 6
_CRC = 2


def has_secrets(kind: type[Message]) -> bool:
    """Tell whether messages of a class hold what is shown to nobody."""
    return any(field.secret for field in kind.FIELDS)


def masked_body(message: Message) -> str:
    """Return a message's body in hex, each byte of a secret as `**`, and those behind its table with them."""
    pairs = [f"{byte:02x}" for byte in message.body()]
    if has_secrets(type(message)):
        end = 0
        for field, start, end in message.places():
            if field.secret:
                pairs[start:end] = [_HIDDEN] * (end - start)
        pairs[end:] = [_HIDDEN] * (len(pairs) - end)
    return "".join(pairs)


def masked_frame(frame: Frame, message: Message | None) -> str:
    """Return a frame in hex; `message` is what it was decoded to, if that could be done.

    The CRC is hidden with the secrets: it would tell whether a guess is right.
    """
    kind = MESSAGES.get(frame.type)
    if kind is not None and not has_secrets(kind) and not frame.encrypted:
        return frame.raw.hex()
    body = _HIDDEN * len(frame.body) if message is None else masked_body(message)
    return f"{frame.raw[:_HEADER].hex()}{body}{_HIDDEN * _CRC}"
