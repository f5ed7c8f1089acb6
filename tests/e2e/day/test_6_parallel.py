"""Late evening: several guns for one car."""

from collections.abc import Awaitable, Callable

import pytest

from custom_components.ykc.protocol import TransactionRecord
from simulator import Vehicle

from .day import GUNS, PATIENCE, Day, plays

pytestmark = pytest.mark.asyncio(loop_scope="package")

BOTH = range(1, GUNS + 1)
CARD = "00000000d14b0a55"
"""Anna's."""


async def one_car(day: Day) -> None:
    """Put both guns into the same car."""
    car = Vehicle(soc=20.0)
    for gun in BOTH:
        await day.plug(gun, car)


def show(day: Day, card: str) -> Callable[[], Awaitable[None]]:
    """Return how a card is shown for both guns."""

    async def ask() -> None:
        async with day.unhurried():
            await day.pile.show_card_for_all(1, (2,), card)

    return ask


async def charged(day: Day, stop_reason: str) -> list[TransactionRecord]:
    """Wait for the bills of both guns; in the ledger they are one charge."""
    records = [await day.billed(gun, stop_reason) for gun in BOTH]
    sessions = [await day.session(record) for record in records]
    assert len({session["parallel"] for session in sessions}) == 1
    assert sorted(session["role"] for session in sessions) == ["auxiliary", "main"]
    return records


@plays(serves=("event.start_request",))
async def test_an_unknown_card_for_both_guns(day: Day) -> None:
    """It starts neither."""
    await one_car(day)
    told = await day.gun(1).event("start_request", "refused", show(day, "1234"))
    assert told("reason") == "no_account"
    assert day.pile.idle


@plays(0xA3, 0xA4, serves=("ykc.start_parallel_charging", "sensor.parallel_role", "ykc.get_sessions"))
async def test_both_guns_from_home_assistant(day: Day) -> None:
    """They begin together, know their roles, and end together; each has its own bill."""
    await one_car(day)
    statuses = [await day.gun(gun).id("status") for gun in BOTH]
    # The platform takes its time between two guns, and this pile waits for all of them.
    async with day.unhurried():
        answer = await day.act("start_parallel_charging", target={"entity_id": statuses}, returns=True)
    assert [gun["outcome"] for gun in answer["guns"]] == ["started", "started"]
    for gun in BOTH:
        await day.charging(gun)
    await day.gun(1).state("parallel_role", "main", seconds=PATIENCE)
    await day.gun(2).state("parallel_role", "auxiliary", seconds=PATIENCE)
    await day.gun(2).use("stop", "button.press")
    records = await charged(day, "stopped_remotely")
    assert [record.transaction for record in records] == [gun["transaction"] for gun in answer["guns"]]
    assert (await day.session(records[0]))["parallel"] == answer["parallel"]


@plays(0xA1, 0xA2, serves=("event.start_request", "sensor.parallel_role", "ykc.get_sessions"))
async def test_both_guns_at_the_pile(day: Day) -> None:
    """A driver holds one card to the reader for both."""
    await one_car(day)
    told = await day.gun(1).event("start_request", "authorised", show(day, CARD))
    assert told("driver") == "Anna"
    for gun in BOTH:
        await day.charging(gun)
    await day.gun(1).state("parallel_role", "main", seconds=PATIENCE)
    await day.pile.stop_locally(1)
    await charged(day, "stopped_manually")
