"""What the Home Assistant process uses: memory, files and sockets, seen from outside, and objects, told by itself."""

import asyncio
from dataclasses import dataclass, field
import os
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any, Final

EVERY: Final = 2.0
"""Seconds between two samples."""
AROUND: Final = 5
"""Samples of which the middle one counts."""


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
    end: str = "still there"

    @property
    def seconds(self) -> float:
        """Return how long it was seen."""
        return self.samples[-1].at - self.began if self.samples else 0.0

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
        return [] if self.warm_at is None else [s for s in self.samples if s.at >= self.warm_at]


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
