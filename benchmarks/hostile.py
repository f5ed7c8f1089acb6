"""Attack the codec and a listener: `scripts/bench hostile [PART [COUNT [SEED]]]`.

PART is `codec`, `siege` or `floods`; without it all are run, in their long forms. What must hold is held by
`tests/hostile`, which runs the same in short forms; a failure says the seed that leads to it, and exits with 1.
"""

import asyncio
from collections.abc import Callable
import logging
import multiprocessing
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from tests.hostile.codec import Tally, fuzz
from tests.hostile.floods import FLOODS
from tests.hostile.siege import Siege, besiege

INPUTS: Final = 10_000_000
SLICE: Final = 100_000
"""Inputs of one seed."""
FRAMES: Final = 1_000_000
CHECKS: Final = 20
GROWTH: Final = 16_000_000
"""Bytes that the process may have more at the end than at half time."""


def _slice(seed: int) -> Tally:
    return fuzz(SLICE, seed)


def codec(count: int, seed: int) -> None:
    """Fuzz framer and codec on all cores."""
    began = monotonic()
    total = Tally()
    with multiprocessing.get_context("spawn").Pool(os.process_cpu_count()) as pool:
        for tally in pool.imap_unordered(_slice, range(seed, seed + -(-count // SLICE))):
            total += tally
    seconds = monotonic() - began
    print(
        f"codec   {total.inputs:,} inputs in {seconds:.0f} s, {total.inputs / seconds:,.0f} a second: "
        f"{total.frames:,} frames found, {total.messages:,} decoded, {total.refused:,} refused, "
        f"at most {total.buffered} bytes kept",
        flush=True,
    )


def siege(count: int, seed: int) -> None:
    """Besiege a listener."""
    began = monotonic()
    with TemporaryDirectory() as folder:
        came_to: Siege = asyncio.run(besiege(Path(folder) / "ledger.db", count, seed, CHECKS))
    seconds = monotonic() - began
    half, end = came_to.checks[CHECKS // 2], came_to.checks[-1]
    print(
        f"siege   {came_to.frames:,} frames in {seconds:.0f} s, {came_to.frames / seconds:,.0f} a second: "
        f"{came_to.bills:,} bills kept, {came_to.answers:,} heartbeats of the bystander answered within "
        f"{came_to.worst:.2f} s, {came_to.warnings} warnings, {len(came_to.errors)} errors;\n"
        f"        at half time and at the end {half.resident // 1_000_000} and {end.resident // 1_000_000} MB, "
        f"{half.objects:,} and {end.objects:,} objects, {half.timers} and {end.timers} timers, "
        f"{half.orders} and {end.orders} open orders; at most {came_to.most_tasks} tasks",
        flush=True,
    )
    assert not came_to.errors, came_to.errors
    assert end.resident < half.resident + GROWTH


def floods(count: int, _: int) -> None:
    """Flood a listener in every way; 0 is as much as each is given."""
    # What a reset does to a connection is no news here.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    for flood, (_short, long) in FLOODS.items():
        began = monotonic()
        with TemporaryDirectory() as folder:
            came_to = asyncio.run(flood(Path(folder) / "ledger.db", count or long))
        print(
            f"{flood.__name__:15}{came_to.tried:>7,} in {monotonic() - began:4.0f} s: at most {came_to.most:,} connections, "
            f"{came_to.refused:,} refused, {came_to.warnings} warnings, bystander within {came_to.worst:.2f} s, "
            f"{came_to.growth:+,} kB",
            flush=True,
        )


PARTS: Final[dict[str, tuple[Callable[[int, int], None], int]]] = {
    "codec": (codec, INPUTS),
    "siege": (siege, FRAMES),
    "floods": (floods, 0),
}


def main() -> None:
    """Run what is asked for."""
    part, count, seed = (sys.argv[1:] + ["", "", ""][len(sys.argv) - 1 :])[:3]
    for name in [part] if part else PARTS:
        run, long = PARTS[name]
        run(int(count or long), int(seed or 1))
    print("all held")


if __name__ == "__main__":
    main()
