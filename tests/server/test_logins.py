"""A pile that may come from one address alone, and two machines with one code."""

import asyncio
from dataclasses import replace

import pytest

from custom_components.ykc.protocol import HeartbeatReply, LoginReply, LoginResult
from custom_components.ykc.server.limits import MAX_SLOW_TAKEOVERS, MAX_TAKEOVERS
from custom_components.ykc.server.networks import read_network
from custom_components.ykc.server.pile import Pile
from tests.server.conftest import MakeHouse
from tests.server.house import House, charging, eventually, hurried
from tests.server.peer import CODE, Peer

from .test_networks import dial_from

OTHER = "32010200000002"
HOME, AWAY = "127.0.0.1", "127.0.1.9"


def pin(pile: Pile, address: str | None) -> None:
    """Let the pile come from one address or network alone, or from everywhere."""
    pile.apply(replace(pile.settings, address=None if address is None else read_network(address)))


def contested_by(pile: Pile) -> tuple[str, ...]:
    """Return the addresses of those who take the pile from each other."""
    return pile.state.logins.contested_by


async def takes(house: House, address: str, code: str = CODE) -> Peer:
    """Log in from an address, and return when the pile has the connection."""
    peer = await dial_from(house, address)
    peer.code = code
    peer.send(peer.login())
    await peer.expect(LoginReply, result=LoginResult.OK)
    return peer


async def refused(house: House, address: str) -> None:
    """Log in from an address in vain."""
    peer = await dial_from(house, address)
    peer.send(peer.login())
    await peer.expect(LoginReply, result=LoginResult.REFUSED)
    await peer.closed()
    await peer.hang_up()


@pytest.mark.parametrize("pinned", [HOME, "127.0.0.0/24", f"::ffff:{HOME}"])
async def test_a_login_from_elsewhere_is_refused(
    make_house: MakeHouse, caplog: pytest.LogCaptureFixture, pinned: str
) -> None:
    """The pile stays and its charge goes on; the refusal is counted, logged with the address, and shown."""
    house = await make_house(hurried(refused=0.05))
    pile, peer = await house.online()
    pin(pile, pinned)
    transaction = await charging(pile, peer)
    await refused(house, AWAY)
    peer.send(peer.heartbeat())
    await peer.expect(HeartbeatReply)
    assert pile.state.address == HOME
    assert pile.state.logins.refused == 1
    assert pile.state.logins.refused_address == AWAY
    assert pile.state.guns[1].transaction == transaction
    assert house.counts["foreign_login"] == house.listener.trouble.refused_logins == 1
    assert f"Pile {CODE} at {AWAY} was refused: it is pinned to another address" in caplog.text
    assert not house.strangers


async def test_many_refusals_are_told_together(make_house: MakeHouse) -> None:
    """All are counted; whoever knocks without end does not have a state made for each."""
    house = await make_house(hurried(refused=0.01, refusals=0.3))
    pile, _ = await house.online()
    pin(pile, HOME)
    told: list[int] = []
    pile.subscribe(lambda: told.append(pile.state.logins.refused))
    for _ in range(20):
        await refused(house, AWAY)
    await eventually(lambda: pile.state.logins.refused == 20)
    assert 2 <= len(told) < 10
    assert told == sorted(told)


async def test_pinning_ends_what_comes_from_elsewhere(house: House) -> None:
    """At once; what comes from the right place stays, and unpinned all may come again."""
    pile, peer = await house.online()
    pin(pile, "127.0.0.0/24")
    peer.send(peer.heartbeat())
    await peer.expect(HeartbeatReply)
    pin(pile, AWAY)
    await peer.closed()
    assert not pile.state.connected
    assert pile.state.online
    await refused(house, HOME)
    pin(pile, None)
    await house.online()
    assert pile.state.connected


async def test_a_concentrator_keeps_its_other_piles(house: House) -> None:
    """A pile that may not come from there is taken off the connection, and the others stay on it."""
    pile, peer = await house.online()
    other = await house.approve(OTHER)
    peer.send(peer.login(pile=OTHER))
    await peer.expect(LoginReply, pile=OTHER, result=LoginResult.OK)
    pin(pile, AWAY)
    assert not pile.state.connected
    peer.send(peer.login())
    await peer.expect(LoginReply, pile=CODE, result=LoginResult.REFUSED)
    peer.send(peer.heartbeat().replace(pile=OTHER))
    await peer.expect(HeartbeatReply, pile=OTHER)
    assert other.state.connected


async def contest(house: House, times: int, *addresses: str) -> list[Peer]:
    """Let machines at some addresses take the pile from each other so often."""
    peers = [await takes(house, addresses[0])]
    for number in range(1, times + 1):
        peers.append(await takes(house, addresses[number % len(addresses)]))
        await peers[-2].closed()
        await peers[-2].hang_up()
    return peers[-1:]


