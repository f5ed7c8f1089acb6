"""What happens at guns and piles: each thing once, found by comparing what was with what is.

Event entities and triggers are told from here alone, so they cannot disagree.
What is found when the platform begins to listen, or when a pile is back after
it was away, is where things stand, and no news.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .protocol import fault_slugs
from .server.start_requests import StartEvent
from .server.state import ClosedCharge, GunState, PileState

STARTED: Final = "started"
FINISHED: Final = "finished"
START_FAILED: Final = "start_failed"
FAULT_RAISED: Final = "fault_raised"
FAULT_CLEARED: Final = "fault_cleared"
PLUGGED: Final = "plugged"
UNPLUGGED: Final = "unplugged"
GUN_EVENTS: Final = (STARTED, FINISHED, START_FAILED, FAULT_RAISED, FAULT_CLEARED, PLUGGED, UNPLUGGED)

CARD_PRESENTED: Final = "card_presented"
"""At a gun; its event entity is the start request, which tells more."""

PILE_LOST: Final = "pile_lost"
PILE_BACK: Final = "pile_back"
PILE_EVENTS: Final = (PILE_LOST, PILE_BACK)

HAPPENINGS: Final = (*GUN_EVENTS, CARD_PRESENTED, *PILE_EVENTS)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened once."""

    kind: str
    """One of `HAPPENINGS`."""
    gun: int | None = None
    """None for what happened to the pile."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What else is known, as JSON has it; nothing private."""


def card_presented(event: StartEvent) -> Happening | None:
    """Return what a request of a driver was, if it was a card, and is not told already."""
    if event.method != "card" or event.was_asked:
        return None
    data = {"driver": event.driver, "number": event.masked, "outcome": event.kind, "reason": event.reason}
    return Happening(CARD_PRESENTED, event.gun, data)


class PileWatch:
    """Finds what happened at a pile."""

    def __init__(self, state: PileState) -> None:
        """Take the bearings."""
        self._state = state
        self._guns = {number: _GunWatch(gun) for number, gun in state.guns.items()}
        self._lost = False

    def take(self, state: PileState) -> list[Happening]:
        """Take what the pile is now; return what has happened since it was asked last."""
        was, self._state = self._state, state
        found = [*self._pile(was, state)]
        for number, gun in state.guns.items():
            if (watch := self._guns.get(number)) is None:
                self._guns[number] = _GunWatch(gun)
            else:
                found += watch.take(gun)
        return found

    def _pile(self, was: PileState, now: PileState) -> Iterator[Happening]:
        if was.online and not now.online:
            self._lost = True
            yield Happening(PILE_LOST)
        if self._lost and now.online:
            self._lost = False
            yield Happening(PILE_BACK)


class _GunWatch:
    """Finds what happened at a gun."""

    def __init__(self, gun: GunState) -> None:
        """Take the bearings."""
        self._gun = gun
        self._seen_to_begin = False
        """The charge under way was seen not to charge before, so its beginning is news."""

    def take(self, gun: GunState) -> Iterator[Happening]:
        """Take what the gun is now; yield what has happened."""
        was, self._gun = self._gun, gun
        if gun is was:
            return
        if was.plugged is False and gun.plugged:
            yield Happening(PLUGGED, gun.number)
        yield from _faults(was, gun)
        if gun.closed is not None and gun.closed is not was.closed:
            yield _over(gun.number, gun.closed)
        if self._has_begun(was, gun):
            yield Happening(STARTED, gun.number, {"transaction": gun.transaction})
        if was.plugged and gun.plugged is False:
            yield Happening(UNPLUGGED, gun.number)

    def _has_begun(self, was: GunState, now: GunState) -> bool:
        if now.charging and not was.charging:
            self._seen_to_begin = was.charging is False
        same = was.transaction == now.transaction
        if not now.began or (same and was.began):
            return False
        # An order that was open before it charged begins now, whatever was missed.
        begins = same or self._seen_to_begin
        # What follows it without a pause was seen to begin.
        self._seen_to_begin = True
        return begins


def _faults(was: GunState, now: GunState) -> Iterator[Happening]:
    if was.problem and now.problem is False:
        yield Happening(FAULT_CLEARED, now.number)
    elif was.problem is not None and now.problem:
        new = now.faults & ~was.faults
        # A heartbeat tells of a fault without its name: the name alone is nothing new.
        if not was.problem or (new and was.faults):
            yield Happening(FAULT_RAISED, now.number, {"faults": list(fault_slugs(new))})


def _over(gun: int, closed: ClosedCharge) -> Happening:
    session = closed.session
    if closed.failed:
        return Happening(START_FAILED, gun, {"transaction": session.transaction, "reason": session.stop_reason})
    return Happening(
        FINISHED,
        gun,
        {
            "transaction": session.transaction,
            "energy": float(session.energy),
            "cost": float(session.cost),
            "stop_reason": session.stop_reason,
            "limit": session.limit,
            "started": None if session.started is None else session.started.isoformat(),
            "ended": None if session.ended is None else session.ended.isoformat(),
        },
    )
