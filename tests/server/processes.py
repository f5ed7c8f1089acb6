"""The server of `process.py` in a process of its own, as tests run it, ask it and kill it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import signal
import sys
from typing import Any, Final

from tests.server.peer import PATIENCE

_START: Final = 60.0
"""Seconds that its start may take where many processes share the machine."""
ROOT: Final = Path(__file__).parents[2]


class Process:
    """The server in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Talk to it over its pipes."""
        self._process = process
        self.port = 0

    async def ask(self, **question: object) -> Any:
        """Send a line, return the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        return await self.hear()

    async def hear(self, patience: float = PATIENCE) -> Any:
        """Return what it says next."""
        assert self._process.stdout is not None
        async with asyncio.timeout(patience):
            return json.loads(await self._process.stdout.readline())

    async def kill(self) -> None:
        """End it without a word."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()


@asynccontextmanager
async def running(path: Path) -> AsyncIterator[Process]:
    """Run the server on a ledger."""
    process = Process(
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.server.process",
            str(path),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
    )
    try:
        process.port = await process.hear(_START)
        yield process
    finally:
        await process.kill()
