"""What went wrong with a pile, as an error that Home Assistant tells its user."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .server.errors import CommandError, QrCodeOfPile, QrTextInvalid, UnknownGun, UpdateFieldInvalid

REASONS: Final = {
    "start_refused": frozenset(
        {
            "wrong_pile",
            "already_charging",
            "fault",
            "offline",
            "not_plugged",
            # Seen in the field: tariff invalid, updating, disabled, balance too low.
            "code_07",
            "code_08",
            "code_09",
            "code_4e",
        }
    ),
    "stop_refused": frozenset({"wrong_pile", "not_charging", "other"}),
    "balance_refused": frozenset({"wrong_pile", "wrong_card"}),
}
"""Refusals whose reason has a sentence of its own; another one is named by its code."""

_WRONG_REQUESTS: Final = (QrCodeOfPile, QrTextInvalid, UnknownGun, UpdateFieldInvalid)
"""What no pile could do."""


def _translated(error: CommandError) -> HomeAssistantError:
    kind = ServiceValidationError if isinstance(error, _WRONG_REQUESTS) else HomeAssistantError
    key = error.key
    if (reason := error.placeholders.get("reason")) in REASONS.get(key, ()):
        key = f"{key}_{reason}"
    return kind(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=error.placeholders,
    )


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise what a command runs into in the user's language."""
    try:
        yield
    except CommandError as error:
        raise _translated(error) from error
