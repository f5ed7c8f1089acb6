"""What went wrong with a pile, as an error that Home Assistant tells its user."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .protocol import UNKNOWN_CODE
from .server.errors import (
    BillAwaited,
    CommandError,
    FrameBodyInvalid,
    FrameFieldInvalid,
    FrameNotAnswered,
    FrameNotByHand,
    FrameNotSent,
    FrameOfAnotherPile,
    FrameTypeUnknown,
    NoStateOfCharge,
    OfflineCardBarred,
    ParallelNeedsGuns,
    PileNotInLedger,
    PileNotRemoved,
    PileUnpaid,
    QrCodeOfPile,
    QrTextInvalid,
    UnknownGun,
    UpdateFieldInvalid,
)

REASONS: Final = {
    "start_refused": frozenset(
        {
            "wrong_pile",
            "already_charging",
            "fault",
            "offline",
            "not_plugged",
            "none",
            # Seen in the field: tariff invalid, updating, disabled, balance too low.
            "code_07",
            "code_08",
            "code_09",
            "code_4e",
        }
    ),
    "stop_refused": frozenset({"wrong_pile", "not_charging", "other", "none"}),
    "balance_refused": frozenset({"wrong_pile", "wrong_card"}),
}
"""Refusals whose reason has a sentence of its own; another one is named by its code."""

_WRONG_REQUESTS: Final = (
    BillAwaited,
    FrameBodyInvalid,
    FrameFieldInvalid,
    FrameNotAnswered,
    FrameNotByHand,
    FrameNotSent,
    FrameOfAnotherPile,
    FrameTypeUnknown,
    NoStateOfCharge,
    OfflineCardBarred,
    ParallelNeedsGuns,
    PileNotInLedger,
    PileNotRemoved,
    PileUnpaid,
    QrCodeOfPile,
    QrTextInvalid,
    UnknownGun,
    UpdateFieldInvalid,
)
"""What no pile could do."""


def _translated(error: CommandError, name: str | None) -> HomeAssistantError:
    kind = ServiceValidationError if isinstance(error, _WRONG_REQUESTS) else HomeAssistantError
    key, placeholders = error.key, error.placeholders
    if name is not None and "pile" in placeholders:
        placeholders = {**placeholders, "pile": name}
    if key in REASONS:
        reason = placeholders["reason"]
        if reason == UNKNOWN_CODE:
            reason = "none"
        if reason in REASONS[key]:
            key = f"{key}_{reason}"
        else:
            placeholders = {**placeholders, "reason": reason.removeprefix("code_").upper()}
    return kind(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


@contextmanager
def translated_errors(name: str | None = None) -> Iterator[None]:
    """Raise what a command runs into in the user's language; `name` is what people call the pile that it is for."""
    try:
        yield
    except CommandError as error:
        raise _translated(error, name) from error
