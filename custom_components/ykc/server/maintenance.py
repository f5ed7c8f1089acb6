"""Reboot and update of a pile's software (chapter 11)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from ..protocol import CommandResult, Reboot, RebootReply, Update, UpdateModel, UpdateReply, UpdateResult, When
from .conversation import Conversation
from .errors import RebootRefused, UpdateFieldInvalid

if TYPE_CHECKING:
    from .pile import Pile

type UpdateOutcome = Literal["succeeded", "wrong_pile", "wrong_model", "download_timeout", "unknown_code"]

_OUTCOMES: Final[dict[int, UpdateOutcome]] = {
    UpdateResult.OK: "succeeded",
    UpdateResult.WRONG_PILE: "wrong_pile",
    UpdateResult.WRONG_MODEL: "wrong_model",
    UpdateResult.DOWNLOAD_TIMEOUT: "download_timeout",
}
UPDATE_OUTCOMES: Final[tuple[UpdateOutcome, ...]] = (*_OUTCOMES.values(), "unknown_code")

TEXT_LIMITS: Final = {"server": 16, "user": 16, "password": 16, "path": 32}
"""ASCII characters that the texts of an update may have (11.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareSource:
    """New software, and where the pile fetches it by FTP (11.3)."""

    server: str
    port: int
    user: str
    password: str = field(repr=False)
    path: str
    model: Literal["dc", "ac"]
    power: int
    """KW of the pile that the software is for."""
    timeout: int
    """Minutes that the download may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareUpdate:
    """How an update ended (11.4)."""

    outcome: UpdateOutcome
    code: int
    """As the pile sent it."""
    received: datetime


class Maintenance(Conversation):
    """What is said of reboots and updates."""

    __slots__ = ("_sent", "firmware_update")

    def __init__(self, pile: Pile) -> None:
        """Know of no update."""
        super().__init__(pile)
        self.firmware_update: FirmwareUpdate | None = None
        """The last one that ended since this side runs: the pile tells it once."""
        self._sent: tuple[FirmwareSource, bool] | None = None
        """The last one that was sent and has not succeeded, and whether it waits for the last charge."""

    async def reboot(self, *, when_idle: bool) -> None:
        """Reboot the pile, at once or after its last charge (11.1); raises `CommandError`.

        The pile has agreed when this returns; it is away for a while after that.
        """
        pile = self.pile
        command = Reboot(pile=pile.code, when=_when(when_idle=when_idle))
        reply = await pile.line.command(command, RebootReply)
        if reply.result != CommandResult.OK:
            raise RebootRefused(pile=pile.code)

    async def update(self, source: FirmwareSource, *, when_idle: bool) -> None:
        """Let the pile fetch new software, at once or after its last charge (11.3); raises `CommandError`.

        The command is sent when this returns. No pile answers it before the update
        ran, which may be hours later: then `firmware_update` says how it ended.
        """
        pile = self.pile
        for name, limit in TEXT_LIMITS.items():
            text: str = getattr(source, name)
            if len(text) > limit or not text.isascii() or not text.isprintable():
                raise UpdateFieldInvalid(field=name, limit=str(limit))
        command = Update(
            pile=pile.code,
            model=UpdateModel.AC if source.model == "ac" else UpdateModel.DC,
            power=source.power,
            server=source.server,
            port=source.port,
            user=source.user,
            password=source.password,
            path=source.path,
            when=_when(when_idle=when_idle),
            timeout=source.timeout,
        )
        async with pile.line.held:
            connection = await pile.line.ready()
            connection.send(command)
        self._sent = source, when_idle

    @property
    def may_update_again(self) -> bool:
        """Whether it is known what was sent: it has a password, so nothing keeps it over a restart."""
        return self._sent is not None

    async def update_again(self) -> bool:
        """Send the last update once more; False where none is known. Raises `CommandError`."""
        if self._sent is None:
            return False
        source, when_idle = self._sent
        await self.update(source, when_idle=when_idle)
        return True

    def _updated(self, message: UpdateReply, sequence: bytes) -> None:
        self.firmware_update = FirmwareUpdate(
            outcome=_OUTCOMES.get(message.result, "unknown_code"),
            code=int(message.result),
            received=self.site.now(),
        )
        if self.firmware_update.outcome == "succeeded":
            self._sent = None
        self.pile.publish()

    TAKES: ClassVar = {UpdateReply: _updated}


def _when(*, when_idle: bool) -> When:
    return When.WHEN_IDLE if when_idle else When.NOW
