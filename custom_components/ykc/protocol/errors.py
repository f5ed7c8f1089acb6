"""What can go wrong between bytes and messages."""

import reprlib
from typing import Final

MASK: Final = "***"
"""Stands for what is shown to nobody."""


class ProtocolError(Exception):
    """Base of every error of this package."""


class DecodeError(ProtocolError, ValueError):
    """A frame that is whole but cannot be given as a message; `slug` says why."""

    slug: str


class UnknownFrame(DecodeError):
    """A frame type that neither V1.6 nor a known variant defines."""

    slug = "unknown_type"

    def __init__(self, frame_type: int) -> None:
        """Remember the frame type."""
        super().__init__(f"unknown frame type 0x{frame_type:02X}")
        self.frame_type = frame_type


class EncryptedFrame(DecodeError):
    """A frame whose body is encrypted: V1.6 names 3DES but no way to agree on a key."""

    slug = "encrypted"

    def __init__(self, frame_type: int, flag: int) -> None:
        """Remember the frame type and the flag."""
        super().__init__(f"frame 0x{frame_type:02X} is encrypted (flag {flag})")
        self.frame_type = frame_type
        self.flag = flag


class ShortBody(DecodeError):
    """A body that ends before its table does."""

    slug = "short_body"

    def __init__(self, name: str, length: int, needed: int) -> None:
        """Remember what came (`length`) and what the table asks (`needed`), in bytes."""
        super().__init__(f"{name}: body of {length} bytes, {needed} needed")
        self.name = name
        self.length = length
        self.needed = needed


class FieldError(ProtocolError, ValueError):
    """A value that does not fit its field in a newly made message."""

    def __init__(self, message: str, field: str, value: object, allowed: str, *, secret: bool = False) -> None:
        """Name the message, the field, the value unless it is `secret`, and what the field takes."""
        super().__init__(f"{message}.{field} = {MASK if secret else reprlib.repr(value)}: must be {allowed}")
        self.message = message
        self.field = field
        self.value = value
        self.allowed = allowed
