"""Coming and going: newest login, silence, short absences, commands in flight."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from custom_components.ykc.protocol import (
    HeartbeatReply,
    LoginReply,
    Message,
    ReadRealtime,
    RemoteStop,
    TimeSync,
    TimeSyncReply,
)
from custom_components.ykc.server.connection import Connection
from custom_components.ykc.server.errors import NoReply, PileOffline, StopRefused, UnknownGun
from custom_components.ykc.server.limits import Timing
from custom_components.ykc.server.state import GunStatus, PileState
from tests.server.conftest import MakeHouse
from tests.server.house import House, charging, eventually, hurried, requested, starting
from tests.server.peer import CODE


async def test_the_newest_login_wins(house: House) -> None:
    """The newest login wins."""
    pile, old = await house.online()
    transaction = await charging(pile, old)
    before = pile.state
    new = await house.dial()
    new.send(new.login())
    await new.expect(LoginReply)
    assert await old.closed() == []
    await new.greeted(gun_1=new.report(transaction, "1.5", "2.5"))
    await new.silence()
    assert pile.state == before


async def test_what_the_old_connection_still_says_is_not_heard(house: House) -> None:
    """What the old connection still says is not heard."""
    pile, old = await house.online()
    await house.online()
    old.send(old.report("1" * 32, "9"))
    await old.closed()
    assert house.gun().session_energy == 0
    assert pile.state.connected


async def test_a_short_absence_changes_nothing_but_the_connection(house: House) -> None:
    """A short absence changes nothing but the connection."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    seen: list[PileState] = []
    pile.subscribe(lambda: seen.append(pile.state))
    before = pile.state
    await peer.vanish()
    await eventually(lambda: seen)
    peer = await house.dial()
    peer.send(peer.login())
    await peer.expect(LoginReply)
    await peer.greeted(gun_1=peer.report(transaction, "1.5", "2.5"))
    peer.send(peer.heartbeat())
    await peer.expect(HeartbeatReply)
    assert seen == [replace(before, connected=False), before]


async def test_a_longer_absence_is_a_loss(make_house: MakeHouse) -> None:
    """A longer absence is a loss."""
    house = await make_house(hurried(short_absence=0.05))
    pile, peer = await house.online()
    await peer.bill(peer.record("1" * 32, "7"))
    await charging(pile, peer)
    await peer.hang_up()
    await eventually(lambda: not pile.state.online)
    gun = house.gun()
    assert gun.status is GunStatus.OFFLINE
    assert gun.plugged is None
    assert gun.power is None
    assert gun.session_energy is None
    assert str(gun.total_energy) == "8.5000"
    assert gun.last_session is not None
    await house.online()
    assert pile.state.online


async def test_three_missed_heartbeats_are_offline(make_house: MakeHouse) -> None:
    """Three missed heartbeats are offline."""
    house = await make_house(hurried(silence=1.5, short_absence=60))
    pile, peer = await house.online()
    for _ in range(8):
        await asyncio.sleep(0.25)
        peer.send(peer.heartbeat())
        await peer.expect(HeartbeatReply)
    assert pile.state.online
    assert await peer.closed() == []
    state = pile.state
    assert (state.online, state.connected) == (False, False)
    assert house.gun().status is GunStatus.OFFLINE


async def test_subscribers_hear_of_changes_only(house: House) -> None:
    """Subscribers hear of changes only."""
    pile, peer = await house.online()
    seen = 0

    def count() -> None:
        nonlocal seen
        seen += 1

    unsubscribe = pile.subscribe(count)
    peer.send(peer.report(), peer.heartbeat(), peer.report(), peer.report(gun=2))
    await peer.expect(HeartbeatReply)
    peer.send(peer.heartbeat())
    await peer.expect(HeartbeatReply)
    assert seen == 0
    peer.send(peer.report(plugged=1))
    await eventually(lambda: seen == 1)
    unsubscribe()
    unsubscribe()
    peer.send(peer.report(), peer.heartbeat())
    await peer.expect(HeartbeatReply)
    assert seen == 1


