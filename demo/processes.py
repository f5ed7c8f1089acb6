"""Child processes that never outlive this program.

Each child leads a session of its own, so that Ctrl-C in a terminal reaches only
this program, which then ends them in order. Should it be killed itself, Linux
kills them.
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
import contextlib
import ctypes
import os
from pathlib import Path
import signal
from typing import Self

from .errors import Failed

_PR_SET_PDEATHSIG = 1
STOP_SECONDS = 30.0
_TAIL_LINES = 30


class Child:
    """One child process, its session and its log file."""

    def __init__(self, name: str, process: Process, log: Path) -> None:
        """Wrap a process that `start` made."""
        self.name = name
        self.log = log
        self._process = process

    @classmethod
    async def start(
        cls,
        name: str,
        arguments: Sequence[str | Path],
        *,
        log: Path,
        cwd: Path,
        stdin: bool = False,
    ) -> Self:
        """Start a program; what it prints is appended to `log`."""
        parent = os.getpid()
        libc = ctypes.CDLL(None)

        def die_with_the_parent() -> None:
            if hasattr(libc, "prctl"):
                libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)

        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=PIPE if stdin else DEVNULL,
                stdout=output,
                stderr=output,
                cwd=cwd,
                start_new_session=True,
                preexec_fn=die_with_the_parent,
            )
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        """Return the id of the process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process has not ended yet."""
        return self._process.returncode is None

    def check(self) -> None:
        """Fail when the process has ended by itself."""
        if not self.running:
            raise Failed(f"{self.name} ended with code {self._process.returncode}\n{self.tail()}")

    def tail(self, lines: int = _TAIL_LINES) -> str:
        """Return the last lines of the log."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    async def say(self, line: str) -> None:
        """Write a line to the standard input."""
        self.check()
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()

    async def stop(self, patience: float = STOP_SECONDS) -> None:
        """End the process as a service manager would; kill it when it lingers for so many seconds."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), patience)
        await self.kill()

    async def kill(self) -> None:
        """End the process, and all that it started, with SIGKILL."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    def left_running(self) -> list[int]:
        """Return the ids of the processes that this child started and left behind."""
        return [
            int(stat.parent.name)
            for stat in Path("/proc").glob("[0-9]*/stat")
            if _session_of(stat) == self._process.pid
        ]


def _session_of(stat: Path) -> int | None:
    """Return the session of a process, None for one that is gone or a zombie."""
    try:
        # The name, in parentheses, may hold anything: count from behind it.
        state, _parent, _group, session = stat.read_text().rpartition(")")[2].split()[:4]
    except OSError:
        return None
    return None if state == "Z" else int(session)
