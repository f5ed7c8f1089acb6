"""Parts that are made when they are first asked for: most piles never need most of theirs."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar


class Lazy:
    """An object with slots of which some are filled when they are first read."""

    __slots__ = ()

    PARTS: ClassVar[Mapping[str, Callable[[Any], object]]] = MappingProxyType({})
    """How each part is made, of the object."""

    if not TYPE_CHECKING:  # What there is to read, the annotations of the slots say.

        def __getattr__(self, name: str) -> object:
            """Make a part: only a slot without a value is looked for here."""
            make = self.PARTS.get(name)
            if make is None:
                raise AttributeError(f"{type(self).__name__} has no {name}")
            part = make(self)
            setattr(self, name, part)
            return part

    def made(self, name: str) -> Any:
        """Return a part that was made already, or None."""
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            return None
