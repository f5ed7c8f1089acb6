"""Measure the conversation: `scripts/bench server`.

Piles on this machine send heartbeats as fast as they are answered, to the real listener and to a floor: a server that
only finds frames, checks their CRC and answers (`server_floor.py`). Server and load are processes of their own, and
the two servers take turns in rounds; the figures are medians. Exits with 1 when a goal is missed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
import gc
import multiprocessing
from multiprocessing.connection import Connection
import os
from pathlib import Path
import resource
from statistics import median
import sys
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from benchmarks.server_floor import listen as listen_floor
from benchmarks.server_load import PATIENCE, Load, codes
from custom_components.ykc.server.ledger import Ledger
from custom_components.ykc.server.listener import Listener, ListenerSettings
from custom_components.ykc.server.state import PileInfo
from custom_components.ykc.server.tariff import BillingModel, Price

COUNTS: Final = (1, 100, 1000)
ROUNDS: Final = 5
SECONDS: Final = 3.0
WARM_UP: Final = 2.0
IDLE: Final = 5000
RATE_GOAL: Final = 0.6
"""Share of the floor's answers per second, with 100 piles and with 1,000."""
TAIL_GOAL: Final = 3.0
"""The slowest hundredth takes at most this many times the median, with 100 piles."""
MEMORY_GOAL: Final = 8.0
"""kB for each pile that is logged in and idle."""

_CONTEXT = multiprocessing.get_context("spawn")

type Listen = Callable[[Path, int], Awaitable[tuple[int, object]]]


async def _floor(_: Path, count: int) -> tuple[int, object]:
    server = await listen_floor()
    return server.sockets[0].getsockname()[1], server


async def open_listener(folder: Path, count: int, guns: int = 1) -> Listener:
    """Listen for so many piles on a free port, with a ledger in a folder."""
    listener = Listener(
        host="127.0.0.1",
        port=0,
        ledger=await Ledger.open(folder / "ledger.db"),
        settings=ListenerSettings(
            time_zone=ZoneInfo("Asia/Shanghai"),
            billing_model=BillingModel.from_plan(
                number="0100",
                prices={
                    "sharp": Price(Decimal("1.5"), Decimal("0.1")),
                    "peak": Price(Decimal("1.2"), Decimal("0.1")),
                    "flat": Price(Decimal("0.8"), Decimal("0.1")),
                    "valley": Price(Decimal("0.4"), Decimal("0.1")),
                },
                times={"peak": "06:00-22:00", "valley": "22:00-06:00"},
            ),
        ),
        on_stranger=lambda _: None,
    )
    for code in codes(count):
        await listener.add_pile(PileInfo(code=code, gun_count=guns))
    await listener.start()
    return listener


async def _ykc(folder: Path, count: int) -> tuple[int, object]:
    listener = await open_listener(folder, count)
    return listener.port, listener


SERVERS: Final[dict[str, Listen]] = {"floor": _floor, "ykc": _ykc}


class Used(NamedTuple):
    """What a server's process has used."""

    cpu: float
    """Seconds."""
    memory: int
    """Bytes that are resident."""


def _used() -> Used:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return Used(process_time(), pages * os.sysconf("SC_PAGESIZE"))


def _raise_file_limit() -> None:
    """Let the process have a socket for each pile."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _serve(kind: str, count: int, line: Connection) -> None:
    """Be a server until killed; answer each question with what was used so far."""

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        with TemporaryDirectory() as folder:
            before = _used().memory
            # Named, so that it lives.
            port, _server = await SERVERS[kind](Path(folder), count)
            line.send((port, before))
            over = asyncio.Event()

            def answer() -> None:
                if line.recv() is None:
                    loop.remove_reader(line.fileno())
                    over.set()
                else:
                    line.send(_used())

            loop.add_reader(line.fileno(), answer)
            await over.wait()
            # What is left goes with the process.

    _raise_file_limit()
    asyncio.run(serve())


class Server:
    """A server in a process of its own."""

    def __init__(self, process: Any, line: Connection) -> None:
        """Wait until it listens."""
        self._line = line
        self._process = process
        self.port, self.empty = self._answer()

    def _answer(self) -> Any:
        if not self._line.poll(PATIENCE):
            raise TimeoutError("the server does not answer")
        return self._line.recv()

    def used(self) -> Used:
        """Ask what it has used."""
        self._line.send("used")
        used: Used = self._answer()
        return used


@contextmanager
def running(kind: str, count: int) -> Iterator[Server]:
    """Run a server that expects so many piles."""
    line, its_end = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_serve, args=(kind, count, its_end), daemon=True)
    process.start()
    its_end.close()
    try:
        yield Server(process, line)
    finally:
        line.send(None)
        process.join(PATIENCE)
        process.kill()


class Round(NamedTuple):
    """The figures of one round."""

    rate: float
    p50: float
    p99: float
    cpu: float
    """Seconds of the server for 1,000 answers."""


def _measure(server: Server, load: Load) -> Round:
    before = server.used().cpu
    measured = load.beat(SECONDS)
    cpu = server.used().cpu - before
    return Round(measured.rate, measured.delay(0.5) * 1e3, measured.delay(0.99) * 1e3, cpu / measured.replies * 1e6)


def _contest(count: int) -> bool:
    """Have the two servers take turns, and print what came of it; tell whether the goals were reached."""
    rounds: dict[str, list[Round]] = {kind: [] for kind in SERVERS}
    with (
        running("floor", count) as floor,
        running("ykc", count) as ykc,
        Load(floor.port, count, login=False) as floor_load,
        Load(ykc.port, count, login=True) as ykc_load,
    ):
        ykc_load.listen(WARM_UP)
        contestants = {"floor": (floor, floor_load), "ykc": (ykc, ykc_load)}
        for _ in range(ROUNDS):
            for kind, (server, load) in contestants.items():
                rounds[kind].append(_measure(server, load))
    medians = {kind: Round(*map(median, zip(*measured, strict=True))) for kind, measured in rounds.items()}
    ratio = median(ours.rate / least.rate for ours, least in zip(rounds["ykc"], rounds["floor"], strict=True))
    for kind, figures in medians.items():
        share = f"{ratio:8.2f}" if kind == "ykc" else ""
        print(
            f"{count:>6,} {kind:6}{figures.rate:10,.0f}{figures.p50:9.2f}{figures.p99:9.2f}{figures.cpu:9.1f}{share}",
            flush=True,
        )
    slow = medians["ykc"].p99 / medians["ykc"].p50
    return (count == 1 or ratio >= RATE_GOAL) and (count != 100 or slow <= TAIL_GOAL)


def _idle() -> bool:
    """Print what piles cost that are logged in and say nothing; tell whether the goal was reached."""
    with running("ykc", IDLE) as server:
        approved = server.used().memory
        with Load(server.port, IDLE, login=True) as load:
            load.listen(WARM_UP)
            logged_in = server.used().memory
    each: float = (logged_in - server.empty) / IDLE / 1000
    before: float = (approved - server.empty) / IDLE / 1000
    print(f"{IDLE:,} idle piles: {each:.1f} kB each, {before:.1f} of it before they call (goal: {MEMORY_GOAL:g})")
    return each <= MEMORY_GOAL


def main() -> int:
    """Print the table."""
    _raise_file_limit()
    print(f"medians of {ROUNDS} rounds of {SECONDS:g} s; ms to an answer, µs of the server's CPU for each")
    print(f"{'piles':>6} {'':6}{'answers/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'CPU µs':>9}{'/ floor':>8}")
    good = [_contest(count) for count in COUNTS]
    good.append(_idle())
    print("goals:", "ok" if all(good) else "missed")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
