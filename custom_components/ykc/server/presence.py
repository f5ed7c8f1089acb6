"""Whether a pile is there: longer than its connection, and not as long as its silence."""

from .limits import Timing


class Presence:
    """How long one pile counts as online, see `PileState.online`; all times are monotonic."""

    __slots__ = ("_left", "_timing", "heard", "online")

    def __init__(self, timing: Timing) -> None:
        """Begin offline."""
        self.online = False
        self.heard = 0.0
        """When the pile said something last."""
        self._left: float | None = None
        """When its connection went."""
        self._timing = timing

    def heard_within(self, seconds: float, now: float) -> bool:
        """Tell whether the pile said something in the last seconds."""
        return now - self.heard <= seconds

    def arrive(self, now: float) -> None:
        """Be online, until the pile leaves or falls silent."""
        self.online = True
        self.heard = now
        self._left = None

    def leave(self, now: float) -> None:
        """Be offline soon: the connection is gone."""
        self._left = now

    @property
    def due(self) -> float | None:
        """When the pile is offline unless it is heard of; None where it is that already."""
        if not self.online:
            return None
        if self._left is not None:
            return self._left + self._timing.short_absence
        # That is longer than a short absence already.
        return self.heard + self._timing.silence