# Commands


async def test_read_realtime(house: House) -> None:
    """Read realtime."""
    pile, peer = await house.online()
    task = asyncio.create_task(pile.read_realtime(2))
    await peer.expect(ReadRealtime, pile=CODE, gun=2)
    # Another gun's report is not the answer.
    peer.send(peer.report(gun=1), peer.heartbeat())
    await peer.expect(HeartbeatReply)
    assert not task.done()
    peer.send(peer.report(gun=2, plugged=1))
    await task
    assert house.gun(2).plugged


async def test_synchronise_clock(house: House) -> None:
    """Synchronise clock."""
    pile, peer = await house.online()
    task = asyncio.create_task(pile.synchronise_clock())
    await peer.answer_clock()
    await task
    # An answer that nobody waits for is no harm.
    peer.send(TimeSyncReply(pile=CODE, time=None), peer.heartbeat())
    await peer.expect(HeartbeatReply)


async def test_one_command_at_a_time(house: House) -> None:
    """One command at a time."""
    pile, peer = await house.online()
    tasks = [asyncio.create_task(pile.read_realtime(gun)) for gun in (1, 2)]
    await peer.expect(ReadRealtime, gun=1)
    await peer.silence()
    peer.send(peer.report(gun=1))
    await peer.expect(ReadRealtime, gun=2)
    peer.send(peer.report(gun=2))
    await asyncio.gather(*tasks)


async def test_the_clock_is_read_when_the_line_is_free(house: House) -> None:
    """The clock is read when the line is free."""
    pile, peer = await house.online()
    first = asyncio.create_task(pile.read_realtime(1))
    await peer.expect(ReadRealtime)
    second = asyncio.create_task(pile.synchronise_clock())
    await peer.silence(0.05)
    house.now = house.now.replace(hour=5)
    peer.send(peer.report())
    assert (await peer.answer_clock()).hour == 13
    await asyncio.gather(first, second)


async def test_piles_do_not_wait_for_each_other(house: House) -> None:
    """Piles do not wait for each other."""
    pile, peer = await house.online()
    other, other_peer = await house.online("32010200000002")
    task = asyncio.create_task(pile.read_realtime(1))
    await peer.expect(ReadRealtime)
    other_task = asyncio.create_task(other.read_realtime(1))
    await other_peer.expect(ReadRealtime)
    other_peer.send(other_peer.report())
    await other_task
    assert not task.done()
    peer.send(peer.report())
    await task