async def test_two_machines_with_one_code(make_house: MakeHouse, caplog: pytest.LogCaptureFixture) -> None:
    """Both addresses are told, with one line in the log, and no more once nobody has taken the pile for a while."""
    house = await make_house(hurried(takeovers=1.0))
    pile = await house.approve()
    (peer,) = await contest(house, MAX_TAKEOVERS, HOME, AWAY)
    assert contested_by(pile) == ()
    assert "Two machines" not in caplog.text
    await takes(house, HOME if pile.state.address == AWAY else AWAY)
    assert contested_by(pile) == (HOME, AWAY)
    await contest(house, 10, HOME, AWAY)
    assert contested_by(pile) == (HOME, AWAY)
    assert caplog.text.count("Two machines") == 1
    assert f"at {HOME} and {AWAY}: pin the pile to its own address" in caplog.text
    assert house.counts["takeover"] >= MAX_TAKEOVERS + 11
    await eventually(lambda: contested_by(pile) == ())
    await peer.hang_up()


async def test_both_behind_one_router(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Two machines may share an address: then there is one to tell."""
    pile = await house.approve()
    await contest(house, MAX_TAKEOVERS + 1, HOME)
    assert contested_by(pile) == (HOME,)
    assert f"both at {HOME}" in caplog.text


async def test_the_two_who_do_it_most_are_told(house: House) -> None:
    """One more address among them does not hide them."""
    pile = await house.approve()
    await contest(house, MAX_TAKEOVERS + 2, HOME, AWAY)
    await takes(house, "127.0.1.77")
    assert contested_by(pile) == (HOME, AWAY)


async def test_pinning_settles_it(house: House) -> None:
    """The other machine is refused from then on, and a new contest would begin at none."""
    pile = await house.approve()
    await contest(house, MAX_TAKEOVERS + 1, HOME, AWAY)
    pin(pile, HOME)
    assert contested_by(pile) == ()
    await takes(house, HOME)
    await refused(house, AWAY)
    assert contested_by(pile) == ()
    assert pile.state.logins.refused == 1


async def test_a_pile_that_hangs_up_before_it_dials_anew(house: House) -> None:
    """However often, and wherever from: nobody was there to be displaced."""
    pile = await house.approve()
    for number in range(MAX_TAKEOVERS * 3):
        peer = await takes(house, f"127.0.1.{number % 2 + 1}")
        await peer.hang_up()
        await eventually(lambda: not pile.state.connected)
    assert contested_by(pile) == ()
    assert house.counts["takeover"] == 0


async def test_a_pile_that_lost_its_link(make_house: MakeHouse) -> None:
    """It dials anew after some silence, and its old connection still looks alive: nobody took anything."""
    house = await make_house(hurried(alive=0.03))
    pile = await house.approve()
    peers = []
    for number in range(MAX_TAKEOVERS * 3):
        peers.append(await takes(house, f"127.0.1.{number % 2 + 1}"))
        await asyncio.sleep(0.05)
        assert pile.state.connected
    assert contested_by(pile) == ()
    assert house.counts["takeover"] == 0
    for peer in peers:
        await peer.hang_up()


async def test_one_takeover_now_and_then(make_house: MakeHouse) -> None:
    """A pile that restarts leaves its connection open: that is no contest, as long as it is rare."""
    house = await make_house(hurried(takeovers=0.05))
    pile = await house.approve()
    peers = []
    for number in range(MAX_TAKEOVERS * 3):
        peers.append(await takes(house, f"127.0.1.{number % 2 + 1}"))
        await asyncio.sleep(0.03)
    assert house.counts["takeover"] > MAX_TAKEOVERS
    assert contested_by(pile) == ()
    for peer in peers:
        await peer.hang_up()


async def test_who_is_in_no_hurry_is_told_too(make_house: MakeHouse, caplog: pytest.LogCaptureFixture) -> None:
    """A pile that is taken again and again, never often enough for restarts, is not taken unnoticed; it stays told."""
    house = await make_house(hurried(takeovers=0.02))
    pile = await house.approve()
    peer = await takes(house, HOME)
    for number in range(1, MAX_SLOW_TAKEOVERS + 3):
        assert contested_by(pile) == (() if number <= MAX_SLOW_TAKEOVERS + 1 else (HOME, AWAY))
        await asyncio.sleep(0.03)
        new = await takes(house, (HOME, AWAY)[number % 2])
        await peer.closed()
        await peer.hang_up()
        peer = new
    await asyncio.sleep(0.1)
    assert contested_by(pile) == (HOME, AWAY)
    assert caplog.text.count("Two machines") == 1
    await peer.hang_up()


async def test_a_login_that_is_repeated_takes_nothing(house: House) -> None:
    """Piles repeat it on the connection they have."""
    pile, peer = await house.online()
    peer.send(*[peer.login()] * 10)
    for _ in range(10):
        await peer.expect(LoginReply, result=LoginResult.OK)
    assert house.counts["takeover"] == 0
    assert contested_by(pile) == ()
