"""The QR codes on a pile's screen. No chapter of the specification has them: piles know one of three dialects.

What is known of them comes from other platforms and from public firmware: most
piles forget the code when they lose power.
"""

from enum import StrEnum
from typing import Final

from ..protocol import (
    CommandResult,
    GunQrCode,
    GunQrCodeReply,
    LocalQrCode,
    LocalQrCodeReply,
    Message,
    QrCode,
    QrCodeReply,
    QrFormat,
    QrResult,
)
from .conversation import Conversation
from .errors import QrCodeOfPile, QrCodeRefused, QrTextInvalid
from .gun import Gun

MAX_QR_TEXT: Final = 200
"""ASCII characters."""


class QrDialect(StrEnum):
    """How a pile is told its QR code."""

    COMMON = "common"
    """0xF0: one text for all guns, to which the pile may append its code. It answers 0 for done, 1 for failed."""
    PER_GUN = "per_gun"
    """0x5A: a text for each gun. The pile answers 1 for done, 0 for failed."""
    LOCAL = "local"
    """0x9C: the same in a frame that does not name the pile."""


class QrCodes(Conversation):
    """What is said of QR codes."""

    __slots__ = ()

    async def show(self, text: str, *, gun: int | None, dialect: QrDialect, whole: bool) -> None:
        """Show a QR code at one gun, or at all where `gun` is None; raises `CommandError`.

        In the common dialect the pile takes the text as a prefix, unless `whole`;
        the others know no prefix.
        """
        pile = self.pile
        if not 0 < len(text) <= MAX_QR_TEXT or not text.isascii() or not text.isprintable():
            raise QrTextInvalid(limit=str(MAX_QR_TEXT))
        guns = [*pile.guns.values()] if gun is None else [pile.gun(gun)]
        if dialect is QrDialect.COMMON:
            if len(guns) != len(pile.guns):
                raise QrCodeOfPile(pile=pile.code)
            message = QrCode(pile=pile.code, format=QrFormat.WHOLE if whole else QrFormat.PREFIX, text=text)
            reply = await pile.line.command(message, QrCodeReply)
            self._check(reply.result, done=QrResult.OK)
            return
        for one in guns:
            await self._show_at(one, text, dialect)

    async def _show_at(self, gun: Gun, text: str, dialect: QrDialect) -> None:
        pile, number = self.pile, gun.number
        message: Message
        kind: type[GunQrCodeReply | LocalQrCodeReply]
        if dialect is QrDialect.PER_GUN:
            message, kind = GunQrCode(pile=pile.code, gun=gun.wire, text=text), GunQrCodeReply
        else:
            message, kind = LocalQrCode(gun=number, text=text), LocalQrCodeReply
        reply = await pile.line.command(message, kind, gun=number)
        self._check(reply.result, done=CommandResult.OK)

    def _check(self, result: int, *, done: int) -> None:
        """Raise what a pile answered but 'done': beyond that its numbers mean what its maker meant."""
        if result != done:
            raise QrCodeRefused(pile=self.pile.code, result=str(int(result)))
