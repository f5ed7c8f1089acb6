"""How fast a pile may have Home Assistant write states and tell events.

A pile that is let in may report a thousand times a second. Each report is taken, but Home Assistant's recorder, which
gives up when it falls too far behind, gets no more of them than a house has use for.
"""


class Pace:
    """Lets some of each kind through at once, and then one in each interval."""

    def __init__(self, burst: int, interval: float) -> None:
        """Let `burst` of a kind through at once, and then one in each `interval` of seconds."""
        self._ahead = (burst - 1) * interval
        self._interval = interval
        self._due: dict[int, float] = {}
        """By kind, when its next one would be due if none came sooner."""

    def lets(self, kind: int, now: float) -> bool:
        """Tell whether one of a kind may pass at `now`, in monotonic seconds, and count it if so."""
        due = max(self._due.get(kind, now), now)
        if due - now > self._ahead:
            return False
        self._due[kind] = due + self._interval
        return True
