"""A value like another but for some of its fields, for values that are replaced with every report.

`dataclasses.replace` looks at each field's declaration anew each time, which costs several times as much.
"""

from collections.abc import Callable
from typing import Any, Final

type _Copier = Callable[[Any, Any], None]

_COPIERS: Final[dict[type[Any], _Copier]] = {}
"""What copies all fields of a value to another one, by their class."""


def _copier(kind: type[Any]) -> _Copier:
    """Make it for a dataclass with slots."""
    names: tuple[str, ...] = kind.__slots__
    source = "\n    ".join(["def copy(old, new):", *(f"new.{name} = old.{name}" for name in names)])
    made: dict[str, _Copier] = {}
    exec(source, {}, made)  # noqa: S102 - generated from the declarations only
    return _COPIERS.setdefault(kind, made["copy"])


def changed[T](value: T, **changes: Any) -> T:
    """Return a dataclass with slots, one that is not frozen, that differs from `value` in `changes`."""
    kind = type(value)
    new = object.__new__(kind)
    (_COPIERS.get(kind) or _copier(kind))(value, new)
    for name, field in changes.items():
        setattr(new, name, field)
    return new
