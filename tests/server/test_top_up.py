"""Money that is added to a balance, or taken from it, while its driver charges (8.9, 8.10)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from custom_components.ykc.protocol import (
    BalanceResult,
    BalanceUpdate,
    BalanceUpdateReply,
    LoginReply,
    StartRequestReply,
)
from custom_components.ykc.server.accounts import EntryKind

from .conftest import MakeHouse
from .house import House, eventually, hurried
from .peer import CODE, Peer
from .test_access import CARD, request
from .test_prepaid import BESIDE, PAULA, booking, charging, figures, started, top_up
from .test_start_requests import let_in


async def test_top_up_while_charging(house: House) -> None:
    """The charge under way may cost what was added, or no longer cost what was taken; the pile is told."""
    let_in(house, PAULA)
    pile, peer = await house.online()
    await top_up(house, "5")
    transaction = await charging(house, pile, peer)
    account = await top_up(house, "10.005")
    assert (account.balance, account.reserved) == (Decimal("15.005"), Decimal(15))
    await peer.expect(BalanceUpdate, gun=1, balance=Decimal(15), card="0" * 16)
    peer.send(BalanceUpdateReply(pile=CODE, card=CARD, result=BalanceResult.OK))
    await house.listener.change_balance(booking(), EntryKind.CORRECTION, Decimal(-9), "a mistake")
    await peer.expect(BalanceUpdate, balance=Decimal(6))
    peer.send(BalanceUpdateReply(pile=CODE, card=CARD, result=BalanceResult.OK))
    # What it has cost can't be taken back.
    account = await house.listener.change_balance(booking(), EntryKind.CORRECTION, Decimal(-6))
    assert (account.balance, account.reserved, account.available) == (Decimal("0.005"), Decimal(2), Decimal("-1.995"))
    await peer.expect(BalanceUpdate, balance=Decimal(2))
    peer.send(BalanceUpdateReply(pile=CODE, card=CARD, result=BalanceResult.OK))
    await peer.bill(peer.record(transaction, "1", "2"))
    assert await figures(house) == (Decimal("-1.995"), Decimal(0))
    assert (await house.ledger.account_entries(PAULA.id, 3))[2].note == "a mistake"


async def test_top_up_within_the_limit(house: House) -> None:
    """A charge with a limit gets no more than that; what is left may start another gun."""
    let_in(house, replace(PAULA, charge_limit=Decimal(8)))
    pile, peer = await house.online()
    await top_up(house, "5")
    await charging(house, pile, peer)
    await top_up(house, "10")
    await peer.expect(BalanceUpdate, balance=Decimal(8))
    peer.send(BalanceUpdateReply(pile=CODE, card=CARD, result=BalanceResult.OK))
    await top_up(house, "0.5")
    await peer.silence()
    await started(house, peer, "7.5", gun=2)


async def test_top_up_while_the_bill_is_awaited(house: House) -> None:
    """What is added after a charge is for the next one, however long the bill of the last is in coming."""
    let_in(house, PAULA)
    pile, peer = await house.online()
    await top_up(house, "20")
    transaction = await charging(house, pile, peer, "20")
    peer.send(peer.report())
    await eventually(lambda: house.rows("SELECT phase FROM orders") == [("ended",)])
    await peer.hang_up()
    await eventually(lambda: not pile.state.connected)
    await top_up(house, "30")
    _, neighbour = await house.online(BESIDE)
    neighbour.send(request(pile=BESIDE))
    answer = await neighbour.expect(StartRequestReply, authorised=1, balance=Decimal(30))
    assert await figures(house) == (Decimal(50), Decimal(50))
    await neighbour.bill(neighbour.record(answer.transaction, "1", "4"))
    _, peer = await house.online()
    await peer.bill(peer.record(transaction, "1", "3"))
    assert await figures(house) == (Decimal(43), Decimal(0))


async def test_pile_takes_no_balance(make_house: MakeHouse, caplog: pytest.LogCaptureFixture) -> None:
    """A refused balance is told again; one that could not be told is told when the pile is back, or after a restart."""
    house = await make_house(hurried(insist=0.05))
    let_in(house, PAULA)
    pile, peer = await house.online()
    await top_up(house, "5")
    transaction = await charging(house, pile, peer)
    await top_up(house, "5")
    await peer.expect(BalanceUpdate, balance=Decimal(10))
    peer.send(BalanceUpdateReply(pile=CODE, card=CARD, result=BalanceResult.WRONG_CARD))
    await peer.expect(BalanceUpdate, balance=Decimal(10))
    await peer.hang_up()
    await eventually(lambda: not pile.state.connected)
    await top_up(house, "5")
    assert house.counts["balance"] == 1
    assert f"Pile {CODE} did not take a balance: balance_refused (pile {CODE}, gun 1, reason wrong_card)" in caplog.text
    peer = await house.dial()
    assert await balance_after_login(peer, transaction) == Decimal(15)
    await peer.hang_up()
    successor = await house.restart()
    let_in(successor, PAULA)
    assert await balance_after_login(await successor.dial(), transaction) == Decimal(15)
    assert successor.rows("SELECT transaction_number, reserved FROM orders") == [(transaction, 150_000)]


async def test_more_while_it_is_being_told(house: House) -> None:
    """What is added before the pile has answered is told next."""
    let_in(house, PAULA)
    pile, peer = await house.online()
    await top_up(house, "5")
    await charging(house, pile, peer)
    await top_up(house, "5")
    await peer.expect(BalanceUpdate, balance=Decimal(10))
    await top_up(house, "5")
    peer.send(BalanceUpdateReply(pile=CODE, card=CARD, result=BalanceResult.OK))
    await peer.expect(BalanceUpdate, balance=Decimal(15))
    peer.send(BalanceUpdateReply(pile=CODE, card=CARD, result=BalanceResult.OK))
    await peer.silence()


async def test_charge_that_ends_before_it_takes_the_balance(make_house: MakeHouse) -> None:
    """Nothing is left to take it, that is no trouble, and it is told no more."""
    house = await make_house(hurried(insist=0.05))
    let_in(house, PAULA)
    pile, peer = await house.online()
    await top_up(house, "5")
    transaction = await charging(house, pile, peer)
    await top_up(house, "5")
    await peer.expect(BalanceUpdate, balance=Decimal(10))
    await peer.bill(peer.record(transaction, "1", "2"))
    peer.send(BalanceUpdateReply(pile=CODE, card=CARD, result=BalanceResult.WRONG_CARD))
    await peer.silence()
    assert await figures(house) == (Decimal(8), Decimal(0))
    # What was sent first is heard first.
    await started(house, peer, "8", gun=2)
    assert house.counts["balance"] == 0


async def balance_after_login(peer: Peer, transaction: str) -> Decimal:
    """Log in while gun 1 charges, and return the balance that the pile is given."""
    peer.send(peer.login())
    await peer.expect(LoginReply)
    await peer.greeted(gun_1=peer.report(transaction, "1", "2"))
    update = await peer.expect(BalanceUpdate, gun=1)
    peer.send(BalanceUpdateReply(pile=CODE, card=CARD, result=BalanceResult.OK))
    return update.balance
