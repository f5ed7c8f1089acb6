"""A raw platform, and piles that dial in to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from simulator import VirtualPile

from .raw_platform import RawPlatform

PILE = "32010200000001"
TRANSACTION = PILE + "01" + "261122180000" + "0001"
CARD = "00000000d14b0a54"
PACE = 100.0
"""A heartbeat takes 0.1 s, a report 0.15 s, a record is repeated after 0.3 s."""


def start(transaction: str = TRANSACTION, gun: str = "01", balance: int = 100_00) -> str:
    """Make the body of 0x34; the balance is in 1/100 CNY."""
    return transaction + PILE + gun + "0000001000000573" + CARD + balance.to_bytes(4, "little").hex()


type MakePile = Callable[..., Awaitable[VirtualPile]]


@pytest.fixture
async def platform() -> AsyncIterator[RawPlatform]:
    """Listen as a platform."""
    async with RawPlatform() as platform:
        yield platform


@pytest.fixture
async def make_pile(platform: RawPlatform) -> AsyncIterator[MakePile]:
    """Start piles of one's own kind, and stop them afterwards; by then nothing of the platform's may have been odd."""
    async with AsyncExitStack() as stack:

        async def make(code: str = PILE, *, ready: bool = True, **options: Any) -> VirtualPile:
            options = {"port": platform.port, "pace": PACE, "charge_speed": 600.0} | options
            pile = await stack.enter_async_context(VirtualPile(code, **options))
            if ready:
                await pile.wait_ready()
            return pile

        yield make


@pytest.fixture
async def pile(make_pile: MakePile) -> VirtualPile:
    """Start a DC pile with two guns, and wait until it is ready."""
    return await make_pile()
