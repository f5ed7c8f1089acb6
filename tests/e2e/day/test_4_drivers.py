"""Afternoon: drivers who ask at the pile itself."""

from collections.abc import Awaitable
from typing import Any

import pytest

from custom_components.ykc.protocol import StartRequestReply, TransactionRecord
from demo.client import Json
from simulator import Vehicle

from .day import PATIENCE, Day, plays

pytestmark = pytest.mark.asyncio(loop_scope="package")

CARD, STRANGE_CARD, PREPAID_CARD = "00000000d14b0a55", "00000000d14b0a56", "00000000d14b0a59"
ACCOUNT, PASSWORD = "4711", "open sesame"
VIN = "LSVAM4187C2184842"


@pytest.fixture(autouse=True)
async def car(day: Day) -> None:
    """Let a driver come."""
    await day.plug(1, Vehicle(vin=VIN))


async def outcome(day: Day, asks: Awaitable[None], kind: str) -> Json:
    """Let a driver ask at gun 1, and return what the event says."""

    async def ask() -> None:
        async with day.unhurried():
            await asks

    told = await day.gun(1).event("start_request", kind, ask)
    return {name: told(name) for name in ("driver", "method", "number", "reason")}


async def charge(day: Day, asks: Awaitable[None]) -> tuple[Json, TransactionRecord]:
    """Let a driver ask, charge, and stop at the pile; return what the event said, and the bill."""
    told = await outcome(day, asks, "authorised")
    await day.charging(1)
    await day.pile.stop_locally(1)
    record = await day.billed(1, "stopped_manually")
    session = await day.session(record)
    assert (session["origin"], session["mismatches"]) == ("platform", [])
    return told, record


def wrong(driver: str | None, method: str, number: str, reason: str) -> dict[str, Any]:
    """Return what the event says of a driver who was refused."""
    return {"driver": driver, "method": method, "number": number, "reason": reason}


@plays(0x31, 0x32, serves=("driver.user", "event.start_request"))
async def test_a_known_card_charges(day: Day) -> None:
    """It is authorised by its number alone, and its session is told by it."""
    await day.add("driver", name="Anna", card=CARD, enabled=True)
    told, record = await charge(day, day.pile.show_card(1, CARD))
    assert told == {"driver": "Anna", "method": "card", "number": "****0a55", "reason": None}
    assert record.card == CARD
    assert (await day.session(record))["card"] == CARD


@plays(serves=("event.start_request",))
async def test_an_unknown_card_is_refused(day: Day) -> None:
    """The pile hears why, and nothing charges."""
    told = await outcome(day, day.pile.show_card(1, STRANGE_CARD), "refused")
    assert told == wrong(None, "card", "****0a56", "no_account")
    assert day.pile.gun(1).charge is None


@plays(serves=("driver.user", "event.start_request"))
async def test_a_vehicle_is_known_by_its_vin(day: Day) -> None:
    """It arrives in reverse, and is shown right."""
    await day.add("driver", name="Van", vin=VIN, enabled=True)
    told, _ = await charge(day, day.pile.show_vin(1, VIN))
    assert told == {"driver": "Van", "method": "vin", "number": "****4842", "reason": None}


@plays(serves=("driver.user", "event.start_request"))
async def test_an_account_needs_its_password(day: Day) -> None:
    """A wrong one is refused, the right one charges."""
    await day.add("driver", name="Bob", account=ACCOUNT, password=PASSWORD, enabled=True)
    told = await outcome(day, day.pile.type_account(1, ACCOUNT, "guessed"), "refused")
    assert told == wrong("Bob", "account", "****4711", "wrong_password")
    told, _ = await charge(day, day.pile.type_account(1, ACCOUNT, PASSWORD))
    assert told == {"driver": "Bob", "method": "account", "number": "****4711", "reason": None}


@plays(serves=("options.general", "event.start_request", "ykc.answer_start_request"))
async def test_a_person_is_asked(day: Day) -> None:
    """An unknown driver waits for an answer: no, and then yes."""
    general = {"approve_automatically": False, "allow_raising_by_lock": False}
    await day.choose("general", unknown_drivers="ask", **general)
    for authorised, kind in ((False, "refused"), (True, "authorised")):
        await outcome(day, day.pile.show_card(1, STRANGE_CARD), "asked")
        answered = day.gun(1).act("answer_start_request", authorised=authorised)
        told = await outcome(day, answered, kind)
        assert told["reason"] == (None if authorised else "not_allowed_here")
    await day.charging(1)
    await day.pile.stop_locally(1)
    await day.billed(1, "stopped_manually")
    await day.choose("general", unknown_drivers="refuse", **general)
    assert [bool(reply.authorised) for reply in day.pile.all_received(StartRequestReply)][-2:] == [False, True]


@plays(serves=("ykc.learn_card", "driver.user"))
async def test_a_card_is_learnt(day: Day) -> None:
    """The form for a driver suggests the card that was shown while one was to be learnt."""
    await day.whole.act("learn_card")
    await outcome(day, day.pile.show_card(1, STRANGE_CARD), "refused")
    assert await day.suggested("driver", "card") == STRANGE_CARD
    await day.pile.wait_for(lambda: day.pile.idle, PATIENCE)


@plays(serves=("driver.user", "event.start_request", "ykc.top_up", "ykc.get_balances"))
async def test_a_prepaid_driver(day: Day) -> None:
    """Without money there is no charge, and none goes on when it is used up."""
    await day.add("driver", name="Dora", card=PREPAID_CARD, enabled=True, payment="prepaid")
    told = await outcome(day, day.pile.show_card(1, PREPAID_CARD), "refused")
    assert told == wrong("Dora", "card", "****0a59", "balance_too_low")
    await day.act("top_up", driver="Dora", amount=1)
    await outcome(day, day.pile.show_card(1, PREPAID_CARD), "authorised")
    record = await day.billed(1, "amount_limit")
    (account,) = (await day.act("get_balances", returns=True, driver="Dora"))["balances"]
    assert account["balance"] == account["available"] == float(1 - record.amount)
    assert 0 <= account["balance"] < 0.05
