"""A value like another but for some of its fields, for values that are replaced with every report.

`dataclasses.replace` looks at each field's declaration anew each time, which costs several times as much.
"""

from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def _copier(kind: type[Any]) -> Callable[[Any, Any], None]:
    """Return what copies all fields of a dataclass with slots."""
    names: tuple[str, ...] = kind.__slots__
    source = "\n    ".join(["def copy(old, new):", *(f"new.{name} = old.{name}" for name in names)])
    made: dict[str, Callable[[Any, Any], None]] = {}
    # The names are those of the class's own fields.
    exec(source, {}, made)  # noqa: S102
    return made["copy"]


def changed[T](value: T, **changes: Any) -> T:
    """Return a dataclass with slots, one that is not frozen, that differs from `value` in `changes`."""
    kind = type(value)
    new = object.__new__(kind)
    _copier(kind)(value, new)
    for name, field in changes.items():
        setattr(new, name, field)
    return new
