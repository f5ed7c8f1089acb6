"""Counts what went wrong, and logs it without letting a peer fill the log."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
import logging
import time
import traceback

from .limits import LOG_INTERVAL, MAX_LOG_INTERVAL

_LOGGER = logging.getLogger(__name__)


@dataclass(slots=True)
class _Logged:
    """When a kind was logged last, at which count, and how long it rests."""

    when: float
    count: int
    pause: float


class Trouble:
    """Counted kinds of trouble of one listener.

    The first of a kind is logged at once; later ones are counted, and logged
    with their count after pauses that grow while the trouble goes on. Kinds are
    a fixed set of slugs, so neither the counts nor the log grow with what peers
    send.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Start with nothing counted."""
        self.counts: Counter[str] = Counter()
        self._now = now
        self._logged: dict[str, _Logged] = {}

    @property
    def refused_connections(self) -> int:
        """How many connections were refused at once: from where nobody may connect, or for want of room."""
        return self.counts["foreign_connection"] + self.counts["refused_connection"]

    @property
    def refused_logins(self) -> int:
        """How many logins were refused: of piles that are not approved, or that may not come from there."""
        return self.counts["refused_login"] + self.counts["foreign_login"]

    def note(
        self,
        kind: str,
        text: str,
        *args: object,
        level: int = logging.WARNING,
        error: BaseException | None = None,
    ) -> None:
        """Count one `kind`, and log `text % args` when its time has come.

        Of an `error` is logged where it was raised and what it is, and not its text: that may quote what a peer sent.
        """
        self.counts[kind] += 1
        now, count = self._now(), self.counts[kind]
        logged = self._logged.get(kind)
        if logged is None:
            logged = self._logged[kind] = _Logged(now, count, LOG_INTERVAL)
        else:
            rest = now - logged.when
            if rest < logged.pause:
                return
            if missed := count - logged.count - 1:
                text += f" (and {missed} more of this kind since the last such line)"
            # Trouble that had gone away begins anew.
            pause = LOG_INTERVAL if rest > 2 * logged.pause else min(2 * logged.pause, MAX_LOG_INTERVAL)
            logged.when, logged.count, logged.pause = now, count, pause
        if error is not None:
            text, args = text + "\n%s", (*args, where_raised(error))
        _LOGGER.log(level, text, *args)


def where_raised(error: BaseException) -> str:
    """Return the traceback of an error and of what led to it, the last one first, without their texts."""
    told, known = [], set[int]()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in known:
        known.add(id(cause))
        told.append("".join(traceback.format_tb(cause.__traceback__)) + type(cause).__qualname__)
        cause = cause.__cause__ or cause.__context__
    return "\nfrom:\n".join(told)
