"""Floods, each with its number; `scripts/bench hostile floods` is the long form."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.hostile.floods import FLOODS, Flood


@pytest.mark.parametrize("flood", FLOODS, ids=lambda flood: flood.__name__)
async def test_flood(flood: Callable[[Path, int], Awaitable[Flood]], tmp_path: Path) -> None:
    """Limits hold, nothing is left, the log has few lines, and a pile is served throughout."""
    count, _ = FLOODS[flood]
    came_to = await flood(tmp_path / "ledger.db", count)
    assert came_to.tried == count
