"""Far too much of something, against a listener that also serves a pile.

Each flood holds its limits itself, with an AssertionError, and returns what it came to.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
import random
from typing import Any, Final

from custom_components.ykc.protocol import LoginReply, LoginResult
from custom_components.ykc.server.limits import MAX_SLOW_TAKEOVERS, MAX_STRANGERS, MAX_WRITE_BUFFER
from custom_components.ykc.server.trouble import Trouble
from tests.server.house import House, eventually, hurried
from tests.server.peer import Peer

from .bystander import PATIENCE, Bystander
from .measure import files_for, held, listening_to_the_log

ADDRESSES: Final = 40
"""From which a flood comes."""
AT_ONCE: Final = 50
"""Connections that are being made."""
APPROVED: Final = "32010200000002"
MOST_WARNINGS: Final = 31
"""Lines of a day's trouble of one kind."""
SHOUTED: Final = 5.0
"""Seconds within which a pile is answered beside 50 that shout, in one process with them."""
GROWTH: Final = 10_000
"""Objects that may be more after a flood than before: less than two for each of 5,000 connections."""


@dataclass(slots=True)
class Flood:
    """What a flood came to."""

    tried: int = 0
    most: int = 0
    """Connections that there were at once."""
    refused: int = 0
    """By number or by login."""
    warnings: int = 0
    worst: float = 0.0
    """Seconds that an answer to the bystander took at most."""
    growth: int = 0
    """kB of memory that are left of it."""


@asynccontextmanager
async def _flooded(path: Path, **times: float) -> AsyncIterator[tuple[House, Flood]]:
    """Give a listener with a bystander; hold afterwards that it is as it was."""
    flood = Flood()
    with listening_to_the_log() as complaints:
        house = await House(path, hurried(background=0.2, **times)).open()
        try:
            bystander = await Bystander.begin(house)
            await bystander.next_answer()
            before = held(house)
            yield house, flood
            await bystander.next_answer()
            await eventually(lambda: house.listener.connection_count == 1)
            after = held(house)
            await bystander.end()
        finally:
            await house.close()
    flood.worst, flood.warnings = bystander.worst, complaints.warnings
    flood.growth = (after.resident - before.resident) // 1000
    assert not complaints.errors
    assert flood.worst < PATIENCE, flood
    assert flood.warnings <= MOST_WARNINGS, flood
    assert after.objects < before.objects + GROWTH
    assert after.timers <= before.timers + 5


async def _dial(house: House, number: int, code: str = APPROVED) -> Peer:
    """Connect from one of the addresses."""
    local = (f"127.0.1.{number % ADDRESSES + 1}", 0)
    return Peer(*await asyncio.open_connection("127.0.0.1", house.listener.port, local_addr=local), code)


async def _each(numbers: Iterable[int], work: Callable[[int], Awaitable[object]]) -> None:
    """Do something for each number, some at once."""
    left = iter(numbers)

    async def do() -> None:
        for number in left:
            await work(number)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(do())


async def silent(path: Path, count: int) -> Flood:
    """Open connections that say nothing; a pile that dials in among them is let in."""
    peers: list[Peer] = []
    async with _flooded(path, login=5.0) as (house, flood):

        async def connect(number: int) -> None:
            with suppress(ConnectionError):
                peers.append(await _dial(house, number))
            flood.tried += 1
            flood.most = max(flood.most, house.listener.connection_count)

        await _each(range(files_for(count)), connect)
        await house.online(APPROVED)
        await house.listener.remove_pile(APPROVED)
        await eventually(lambda: not house.listener.stranger_count)
        flood.refused = house.counts["refused_connection"]
        for peer in peers:
            await peer.vanish()
        peers.clear()
    assert flood.most <= MAX_STRANGERS + 2
    assert flood.refused
    return flood


async def random_logins(path: Path, count: int) -> Flood:
    """Logins with codes that nobody approved; every one that is heard is refused."""
    chance = random.Random(count)
    async with _flooded(path, refused=0.2) as (house, flood):

        async def log_in(number: int) -> None:
            with suppress(ConnectionError):
                peer = await _dial(house, number, f"{chance.randrange(10**14):014}")
                peer.send(peer.login())
                answer = await peer.receive()
                assert isinstance(answer, LoginReply)
                assert answer.result == LoginResult.REFUSED
                flood.refused += 1
                await peer.closed()
                await peer.hang_up()
            flood.tried += 1
            flood.most = max(flood.most, house.listener.connection_count)

        await _each(range(count), log_in)
        assert len(house.strangers) == flood.refused == house.counts["refused_login"]
        house.strangers.clear()
    assert flood.most <= MAX_STRANGERS + 2
    return flood


async def shouting(path: Path, count: int) -> Flood:
    """Send what costs the most to look through, without a pause and without a login: each is cut off, others served."""
    worst = b"\x68" * 500_000
    async with _flooded(path) as (house, flood):

        async def shout(number: int) -> None:
            with suppress(ConnectionError):
                peer = await _dial(house, number)
                peer.write(worst)
                await peer.closed()
                await peer.hang_up()
            flood.tried += 1
            flood.most = max(flood.most, house.listener.connection_count)

        await _each(range(count), shout)
        flood.refused = house.counts["talkative"]
    assert flood.refused
    assert flood.worst < SHOUTED, flood
    return flood


