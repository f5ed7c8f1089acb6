"""Drivers who ask for a charge at the pile: 0x31 and 0x32 (8.1, 8.2)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
import logging
from typing import Any

import pytest

from custom_components.ykc.protocol import NO_TRANSACTION, RemoteStart, StartDenial, StartRequestReply
from custom_components.ykc.server.access import Access, Policy
from custom_components.ykc.server.errors import NoStartRequest, OrderOpen
from custom_components.ykc.server.limits import Timing
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.settings import PileSettings, WorkingParameters
from custom_components.ykc.server.start_requests import StartEvent
from custom_components.ykc.server.state import GunStatus, PileInfo

from .house import PATIENT, House, charging, eventually, hurried, starting
from .peer import CODE, Peer
from .test_access import ACCOUNT, ANNA, CARD, OTHER, VIN, by_vin, request

type MakeHouse = Callable[..., Awaitable[House]]
HASTY = hurried(start_answer=0.05)


def let_in(house: House, *drivers: Any, policy: Policy = Policy.REFUSE) -> None:
    """Let drivers in, live."""
    house.listener.apply(replace(house.settings, access=Access(drivers=drivers, policy=policy)))


def heard(pile: Pile) -> list[StartEvent]:
    """Return what is told of the requests from now on."""
    events: list[StartEvent] = []
    pile.start_requests.subscribe(events.append)
    return events


async def reply(peer: Peer, sequence: bytes = b"\x04\x00", **values: object) -> StartRequestReply:
    """Return the answer that must come now."""
    answer = await peer.expect(StartRequestReply, pile=CODE, **values)
    assert peer.frame.sequence == sequence
    return answer


async def refused(peer: Peer, reason: StartDenial) -> None:
    """Expect a refusal, without an order."""
    answer = await reply(peer, authorised=0, reason=reason)
    assert answer.transaction == NO_TRANSACTION
    assert answer.balance == 0


async def test_card_charge(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A known card gets a number that is in the ledger before the answer; the charge goes its way to the record."""
    caplog.set_level(logging.DEBUG)
    let_in(house, ANNA)
    pile, peer = await house.online()
    events = heard(pile)
    peer.send(request(), sequence=b"\x04\x00")
    answer = await reply(peer, authorised=1, reason=0, logical_card=ANNA.logical_card)
    assert answer.balance > 0
    assert answer.transaction.startswith(f"{CODE}01")
    query = "SELECT transaction_number, card FROM orders"
    assert house.rows(query) == [(answer.transaction, CARD)]
    assert house.gun().status is GunStatus.STARTING
    peer.send(peer.report(answer.transaction, "1.5", "2.5"))
    await eventually(lambda: house.gun().status is GunStatus.CHARGING)
    await peer.bill(peer.record(answer.transaction, started_by=2, card=CARD))
    await eventually(lambda: house.rows("SELECT outcome FROM orders") == [("settled",)])
    (event,) = events
    assert (event.kind, event.method, event.driver, event.masked) == ("authorised", "card", "Anna", "****0a54")
    assert event.transaction == answer.transaction
    assert CARD not in caplog.text
    assert "d14b0a54" not in caplog.text


async def test_reversed_card(house: House) -> None:
    """A card that comes in reverse is the driver's: the order and who listens get it as it is known."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    events = heard(pile)
    peer.send(request(number="540a4bd100000000"), sequence=b"\x04\x00")
    await reply(peer, authorised=1)
    assert house.rows("SELECT card FROM orders") == [(CARD,)]
    assert events[0].card == CARD


async def test_vin_and_account(house: House) -> None:
    """A vehicle and an account charge too, booked to no card."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    events = heard(pile)
    peer.send(by_vin(VIN), sequence=b"\x04\x00")
    await reply(peer, authorised=1, gun=1)
    peer.send(request(2, ACCOUNT, password="123456", gun=2), sequence=b"\x04\x00")
    await reply(peer, authorised=1, gun=2)
    assert house.rows("SELECT card FROM orders") == [("",), ("",)]
    assert [(event.method, event.masked) for event in events] == [("vin", "****4841"), ("account", "****8000")]


