"""What a process holds, and what it complained of."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
import gc
import logging
import os
from pathlib import Path
import resource
from typing import Any, NamedTuple, override

from tests.server.house import House


class Held(NamedTuple):
    """What is there at one moment."""

    objects: int
    """Of Python, that hold others."""
    resident: int
    """Bytes of the process."""
    tasks: int
    timers: int
    orders: int
    """Open ones, of all guns of all piles."""
    sockets: int


def held(house: House) -> Held:
    """Count what is there now."""
    gc.collect()
    loop: Any = asyncio.get_running_loop()
    return Held(
        objects=len(gc.get_objects()),
        resident=int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE"),
        tasks=len(asyncio.all_tasks()),
        timers=sum(not timer.cancelled() for timer in loop._scheduled),
        orders=open_orders(house),
        sockets=len(house.listener._connections),
    )


def open_orders(house: House) -> int:
    """Count the orders of all guns of all piles."""
    return sum(len(gun.orders) for pile in house.listener.piles.values() for gun in pile.known_guns.values())


class Complaints(logging.Handler):
    """Counts the warnings of ours that were logged, and keeps the first errors of anybody."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__(logging.WARNING)
        self.warnings = 0
        self.errors: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.warnings += record.levelno == logging.WARNING and record.name.startswith("custom_components.")
        if record.levelno >= logging.ERROR and len(self.errors) < 20:
            self.errors.append(self.format(record))


@contextmanager
def listening_to_the_log() -> Iterator[Complaints]:
    """Give what is complained of meanwhile."""
    complaints = Complaints()
    logger = logging.getLogger()
    logger.addHandler(complaints)
    try:
        yield complaints
    finally:
        logger.removeHandler(complaints)


def files_for(sockets: int) -> int:
    """Raise the limit of open files as far as it goes; return how many connections, of both ends, fit up to `sockets`."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(sockets, (hard - 200) // 2)