async def slow_writers(path: Path, count: int) -> Flood:
    """Logins of which a byte comes each second, twenty times as fast: none of them is ever whole."""
    async with _flooded(path, login=1.5) as (house, flood):
        peers = [await _dial(house, number) for number in range(count)]
        flood.tried, flood.most = len(peers), house.listener.connection_count
        for byte in peers[0].login().to_frame():
            for peer in peers:
                peer.write(bytes([byte]))
            await asyncio.sleep(0.05)
        for peer in peers:
            assert await peer.closed() == []
            await peer.hang_up()
        peers.clear()
        assert not house.strangers
        flood.refused = count
    return flood


async def half_open(path: Path, count: int) -> Flood:
    """Piles that log in and are never heard of again, their connections open: each is let go of."""
    async with _flooded(path, silence=8.0) as (house, flood):
        codes = [f"4002{number:010}" for number in range(count)]
        peers = []
        for number, code in enumerate(codes):
            await house.approve(code)
            peers.append(peer := await _dial(house, number, code))
            peer.send(peer.login(), peer.heartbeat())
        flood.tried = count
        await eventually(lambda: house.listener.connection_count == count + 1)
        flood.most = house.listener.connection_count
        await eventually(lambda: house.listener.connection_count == 1)
        for code in codes:
            assert not house.listener.piles[code].state.online
            await house.listener.remove_pile(code)
        for peer in peers:
            await peer.vanish()
        peers.clear()
    return flood


async def resets(path: Path, count: int) -> Flood:
    """Break connections off in the middle of a frame."""
    async with _flooded(path) as (house, flood):
        pile = await house.approve(APPROVED)
        for number in range(count):
            peer = await _dial(house, number)
            peer.send(peer.login(), peer.heartbeat())
            peer.write(peer.report().to_frame()[: 1 + number % 60])
            await peer.receive()
            await peer.vanish()
            flood.tried += 1
            flood.most = max(flood.most, house.listener.connection_count)
        await eventually(lambda: not pile.state.connected)
        await house.listener.remove_pile(APPROVED)
    return flood


async def never_reads(path: Path, count: int) -> Flood:
    """Piles that send heartbeats for ever and read no answer: each is cut off."""
    async with _flooded(path) as (house, flood):
        pile = await house.approve(APPROVED)
        for number in range(count):
            peer = await _dial(house, number)
            peer.writer.transport.pause_reading()  # type: ignore[attr-defined] # a transport that reads, too
            peer.send(peer.login())
            await eventually(lambda: pile.state.connected)
            connection = pile.line.connection
            assert connection is not None
            beats = peer.heartbeat().to_frame() * 1000
            with suppress(ConnectionError):
                while not connection.closed:
                    transport: Any = connection._transport
                    assert transport.get_write_buffer_size() <= MAX_WRITE_BUFFER + 256
                    peer.write(beats)
                    await peer.writer.drain()
            flood.tried += 1
            await peer.hang_up()
        await eventually(lambda: not pile.state.connected)
        await house.listener.remove_pile(APPROVED)
    return flood


async def two_machines(path: Path, count: int) -> Flood:
    """Two machines with one code, each of which logs in as soon as the other one was let in: that is noticed."""
    async with _flooded(path) as (house, flood):
        pile = await house.approve(APPROVED)
        peers: list[Peer] = []
        for number in range(count):
            peers.append(peer := await _dial(house, number % 2))
            peer.send(peer.login())
            answer = await peer.receive()
            assert isinstance(answer, LoginReply)
            assert answer.result == LoginResult.OK
            flood.tried += 1
            flood.most = max(flood.most, house.listener.connection_count)
            assert len(pile._tasks) < 10
            if len(peers) > 2:
                first = peers.pop(0)
                await first.closed()
                await first.hang_up()
        assert pile.state.logins.contested_by == ("127.0.1.1", "127.0.1.2")
        assert house.counts["takeover"] == count - 1
        assert len(pile.logins._takeovers or ()) <= MAX_SLOW_TAKEOVERS + 1
        for peer in peers:
            await peer.hang_up()
        await eventually(lambda: not pile.state.connected)
        await house.listener.remove_pile(APPROVED)
    assert flood.warnings
    assert flood.most <= 4
    return flood


async def knocking(path: Path, count: int) -> Flood:
    """Knock every second with a code that is not approved: for the log a second goes by with each call."""
    seconds = 0.0
    async with _flooded(path) as (house, flood):
        house.listener.trouble = Trouble(lambda: seconds)
        for number in range(count):
            peer = await _dial(house, number)
            peer.send(peer.login())
            await peer.receive()
            await peer.hang_up()
            seconds += 1
            flood.tried += 1
            flood.most = max(flood.most, house.listener.connection_count)
        assert {stranger.info.code for stranger in house.strangers} == {APPROVED}
        assert len(house.strangers) == house.counts["refused_login"] == count
        flood.refused = count
        house.strangers.clear()
    return flood


FLOODS: Final[dict[Callable[[Path, int], Awaitable[Flood]], tuple[int, int]]] = {
    silent: (5_000, 5_000),
    random_logins: (5_000, 5_000),
    shouting: (500, 5_000),
    slow_writers: (200, 500),
    half_open: (100, 500),
    resets: (500, 5_000),
    never_reads: (3, 100),
    two_machines: (300, 5_000),
    knocking: (3_600, 86_400),
}
"""How much of each is in the short form, and in the long one."""
