"""Virtual piles in a process of their own."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
import sys
from types import TracebackType
from typing import Self

from .errors import Failed
from .hass import REPOSITORY
from .ports import LOOPBACK, free_port
from .processes import Child
from .waiting import until

PACE = 10.0
"""Reports come every 1.5 s instead of 15, and a pile that was refused dials again after 3 s."""
CHARGE_SPEED = 20.0
"""A car that takes an hour is full in three minutes."""

_START_SECONDS = 60.0


@dataclass(frozen=True)
class Pile:
    """A virtual pile: what it is, not what it does."""

    code: str
    kind: str
    guns: int

    @property
    def dc(self) -> bool:
        """Whether it charges with direct current."""
        return self.kind == "dc"


class VirtualPiles:
    """The simulator with some piles, all guns plugged unless said otherwise."""

    def __init__(
        self,
        *piles: Pile,
        port: int,
        log: Path,
        plugged: bool = True,
        pace: float = PACE,
        charge_speed: float = CHARGE_SPEED,
    ) -> None:
        """Prepare piles that dial a port of this machine."""
        self._log = log
        self._control = free_port()
        self._arguments = [
            *("--host", LOOPBACK, "--port", str(port), "--control", str(self._control)),
            *("--pace", f"{pace:g}", "--charge-speed", f"{charge_speed:g}"),
            *(word for pile in piles for word in ("--pile", f"{pile.code}:{pile.kind}:{pile.guns}")),
            *(["--plugged"] if plugged else []),
        ]
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """Return the process."""
        if self._child is None:
            raise Failed("the virtual piles were not started")
        return self._child

    async def __aenter__(self) -> Self:
        """Switch the piles on."""
        self._child = await Child.start(
            "The simulator", [sys.executable, "-m", "simulator", *self._arguments], log=self._log, cwd=REPOSITORY
        )
        async with AsyncExitStack() as on_failure:
            on_failure.push_async_callback(self._child.kill)
            await until("the virtual piles are there", self._is_ready, _START_SECONDS)
            on_failure.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Switch them off."""
        await self.child.stop()

    async def _is_ready(self) -> bool | None:
        """Whether the piles can be told what to do."""
        self.child.check()
        try:
            return bool(await self.ask("help"))
        except ConnectionRefusedError:
            return None

    async def ask(self, line: str) -> str:
        """Say a line to the simulator and return its whole answer."""
        reader, writer = await asyncio.open_connection(LOOPBACK, self._control)
        writer.write(f"{line}\n".encode())
        writer.write_eof()
        answer = (await reader.read()).decode().strip()
        writer.close()
        return answer

    async def do(self, action: str, pile: Pile) -> None:
        """Do something to a pile: 'plug 1', 'stop 2', 'drop 5' (doc/simulator.md lists it)."""
        answer = await self.ask(f"{action} pile={pile.code}")
        if answer != "ok":
            raise Failed(f"the virtual pile {pile.code} could not '{action}': {answer}")
