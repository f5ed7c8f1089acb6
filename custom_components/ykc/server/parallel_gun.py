"""What one gun is to a parallel charge: several guns of a pile that charge one car (chapter 12)."""

from dataclasses import dataclass
from typing import Final

from ..protocol import Role

ROLES: Final = tuple(role.slug for role in Role)


def role_slug(role: int) -> str | None:
    """Return `main` or `auxiliary`; None for what the table does not have."""
    return role.slug if isinstance(role, Role) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelGun:
    """A gun's part in a parallel charge."""

    number: str
    """The charge's own, 12 hex digits: the time at which it was asked for; the same for all its guns."""
    guns: tuple[int, ...] = ()
    """All guns that are known to belong to it, this one among them, in ascending order."""
    role: str | None = None
    """`main` or `auxiliary`, as the pile says; None until it did."""
