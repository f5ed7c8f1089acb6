"""Waiting on conditions."""

import asyncio
from collections.abc import Awaitable, Callable

from .errors import Failed

INTERVAL = 0.1


async def until[T](what: str, probe: Callable[[], Awaitable[T | None]], seconds: float) -> T:
    """Ask `probe` until it has an answer, and fail with `what` when it has none."""
    try:
        async with asyncio.timeout(seconds):
            while (answer := await probe()) is None:
                await asyncio.sleep(INTERVAL)
            return answer
    except TimeoutError:
        raise Failed(f"{what}: not within {seconds:g} s") from None
