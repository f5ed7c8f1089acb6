"""Frames that may be shown to strangers: whole, readable, and without what tells whose they are.

The code of a pile becomes a stand-in of the same length, the same one each time, wherever it is and however it is
written. The bytes of cards, VINs, addresses and the like become `*`; where one may be and its place is not known, the
whole body does. The CRC fits what is shown then, and tells nothing of what was there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from .errors import DecodeError
from .framing import Frame, encode_frame
from .message import MESSAGES, Declared, Message, decode

PRIVATE: Final = frozenset(
    {
        "account_or_card",
        "cable_code",
        "card",
        "logical_card",
        "password",
        "path",
        "server",
        "sim",
        "text",
        "user",
        "vin",
    }
)
"""Names of the fields that are nobody's business, in messages and in the groups within them."""

_CODED: Final = frozenset({"pile", "transaction"})
"""Names of the fields that begin with a pile's code."""
_CODE: Final = 7
_HIDDEN: Final = b"*"


class StandIns:
    """What is shown in place of each pile's code."""

    def __init__(self, codes: Iterable[str] = ()) -> None:
        """Know some codes, 14 hex digits each."""
        self._stand_ins: dict[str, str] = {}
        self._bytes: dict[bytes, bytes] = {}
        self._texts: dict[str, str] = {}
        for code in codes:
            self.of(code)

    def of(self, code: str) -> str:
        """Return what stands for a code: 14 hex digits that no pile has. All 0 is no code, and stays."""
        if not code.strip("0") or code in self._stand_ins.values():
            return code
        if code not in self._stand_ins:
            self._add(code, f"ffffffffff{len(self._stand_ins) + 1:04x}")
        return self._stand_ins[code]

    def _add(self, code: str, stand_in: str) -> None:
        self._stand_ins[code] = stand_in
        self._texts |= {code: stand_in, code.upper(): stand_in, code[::-1]: stand_in[::-1]}
        for old, new in (
            (bytes.fromhex(code), bytes.fromhex(stand_in)),
            (code.encode(), stand_in.encode()),
            (code.upper().encode(), stand_in.encode()),
        ):
            both = {old: new, old[::-1]: new[::-1]}
            self._bytes |= both
            self._texts |= {form.hex(): shown.hex() for form, shown in both.items()}

    def in_bytes(self, data: bytes) -> bytes:
        """Put the stand-ins where the codes are: packed or as text, straight or in reverse."""
        return b"".join(_replaced(data, self._bytes, (2 * _CODE, _CODE)))

    def in_text(self, text: str) -> str:
        """Put the stand-ins where the codes are: as text, or in hex what `in_bytes` finds."""
        return "".join(_replaced(text, self._texts, (4 * _CODE, 2 * _CODE)))


def _replaced[T: (str, bytes)](whole: T, known: Mapping[T, T], lengths: Sequence[int]) -> Iterator[T]:
    """Give the parts of a text, with those that are known, of some lengths, the longest first, replaced.

    It takes as long with thousands of known ones as with one: hundreds of piles have a hundred frames each.
    """
    done = at = 0
    while at <= len(whole) - lengths[-1]:
        for length in lengths:
            new = known.get(whole[at : at + length])
            if new is not None:
                yield whole[done:at]
                yield new
                done = at = at + length
                break
        else:
            at += 1
    yield whole[done:]


def anonymous_frame(frame: Frame, stand_ins: StandIns) -> Frame:
    """Return a frame without what is private in it."""
    try:
        message = decode(frame)
    except DecodeError:
        body = _unread_body(frame)
    else:
        body = _hidden_body(message, stand_ins)
    return Frame(encode_frame(frame.type, stand_ins.in_bytes(body), frame.sequence, frame.encrypted))


def _unread_body(frame: Frame) -> bytes:
    """Return the body of a frame that could not be decoded: who knows what is where."""
    kind = MESSAGES.get(frame.type)
    if kind is None or frame.encrypted or _has_private(kind):
        return _HIDDEN * len(frame.body)
    return frame.body


@cache
def _has_private(kind: type[Declared]) -> bool:
    groups = (getattr(field.kind, "group", None) for field in kind.FIELDS)
    return any(field.name in PRIVATE for field in kind.FIELDS) or any(map(_has_private, filter(None, groups)))


def nobodys_body(message: Message) -> bytes:
    """Return a body of the same length that says the same of nobody: zeros where something private was."""
    return _without_private(message, b"\0")


def _hidden_body(message: Message, stand_ins: StandIns) -> bytes:
    """Return a body with what is private hidden, and have a stand-in for each code in it."""
    body = message.body()
    for name, start, _ in _places(message, 0):
        if name in _CODED:
            stand_ins.of(body[start : start + _CODE].hex())
    return _without_private(message, _HIDDEN)


def _without_private(message: Message, mark: bytes) -> bytes:
    """Return a body with a mark in place of each byte that is private, and of those behind the table."""
    body, end = bytearray(message.body()), 0
    for name, start, end in _places(message, 0):
        # Nothing but zeros is nobody's.
        if name in PRIVATE and any(body[start:end]):
            body[start:end] = mark * (end - start)
    if _has_private(type(message)):
        body[end:] = mark * (len(body) - end)
    return bytes(body)


def _places(values: Declared, offset: int) -> Iterator[tuple[str, int, int]]:
    """Give the name of each field with the bounds of its bytes, and of those in groups that have private ones."""
    for field, start, end in values.places():
        group = getattr(field.kind, "group", None)
        if group is None:
            yield field.name, offset + start, offset + end
            continue
        if not _has_private(group):
            continue
        at = offset + start
        for item in getattr(values, field.name):
            yield from _places(item, at)
            at += len(item.body())
