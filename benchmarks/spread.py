"""How delays are spread, and what Python's garbage collections have to do with it, in words."""

from collections.abc import Sequence
from typing import Final

SHARE: Final = 0.99
"""Of the moments and of the reports: the slowest hundredth may be worse."""
LAG_GOAL: Final = 0.050
"""Seconds by which an event loop may be late."""


def at(share: float, ordered: Sequence[float]) -> float:
    """Return what this share of the values does not exceed."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def tell_columns() -> None:
    """Print what is above the columns of `tell_spread`."""
    print(f"{'ms':42}{'p50':>8}{'p99':>8}{'worst':>8}")


def tell_spread(name: str, ordered: list[float], goal: float | None) -> bool:
    """Print how values are spread, in ms; tell whether the goal was reached."""
    p50, p99, worst = (1000 * at(share, ordered) for share in (0.5, SHARE, 1.0))
    wanted = "" if goal is None else f"   goal: p99 < {goal * 1000:g}"
    print(f"{name:42}{p50:8.1f}{p99:8.1f}{worst:8.1f}{wanted}", flush=True)
    return goal is None or p99 < goal * 1000


def tell_collections(took: list[float]) -> None:
    """Print what Python's full collections took meanwhile: all threads wait for them."""
    worst = max(took, default=0.0) * 1000
    print(f"    {len(took)} full garbage collections meanwhile, {worst:.0f} ms at worst", flush=True)
