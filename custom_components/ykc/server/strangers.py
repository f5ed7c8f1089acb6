"""The connections that have not logged in, bounded so that no address takes the room of all."""

from .connection import Connection
from .limits import MAX_STRANGERS, MAX_STRANGERS_PER_ADDRESS


class Strangers:
    """Connections by address, in the order in which they came."""

    def __init__(self) -> None:
        """Begin with none."""
        self._of: dict[str, dict[Connection, None]] = {}
        self._count = 0

    def total(self) -> int:
        """Return how many there are."""
        return self._count

    def add(self, connection: Connection) -> Connection | None:
        """Take one up; return which one is to be closed where there are too many now.

        A crowd of one address makes room for others, and who has said nothing for longest for who comes: whoever holds
        connections open shuts no pile out, not even one behind the same router.
        """
        own = self._of.setdefault(connection.address, {})
        own[connection] = None
        self._count += 1
        if len(own) > MAX_STRANGERS_PER_ADDRESS:
            return next(iter(own))
        if self._count <= MAX_STRANGERS:
            return None
        crowd = max(self._of.values(), key=len)
        return next(iter(crowd))

    def remove(self, connection: Connection) -> None:
        """Let go of one that has logged in, or has ended."""
        own = self._of.get(connection.address, {})
        if connection in own:
            del own[connection]
            self._count -= 1
            if not own:
                del self._of[connection.address]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._of)
