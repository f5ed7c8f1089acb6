"""What a pile says that it is, taken over no faster than devices and entities can be made of it."""

import asyncio
from collections.abc import Callable
from operator import attrgetter
from typing import Final

from .limits import MAX_HARDWARE_CHANGES, Timing
from .state import PileInfo
from .trouble import Trouble

described: Final = attrgetter("pile_type", "gun_count", "protocol_version", "software_version")
"""Returns the part of a `PileInfo` that devices and entities are made of."""


class Hardware:
    """Takes over what one pile's logins say, while they differ.

    99 guns are made within a second, and whoever says something else at each login must not have that done each time.
    """

    __slots__ = ("_become", "_changes", "_loop", "_publish", "_timer", "_timing", "_trouble")

    def __init__(
        self, timing: Timing, trouble: Trouble, become: Callable[[PileInfo], None], publish: Callable[[], None]
    ) -> None:
        """Begin with no change; `become` takes what the pile is, `publish` is called when that came late."""
        self._timing = timing
        self._trouble = trouble
        self._become = become
        self._publish = publish
        self._changes: list[float] = []
        """When the newest were taken over, in monotonic time."""
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def say(self, old: PileInfo, new: PileInfo) -> None:
        """Take what a login says, at once or as soon as may be; only the newest counts."""
        self.close()
        now = self._loop.time()
        self._changes = [when for when in self._changes if now - when < self._timing.hardware]
        if described(new) == described(old):
            self._become(new)
        elif len(self._changes) < MAX_HARDWARE_CHANGES:
            self._change(new)
        else:
            self._trouble.note("hardware", "Pile %s says something else of itself at each login", new.code)
            self._timer = self._loop.call_at(self._changes[0] + self._timing.hardware, self._change_late, new)

    def close(self) -> None:
        """Take over nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _change(self, new: PileInfo) -> None:
        self._changes.append(self._loop.time())
        self._become(new)

    def _change_late(self, new: PileInfo) -> None:
        self._timer = None
        self._change(new)
        self._publish()
