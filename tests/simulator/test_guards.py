"""What a virtual pile tells whoever uses it wrongly, and what it bears."""

import asyncio

import pytest

from custom_components.ykc.protocol import RemoteStart
from simulator import Line, Vehicle, VirtualPile
from simulator.behaviour import ParallelStyle
from simulator.conversations import Request, answers
from simulator.line import LinkLost

from .conftest import CARD, PACE, PILE, MakePile, start
from .raw_platform import RawPlatform
from .test_parallel import NUMBER, asked, authorised, command, one_car, replies, reply


def test_a_pace_that_cannot_be() -> None:
    """Time goes on."""
    with pytest.raises(ValueError, match="pace must be positive"):
        VirtualPile(PILE, pace=0)


def test_one_answer_for_each_message() -> None:
    """Who answers a message that is answered already has overlooked something."""

    def again(request: Request[RemoteStart]) -> None:
        raise AssertionError(request)

    with pytest.raises(TypeError, match="RemoteStart is answered already"):
        answers(RemoteStart)(again)


async def test_what_does_not_come(pile: VirtualPile) -> None:
    """Waiting has an end that names the pile."""
    with pytest.raises(TimeoutError, match=PILE):
        await pile.wait_for(lambda: False, 0.02)


async def test_a_pile_that_is_off(platform: RawPlatform) -> None:
    """It does nothing, and cannot charge."""
    pile = VirtualPile(PILE, port=platform.port)

    async def chore() -> None:
        raise AssertionError

    work = chore()
    with pytest.raises(RuntimeError, match="not started"):
        pile.chore(work)
    work.close()
    assert pile.handset.begin(work) is None


async def test_full_already(platform: RawPlatform, pile: VirtualPile) -> None:
    """A car that needs nothing is told so at once, and its bill is for nothing."""
    await pile.plug(1, Vehicle(soc=100.0))
    platform.send(0x34, start())
    (record,) = await platform.wait(0x3B)
    assert record.text(0, 16).startswith(PILE)
    assert pile.gun(1).charge is None


async def test_told_twice(platform: RawPlatform, make_pile: MakePile) -> None:
    """A second command for a gun of the same parallel charge is odd, and borne."""
    pile = await make_pile()
    await one_car(pile)
    platform.send(0xA4, command(1))
    platform.send(0xA4, command(1))
    await pile.wait_for(lambda: pile.complaints)
    assert pile.complaints == [f"gun 1 was told twice to start the parallel charge {NUMBER}"]
    platform.send(0xA4, command(2))
    assert reply(2) in await replies(platform, 2)
    pile.complaints.clear()


async def test_two_guns_offline(platform: RawPlatform, make_pile: MakePile) -> None:
    """A driver who wants both guns of a pile without a connection gets nothing."""
    pile = await make_pile()
    await one_car(pile)
    await pile.drop()
    await pile.wait_for(lambda: not pile.online)
    await pile.show_card_for_all(1, (2,), CARD)
    assert pile.idle
    assert platform.all(0xA1) == []


async def test_an_answer_that_nobody_waits_for(platform: RawPlatform, pile: VirtualPile) -> None:
    """An answer for another parallel charge than the one that was asked for is odd, and borne."""
    await one_car(pile)
    await asked(platform, pile)
    platform.send(0xA2, authorised(1, "990101000000"))
    await pile.wait_for(lambda: pile.complaints)
    assert pile.complaints == ["an answer to a parallel start request came that nobody waits for"]
    assert pile.idle
    pile.complaints.clear()


async def test_one_gun_begins_by_itself(platform: RawPlatform, pile: VirtualPile) -> None:
    """Some firmware begins with each gun as soon as it may."""
    pile.behaviour.parallel = ParallelStyle.ALONE
    await one_car(pile)
    number = await asked(platform, pile, 1)
    platform.send(0xA2, authorised(1, number))
    await pile.wait_for(lambda: pile.gun(1).charging)
    assert not pile.gun(2).charging
    await platform.wait(0xA1, 2)
    platform.send(0xA2, authorised(2, number))
    await pile.wait_for(lambda: pile.gun(2).charging)


async def test_a_pile_that_joins_a_line(platform: RawPlatform) -> None:
    """A second pile logs in over the connection that there is; when it leaves, the other one dials anew."""
    second = "32010200000002"
    line = Line("127.0.0.1", platform.port, pace=PACE)
    async with VirtualPile(PILE, line=line, pace=PACE) as first:
        await first.wait_ready()
        async with VirtualPile(second, line=line, pace=PACE) as joined:
            await joined.wait_ready()
            assert line.connections == 1
        await first.wait_for(lambda: line.connections == 2)
        await first.wait_ready()


async def test_switched_off_while_the_network_is_silent(platform: RawPlatform) -> None:
    """A connection that nobody told the platform about is closed with the pile."""
    async with VirtualPile(PILE, port=platform.port, pace=PACE) as pile:
        await pile.wait_ready()
        await pile.vanish()
        await pile.wait_for(lambda: not pile.online)
        assert platform.closed == 0
    await platform.until(lambda: platform.closed == 1)


async def test_a_line_that_cannot_be(platform: RawPlatform) -> None:
    """A mistake of whoever made the pile is told to whoever waits for it, and not taken for an absent platform."""
    pile = VirtualPile(PILE, port=70_000, pace=PACE)
    with pytest.raises(OverflowError):
        async with pile:
            await pile.wait_online()


async def test_lost_before_the_login(platform: RawPlatform, make_pile: MakePile) -> None:
    """A pile that was never online does not go offline; to lose the network once more changes nothing."""
    pile = await make_pile(ready=False)
    pile.behaviour.mute = {0x01}
    await platform.until(lambda: platform.connections == 1)
    await pile.vanish()
    await pile.vanish()
    await pile.drop()
    assert not pile.online
    pile.behaviour.mute = set()
    await pile.come_back()
    await pile.wait_ready()


async def test_begun_while_the_connection_goes(platform: RawPlatform, pile: VirtualPile) -> None:
    """What would begin in the moment in which the connection is lost does not begin, and the pile dials anew."""

    async def lose() -> None:
        raise LinkLost("gone")

    async def late() -> None:
        raise AssertionError

    losing = pile.handset.begin(lose())
    assert losing is not None
    await asyncio.wait([losing])
    assert pile.handset.begin(late()) is None
    await pile.wait_for(lambda: pile.line.connections == 2)
    await pile.wait_ready()
