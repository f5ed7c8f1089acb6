"""Lines that break, fall silent, are shared, and what a strict firmware hears on them."""

from contextlib import AsyncExitStack

import pytest

from simulator import Line, VirtualPile

from .conftest import PACE, PILE, TRANSACTION, MakePile, start
from .raw_platform import RawPlatform, frame

SECOND = "32010200000002"


async def test_drop_and_return(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a pile stays away until it is told to come back."""
    await pile.drop()
    assert not pile.online
    await platform.until(lambda: platform.closed == 1)
    await pile.clock.sleep(60.0)
    assert platform.connections == 1
    await pile.come_back()
    await pile.wait_ready()
    assert platform.connections == 2


async def test_platform_hangs_up(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a pile dials in again by itself half a minute after the platform hung up."""
    platform.hang_up()
    await platform.wait(0x01, 2)
    await pile.wait_ready()


async def test_vanish(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that the platform's socket stays open when a pile vanishes and calls from a new port."""
    await pile.vanish()
    await pile.come_back()
    await pile.wait_ready()
    assert platform.connections == 2
    assert platform.closed == 0
    await pile.stop()
    await platform.until(lambda: platform.closed == 2)


async def test_waiting_start_does_not_outlive_the_line(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a pile that was offline neither starts late nor says so."""
    platform.send(0x34, start())
    await platform.wait(0x33)
    await pile.drop()
    await pile.come_back()
    await pile.wait_ready()
    await pile.plug(1)
    assert pile.gun(1).charge is None


async def test_concentrator(platform: RawPlatform) -> None:
    """Check that several piles share a connection, and that each gets what is meant for it."""
    line = Line("127.0.0.1", platform.port, pace=PACE)
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(VirtualPile(code, line=line, pace=PACE)) for code in (PILE, SECOND)
        ]
        await first.wait_ready()
        await second.wait_ready()
        assert platform.connections == 1
        assert {raw.text(0, 7) for raw in platform.all(0x01)} == {PILE, SECOND}
        await second.plug(1)
        platform.send(0x34, start().replace(PILE, SECOND))
        await second.wait_for(lambda: second.gun(1).charging)
        await second.stop_locally(1)
        await second.wait_for(lambda: second.records.acknowledged)
        assert first.idle
        assert not first.complaints
        assert not second.complaints
        await first.drop()
        assert not second.online
        await first.come_back()
        await second.wait_ready()


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (frame(0x36, bytes.fromhex(PILE + "01" + "00")), "1 bytes too long"),
        (frame(0x36, bytes.fromhex(PILE + "03")), "gun 3, which does not exist"),
        (frame(0x36, bytes.fromhex(SECOND + "01")), "for nobody here"),
        (frame(0x48, bytes.fromhex(PILE + "02" + "00" * 8)), "announces 2 cards and has 1"),
        (frame(0x36, bytes.fromhex(PILE)), "8 needed"),
        (frame(0x35, bytes.fromhex(PILE + "010100")), "for a pile to send"),
        (frame(0x7E, bytes.fromhex(PILE)), "unknown frame type"),
        (frame(0x36, bytes.fromhex(PILE + "01"))[:-2] + b"\x00\x00", None),
    ],
)
async def test_complaints(platform: RawPlatform, pile: VirtualPile, data: bytes, complaint: str | None) -> None:
    """Check that a strict pile drops what is wrong without a word, and notes why for the test that asks."""
    platform.send_bytes(data)
    platform.send(0x12, PILE + "01", b"\x55\x55")
    await platform.wait(0x13, 1, lambda raw: raw.sequence == b"\x55\x55")
    assert not platform.all(0x35)
    assert len(pile.complaints) == (complaint is not None)
    assert complaint is None or complaint in pile.complaints[0]


async def test_wrong_crc_order(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a strict pile does not take the CRC's other order."""
    data = frame(0x36, bytes.fromhex(PILE + "01"))
    platform.send_bytes(data[:-2] + data[:-3:-1])
    await pile.wait_for(lambda: pile.complaints)
    assert "wrong way round" in pile.complaints[0]


async def test_too_soon(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check the firmware with one buffer, which loses a command that comes too close behind another."""
    pile.behaviour.deaf_seconds = 60.0
    platform.send(0x12, PILE + "01", b"\x55\x55")
    platform.send(0x36, PILE + "01")
    await pile.wait_for(lambda: pile.complaints and "remote_stop came 0.0" in pile.complaints[-1])
    assert not platform.all(0x35)


async def test_overlaps(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that commands which do not wait for each other are counted."""
    pile.behaviour.reply_delay = 20.0
    platform.send(0x36, PILE + "01")
    platform.send(0x36, PILE + "02")
    await platform.wait(0x35, 2)
    assert pile.overlaps == 1
    platform.send(0x36, PILE + "01")
    await platform.wait(0x35, 3)
    assert pile.overlaps == 1


async def test_a_report_answers_a_read(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a 0x12 keeps no other command waiting: any report of the gun may be its answer."""
    pile.behaviour.reply_delay = 20.0
    platform.send(0x12, PILE + "01", b"\x55\x55")
    platform.send(0x36, PILE + "01")
    await platform.wait(0x35, 1)
    assert pile.overlaps == 0


async def test_commands_before_the_login(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that nothing counts before 0x02."""
    platform.mute.add(0x01)
    pile = await make_pile(ready=False)
    await platform.wait(0x01)
    platform.send(0x36, PILE + "01")
    await pile.wait_for(lambda: pile.complaints)
    assert "before the login" in pile.complaints[0]


async def test_stop_in_the_middle(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a pile can be switched off while it charges, and has its record when it is on again."""
    await pile.plug(1)
    platform.send(0x34, start())
    await pile.wait_for(lambda: pile.gun(1).charging)
    await pile.stop()
    await platform.until(lambda: platform.closed == 1)
    await pile.start()
    await platform.wait(0x3B, 1, lambda raw: raw.text(0, 16) == TRANSACTION)
