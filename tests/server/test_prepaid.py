"""Drivers who charge on a balance: reserved at the start, taken by the record, told to the pile (8.2, 8.9)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from custom_components.ykc.protocol import RemoteStart, StartDenial
from custom_components.ykc.server.access import Driver
from custom_components.ykc.server.accounts import Account, EntryKind
from custom_components.ykc.server.booking import Booking
from custom_components.ykc.server.errors import BalanceTooLow, LedgerFailed, SessionUnpaid
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.state import GunStatus

from .conftest import MakeHouse
from .house import House, eventually, hurried, starting
from .peer import CODE, Peer
from .test_access import ANNA, CARD, VIN, request
from .test_start_requests import let_in, refused, reply

PAULA = replace(ANNA, id="paula", name="Paula", prepaid=True)
BESIDE = "32010200000002"


def booking(driver: Driver = PAULA) -> Booking:
    """Return how charges are booked on a driver."""
    return driver.booking


async def top_up(house: House, amount: str, driver: Driver = PAULA) -> Account:
    """Add money."""
    return await house.listener.change_balance(booking(driver), EntryKind.TOP_UP, Decimal(amount))


async def figures(house: House, driver: Driver = PAULA) -> tuple[Decimal, Decimal]:
    """Return a driver's balance, and what is reserved of it; the journal must add up to it."""
    account = await house.ledger.account(driver.id)
    entries = await house.ledger.account_entries(driver.id, -1)
    assert account.balance == sum((entry.amount for entry in entries), Decimal(0))
    assert account.available == account.balance - account.reserved
    return account.balance, account.reserved


async def started(house: House, peer: Peer, amount: str, **values: Any) -> str:
    """Start with a card, for an amount; return the transaction number."""
    peer.send(request(**values), sequence=b"\x04\x00")
    answer = await reply(peer, authorised=1, balance=Decimal(amount))
    return answer.transaction


async def test_reserved_charged_and_freed(house: House) -> None:
    """The pile gets what is available, the record takes what it costs, once, and frees the rest."""
    let_in(house, PAULA)
    _, peer = await house.online()
    await top_up(house, "50.0055")
    transaction = await started(house, peer, "50")
    assert await figures(house) == (Decimal("50.0055"), Decimal(50))
    peer.send(peer.report(transaction, "1.5", "2.5"))
    await eventually(lambda: house.gun().status is GunStatus.CHARGING)
    for _ in range(3):
        await peer.bill(peer.record(transaction, "9", "12.3456", started_by=2, card=CARD))
    assert await figures(house) == (Decimal("37.6599"), Decimal(0))
    charge, added = await house.ledger.account_entries(PAULA.id, 10)
    assert (charge.kind, charge.amount, charge.balance) == (EntryKind.CHARGE, Decimal("-12.3456"), Decimal("37.6599"))
    assert (charge.pile, charge.transaction) == (CODE, transaction)
    assert (added.kind, added.amount, added.pile, added.transaction) == (EntryKind.TOP_UP, Decimal("50.0055"), None, "")
    await started(house, peer, "37.65")


@pytest.mark.parametrize(("amount", "available"), [("0", "0.00"), ("0.9999", "0.99")])
async def test_balance_too_low(house: House, amount: str, available: str) -> None:
    """Without a CNY nobody starts, at the pile or from here, and no order is left."""
    let_in(house, PAULA)
    pile, peer = await house.online()
    await top_up(house, amount)
    peer.send(request(), sequence=b"\x04\x00")
    await refused(peer, StartDenial.BALANCE_TOO_LOW)
    with pytest.raises(BalanceTooLow) as error:
        await pile.start_charging(1, driver=PAULA)
    assert error.value.placeholders == {"driver": "Paula", "available": available, "minimum": "1"}
    assert house.rows("SELECT * FROM orders") == []
    await top_up(house, "1")
    await started(house, peer, "1" if amount == "0" else "1.99")


