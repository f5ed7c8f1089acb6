"""Charges that are stopped at a limit: in time, insisted on, over restarts, and with its name."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from custom_components.ykc.protocol import LoginReply, ReadRealtime, RemoteStart, RemoteStop
from custom_components.ykc.server.charge_limits import NO_LIMITS, ChargeLimits, Limit
from custom_components.ykc.server.errors import NoStateOfCharge, UnknownGun
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.sessions import Session, SessionFilter
from custom_components.ykc.server.settings import PileSettings
from custom_components.ykc.server.state import GunStatus

from .conftest import MakeHouse
from .house import House, accepted, charging, eventually, hurried, last_session, starting
from .parallel import both_charging
from .peer import CODE, Peer
from .test_access import CARD
from .test_prepaid import PAULA, figures, top_up
from .test_start_requests import let_in

TEN = ChargeLimits(energy=Decimal(10))
LIMITS: dict[Limit, tuple[ChargeLimits, dict[str, Any], dict[str, Any]]] = {
    Limit.ENERGY: (ChargeLimits(energy=Decimal(10)), {"energy": "9.9"}, {"energy": "10"}),
    Limit.AMOUNT: (ChargeLimits(amount=Decimal(10)), {"amount": "9.5"}, {"amount": "10.0001"}),
    Limit.TIME: (ChargeLimits(minutes=30), {"charging_minutes": 29}, {"charging_minutes": 30}),
    Limit.SOC: (ChargeLimits(soc=80), {"soc": 79}, {"soc": 80}),
}
"""By limit: what is set, a report before it, and one that reaches it."""


async def limited(pile: Pile, peer: Peer, limits: ChargeLimits, energy: str = "1") -> str:
    """Bring a charge with limits of its own as far as its first report; return its transaction number."""
    task = starting(pile, limits=limits)
    start = await peer.expect(RemoteStart, gun=1)
    peer.answer_start(start)
    await task
    peer.send(peer.report(start.transaction, energy))
    await eventually(lambda: pile.state.guns[1].charging)
    return start.transaction


async def back(house: House, report: Any) -> Peer:
    """Return a peer that logs in again and reports gun 1."""
    peer = await house.dial()
    peer.send(peer.login())
    await peer.expect(LoginReply)
    await peer.greeted(gun_1=report)
    return peer


async def session(house: House) -> Session:
    """Return the newest session."""
    found = await house.ledger.read(lambda reader: [*reader.sessions(SessionFilter(), 1)])
    return found[0]


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("own", [True, False])
async def test_each_limit(house: House, limit: Limit, *, own: bool) -> None:
    """A report that reaches a limit stops the charge, and everybody is told which one it was."""
    limits, before, reached = LIMITS[limit]
    pile, peer = await house.online()
    if own:
        transaction = await limited(pile, peer, limits, "0")
    else:
        pile.apply(PileSettings(session_limits={1: limits}))
        assert house.gun().limits == limits
        transaction = await charging(pile, peer, energy="0", amount="0")
    quiet: dict[str, Any] = {"current": 0.0}
    peer.send(peer.report(transaction, **quiet | before))
    await peer.heard()
    assert house.gun().limit_reached is None
    peer.send(peer.report(transaction, **quiet | reached))
    await peer.answer_stop()
    assert (house.gun().limit_reached, house.gun().status) == (limit, GunStatus.STOPPING)
    await eventually(lambda: house.rows("SELECT limit_reached FROM orders") == [(limit,)])
    peer.send(peer.report(plugged=1))
    await peer.bill(peer.record(transaction, "10.01", "10.01"))
    await eventually(lambda: house.gun().last_session is not None)
    assert last_session(house.gun()).limit is limit
    assert house.gun().limit_reached is limit
    assert (await session(house)).limit is limit
    house = await house.restart()
    assert (last_session(house.gun()).limit, house.gun().limit_reached) == (limit, limit)
    _, peer = await house.online()
    await accepted(house.listener.piles[CODE], peer)
    assert house.gun().limit_reached is None, "that was another charge"


async def test_no_battery_is_so_full(house: House) -> None:
    """A pile that sends 255 for a state of charge that it does not know reaches no limit, and shows none."""
    pile, peer = await house.online()
    transaction = await limited(pile, peer, ChargeLimits(soc=80))
    peer.send(peer.report(transaction, soc=255))
    await peer.heard()
    assert (house.gun().limit_reached, house.gun().state_of_charge) == (None, None)
    peer.send(peer.report(transaction, soc=100))
    await peer.answer_stop()
    assert (house.gun().limit_reached, house.gun().state_of_charge) == (Limit.SOC, 100)


async def test_between_two_reports(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """At 40 kW, 3.3 Wh before the limit, the pile is told 0.3 s after the report, not at the next one."""
    caplog.set_level("INFO")
    pile, peer = await house.online()
    transaction = await limited(pile, peer, TEN)
    sent = asyncio.get_running_loop().time()
    peer.send(peer.report(transaction, "9.9967"))
    await peer.answer_stop()
    assert 0.28 < asyncio.get_running_loop().time() - sent < 5
    assert house.gun().limit_reached is Limit.ENERGY
    assert "the charge is stopped at its limit: energy" in caplog.text


async def test_a_gun_that_ended_before_is_not_stopped(make_house: MakeHouse) -> None:
    """A limit that is foreseen for a charge that is over then was not reached."""
    house = await make_house()
    pile, peer = await house.online()
    transaction = await limited(pile, peer, TEN)
    peer.send(peer.report(transaction, "9.9967"), peer.report(plugged=1))
    await peer.bill(peer.record(transaction, "9.9967", "10"))
    await peer.silence(0.4)
    assert last_session(house.gun()).limit is None


@pytest.mark.parametrize("reason", [0, 3])
async def test_a_pile_that_goes_on_is_told_again(make_house: MakeHouse, reason: int) -> None:
    """A stop that is refused, or that nothing follows, is repeated as long as the pile charges."""
    house = await make_house(hurried(insist=0.1))
    pile, peer = await house.online()
    transaction = await limited(pile, peer, TEN)
    for energy in ("10", "10.2", "10.4"):
        await asyncio.sleep(0.11)
        peer.send(peer.report(transaction, energy))
        await peer.answer_stop(reason=reason)
    assert house.gun().limit_reached is Limit.ENERGY
    await peer.bill(peer.record(transaction, "10.5", "10"))


async def test_own_limits_win(house: House) -> None:
    """What a start says holds instead of what the gun says, be it that there is no limit."""
    pile, peer = await house.online()
    pile.session_limits.set(1, energy=Decimal(5), minutes=20)
    transaction = await limited(pile, peer, ChargeLimits(energy=Decimal(0)))
    peer.send(peer.report(transaction, "50"))
    await peer.heard()
    assert house.gun().limit_reached is None
    peer.send(peer.report(transaction, "50", charging_minutes=20))
    await peer.answer_stop()
    assert house.gun().limit_reached is Limit.TIME


async def test_changed_under_way(house: House) -> None:
    """A limit that is set during a charge holds for it at once, and one that is taken away no more."""
    pile, peer = await house.online()
    pile.session_limits.set(1, energy=Decimal("10.0033"))
    transaction = await charging(pile, peer, energy="10")
    pile.session_limits.set(1, energy=Decimal(0))
    assert pile.state.session_limits == {1: ChargeLimits(energy=Decimal(0))}
    await peer.silence(0.5)
    pile.session_limits.set(2, energy=Decimal(1))
    await peer.heard()
    pile.session_limits.set(1, energy=Decimal(8))
    await peer.answer_stop()
    assert house.gun().limit_reached is Limit.ENERGY
    await peer.bill(peer.record(transaction, "10.5", "10"))


async def test_a_gun_that_is_there_later(house: House) -> None:
    """The limits of a gun that the pile did not speak of before are in force as soon as it does."""
    pile = await house.approve(gun_count=1)
    pile.apply(PileSettings(session_limits={2: TEN}))
    await house.online(gun_count=2)
    assert house.gun(2).limits == TEN


async def test_who_began_it_does_not_matter(house: House) -> None:
    """The limits of a gun are for charges that a pile began by itself, too."""
    pile, peer = await house.online()
    pile.session_limits.set(1, energy=Decimal(10))
    number = f"{CODE}01" + "9" * 16
    peer.send(peer.report(number, "1"))
    await eventually(lambda: house.gun().transaction == number)
    peer.send(peer.report(number, "10"))
    await peer.answer_stop()
    assert house.gun().limit_reached is Limit.ENERGY


@pytest.mark.parametrize("kill", [True, False])
async def test_after_a_restart(house: House, *, kill: bool) -> None:
    """The limits of a charge are in the ledger: whoever takes it up again stops it."""
    pile, peer = await house.online()
    limits = ChargeLimits(energy=Decimal("10.25"), amount=Decimal("20.5"), minutes=60, soc=90)
    transaction = await limited(pile, peer, limits)
    await eventually(lambda: house.rows("SELECT began FROM orders") == [(1,)])
    assert house.rows("SELECT limit_energy, limit_amount, limit_minutes, limit_soc FROM orders") == [
        (102500, 205000, 60, 90)
    ]
    house = await (house.killed() if kill else house.restart())
    pile = house.listener.piles[CODE]
    assert pile.guns[1].orders[transaction].limits == limits
    peer = await back(house, peer.report(transaction, "9"))
    peer.send(peer.report(transaction, "10.25"))
    await peer.answer_stop()
    assert house.gun().limit_reached is Limit.ENERGY
    # And what was begun to be stopped is stopped by the next one, which knows why.
    house = await (house.killed() if kill else house.restart())
    assert house.gun().limit_reached is Limit.ENERGY
    peer = await house.dial()
    peer.send(peer.login())
    await peer.expect(LoginReply)
    await peer.answer_clock()
    await peer.expect(ReadRealtime, gun=1)
    peer.send(peer.report(transaction, "10.3"))
    assert {type(await peer.receive()) for _ in range(2)} == {RemoteStop, ReadRealtime}
    await peer.bill(peer.record(transaction, "10.3", "10"))
    assert (await session(house)).limit is Limit.ENERGY


async def test_time_goes_by_while_nobody_looks(house: House) -> None:
    """A charge whose pile counts no minutes has its time from when it began, over a restart."""
    pile, peer = await house.online()
    transaction = await limited(pile, peer, ChargeLimits(minutes=5))
    await eventually(lambda: house.rows("SELECT charging_since FROM orders WHERE began") == [(house.now.isoformat(),)])
    house.now += timedelta(minutes=4)
    house = await house.restart()
    peer = await back(house, peer.report())
    peer.send(peer.report(transaction, "9", charging_minutes=0))
    await peer.answer_stop()
    assert house.gun().limit_reached is Limit.TIME


async def test_nothing_is_sent_to_a_pile_that_is_away(house: House) -> None:
    """A pile that comes back beyond its limit is stopped at its first report."""
    pile, peer = await house.online()
    transaction = await limited(pile, peer, TEN)
    peer.send(peer.report(transaction, "9.9967"))
    await peer.heard()
    await peer.hang_up()
    await eventually(lambda: not pile.state.connected)
    await asyncio.sleep(0.35)
    pile.session_limits.set(1, energy=Decimal(5))
    assert house.gun().limit_reached is None
    peer = await house.dial()
    peer.send(peer.login())
    await peer.expect(LoginReply)
    await peer.answer_clock()
    peer.send(peer.report(transaction, "11"))
    stops = [await peer.receive() for _ in range(2)]
    assert [message for message in stops if isinstance(message, RemoteStop)]
    assert house.gun().limit_reached is Limit.ENERGY


async def test_a_parallel_charge_as_a_whole(house: House) -> None:
    """The limit of a parallel charge is for all its guns together, and stops all of them."""
    pile, peer = await house.online()
    first, second = await both_charging(house, pile, peer, limits=TEN)
    peer.send(peer.report(first, "5", current=0.0), peer.report(second, "4.9", current=0.0, gun=2))
    await peer.heard()
    assert house.gun(1).limit_reached is None
    peer.send(peer.report(second, "5", current=0.0, gun=2))
    await peer.answer_stop(gun=1)
    await peer.answer_stop(gun=2)
    assert house.gun(1).limit_reached is house.gun(2).limit_reached is Limit.ENERGY


async def test_a_lasting_limit_of_one_gun_in_a_parallel_charge(house: House) -> None:
    """The gun's own limit is for its part alone, and ends the whole."""
    pile, peer = await house.online()
    pile.session_limits.set(2, energy=Decimal(6))
    first, second = await both_charging(house, pile, peer)
    peer.send(peer.report(first, "50", current=0.0), peer.report(second, "5", current=0.0, gun=2))
    await peer.heard()
    assert house.gun(1).limit_reached is None
    peer.send(peer.report(second, "6", current=0.0, gun=2))
    await peer.answer_stop(gun=1)
    await peer.answer_stop(gun=2)


