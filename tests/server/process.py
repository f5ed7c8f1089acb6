"""The server in a process of its own, for tests that kill it.

It prints its port, and answers each line of JSON on its input with one:
{"start": GUN} with the transaction number, {"total": GUN} with the gun's total
energy, {"settle": 1} when the ledger has all there is, {"records": 1} with their
number, {"room": BYTES} after it let no file grow beyond that (a negative number: as
large as it likes), {"health": 1} with what the ledger told of the disk, {"probe":
SECONDS} after it set how soon the disk is tried again.
"""

import asyncio
import json
from pathlib import Path
import resource
import sys
from typing import Any

from custom_components.ykc.server import ledger_health
from custom_components.ykc.server.errors import CommandError
from custom_components.ykc.server.state import PileInfo

from .house import House
from .peer import CODE


async def _answer(house: House, question: dict[str, Any]) -> Any:
    pile = house.listener.piles[CODE]
    match question:
        case {"start": gun}:
            try:
                return {"transaction": (await pile.start_charging(gun)).transaction}
            except CommandError as error:
                return {"error": error.key}
        case {"total": gun}:
            return str(pile.state.guns[gun].total_energy)
        case {"records": _}:
            return house.rows("SELECT count(*) FROM records")[0][0]
        case {"room": size}:
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard if size < 0 else size, hard))
            return None
        case {"probe": seconds}:
            ledger_health.LEDGER_PROBE = seconds  # type: ignore[attr-defined] # no test waits a minute
            return None
        case {"health": _}:
            return house.health
    await house.ledger.load(CODE)
    return None


async def _serve(path: Path) -> None:
    house = await House(path).open(PileInfo(code=CODE, gun_count=2))
    sys.stdout.write(f"{house.listener.port}\n")
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        sys.stdout.write(json.dumps(await _answer(house, json.loads(line))) + "\n")
        sys.stdout.flush()


asyncio.run(_serve(Path(sys.argv[1])))
