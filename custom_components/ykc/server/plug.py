"""The vehicle that is plugged into a gun, and whether it may yet be charged by itself.

A `PlugWatch` is told what the gun reports and what was done, and answers which
vehicle is there and what its stage is. It sends nothing, writes nothing and
waits for nothing: `plug_start.py` does.

    was there already: found ──a person turns it on──┐
                                                     v
    came: waiting ──> starting ──> spent          waiting
             ^           │
             └─ failed ──┴──> given up

What charged in any way, or was stopped by a person, is spent. Only unplugging
ends that, and only an ordinary report of an idle gun says that it was unplugged.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from .limits import MAX_PLUG_STARTS
from .state import GunState, GunStatus


class Stage(StrEnum):
    """What was done about a vehicle."""

    FOUND = "found"
    """It was there when the gun was heard of first: no new arrival."""
    WAITING = "waiting"
    STARTING = "starting"
    """A start was or is about to be sent, and how that went is not known."""
    GIVEN_UP = "given_up"
    """The pile refused as often as it was asked."""
    SPENT = "spent"
    """It had its charge, or is to have none."""


class Reason(StrEnum):
    """Why a vehicle is not charged, where it is not the pile's own reason for a refusal."""

    STARTED = "started"
    """No reason: it was started."""
    CHARGED = "charged"
    """Somebody else began a charge."""
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    """A restart came while a start was under way."""
    ALREADY_THERE = "already_there"


@dataclass(frozen=True, slots=True)
class Plug:
    """A vehicle that is plugged in; a value, replaced and never changed."""

    since: datetime
    """UTC; a charge that began before was another vehicle's."""
    stage: Stage
    reason: str | None = None
    """Of the last failure, or of being spent."""
    tries: int = 0
    """Starts that were sent."""

    def taken_up(self, *, in_order: bool) -> Plug:
        """Return the vehicle as it is to be seen after a restart.

        An order that was open then may have charged, and may have been stopped.
        """
        if self.stage is Stage.STARTING or (in_order and self.stage is not Stage.SPENT):
            return replace(self, stage=Stage.SPENT, reason=Reason.INTERRUPTED)
        return self


_OPEN: Final = frozenset({Stage.FOUND, Stage.WAITING, Stage.STARTING, Stage.GIVEN_UP})


class PlugWatch:
    """Which vehicle is plugged into one gun."""

    __slots__ = ("_left", "free", "plug")

    def __init__(self, plug: Plug | None = None) -> None:
        """Take up the vehicle that was there before a restart."""
        self.plug = plug
        self.free: datetime | None = None
        """Since when the gun is known to be in no vehicle, UTC; None while that is not known."""
        self._left: tuple[Plug, float] | None = None
        """The vehicle that was there before, and when it left in monotonic time."""

    # What the pile says

    def take(self, gun: GunState, now: datetime, clock: float, flicker: float) -> None:
        """Take what the gun reports `now`, in UTC, and at monotonic time `clock`.

        A vehicle that is away for less than `flicker` seconds was never away. A
        gun that is offline, faulty or in a charge does not say that it is free.
        """
        if gun.plugged or gun.charging:
            self._come(now, clock, flicker)
        elif gun.status is GunStatus.IDLE:
            self._leave(now, clock)
        session = gun.last_session
        if self.plug is not None and session is not None and session.started is not None:
            # It was charged while nobody listened.
            if session.started >= self.plug.since and self.plug.stage is not Stage.STARTING:
                self.spend(Reason.CHARGED)

    def _come(self, now: datetime, clock: float, flicker: float) -> None:
        if self.plug is None:
            left, self._left = self._left, None
            if left is not None and clock - left[1] < flicker:
                self.plug = left[0]
            elif self.free is not None:
                self.plug = Plug(self.free, Stage.WAITING)
            else:
                self.plug = Plug(now, Stage.FOUND)
        self.free = None

    def _leave(self, now: datetime, clock: float) -> None:
        if self.plug is not None:
            self._left, self.plug = (self.plug, clock), None
        if self.free is None:
            self.free = now

    # What is done

    def want(self) -> None:
        """Have a vehicle charged that is there, on a person's word, unless it is spent."""
        if self.plug is not None and self.plug.stage in (Stage.FOUND, Stage.GIVEN_UP):
            self.plug = replace(self.plug, stage=Stage.WAITING, reason=None, tries=0)

    def spend(self, reason: Reason) -> None:
        """Start no charge any more for the vehicle that is there."""
        if self.plug is not None and self.plug.stage in _OPEN:
            self.plug = replace(self.plug, stage=Stage.SPENT, reason=reason)

    def start(self) -> Plug | None:
        """Count a start that is about to be sent; return what is then to be kept durably, None without a vehicle."""
        if self.plug is None or self.plug.stage is not Stage.WAITING:
            return None
        self.plug = replace(self.plug, stage=Stage.STARTING, tries=self.plug.tries + 1)
        return self.plug

    def wait(self, starting: Plug) -> None:
        """Take back a start that was not sent after all."""
        self.plug = replace(starting, stage=Stage.WAITING, tries=starting.tries - 1)

    def fail(self, starting: Plug, reason: str, *, sent: bool) -> Plug:
        """Learn that a start came to nothing, and whether the pile was `sent` one at all; return what follows."""
        tries = starting.tries - (not sent)
        stage = Stage.GIVEN_UP if tries >= MAX_PLUG_STARTS else Stage.WAITING
        self.plug = replace(starting, stage=stage, reason=reason, tries=tries)
        return self.plug
