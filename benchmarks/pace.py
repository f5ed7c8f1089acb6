"""Whether the server alone stays as it is while piles charge at ten times the pace: `scripts/bench pace [MINUTES]`.

A listener with its ledger, in a process of its own and without Home Assistant; 500 piles of two guns report in a minute what
they would in ten (`charging_load.py`). Exits with 1 when what the process uses is not flat (`flat.py`).
"""

import argparse
import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
import gc
import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from time import monotonic, process_time, sleep
from typing import Any, Final, NamedTuple

from benchmarks.charging_load import GUNS, PATIENCE, ChargingLoad, Mode, charging
from benchmarks.flat import Sample, is_flat, tell
from benchmarks.process import descriptors, memory, raise_file_limit
from benchmarks.server import open_listener
from benchmarks.server_load import codes

PILES: Final = 500
PACE: Final = 10.0
_EVERY: Final = 60.0

_CONTEXT = multiprocessing.get_context("spawn")


class _Used(NamedTuple):
    """What the server's process has used, and what it has."""

    cpu: float
    """Seconds."""
    objects: int
    charging: int
    """Guns that charge with an order."""


def _serve(piles: int, line: Connection) -> None:
    """Be the server until told to end; answer each question with what was used so far."""

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        with TemporaryDirectory() as folder:
            listener = await open_listener(Path(folder), piles, GUNS)
            line.send(listener.port)
            over = asyncio.Event()

            def answer() -> None:
                if line.recv() is None:
                    loop.remove_reader(line.fileno())
                    over.set()
                    return
                gc.collect()
                busy = sum(gun.began for pile in listener.piles.values() for gun in pile.state.guns.values())
                line.send(_Used(process_time(), len(gc.get_objects()), busy))

            loop.add_reader(line.fileno(), answer)
            await over.wait()
            await listener.close()
            await listener.ledger.close()

    raise_file_limit()
    asyncio.run(serve())


class _Server:
    """The process, as its parent has it."""

    def __init__(self, pid: int, line: Connection) -> None:
        """Wait until it listens."""
        self.pid = pid
        self._line = line
        self.port: int = self._answer()

    def _answer(self) -> Any:
        if not self._line.poll(PATIENCE):
            raise TimeoutError("the server does not answer")
        return self._line.recv()

    def used(self) -> _Used:
        """Ask what it has used."""
        self._line.send("used")
        used: _Used = self._answer()
        return used


@contextmanager
def _running(piles: int) -> Iterator[_Server]:
    line, its_end = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_serve, args=(piles, its_end), daemon=True)
    process.start()
    its_end.close()
    try:
        assert process.pid is not None
        yield _Server(process.pid, line)
    finally:
        line.send(None)
        process.join(PATIENCE)
        process.kill()
        process.join()


def _watch(server: _Server, load: ChargingLoad, options: argparse.Namespace) -> bool:
    load.set(Mode.CHARGE)
    # The ledger synchronises each new order with the disk.
    while server.used().charging < options.piles * GUNS:
        sleep(1.0)
    load.set(Mode.CHARGE, PACE)
    began, cpu = monotonic(), server.used().cpu
    samples: list[Sample] = []
    used = server.used()
    while (left := options.minutes * 60 - (monotonic() - began)) > 0 or len(samples) < 2:
        sleep(min(_EVERY, max(1.0, left)))
        used = server.used()
        minute = (monotonic() - began) / 60
        samples.append(Sample(minute, memory(server.pid), used.objects, descriptors(server.pid)))
        tell(samples[-1])
    tally = load.tally()
    seconds = monotonic() - began
    print(
        f"{tally.frames:,} frames, {tally.frames / seconds:,.0f} a second, with"
        f" {(used.cpu - cpu) / tally.frames * 1e6:.0f} µs of CPU for each; {used.charging:,} guns charge;"
        f" the load was late by {tally.late * 1000:.0f} ms at worst"
    )
    good = used.charging == options.piles * GUNS and not tally.unexpected
    if not good:
        print(f"not all guns charge, or they were sent what is not expected: {dict(tally.unexpected)}")
    return is_flat(samples) and good


def main() -> int:
    """Print a line each minute."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench pace", description="Watch the server alone at ten times the pace."
    )
    parser.add_argument("minutes", type=float, nargs="?", default=60.0, help="(60)")
    parser.add_argument("--piles", type=int, default=PILES, metavar="N", help=f"piles of two guns ({PILES})")
    options = parser.parse_args()
    raise_file_limit()
    with _running(options.piles) as server, charging({server.port: codes(options.piles)}) as load:
        good = _watch(server, load, options)
    print("goals:", "ok" if good else "missed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