async def test_two_guns_at_one_moment(house: House) -> None:
    """The same money is spent once, also at two piles."""
    let_in(house, PAULA)
    _, peer = await house.online()
    _, neighbour = await house.online(BESIDE)
    await top_up(house, "20")
    house.disk.hold("open_order")
    peer.send(request(), sequence=b"\x04\x00")
    neighbour.send(request(pile=BESIDE))
    await eventually(lambda: house.disk.calls.count("draw_counter") == 2)
    house.disk.release()
    first, second = await peer.receive(), await neighbour.receive()
    answers: list[Any] = [first, second]
    answers.sort(key=lambda answer: int(answer.authorised))
    assert [(answer.authorised, answer.reason, answer.balance) for answer in answers] == [
        (0, StartDenial.BALANCE_TOO_LOW, Decimal(0)),
        (1, StartDenial.NONE, Decimal(20)),
    ]
    assert await figures(house) == (Decimal(20), Decimal(20))


async def test_limit_of_a_charge(house: House) -> None:
    """A limit leaves something for another gun; what is asked from here may be less still."""
    limited = replace(PAULA, charge_limit=Decimal(30))
    let_in(house, limited)
    pile, peer = await house.online()
    await top_up(house, "50")
    await started(house, peer, "30")
    start = starting(pile, 2, driver=limited, balance=Decimal("7.5"))
    message = await peer.expect(RemoteStart, gun=2, balance=Decimal("7.5"), card=CARD, logical_card=ANNA.logical_card)
    assert await figures(house) == (Decimal(50), Decimal("37.5"))
    peer.answer_start(message, reason=3)
    with pytest.raises(Exception, match="start_refused"):
        await start
    await eventually(lambda: house.rows("SELECT sum(reserved) FROM orders") == [(300_000,)])


async def test_start_from_here_by_card(house: House) -> None:
    """A start with a driver's card is the driver's."""
    let_in(house, PAULA)
    pile, peer = await house.online()
    await top_up(house, "20")
    start = starting(pile, card=CARD)
    message = await peer.expect(RemoteStart, balance=Decimal(20))
    peer.answer_start(message)
    await start
    await peer.bill(peer.record(message.transaction, "1", "3"))
    assert await figures(house) == (Decimal(17), Decimal(0))
    assert house.rows("SELECT driver, driver_name FROM records") == [("paula", "Paula")]


async def test_start_from_here_is_nobody_s(house: House) -> None:
    """A start that names nobody is paid by nobody, whosever the vehicle is."""
    let_in(house, PAULA)
    pile, peer = await house.online()
    start = starting(pile)
    message = await peer.expect(RemoteStart)
    peer.answer_start(message)
    await start
    await peer.bill(peer.record(message.transaction, "1", "3", vin=VIN))
    assert await figures(house) == (Decimal(0), Decimal(0))
    assert house.rows("SELECT driver FROM records") == [("",)]


async def test_more_than_there_was(house: House) -> None:
    """A bill beyond the balance makes it negative, and the driver pays that first."""
    let_in(house, PAULA)
    pile, peer = await house.online()
    await top_up(house, "5")
    await peer.bill(peer.record(await started(house, peer, "5"), "9", "7.5"))
    assert await figures(house) == (Decimal("-2.5"), Decimal(0))
    peer.send(request(), sequence=b"\x04\x00")
    await refused(peer, StartDenial.CARD_HAS_UNPAID_SESSION)
    with pytest.raises(SessionUnpaid) as error:
        await pile.start_charging(1, driver=PAULA)
    assert error.value.placeholders == {"driver": "Paula", "balance": "-2.50"}
    await top_up(house, "10")
    await started(house, peer, "7.5")


