"""Counts what went wrong, and logs it without letting a peer fill the log."""

from collections import Counter
from collections.abc import Callable
import logging
import time

from .limits import LOG_INTERVAL

_LOGGER = logging.getLogger(__name__)


class Trouble:
    """Counted kinds of trouble of one listener.

    The first of a kind is logged at once; later ones are counted, and logged
    with their count once `LOG_INTERVAL` has passed. Kinds are a fixed set of
    slugs, so neither the counts nor the log grow with what peers send.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Start with nothing counted."""
        self.counts: Counter[str] = Counter()
        self._now = now
        self._logged: dict[str, tuple[float, int]] = {}

    def note(self, kind: str, text: str, *args: object, level: int = logging.WARNING) -> None:
        """Count one `kind`, and log `text % args` when its time has come."""
        self.counts[kind] += 1
        now = self._now()
        when, count = self._logged.get(kind, (float("-inf"), 0))
        if now - when < LOG_INTERVAL:
            return
        missed = self.counts[kind] - count - 1
        self._logged[kind] = (now, self.counts[kind])
        if missed:
            text += f" (and {missed} more of this kind since the last such line)"
        _LOGGER.log(level, text, *args)
