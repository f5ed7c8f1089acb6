"""One subject that a pile and the platform talk about."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from ..protocol import Code, Message
from .lazy import Lazy

if TYPE_CHECKING:
    from .pile import Pile
    from .site import Site


def code_slug(code: int) -> str:
    """Return a code as a slug, `code_07` where the table has no name."""
    return code.slug if isinstance(code, Code) else f"code_{code:02x}"


class Conversation(Lazy):
    """A subject of the conversation with one pile.

    It takes its messages, keeps its part of the pile's state, and does its
    share when the pile comes and goes. Replies to commands need no route: the
    line gives them to the command that awaits them. There may be thousands of
    each, so a subject has slots, and makes what few piles need when it is needed.
    """

    __slots__ = ("pile",)

    TAKES: ClassVar[Mapping[type[Message], Callable[[Any, Any, bytes], None]]] = MappingProxyType({})
    """The methods that take messages: of the conversation, with the sequence bytes."""

    def __init__(self, pile: Pile) -> None:
        """Know nothing yet."""
        self.pile = pile

    @property
    def site(self) -> Site:
        """What all piles of the listener share."""
        return self.pile.site

    async def greet(self) -> None:
        """Do what is to be done after each login, and daily while the pile is there.

        The conversations greet one after the other, and each command is done
        with `quietly`: no person waits for it.
        """

    def suspend(self) -> None:
        """Let nothing be due until the pile is back: its connection is gone."""
