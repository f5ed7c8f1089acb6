"""What a person is told when something did not come about."""

from collections.abc import Mapping
from typing import Any


class Failed(Exception):
    """Something that was waited for did not happen; the text is for a person."""


class Refused(Failed):
    """Home Assistant answered a websocket command with an error."""

    def __init__(self, command: str, error: Mapping[str, Any]) -> None:
        """Keep what a test compares: the code and the key of the translated text."""
        self.code: str = error["code"]
        self.translation_key: str | None = error.get("translation_key")
        super().__init__(f"{command}: {error['message']} ({self.code})")
