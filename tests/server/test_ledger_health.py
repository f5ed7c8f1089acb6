"""How the ledger's health is watched, apart from any file."""

import asyncio

import pytest

from custom_components.ykc.server import ledger_health
from custom_components.ykc.server.history import LedgerError
from custom_components.ykc.server.ledger_health import LedgerHealth


class Disk:
    """Counts how often it was tried."""

    def __init__(self) -> None:
        """Begin untried, and able to take everything."""
        self.tried = 0
        self.full_until = 0

    async def write(self) -> None:
        """Take what is written; raises LedgerError up to and with the attempt of number `full_until`."""
        self.tried += 1
        if self.tried <= self.full_until:
            raise LedgerError("disk full")


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


async def test_it_is_tried_until_it_goes_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that stays full is tried again and again; who writes says that it takes again, and nobody tries any more."""
    monkeypatch.setattr(ledger_health, "LEDGER_PROBE", 0)
    disk, told = Disk(), list[str | None]()
    disk.full_until = 3
    health = LedgerHealth(disk.write, told.append)
    health.note("disk full")
    async with asyncio.timeout(10):
        while disk.tried <= disk.full_until:
            await asyncio.sleep(0)
    health.note(None)
    await health.close()
    tried = disk.tried
    for _ in range(5):
        await asyncio.sleep(0)
    assert (told, tried, disk.tried) == (["disk full", None], 4, 4)
