"""Whether what a process uses stays as it is."""

from collections.abc import Sequence
from typing import Final, NamedTuple

WARM_UP: Final = 0.5
"""Share of the time in which a process may grow to the size that it keeps."""
MIN_MINUTES: Final = 20.0
"""What grows is told from what goes up and down only in more time than that."""
MEMORY_BOUND: Final = 2.0
"""Percent an hour by which resident memory may grow in the second half, and so the number of objects."""
DESCRIPTOR_BOUND: Final = 2
"""Files and sockets by which their number may differ in the second half."""


class Sample(NamedTuple):
    """What a process uses at a moment."""

    minute: float
    memory: int
    """Resident bytes."""
    objects: int
    """That Python looks after."""
    descriptors: int


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return how much is added in each unit of time, by least squares."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def _growth(points: Sequence[tuple[float, float]]) -> float:
    """Return by what percentage it grows in an hour."""
    return slope(points) * 60 / points[0][1] * 100


def tell(sample: Sample) -> None:
    """Print a sample."""
    print(
        f"{sample.minute:6.1f} min {sample.memory / 1e6:8.1f} MB {sample.objects:10,} objects {sample.descriptors:6} files",
        flush=True,
    )


def is_flat(samples: Sequence[Sample]) -> bool:
    """Print how the second half went, and tell whether it was flat; a short time tells nothing."""
    late = samples[int(len(samples) * WARM_UP) :]
    memory = _growth([(sample.minute, sample.memory) for sample in late])
    objects = _growth([(sample.minute, sample.objects) for sample in late])
    descriptors = max(sample.descriptors for sample in late) - min(sample.descriptors for sample in late)
    print(
        f"second half: memory {memory:+.2f} % an hour, objects {objects:+.2f} % (bound: {MEMORY_BOUND:g} %),"
        f" files differ by {descriptors} (bound: {DESCRIPTOR_BOUND})"
    )
    if samples[-1].minute < MIN_MINUTES:
        print(f"too short to tell: less than {MIN_MINUTES:g} minutes")
        return True
    return max(memory, objects) <= MEMORY_BOUND and descriptors <= DESCRIPTOR_BOUND