@pytest.mark.parametrize("bill", ["4", "1"])
@pytest.mark.parametrize("settled", [False, True])
async def test_no_record(make_house: MakeHouse, bill: str, settled: bool) -> None:
    """What was reported of a charge without a record stays reserved until the record comes or a person settles it."""
    house = await make_house(hurried(record=0.05))
    let_in(house, PAULA)
    _, peer = await house.online()
    await top_up(house, "20")
    transaction = await started(house, peer, "20")
    peer.send(peer.report(transaction, "1.5", "2.5"))
    await eventually(lambda: house.gun().charging)
    peer.send(peer.report())
    query = "SELECT outcome FROM orders"
    await eventually(lambda: house.rows(query) == [("no_record",)])
    assert await figures(house) == (Decimal(20), Decimal("2.5"))
    peer.send(request(), sequence=b"\x04\x00")
    await refused(peer, StartDenial.CARD_HAS_UNPAID_SESSION)
    if settled:
        account = await house.listener.settle_unpaid(booking())
        assert (account.balance, account.reserved) == (Decimal("17.5"), Decimal(0))
        assert (await house.listener.settle_unpaid(booking())).balance == Decimal("17.5")
    await peer.bill(peer.record(transaction, "2", bill))
    assert await figures(house) == (20 - Decimal(bill), Decimal(0))
    await started(house, peer, str(20 - int(bill)))


async def test_no_record_and_no_price(make_house: MakeHouse) -> None:
    """Energy that the pile gave no price for is unpaid, too, until its bill comes or a person says that it is nothing."""
    house = await make_house(hurried(record=0.05))
    let_in(house, PAULA)
    _, peer = await house.online()
    await top_up(house, "20")
    for _ in range(2):
        transaction = await started(house, peer, "20")
        peer.send(peer.report(transaction, "1.5"))
        await eventually(lambda: house.gun().charging)
        peer.send(peer.report())
        await eventually(lambda: house.gun().transaction is None)
        await eventually(lambda: not house.rows("SELECT * FROM orders WHERE phase <> 'closed'"))
        peer.send(request(), sequence=b"\x04\x00")
        await refused(peer, StartDenial.CARD_HAS_UNPAID_SESSION)
        account = await house.listener.settle_unpaid(booking())
        assert (account.balance, account.reserved) == (Decimal(20), Decimal(0))
    await peer.bill(peer.record(transaction, "2", "3"))
    await started(house, peer, "17")


async def test_pile_that_was_removed(make_house: MakeHouse) -> None:
    """What is reserved at a pile that is gone is freed by a person, who pays what it had reported, once for all."""
    house = await make_house(hurried(resumed=0.05))
    let_in(house, PAULA)
    pile, peer = await house.online()
    await house.approve(BESIDE)
    await top_up(house, "20")
    transaction = await charging(house, pile, peer, "20")
    assert (await house.listener.settle_unpaid(booking())).reserved == 20
    await house.listener.remove_pile(CODE)
    account = await house.listener.settle_unpaid(booking())
    assert (account.balance, account.reserved) == (Decimal(18), Decimal(0))
    assert house.rows("SELECT phase, outcome, is_session FROM orders") == [("closed", "no_record", 1)]
    pile, peer = await house.online()
    # The pile has forgotten it; that makes nothing unpaid again.
    assert not house.listener.piles[CODE].charges.under_way
    await started(house, peer, "18", gun=2)
    await peer.bill(peer.record(transaction, "1", "5"))
    assert await figures(house) == (Decimal(15), Decimal(18))


async def test_bill_awaited(house: House) -> None:
    """Who has just finished has no low balance: the bill is still to come."""
    let_in(house, PAULA)
    _, peer = await house.online()
    await top_up(house, "20")
    transaction = await started(house, peer, "20")
    peer.send(peer.report(transaction, "1.5", "2.5"), peer.report())
    await eventually(lambda: house.rows("SELECT phase FROM orders") == [("ended",)])
    peer.send(request(gun=2), sequence=b"\x04\x00")
    await refused(peer, StartDenial.CARD_HAS_UNPAID_SESSION)


async def test_never_begun(make_house: MakeHouse) -> None:
    """An order without a charge gives all back; a record that comes all the same is paid."""
    house = await make_house(hurried(charging_report=0.05))
    let_in(house, PAULA)
    _, peer = await house.online()
    await top_up(house, "20")
    transaction = await started(house, peer, "20")
    await peer.answer_stop()
    await eventually(lambda: house.rows("SELECT outcome, reserved FROM orders") == [("no_charging_report", 0)])
    await peer.bill(peer.record(transaction, "1", "1.5"))
    assert await figures(house) == (Decimal("18.5"), Decimal(0))


