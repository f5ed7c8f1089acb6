"""Play days of a whole site in an hour: `scripts/bench soak [MINUTES [SEED]]`.

Exits with 1 when anything is not as it must be; the folder with the ledger and
the log is kept then.
"""

import asyncio
from pathlib import Path
from shutil import rmtree
import sys
from tempfile import mkdtemp
from time import monotonic

from tests.server.durability import seed_of_today

from .day import Form
from .play import play
from .report import lines

MINUTES = 60.0


def main() -> None:
    """Play it, and say what it came to."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else seed_of_today()
    folder = Path(mkdtemp(prefix="ykc-soak-"))
    print(f"{minutes:g} minutes with seed {seed}, in {folder}", flush=True)
    began = monotonic()

    def tell(what: str) -> None:
        print(f"{(monotonic() - began) / 60:6.1f} min  {what}", flush=True)

    outcome = asyncio.run(play(Form.lasting(minutes, seed), folder, tell))
    for line in lines(outcome):
        print(line)
    if outcome.findings:
        print(f"the ledger and the log are kept in {folder}; the same again: scripts/bench soak {minutes:g} {seed}")
        raise SystemExit(1)
    rmtree(folder)


if __name__ == "__main__":
    main()
