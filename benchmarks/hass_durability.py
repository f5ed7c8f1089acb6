"""Kill a whole Home Assistant while piles charge: `scripts/bench durability --hass [ROUNDS [SEED]]`.

`tests/e2e/killing.py` says what must hold after each SIGKILL and at the end, and
fails where it does not. Exits with 1 then.
"""

import asyncio
import logging
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from time import monotonic

from tests.e2e.killing import kill_hass_repeatedly
from tests.server.durability import seed_of_today

ROUNDS = 50


def main() -> None:
    """Kill so often, and say what it came to."""
    rounds, seed = (
        int(sys.argv[place]) if len(sys.argv) > place else default
        for place, default in ((1, ROUNDS), (2, seed_of_today()))
    )
    # That a killed server cannot be written to is no news here.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    print(f"{rounds} rounds with seed {seed}", flush=True)
    began = monotonic()
    with TemporaryDirectory() as folder:
        tally = asyncio.run(kill_hass_repeatedly(Path(folder), rounds, seed))
    print(
        f"{rounds} rounds, {monotonic() - began:.0f} s\n"
        f"killed while it worked      {rounds - tally.starting:>9,} times, and {tally.starting} times while it started\n"
        f"bills sent                  {tally.sent:>9,}, and {tally.repeats:,} times again; {tally.charges:,} of whole charges\n"
        f"acknowledged before a kill  {tally.acknowledged:>9,}, each of them stored once\n"
        f"the others                  {tally.sent - tally.acknowledged:>9,}, each of them stored once when it came again\n"
        f"totals                          equal, as sensors and as statistics: {tally.energy:,} kWh"
    )


if __name__ == "__main__":
    main()
