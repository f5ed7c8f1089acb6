"""How the ledger's health is watched, apart from any file."""

import asyncio

import pytest

from custom_components.ykc.server import ledger_health
from custom_components.ykc.server.ledger_health import LedgerHealth


class Disk:
    """Counts how often it was tried."""

    def __init__(self) -> None:
        """Begin untried."""
        self.tried = 0

    async def write(self) -> None:
        """Take everything."""
        self.tried += 1


async def test_without_anybody_who_listens() -> None:
    """What is known is known all the same."""
    health = LedgerHealth(Disk().write, None)
    for error in ("disk full", None):
        health.note(error)
        assert health.failing is (error is not None)
    await health.close()


async def test_a_failure_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails while the ledger is closed is told, and not tried again."""
    monkeypatch.setattr(ledger_health, "LEDGER_PROBE", 0)
    disk, told = Disk(), list[str | None]()
    health = LedgerHealth(disk.write, told.append)
    await health.close()
    health.note("disk full")
    for _ in range(5):
        await asyncio.sleep(0)
    assert (told, disk.tried) == (["disk full"], 0)
