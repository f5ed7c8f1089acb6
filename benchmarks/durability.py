"""Kill the server while piles send their bills: `scripts/bench durability [ROUNDS [SEED]]`.

Each round is a real process with a real listener and ledger that is ended with
SIGKILL at a random moment; `tests/server/durability.py` says what must hold after
each of them, and fails where it does not. Exits with 1 then.
"""

import asyncio
import logging
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from time import monotonic

from tests.server.durability import kill_repeatedly, seed_of_today

ROUNDS = 2_000


def main() -> None:
    """Kill so often, and say what it came to."""
    rounds, seed = (
        int(sys.argv[place]) if len(sys.argv) > place else default
        for place, default in ((1, ROUNDS), (2, seed_of_today()))
    )
    # That a killed server cannot be written to is no news here.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    print(f"{rounds} rounds with seed {seed}")
    began = monotonic()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        tally = asyncio.run(kill_repeatedly(path, rounds, seed))
        size = path.stat().st_size
    print(
        f"killed                    {tally.rounds:>9,} times, {tally.listening:,} of them while it listened\n"
        f"bills sent                {tally.sent:>9,}, and {tally.repeats:,} times again\n"
        f"acknowledged before a kill{tally.acknowledged:>9,}, each of them stored once\n"
        f"the others                {tally.sent - tally.acknowledged:>9,}, each of them stored once when it came again\n"
        f"totals                    equal; {size / 1e6:.1f} MB, {monotonic() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