async def test_frames_that_were_not_asked_for_keep_their_distance(
    make_house: MakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames that were not asked for keep their distance."""
    house = await make_house(replace(Timing(), background=0.0))
    await house.approve()
    loop = asyncio.get_running_loop()
    written: list[float] = []
    reply = Connection.reply

    def note(connection: Connection, message: Message, sequence: bytes) -> None:
        written.append(loop.time())
        reply(connection, message, sequence)

    monkeypatch.setattr(Connection, "reply", note)
    peer = await house.dial()
    peer.send(peer.login(gun_count=3), peer.heartbeat())
    for kind in (LoginReply, HeartbeatReply, TimeSync, ReadRealtime, ReadRealtime, ReadRealtime):
        await peer.expect(kind)
    del written[0]
    assert all(after - before >= 0.249 for before, after in pairwise(written))
    # A reply waits for nothing.
    monkeypatch.setattr(Connection, "pause", lambda _: pytest.fail("a reply was paced"))
    peer.send(peer.heartbeat(), peer.heartbeat())
    await peer.expect(HeartbeatReply)
    await peer.expect(HeartbeatReply)


async def test_a_command_without_an_answer(make_house: MakeHouse) -> None:
    """A command without an answer."""
    house = await make_house(hurried(command=0.05))
    pile, peer = await house.online()
    with pytest.raises(NoReply) as error:
        await pile.read_realtime(1)
    assert error.value.key == "no_reply"
    assert error.value.placeholders == {"pile": CODE, "seconds": "0"}
    await peer.expect(ReadRealtime)
    # The line is free again.
    with pytest.raises(NoReply):
        await pile.stop_charging(1)
    await peer.expect(RemoteStop)


async def test_commands_to_a_pile_that_is_away(house: House) -> None:
    """Commands to a pile that is away."""
    pile = await house.approve()
    for command in (
        pile.read_realtime(1),
        pile.synchronise_clock(),
        pile.start_charging(1),
        pile.stop_charging(1),
    ):
        with pytest.raises(PileOffline) as error:
            await command
        assert error.value.placeholders == {"pile": CODE}
    pile.clock.set_soon()
    assert house.rows("SELECT * FROM orders") == []


async def test_commands_to_a_gun_that_is_not_there(house: House) -> None:
    """Commands to a gun that is not there."""
    pile, _ = await house.online()
    for command in (pile.read_realtime(3), pile.start_charging(0), pile.stop_charging(3)):
        with pytest.raises(UnknownGun) as error:
            await command
        assert error.value.placeholders["gun_count"] == "2"


@pytest.mark.parametrize("end", ["hang_up", "vanish"])
async def test_commands_fail_with_their_connection(house: House, end: str) -> None:
    """Commands fail with their connection."""
    pile, peer = await house.online()
    first = asyncio.create_task(pile.read_realtime(1))
    await peer.expect(ReadRealtime)
    waiting = [asyncio.create_task(pile.stop_charging(1)), starting(pile, 2)]
    await asyncio.sleep(0)
    await getattr(peer, end)()
    for task in (first, *waiting):
        with pytest.raises(PileOffline):
            await task


async def test_commands_that_wait_go_over_the_next_connection(house: House) -> None:
    """Commands that wait go over the next connection."""
    pile, old = await house.online()
    first = asyncio.create_task(pile.read_realtime(1))
    await old.expect(ReadRealtime)
    second = asyncio.create_task(pile.stop_charging(1))
    await asyncio.sleep(0)
    new = await house.dial()
    new.send(new.login())
    await new.expect(LoginReply)
    with pytest.raises(PileOffline):
        await first
    await new.answer_stop(reason=2)
    with pytest.raises(StopRefused):
        await second
    await new.greeted()


async def test_a_command_that_is_called_off_frees_the_line(house: House) -> None:
    """A command that is called off frees the line."""
    pile, peer = await house.online()
    first = asyncio.create_task(pile.read_realtime(1))
    await peer.expect(ReadRealtime)
    first.cancel()
    task, start = await requested(pile, peer)
    peer.answer_start(start)
    await task


async def test_closing_lets_nothing_wait(house: House) -> None:
    """Closing lets nothing wait."""
    pile, peer = await house.online()
    task, _ = await requested(pile, peer)
    reading = asyncio.create_task(pile.read_realtime(2))
    await asyncio.sleep(0)
    await house.listener.close()
    for command in (task, reading):
        with pytest.raises(PileOffline):
            await command
    assert await peer.closed() == []


async def test_the_port_is_free_at_once(house: House) -> None:
    """The port is free at once."""
    _, peer = await house.online()
    stranger = await house.dial()
    port = house.listener.port
    await house.listener.close()
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", port)
    server.close()
    await server.wait_closed()
    assert await peer.closed() == []
    assert await stranger.closed() == []
    await house.listener.close()


async def test_closing_does_not_wait_for_a_peer_that_reads_nothing(house: House) -> None:
    """Closing does not wait for a peer that reads nothing."""
    pile, peer = await house.online()
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined] # a transport that reads, too
    connection = pile.line.connection
    assert connection is not None
    assert connection._transport is not None
    connection._transport.set_write_buffer_limits(high=1 << 30)
    connection._transport.write(bytes(20_000_000))
    await house.listener.close()
    await peer.vanish()