async def test_foreign_and_offline_records(house: House) -> None:
    """What a pile began itself is paid by whom the card belongs to, or else the vehicle, whichever way the card comes."""
    let_in(house, PAULA)
    _, peer = await house.online()
    turned = "540a4bd100000000"
    for number, card, vin in (
        ("1" * 32, CARD, ""),
        ("2" * 32, turned, ""),
        ("3" * 32, "0" * 16, VIN),
        ("0" * 32, CARD, ""),
    ):
        record = peer.record(number, "1", "2", card=card, vin=vin, started_by=4)
        await peer.bill(record)
        await peer.bill(record)
    stranger = peer.record("4" * 32, "1", "2", card="00000000000000ff", vin=VIN)
    await peer.bill(stranger)
    assert await figures(house) == (Decimal(-8), Decimal(0))
    assert house.rows("SELECT card, driver FROM records ORDER BY id") == [
        (CARD, "paula"),
        (CARD, "paula"),
        ("", "paula"),
        (CARD, "paula"),
        ("00000000000000ff", ""),
    ]


async def test_unlimited_drivers_are_booked_and_not_charged(house: House) -> None:
    """A session is booked on whoever charged; only a prepaid driver's balance pays it."""
    anna = replace(ANNA, id="anna")
    let_in(house, anna)
    _, peer = await house.online()
    peer.send(request(), sequence=b"\x04\x00")
    answer = await reply(peer, authorised=1, balance=Decimal(10_000))
    # What held at the start counts.
    let_in(house, replace(anna, prepaid=True, name="Anne"))
    await peer.bill(peer.record(answer.transaction, "1", "3"))
    assert house.rows("SELECT driver, driver_name FROM records") == [("anna", "Anna")]
    assert await figures(house, anna) == (Decimal(0), Decimal(0))


async def charging(house: House, pile: Pile, peer: Peer, amount: str = "5") -> str:
    """Bring a prepaid charge as far as its first report."""
    transaction = await started(house, peer, amount)
    peer.send(peer.report(transaction, "1", "2"))
    await eventually(lambda: house.gun().charging)
    return transaction


async def test_disk_fails(house: House) -> None:
    """No balance changes while nothing can be written: no 0x40, no order, no top-up."""
    let_in(house, PAULA)
    _, peer = await house.online()
    await top_up(house, "20")
    transaction = await started(house, peer, "20")
    house.disk.fails = {"store_record", "open_order", "transact"}
    peer.send(peer.record(transaction, "1", "5"))
    await peer.silence()
    peer.send(request(gun=2), sequence=b"\x04\x00")
    await refused(peer, StartDenial.PILE_DISABLED)
    with pytest.raises(LedgerFailed):
        await top_up(house, "5")
    house.disk.fails.clear()
    assert await figures(house) == (Decimal(20), Decimal(20))
    await peer.bill(peer.record(transaction, "1", "5"))
    assert await figures(house) == (Decimal(15), Decimal(0))


async def test_killed_between(house: House) -> None:
    """After a kill the reservation is there as soon as the pile was told, and the record is paid once."""
    let_in(house, PAULA)
    _, peer = await house.online()
    await top_up(house, "20")
    transaction = await started(house, peer, "20")
    successor = await house.killed()
    assert await figures(successor) == (Decimal(20), Decimal(20))
    let_in(successor, PAULA)
    _, peer = await successor.online()
    for _ in range(2):
        await peer.bill(peer.record(transaction, "1", "5"))
    last = await successor.killed()
    assert await figures(last) == (Decimal(15), Decimal(0))


async def test_who_listens_is_told(house: House) -> None:
    """Whatever changes an account, its watchers hear of it; and no more when they went."""
    let_in(house, PAULA)
    _, peer = await house.online()
    heard: list[str] = []
    end = house.ledger.on_account(heard.append)
    await top_up(house, "5")
    transaction = await started(house, peer, "5")
    await peer.bill(peer.record(transaction, "1", "1"))
    assert heard == ["paula"] * 3
    end()
    await top_up(house, "5")
    assert len(heard) == 3
