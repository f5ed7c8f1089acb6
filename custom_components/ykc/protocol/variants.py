"""Frames outside V1.6's table that real piles know: three dialects of setting the QR code on a pile's screen.

Older and newer transaction records are in records.py.
"""

from .codes import DOWN, UP, CommandResult, QrFormat, QrResult
from .fields import Gun, gun, length_of, pile_code, rest_text, u8
from .message import Message

_MAX_TEXT = 200


class QrCode(Message, type=0xF0, direction=DOWN, zh="二维码下发", reply=0xF1):
    """Sets the QR code of all guns, the common dialect."""

    pile: str = pile_code()
    format: QrFormat | int = u8("二维码格式", enum=QrFormat)
    length: int = length_of("text", "二维码长度", init=False)
    text: str = rest_text("二维码", limit=_MAX_TEXT, length="length")


class QrCodeReply(Message, type=0xF1, direction=UP, zh="二维码下发应答"):
    """Whether the pile took the QR code."""

    pile: str = pile_code()
    result: QrResult | int = u8("设置结果", enum=QrResult)


class GunQrCodeReply(Message, type=0x59, direction=UP, zh="枪二维码下发应答"):
    """Whether the pile took the QR code of a gun."""

    pile: str = pile_code()
    gun: Gun = gun()
    result: CommandResult | int = u8("设置结果", enum=CommandResult)


class GunQrCode(Message, type=0x5A, direction=DOWN, zh="枪二维码下发", reply=0x59):
    """Sets the QR code of one gun, the second dialect; some firmware reads 100 bytes of text whatever came."""

    pile: str = pile_code()
    gun: Gun = gun()
    text: str = rest_text("二维码", limit=_MAX_TEXT)


class LocalQrCodeReply(Message, type=0x9B, direction=UP, zh="枪二维码下发应答"):
    """Whether the pile took the QR code of a gun."""

    pile: str = pile_code()
    gun: Gun = gun(binary=True)
    result: CommandResult | int = u8("设置结果", enum=CommandResult)


class LocalQrCode(Message, type=0x9C, direction=DOWN, zh="枪二维码下发", reply=0x9B):
    """Sets the QR code of one gun, the third dialect, which does not name the pile."""

    gun: Gun = gun(binary=True)
    length: int = length_of("text", "二维码长度", 2, init=False)
    text: str = rest_text("二维码", limit=_MAX_TEXT, length="length")
