"""The server in a process of its own, for tests that kill it or set its clock.

It prints its port, and answers each line of JSON on its input with one:
{"start": GUN} with the transaction number, {"stop": GUN} when it is done, {"total": GUN} with the gun's total
energy, {"settle": 1} when the ledger has all there is, {"records": 1} with their
number, {"room": BYTES} after it let no file grow beyond that (a negative number: as
large as it likes), {"health": 1} with what the ledger told of the disk, {"probe":
SECONDS} after it set how soon the disk is tried again, {"clock": TIME} after it set
the wall clock, {"zone": NAME} after it moved the piles, {"gun": GUN} with what is
known of it, {"rows": QUERY} with what the ledger's file has, {"trouble": 1} with
what went wrong, counted by kind.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
import json
from pathlib import Path
import resource
import sys
from time import monotonic
from typing import Any, override
from zoneinfo import ZoneInfo

from custom_components.ykc.server import ledger_health
from custom_components.ykc.server.errors import CommandError
from custom_components.ykc.server.state import GunState, PileInfo

from .house import House, hurried
from .peer import CODE


def _shown(gun: GunState) -> dict[str, Any]:
    month, last = gun.month, gun.last_session
    return {
        "status": gun.status,
        "transaction": gun.transaction,
        "total": str(gun.total_energy),
        "month": None if month is None else str(month.energy),
        "mismatch": gun.bill_mismatch,
        "last": None if last is None else last.transaction,
        "started": None if last is None or last.started is None else last.started.isoformat(),
        "ended": None if last is None or last.ended is None else last.ended.isoformat(),
    }


class _House(House):
    """One whose wall clock goes on, and can be set; monotonic time is the machine's."""

    _since = 0.0

    def set_clock(self, now: datetime) -> None:
        """Have the wall clock show a time."""
        self.now, self._since = now, monotonic()

    @override
    def clock(self) -> datetime:
        return self.now + timedelta(seconds=monotonic() - self._since)


async def _answer(house: _House, question: dict[str, Any]) -> Any:
    pile = house.listener.piles[CODE]
    match question:
        case {"start": gun}:
            try:
                return {"transaction": (await pile.start_charging(gun)).transaction}
            except CommandError as error:
                return {"error": error.key}
        case {"stop": gun}:
            await pile.stop_charging(gun)
            return None
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
        case {"clock": moment}:
            house.set_clock(datetime.fromisoformat(moment))
            return None
        case {"zone": name}:
            house.listener.apply(replace(house.settings, time_zone=ZoneInfo(name)))
            return None
        case {"gun": gun}:
            return _shown(pile.state.guns[gun])
        case {"rows": query}:
            return house.rows(query)
        case {"trouble": _}:
            return dict(house.counts)
    await house.ledger.load(CODE)
    return None


async def _serve(path: Path) -> None:
    house = _House(path, hurried(time_zone=0.1))
    house.set_clock(house.now)
    await house.open(PileInfo(code=CODE, gun_count=2))
    sys.stdout.write(f"{house.listener.port}\n")
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        sys.stdout.write(json.dumps(await _answer(house, json.loads(line))) + "\n")
        sys.stdout.flush()


asyncio.run(_serve(Path(sys.argv[1])))
