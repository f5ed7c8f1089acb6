"""Hardware is replaced: the ledger's pile gets another code and keeps all that was charged."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from custom_components.ykc.server.bills import session_of
from custom_components.ykc.server.card_list import ByHand, CardOrder, CardState, KnownCard
from custom_components.ykc.server.history import PileHistory
from custom_components.ykc.server.ledger import Ledger
from custom_components.ykc.server.ledger_codes import FormerCode
from custom_components.ykc.server.plug import Plug, Stage
from custom_components.ykc.server.sessions import Bill, SessionFilter
from tests.server.house import SHANGHAI, billing_model
from tests.server.peer import Peer

OLD = "32010200000001"
NEW = "32010200000009"
OTHER = "32010200000002"
CARD = "00000000d14b0a54"
GUEST = "00000000000c0ffe"
NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    """Open a ledger in which a pile has charged."""
    opened = await Ledger.open(tmp_path / "ledger.db")
    await charge(opened, OLD)
    yield opened
    await opened.close()


async def charge(ledger: Ledger, code: str) -> None:
    """Let gun 1 of a pile have charged 2 kWh."""
    known = await ledger.load(code)
    teller = Peer.__new__(Peer)
    teller.code = code
    record = teller.record(f"{code}01{'1' * 16}", energy="2")
    bill = Bill(record=record, session=session_of(record, SHANGHAI, NOON), received=NOON, model=billing_model())
    await ledger.store_record(known.pile_id, bill)


async def total(ledger: Ledger, code: str) -> float:
    """Return the total energy of gun 1 of a pile in kWh, 0 for a new one."""
    known: PileHistory = await ledger.load(code)
    return float(known.guns[1].counted) if 1 in known.guns else 0.0


async def sessions(ledger: Ledger, code: str) -> int:
    """Return how many sessions a pile has."""
    wanted = SessionFilter(guns=((code, None),))
    return len(await ledger.read(lambda reader: [*reader.sessions(wanted)]))


async def test_what_was_charged_goes_along(ledger: Ledger) -> None:
    """Total and sessions are those of the new code; the old one begins anew, as another pile."""
    before = await ledger.load(OLD)
    assert await ledger.may_replace(OLD, NEW)
    assert await ledger.replace_code(OLD, NEW)
    after = await ledger.load(NEW)
    assert after.pile_id == before.pile_id
    assert await total(ledger, NEW) == 2
    assert await sessions(ledger, NEW) == 1
    assert await total(ledger, OLD) == 0
    assert await sessions(ledger, OLD) == 0


async def test_again_changes_nothing(ledger: Ledger) -> None:
    """Also not where the old code was made anew by a start that did not know yet, or charges as another pile."""
    for _ in range(2):
        assert await ledger.replace_code(OLD, NEW)
        assert await total(ledger, NEW) == 2
    await charge(ledger, OLD)
    assert await ledger.replace_code(OLD, NEW)
    assert (await total(ledger, NEW), await total(ledger, OLD)) == (2, 2)


async def test_back_again(ledger: Ledger) -> None:
    """The old hardware comes back from repair."""
    assert await ledger.replace_code(OLD, NEW)
    assert await ledger.replace_code(NEW, OLD)
    assert await total(ledger, OLD) == 2
    assert await ledger.read(lambda reader: reader.unmoved_codes()) == [FormerCode(NEW, OLD)]


async def test_a_code_with_sessions_of_its_own(ledger: Ledger) -> None:
    """Two piles do not become one; a pile that was approved and never charged makes room."""
    await charge(ledger, OTHER)
    assert not await ledger.may_replace(OLD, OTHER)
    assert not await ledger.replace_code(OLD, OTHER)
    assert (await total(ledger, OLD), await total(ledger, OTHER)) == (2, 2)
    await ledger.load(NEW)
    assert await ledger.may_replace(OLD, NEW)
    assert await ledger.replace_code(OLD, NEW)
    assert await total(ledger, NEW) == 2


async def test_a_pile_that_was_never_loaded(ledger: Ledger) -> None:
    """There is nothing to be done."""
    assert await ledger.replace_code(OTHER, NEW)
    assert await sessions(ledger, NEW) == 0


async def test_what_only_the_old_hardware_knew(ledger: Ledger) -> None:
    """The vehicle at it and the cards in it are forgotten; what a person did to cards stays wanted."""
    known = await ledger.load(OLD)
    await ledger.keep_plug(known.pile_id, 1, Plug(NOON, Stage.SPENT, None, 1))
    await ledger.keep_cards(
        known.pile_id,
        [
            KnownCard(card=CARD, sent=CARD, state=CardState.STORED),
            KnownCard(card=GUEST, sent=GUEST, state=CardState.STORED, by_hand=ByHand.ADDED),
        ],
        (),
        CardOrder.REVERSED,
    )
    assert await ledger.replace_code(OLD, NEW)
    after = await ledger.load(NEW)
    assert after.plugs == {}
    assert after.cards.order is CardOrder.STRAIGHT
    assert after.cards.cards == {GUEST: KnownCard(card=GUEST, by_hand=ByHand.ADDED)}


async def test_statistics_are_to_be_moved(ledger: Ledger) -> None:
    """Until that was done; who keeps them is told at once."""
    told: list[None] = []
    ledger.on_settlement(lambda: told.append(None))
    await ledger.replace_code(OLD, NEW)
    (known,) = await ledger.read(lambda reader: reader.unmoved_codes())
    assert known == FormerCode(OLD, NEW)
    assert len(told) == 1
    await ledger.mark_moved(known)
    assert await ledger.read(lambda reader: reader.unmoved_codes()) == []
