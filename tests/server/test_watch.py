"""The one timer for all piles, and the parts that are made when they are needed."""

import asyncio
from typing import ClassVar, override

import pytest

from custom_components.ykc.server.lazy import Lazy
from custom_components.ykc.server.trouble import Trouble
from custom_components.ykc.server.watch import Watch

from .house import House, eventually


class _Pile:
    """Something to be looked at."""

    def __init__(self, code: str, *due: float | None) -> None:
        """Be due so many seconds after each look."""
        self.code = code
        self.looks: list[float] = []
        self._due = [*due]

    def look(self, now: float) -> float | None:
        """Note the look."""
        self.looks.append(now)
        after = self._due.pop(0)
        return None if after is None else now + after


class _Broken(_Pile):
    """One that cannot be looked at."""

    @override
    def look(self, now: float) -> float | None:
        """Fail."""
        super().look(now)
        raise ZeroDivisionError


async def test_all_are_looked_at_when_one_is_due_and_again_when_the_next_is() -> None:
    """All are looked at when one is due, and again when the next is, until nothing is expected."""
    piles = [_Pile("1", 60, None), _Pile("2", 0.05, None)]
    watch = Watch(lambda: piles, Trouble(), 0.0)
    began = asyncio.get_running_loop().time()
    watch.expect(began + 60)
    watch.expect(None)
    watch.expect(began + 0.02)
    watch.expect(began + 30)
    await eventually(lambda: len(piles[1].looks) == 2)
    assert piles[0].looks == piles[1].looks
    first, second = piles[0].looks
    assert first >= began + 0.02
    assert second >= first + 0.05
    assert watch._timer is None


async def test_many_that_are_due_one_after_the_other_are_looked_at_together() -> None:
    """Between two looks is a while, however soon the next is due."""
    pile = _Pile("1", 0.0, 0.0, None)
    watch = Watch(lambda: [pile], Trouble(), 0.1)
    watch.expect(0.0)
    await eventually(lambda: len(pile.looks) == 3)
    assert pile.looks[2] - pile.looks[0] >= 0.2


async def test_a_fault_of_one_leaves_the_others_watched() -> None:
    """A fault of one leaves the others watched."""
    trouble = Trouble()
    piles = [_Broken("1", None, None), _Pile("2", 0.01, None)]
    watch = Watch(lambda: piles, trouble, 0.0)
    watch.expect(0.0)
    await eventually(lambda: len(piles[1].looks) == 2)
    assert trouble.counts["fault"] == 2


class _Maker(Lazy):
    """Something with a part."""

    __slots__ = ("part",)

    PARTS: ClassVar = {"part": lambda _: []}

    part: list[int]


def test_a_part_is_made_once_and_when_it_is_asked_for() -> None:
    """A part is made once, and when it is asked for; there are no others."""
    maker = _Maker()
    assert maker.made("part") is None
    maker.part.append(1)
    assert maker.made("part") is maker.part
    assert maker.part == [1]
    with pytest.raises(AttributeError, match="_Maker has no other"):
        _ = maker.other  # type: ignore[attr-defined] # that is the point


async def test_a_pile_at_rest_has_no_task_and_no_timer(house: House) -> None:
    """A pile that has been greeted and does nothing keeps only what says so."""
    pile, peer = await house.online()
    await peer.bill(peer.record("1" * 32, "7"))
    await eventually(lambda: pile.made("_tasks") is None)
    assert pile._greeting is None
    for subject in ("start_requests", "parallel", "parking", "prepaid", "vehicle", "balance", "qr_codes"):
        assert pile.made(subject) is None
    loop = asyncio.get_running_loop()
    pending = [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
    ours = [timer for timer in pending if "custom_components" in repr(timer)]
    # The listener's local time and watch, and a minute for the pile to ask for its billing model.
    assert len(ours) <= 3, ours
