"""What went wrong with a pile, as an error that Home Assistant tells its user."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .server.errors import CommandError, UnknownGun

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
}
"""Refusals whose reason has a sentence of its own; another one is named by its code."""


def _translated(error: CommandError) -> HomeAssistantError:
    kind = ServiceValidationError if isinstance(error, UnknownGun) else HomeAssistantError
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