async def test_the_pile_is_told_of_a_limit_of_money(house: House) -> None:
    """It stops by itself should nobody tell it to; that is then known to be this limit."""
    pile, peer = await house.online()
    task = starting(pile, limits=ChargeLimits(amount=Decimal(30)))
    start = await peer.expect(RemoteStart, balance=Decimal(30))
    peer.answer_start(start)
    await task
    peer.send(peer.report(start.transaction, "20", "20", current=0.0))
    await peer.heard()
    await peer.bill(peer.record(start.transaction, "30", "29.9", stop_reason=0x43))
    await eventually(lambda: house.gun().last_session is not None)
    assert last_session(house.gun()).limit is Limit.AMOUNT
    assert (await session(house)).limit is Limit.AMOUNT


@pytest.mark.parametrize(("available", "told"), [("20", "20"), ("80", "30")])
async def test_a_prepaid_driver_pays_no_more(house: House, available: str, told: str) -> None:
    """What is available and the limit both hold; what stops with less than the limit was the balance."""
    let_in(house, PAULA)
    pile, peer = await house.online()
    await top_up(house, available)
    task = starting(pile, driver=PAULA, limits=ChargeLimits(amount=Decimal(30)))
    start = await peer.expect(RemoteStart, card=CARD, balance=Decimal(told))
    peer.answer_start(start)
    await task
    assert await figures(house) == (Decimal(available), Decimal(told))
    peer.send(peer.report(start.transaction, "5", "5", current=0.0))
    await peer.bill(peer.record(start.transaction, "9", told, stop_reason=0x43, card=CARD))
    assert (await session(house)).limit == (Limit.AMOUNT if told == "30" else None)


async def test_no_such_limit(house: House) -> None:
    """An AC pile knows no state of charge, and a gun must be there."""
    pile = await house.approve(pile_type="ac")
    with pytest.raises(NoStateOfCharge) as error:
        await pile.start_charging(1, limits=ChargeLimits(soc=80))
    assert error.value.placeholders == {"pile": CODE, "gun": "1"}
    with pytest.raises(NoStateOfCharge):
        pile.session_limits.set(1, soc=80)
    assert pile.state.guns[1].limits == NO_LIMITS
    with pytest.raises(UnknownGun):
        pile.session_limits.set(9, energy=Decimal(1))
    pile.session_limits.set(1, soc=0, energy=Decimal(1))
    assert pile.state.guns[1].limits == ChargeLimits(soc=0, energy=Decimal(1))
