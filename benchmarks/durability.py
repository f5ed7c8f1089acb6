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

from tests.server.durability import Tally, kill_repeatedly, seed_of_today

ROUNDS = 2_000
LEDGER_ROUNDS = 200
"""How often the server of one ledger is killed."""


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
    tallies: list[Tally] = []
    for first in range(0, rounds, LEDGER_ROUNDS):
        # A ledger of its own, or most of the time would go into checking years of bills again.
        with TemporaryDirectory() as folder:
            batch = min(LEDGER_ROUNDS, rounds - first)
            tallies.append(asyncio.run(kill_repeatedly(Path(folder) / "ledger.db", batch, seed + first)))
        print(f"{first + batch:>6,} rounds, {monotonic() - began:.0f} s", flush=True)
    sent, acknowledged = (sum(tally.sent for tally in tallies), sum(tally.acknowledged for tally in tallies))
    print(
        f"killed while it listened    {sum(tally.listening for tally in tallies):>9,} times, and before that in the others\n"
        f"bills sent                  {sent:>9,}, and {sum(tally.repeats for tally in tallies):,} times again\n"
        f"acknowledged before a kill  {acknowledged:>9,}, each of them stored once\n"
        f"the others                  {sent - acknowledged:>9,}, each of them stored once when it came again\n"
        f"totals                          equal"
    )


if __name__ == "__main__":
    main()
