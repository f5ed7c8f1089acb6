"""A connection that several piles share."""

import asyncio

import pytest

from custom_components.ykc.protocol import (
    HeartbeatReply,
    LoginReply,
    LoginResult,
    ReadRealtime,
    RemoteStart,
    TransactionAck,
)
from custom_components.ykc.server import listener as listener_module
from custom_components.ykc.server.errors import PileOffline
from custom_components.ykc.server.state import GunStatus
from tests.server.conftest import MakeHouse
from tests.server.house import House, eventually, hold_pace, hurried, requested, starting
from tests.server.peer import CODE, Peer

OTHER = "32010200000002"


async def shared(house: House) -> tuple[Peer, Peer]:
    """Return two piles on one connection, greeted."""
    await house.approve()
    await house.approve(OTHER)
    first = await (await house.dial()).log_in()
    second = Peer(first.reader, first.writer, OTHER)
    return first, await second.log_in()


async def test_a_concentrator_carries_several_piles(house: House) -> None:
    """A concentrator carries several piles."""
    first, second = await shared(house)
    assert len(house.listener._connections) == 1
    first.send(first.heartbeat(), second.heartbeat(), first.report("1" * 32, "3"), second.record("2" * 32, "4"))
    await first.expect(HeartbeatReply, pile=CODE)
    await first.expect(HeartbeatReply, pile=OTHER)
    await first.expect(TransactionAck, transaction="2" * 32)
    assert str(house.gun(1, CODE).session_energy) == "3.0000"
    assert str(house.gun(1, OTHER).total_energy) == "4.0000"


async def test_a_stranger_on_a_concentrator_leaves_the_others_alone(house: House) -> None:
    """A stranger on a concentrator leaves the others alone."""
    first, _ = await shared(house)
    stranger = Peer(first.reader, first.writer, "99999999999999")
    stranger.send(stranger.login(), stranger.heartbeat(), first.heartbeat())
    await first.expect(LoginReply, pile=stranger.code, result=LoginResult.REFUSED)
    await first.expect(HeartbeatReply, pile=CODE)
    assert house.counts["not_logged_in"] == 1
    assert [s.info.code for s in house.strangers] == [stranger.code]


async def test_a_stranger_may_log_in_first_on_a_concentrator(make_house: MakeHouse) -> None:
    """A refused login does not cost the approved pile that shares the connection its own."""
    house = await make_house(hurried(refused=0.3))
    pile = await house.approve()
    peer = await house.dial()
    strangers = [Peer(peer.reader, peer.writer, f"9999999999999{number}") for number in range(2)]
    peer.send(*(stranger.login() for stranger in strangers), peer.login())
    for stranger in strangers:
        await peer.expect(LoginReply, pile=stranger.code, result=LoginResult.REFUSED)
    await peer.expect(LoginReply, pile=CODE, result=LoginResult.OK)
    await peer.greeted()
    assert not house.listener._strangers
    await peer.silence(0.4)
    assert pile.state.connected


async def test_refused_logins_keep_no_connection(make_house: MakeHouse) -> None:
    """Refused again and again, a connection is closed as soon, and counts as a stranger's until then."""
    house = await make_house(hurried(refused=0.2))
    peer = await house.dial()
    began = asyncio.get_running_loop().time()
    peer.send(peer.login())
    await peer.expect(LoginReply, result=LoginResult.REFUSED)
    assert house.listener._strangers.total() == 1
    await asyncio.sleep(0.1)
    peer.send(peer.login())
    (again,) = await peer.closed()
    assert isinstance(again, LoginReply)
    assert asyncio.get_running_loop().time() - began < 2
    assert not house.listener._strangers


async def test_a_connection_carries_so_many_piles(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection carries so many piles."""
    monkeypatch.setattr(listener_module, "MAX_PILES_PER_CONNECTION", 2)
    first, _ = await shared(house)
    await house.approve("32010200000003")
    third = Peer(first.reader, first.writer, "32010200000003")
    third.send(third.login(), first.login())
    await first.expect(LoginReply, pile=third.code, result=LoginResult.REFUSED)
    await first.expect(LoginReply, pile=CODE, result=LoginResult.OK)
    assert not house.strangers


async def test_a_pile_that_moves_leaves_the_concentrator_to_the_others(house: House) -> None:
    """A pile that moves leaves the concentrator to the others."""
    first, second = await shared(house)
    _, alone = await house.online()
    first.send(first.heartbeat(), second.heartbeat())
    await second.expect(HeartbeatReply, pile=OTHER)
    assert house.counts["not_logged_in"] == 1
    pile = house.listener.piles[CODE]
    _, start = await requested(pile, alone)
    alone.answer_start(start)
    # With its last pile the connection goes.
    await house.online(OTHER)
    assert await second.closed() == []


async def test_a_command_in_the_making_goes_over_the_new_connection(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command in the making goes over the new connection."""
    first, _ = await shared(house)
    pile = house.listener.piles[CODE]
    paced = hold_pace(pile, monkeypatch)
    reading = asyncio.create_task(pile.read_realtime(1))
    start = starting(pile, 2)
    await eventually(pile.line.held.locked)
    alone = await house.dial()
    alone.send(alone.login(), alone.heartbeat())
    await alone.expect(LoginReply)
    await alone.expect(HeartbeatReply)
    paced.set()
    await alone.expect(ReadRealtime)
    alone.send(alone.report())
    await reading
    alone.answer_start(await alone.expect(RemoteStart, gun=2))
    await start
    await alone.greeted()
    await first.silence()


async def test_a_start_in_the_making_fails_with_the_connection(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start in the making fails with the connection."""
    pile, peer = await house.online()
    paced = hold_pace(pile, monkeypatch)
    start = starting(pile)
    await eventually(lambda: pile.guns[1].orders)
    new = await house.dial()
    new.send(new.login())
    await new.expect(LoginReply)
    paced.set()
    with pytest.raises(PileOffline):
        await start
    # Nothing was sent, so there is nothing to stop.
    await new.greeted()
    await new.silence()
    assert house.gun().status is GunStatus.IDLE


async def test_the_end_of_a_shared_connection_is_the_end_for_all(house: House) -> None:
    """The end of a shared connection is the end for all."""
    first, _ = await shared(house)
    await first.vanish()
    await eventually(lambda: not any(pile.state.connected for pile in house.listener.piles.values()))
    assert all(pile.state.online for pile in house.listener.piles.values())


async def test_removing_a_pile_leaves_the_concentrator_to_the_others(house: House) -> None:
    """Removing a pile leaves the concentrator to the others."""
    first, second = await shared(house)
    await house.listener.remove_pile(CODE)
    first.send(first.heartbeat(), second.heartbeat())
    await second.expect(HeartbeatReply, pile=OTHER)
    await house.listener.remove_pile(OTHER)
    assert await second.closed() == []
