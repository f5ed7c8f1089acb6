"""What a pile answers to the platform: one small handler per frame, a module per chapter.

A new conversation is a function with `@answers(TheMessage)`, in a module that is imported at the end of this file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from custom_components.ykc.protocol import Message

if TYPE_CHECKING:
    from simulator.pile import VirtualPile


@dataclass(frozen=True, slots=True)
class Request[M: Message]:
    """A message of the platform to a pile that shall act on it."""

    pile: VirtualPile
    message: M
    sequence: bytes

    def reply(self, message: Message) -> None:
        """Answer, with the sequence number of the request."""
        self.pile.post.send(message, sequence=self.sequence)


type Handler = Callable[[Request[Any]], None]

_HANDLERS: dict[type[Message], Handler] = {}


def answers[M: Message](*kinds: type[M]) -> Callable[[Callable[[Request[M]], None]], Callable[[Request[M]], None]]:
    """Make a function the one that is called for some kinds of messages.

    Inspection has seen by then that a gun which the message names exists.
    """

    def register(handler: Callable[[Request[M]], None]) -> Callable[[Request[M]], None]:
        for kind in kinds:
            if kind in _HANDLERS:
                raise TypeError(f"{kind.__name__} is answered already")
            _HANDLERS[kind] = handler
        return handler

    return register


def handler_of(message: Message) -> Handler | None:
    """Return who acts on a message; None for a reply that somebody waits for."""
    return _HANDLERS.get(type(message))


# The handlers register themselves.
from . import access, cards, charging, maintenance, parallel, parking, registration, settings  # noqa: E402, F401