async def test_refusals(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A refusal carries its reason and leaves no order; many of them do not fill the log, and none shows a password."""
    caplog.set_level(logging.INFO)
    let_in(house, replace(ANNA, enabled=False))
    pile, peer = await house.online()
    events = heard(pile)
    peer.send(request(), sequence=b"\x04\x00")
    await refused(peer, StartDenial.ACCOUNT_FROZEN)
    for _ in range(20):
        peer.send(request(2, ACCOUNT, password="secret"), sequence=b"\x04\x00")
        await refused(peer, StartDenial.WRONG_PASSWORD)
    let_in(house, ANNA)
    peer.send(request(number=OTHER), sequence=b"\x04\x00")
    await refused(peer, StartDenial.NO_ACCOUNT)
    peer.send(by_vin("X" * 17), sequence=b"\x04\x00")
    await refused(peer, StartDenial.VIN_UNKNOWN)
    assert house.rows("SELECT * FROM orders") == []
    assert [event.reason for event in events[:2]] == ["account_frozen", "wrong_password"]
    assert {event.kind for event in events} == {"refused"}
    assert caplog.text.count("may not charge") == 1


async def test_out_of_service(house: House) -> None:
    """A pile that a person took out of service starts for nobody."""
    let_in(house, ANNA)
    settings = PileSettings(parameters=WorkingParameters(in_service=False))
    await house.listener.add_pile(PileInfo(code=CODE, gun_count=2), settings)
    peer = await house.dial()
    peer.send(peer.login())
    await peer.receive()
    peer.send(request(), sequence=b"\x04\x00")
    while not isinstance(answer := await peer.receive(), StartRequestReply):
        pass
    assert (answer.authorised, answer.reason) == (0, StartDenial.PILE_DISABLED)


async def test_busy_gun(house: House) -> None:
    """A gun with an open order starts no second one; the other gun does."""
    let_in(house, ANNA, policy=Policy.ASK)
    pile, peer = await house.online()
    await charging(pile, peer)
    for number in (CARD, OTHER):
        peer.send(request(number=number), sequence=b"\x04\x00")
        await refused(peer, StartDenial.PILE_HAS_UNPAID_SESSION)
    peer.send(request(gun=2), sequence=b"\x04\x00")
    await reply(peer, authorised=1, gun=2)


async def test_repeated(house: House) -> None:
    """Requests that come while the first is answered get one answer; one after it the same answer, as long as it counts."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    house.disk.hold("open_order")
    peer.send(request(), sequence=b"\x01\x00")
    peer.send(request(), sequence=b"\x04\x00")
    await peer.silence()
    house.disk.release()
    answer = await reply(peer, authorised=1)
    await peer.silence()
    peer.send(request(), sequence=b"\x05\x00")
    assert await reply(peer, b"\x05\x00") == answer
    peer.send(peer.report(answer.transaction, "1", "1"))
    await eventually(lambda: house.gun().charging)
    peer.send(request(), sequence=b"\x04\x00")
    await refused(peer, StartDenial.PILE_HAS_UNPAID_SESSION)
    assert len(house.rows("SELECT * FROM orders")) == 1


async def test_connection_lost_with_the_answer(house: House) -> None:
    """A pile that dials in anew and asks again gets the same answer: the last one may have been lost."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    peer.send(request(), sequence=b"\x04\x00")
    answer = await reply(peer, authorised=1)
    await peer.vanish()
    await eventually(lambda: not pile.state.connected)
    _, peer = await house.online()
    peer.send(request(), sequence=b"\x04\x00")
    assert await reply(peer) == answer
    assert len(house.rows("SELECT * FROM orders")) == 1


async def test_start_from_here_meanwhile(house: House) -> None:
    """A start from here that comes while a driver's order is written is refused."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    house.disk.hold("open_order")
    peer.send(request(), sequence=b"\x04\x00")
    await eventually(lambda: "open_order" in house.disk.calls)
    start = starting(pile)
    await peer.silence()
    house.disk.release()
    await reply(peer, authorised=1)
    with pytest.raises(OrderOpen):
        await start
    await eventually(lambda: len(house.rows("SELECT * FROM orders WHERE phase != 'closed'")) == 1)


async def test_lost_race_is_closed(house: House) -> None:
    """An order that was written while another one opened is closed, and the driver refused."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    house.disk.hold("draw_counter")
    start = starting(pile)
    await eventually(lambda: "draw_counter" in house.disk.calls)
    peer.send(request(), sequence=b"\x04\x00")
    await peer.silence()
    house.disk.release()
    first, second = await peer.receive(), await peer.receive()
    answer, remote = (first, second) if isinstance(first, StartRequestReply) else (second, first)
    assert isinstance(answer, StartRequestReply)
    assert (answer.authorised, answer.reason) == (0, StartDenial.PILE_HAS_UNPAID_SESSION)
    assert isinstance(remote, RemoteStart)
    peer.answer_start(remote)
    await start
    await eventually(lambda: len(house.rows("SELECT * FROM orders WHERE outcome = 'no_reply'")) == 1)


async def test_ledger_fails(house: House) -> None:
    """Without an order in the ledger nobody charges."""
    let_in(house, ANNA)
    _, peer = await house.online()
    house.disk.fails.add("open_order")
    peer.send(request(), sequence=b"\x04\x00")
    await refused(peer, StartDenial.PILE_DISABLED)
    house.disk.fails.clear()
    peer.send(request(), sequence=b"\x04\x00")
    await reply(peer, authorised=1)


async def test_no_charge_follows(make_house: MakeHouse) -> None:
    """An order whose charge is never reported is closed, and the pile is told to stop."""
    house = await make_house(hurried(charging_report=0.05))
    let_in(house, ANNA)
    _, peer = await house.online()
    peer.send(request(), sequence=b"\x04\x00")
    answer = await reply(peer, authorised=1)
    await peer.answer_stop()
    query = "SELECT transaction_number, outcome FROM orders"
    await eventually(lambda: house.rows(query) == [(answer.transaction, "no_charging_report")])


@pytest.mark.parametrize(("authorised", "kind"), [(True, "authorised"), (False, "refused")])
async def test_ask(house: House, authorised: bool, kind: str) -> None:
    """Somebody decides on an unknown driver, once."""
    let_in(house, policy=Policy.ASK)
    pile, peer = await house.online()
    events = heard(pile)
    with pytest.raises(NoStartRequest):
        pile.start_requests.answer(1, authorised=True)
    peer.send(request(number=OTHER), sequence=b"\x04\x00")
    await eventually(lambda: events)
    assert (events[0].kind, events[0].driver, events[0].card) == ("asked", None, OTHER)
    pile.start_requests.answer(1, authorised=authorised)
    with pytest.raises(NoStartRequest):
        pile.start_requests.answer(1, authorised=True)
    if authorised:
        await reply(peer, authorised=1)
    else:
        await refused(peer, StartDenial.NOT_ALLOWED_HERE)
    assert [(event.kind, event.was_asked) for event in events] == [("asked", False), (kind, True)]


async def test_nobody_answers(make_house: MakeHouse) -> None:
    """Without an answer in time it is no."""
    house = await make_house(HASTY)
    let_in(house, policy=Policy.ASK)
    _, peer = await house.online()
    peer.send(request(), sequence=b"\x04\x00")
    await refused(peer, StartDenial.NOT_ALLOWED_HERE)
    assert Timing().start_answer == 10.0
    assert PATIENT.start_answer == 10.0


async def test_another_card_while_asked(house: House) -> None:
    """The newest card counts; the one before it is answered no more."""
    let_in(house, ANNA, policy=Policy.ASK)
    pile, peer = await house.online()
    events = heard(pile)
    peer.send(request(number=OTHER))
    await eventually(lambda: events)
    peer.send(request(), sequence=b"\x04\x00")
    await reply(peer, authorised=1)
    await peer.silence()
    assert [(event.kind, event.was_asked) for event in events] == [("asked", False), ("authorised", False)]


async def test_connection_lost_while_asked(house: House) -> None:
    """A pile that dials in anew has forgotten what it asked."""
    let_in(house, policy=Policy.ASK)
    pile, peer = await house.online()
    events = heard(pile)
    peer.send(request())
    await eventually(lambda: events)
    await peer.hang_up()
    await eventually(lambda: not pile.state.connected)
    with pytest.raises(NoStartRequest):
        pile.start_requests.answer(1, authorised=True)
    _, peer = await house.online()
    await peer.silence()
    assert house.rows("SELECT * FROM orders") == []


async def test_connection_lost_while_written(house: House) -> None:
    """An order that the pile was never told of is closed."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    house.disk.hold("open_order")
    peer.send(request())
    await eventually(lambda: "open_order" in house.disk.calls)
    await peer.hang_up()
    await eventually(lambda: not pile.state.connected)
    house.disk.release()
    await eventually(lambda: house.rows("SELECT outcome FROM orders") == [("no_reply",)])
    assert house.gun().last_session is None
    _, peer = await house.online()
    await peer.silence()


async def test_unknown_gun(house: House) -> None:
    """A gun that the pile has not gets no answer."""
    let_in(house, ANNA)
    _, peer = await house.online()
    peer.send(request(gun=7))
    await peer.silence()
    assert house.counts["unknown_gun"] == 1
