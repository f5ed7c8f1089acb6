"""What the Home Assistant process uses: memory, files and sockets, seen from outside, and objects, told by itself."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
import os
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any, Final

EVERY: Final = 2.0
"""Seconds between two samples."""
AROUND: Final = 5
"""Samples of which the middle one counts."""
LONG: Final = 120.0
"""Seconds of work after which a run tells something."""
MORE_MEMORY: Final = 1.15
"""Home Assistant fills its caches for hours (states, attributes, the recorder's rows), and Python's heap is fragmented:
so much of it in minutes is no leak of a session or a connection, of which there are hundreds in an hour."""
BOUNDED: Final = {"_Kept": (100, 0), "Frame": (110, 0), "ClosedOrder": (0, 16), "Reading": (0, 40)}
"""What the integration keeps of the past, at most, for each pile and for each gun: the last frames, the orders that a pile
may still speak of, and what was measured in the last minute."""
MORE_OBJECTS: Final = 1.5
SOME_OBJECTS: Final = 150
"""Of everything else there may be half as much again, and some: how much is going on differs from moment to moment."""
MORE_FILES: Final = 5
"""SQLite opens and closes files as it likes, one or two for each database."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process uses at a moment."""

    at: float
    """Monotonic time."""
    memory: int
    """Resident bytes."""
    files: int
    """Open files, pipes and whatever else is no socket."""
    sockets: int


@dataclass(frozen=True, slots=True)
class Gauge:
    """What the process itself says that it keeps in mind, after a collection of garbage."""

    objects: int
    ours: dict[str, int]
    """Of the integration's classes."""
    tasks: int

    @classmethod
    def read(cls, answer: dict[str, Any]) -> Gauge:
        """Read what the gauge in the process answered."""
        return cls(answer["objects"], answer["ours"], answer["tasks"])


@dataclass(slots=True)
class Run:
    """One life of Home Assistant."""

    number: int
    began: float
    samples: list[Sample] = field(default_factory=list)
    warm_at: float | None = None
    """When all piles had come and the first minute of work was done."""
    warm: Gauge | None = None
    late: Gauge | None = None
    """Shortly before the end."""
    left_at: float = inf
    """When its end began."""
    end: str = "still there"

    @property
    def seconds(self) -> float:
        """Return how long it was seen."""
        return self.samples[-1].at - self.began if self.samples else 0.0

    @property
    def more(self) -> list[tuple[str, int]]:
        """Return the classes of the integration with the most new objects between the two gauges."""
        if self.warm is None or self.late is None:
            return []
        more = Counter(self.late.ours)
        more.subtract(self.warm.ours)
        return [(name, count) for name, count in more.most_common(4) if count > 0]

    def memory(self) -> tuple[float, float] | None:
        """Return the MB when it was warm and at its end; None if it never was warm."""
        working = self._working()
        if len(working) < AROUND:
            return None
        return tuple(median(s.memory for s in part) / 1e6 for part in (working[:AROUND], working[-AROUND:]))  # type: ignore[return-value]

    def most(self) -> tuple[int, int] | None:
        """Return the most files and the most sockets while it was warm."""
        working = self._working()
        return (max(s.files for s in working), max(s.sockets for s in working)) if working else None

    def files(self) -> tuple[float, float] | None:
        """Return how many files it had when it was warm and at its end."""
        working = self._working()
        if len(working) < AROUND:
            return None
        return median(s.files for s in working[:AROUND]), median(s.files for s in working[-AROUND:])

    def _working(self) -> list[Sample]:
        return [] if self.warm_at is None else [s for s in self.samples if self.warm_at <= s.at < self.left_at]


def grown(runs: Sequence[Run], piles: int, guns: int) -> Iterator[str]:
    """Yield what grew more than it may, within a run and from the first to the last one."""
    for run in runs:
        for name, count in (run.late.ours if run.late else {}).items():
            if name in BOUNDED:
                of_pile, of_gun = BOUNDED[name]
                if count > of_pile * piles + of_gun * guns:
                    yield f"run {run.number} has {count} {name}"
            elif run.warm and count > run.warm.ours.get(name, 0) * MORE_OBJECTS + SOME_OBJECTS:
                yield f"run {run.number} went from {run.warm.ours.get(name, 0)} to {count} {name}"
    told = [run for run in runs if run.warm_at and run.samples and run.samples[-1].at - run.warm_at >= LONG]
    ends = []
    for run in told:
        memory, files = run.memory(), run.files()
        assert memory is not None
        assert files is not None
        ends.append(memory[1])
        if memory[1] > memory[0] * MORE_MEMORY:
            yield f"run {run.number} went from {memory[0]:.0f} to {memory[1]:.0f} MB"
        if files[1] > files[0] + MORE_FILES:
            yield f"run {run.number} went from {files[0]:.0f} to {files[1]:.0f} files"
    if ends and ends[-1] > ends[0] * MORE_MEMORY:
        yield f"the last run ended with {ends[-1]:.0f} MB, the first one with {ends[0]:.0f}"


async def watch(run: Run, pid: int) -> None:
    """Take samples until the process is gone."""
    while (sample := take(pid)) is not None:
        run.samples.append(sample)
        await asyncio.sleep(EVERY)


def take(pid: int) -> Sample | None:
    """Look at a process; None when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        kinds = [_kind(each) for each in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return None
    sockets = kinds.count("socket")
    return Sample(monotonic(), pages * os.sysconf("SC_PAGESIZE"), len(kinds) - sockets - kinds.count(""), sockets)


def _kind(descriptor: Path) -> str:
    """Return what a descriptor is, "" for one that was closed meanwhile."""
    try:
        return str(descriptor.readlink()).partition(":")[0]
    except OSError:
        return ""
