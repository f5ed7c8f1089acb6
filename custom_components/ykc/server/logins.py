"""Whose login a pile's code was: who was refused, and whether two machines take the pile from each other.

The newest login wins, since a pile that lost its link dials anew while its old connection still looks alive. So
whoever knows a code can push the pile off. One such takeover means nothing; several in a short time are told.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
import logging
from typing import Final

from .limits import MAX_SLOW_TAKEOVERS, MAX_TAKEOVERS, Timing
from .trouble import Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginsState:
    """What is known of the logins with a pile's code, since the platform runs."""

    refused: int = 0
    """How many were refused. Told some seconds late where they come fast."""
    refused_address: str | None = None
    """Where the newest of them came from."""
    contested_by: tuple[str, ...] = ()
    """The addresses of two machines that take the pile from each other, that of the first one first.

    One address where both share it, none where there are no two.
    """


NO_LOGINS: Final = LoginsState()


class Logins:
    """Watches the logins with one pile's code that were refused, or displaced another."""

    __slots__ = (
        "_calming",
        "_code",
        "_loop",
        "_publish",
        "_refused",
        "_refused_address",
        "_takeovers",
        "_telling",
        "_timing",
        "_trouble",
        "state",
    )

    def __init__(self, code: str, timing: Timing, trouble: Trouble, publish: Callable[[], None]) -> None:
        """Begin with none; `publish` is called when `state` may have changed by itself."""
        self.state = NO_LOGINS
        self._code = code
        self._timing = timing
        self._trouble = trouble
        self._publish = publish
        self._refused = 0
        self._refused_address: str | None = None
        self._takeovers: deque[tuple[float, str, str]] | None = None
        """When a live connection was displaced, its address, and that of the new one; most piles never see one."""
        self._loop = asyncio.get_running_loop()
        self._telling: asyncio.TimerHandle | None = None
        self._calming: asyncio.TimerHandle | None = None

    def settle(self) -> None:
        """Forget who took the pile: a person has said who may."""
        self._takeovers = None
        self._calm()

    def refuse(self, address: str) -> None:
        """Count a login that was refused."""
        self._refused += 1
        self._refused_address = address
        if self._telling is None:
            # Whoever knocks a thousand times a second must not have a thousand states written.
            self._tell()
            self._telling = self._loop.call_later(self._timing.refusals, self._tell_again)

    def take_over(self, old: str, new: str) -> None:
        """Note that a connection from `old`, which was alive, was displaced by one from `new`."""
        timing, now = self._timing, self._loop.time()
        if self._takeovers is None:
            self._takeovers = deque(maxlen=MAX_SLOW_TAKEOVERS + 1)
        takeovers = self._takeovers
        takeovers.append((now, old, new))
        while takeovers[0][0] < now - timing.slow_takeovers:
            takeovers.popleft()
        self._trouble.note(
            "takeover",
            "Pile %s at %s took the place of its connection from %s, which was alive",
            self._code,
            new,
            old,
            level=logging.INFO,
        )
        told = [takeover for takeover in takeovers if takeover[0] >= now - timing.takeovers]
        over_after = timing.takeovers
        if len(told) <= MAX_TAKEOVERS:
            if len(takeovers) <= MAX_SLOW_TAKEOVERS:
                return
            told, over_after = [*takeovers], timing.slow_takeovers
        seen = Counter(address for _, *addresses in told for address in addresses)
        top = {address for address, _ in seen.most_common(2)}
        contested_by = self.state.contested_by
        if set(contested_by) != top:
            contested_by = tuple(address for address in seen if address in top)
        self._trouble.note(
            "contested",
            "Two machines take pile %s from each other, %d times by now, %s: %s",
            self._code,
            len(told),
            *_advice(contested_by),
        )
        if self._calming is not None:
            self._calming.cancel()
        self._calming = self._loop.call_later(over_after, self._calm)
        self._set(contested_by)

    def close(self) -> None:
        """Let nothing change any more."""
        for timer in (self._telling, self._calming):
            if timer is not None:
                timer.cancel()

    def _tell_again(self) -> None:
        self._telling = None
        if self._refused != self.state.refused:
            self._tell()
            self._telling = self._loop.call_later(self._timing.refusals, self._tell_again)

    def _tell(self) -> None:
        self._set(self.state.contested_by)

    def _calm(self) -> None:
        """Nobody has taken the pile for a while, or a person has said who may."""
        if self._calming is not None:
            self._calming.cancel()
            self._calming = None
        self._set(())

    def _set(self, contested_by: tuple[str, ...]) -> None:
        self.state = LoginsState(
            refused=self._refused, refused_address=self._refused_address, contested_by=contested_by
        )
        self._publish()


def _advice(addresses: tuple[str, ...]) -> tuple[str, str]:
    """Return where two machines are, and what to do, for the log."""
    if len(addresses) == 1:
        return f"both at {addresses[0]}", "find the second one, or a pile that dials anew without hanging up"
    return f"at {' and '.join(addresses)}", "pin the pile to its own address"
