"""How firmware puts its frames on the wire, from the tidy to the strange."""

import pytest

from simulator import Behaviour, GunByte, SequenceScope, Wire

from .conftest import PILE, MakePile
from .raw_platform import RawPlatform


async def test_slow_writes(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that frames can come byte by byte, whole all the same."""
    await make_pile(behaviour=Behaviour(wire=Wire(slow=0.0005)))
    await platform.wait(0x03, 2)
    assert sum(len(chunk) == 1 for chunk in platform.chunks) > 100
    assert platform.garbage == b""


async def test_coalesced_writes(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that several frames can come in one piece."""
    await make_pile(behaviour=Behaviour(wire=Wire(coalesce=0.05)))
    await platform.wait(0x03, 2)
    frames = len(platform.frames)
    assert len(platform.chunks) < frames
    assert max(map(len, platform.chunks)) > 60 + 8 + 9 + 8


async def test_changed_on_the_fly(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that the style can change in the middle of a connection."""
    pile = await make_pile()
    pile.behaviour.wire = Wire(vendor_bytes=b"\x01\x02\x03")
    await pile.plug(1)
    (report,) = await platform.wait(0x13, 1, lambda raw: raw.body[26] == 1)
    assert len(report.body) == 63


async def test_swapped_crc(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check the platforms' old mistake, played by a pile."""
    await make_pile(behaviour=Behaviour(wire=Wire(swapped_crc=True)))
    assert all(raw.crc_swapped for raw in platform.frames)


async def test_garbage(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that rubbish can lie between the frames."""
    await make_pile(behaviour=Behaviour(wire=Wire(garbage=b"\xff\x00\x01")))
    assert platform.garbage.startswith(b"\xff\x00\x01" * 3)


async def test_encrypted(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that single frame types can carry the flag, with a body that nobody can read."""
    await make_pile(behaviour=Behaviour(wire=Wire(encrypted={0x13})))
    reports = await platform.wait(0x13, 2)
    assert all(raw.encrypted == 1 and raw.text(16, 7) != PILE for raw in reports)
    assert all(raw.encrypted == 0 for raw in platform.all(0x03))


@pytest.mark.parametrize(("order", "expected"), [("little", [0xFFFE, 0xFFFF, 0]), ("big", [0xFFFE, 0xFFFF, 0])])
async def test_sequence(platform: RawPlatform, make_pile: MakePile, order: str, expected: list[int]) -> None:
    """Check that counts begin where they are told to, and wrap."""
    wire = Wire(sequence_start=0xFFFE, sequence_order="big" if order == "big" else "little")
    await make_pile(behaviour=Behaviour(wire=wire))
    found = [int.from_bytes(raw.sequence, "big" if order == "big" else "little") for raw in platform.frames]
    assert found[:3] == expected


async def test_sequence_per_gun(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check the firmware that counts for each gun."""
    await make_pile(behaviour=Behaviour(wire=Wire(sequence_scope=SequenceScope.GUN)))
    beats = await platform.wait(0x03, 4)
    assert [raw.sequence[0] for raw in beats[:4]] == [1, 1, 2, 2]  # after one report of each gun


@pytest.mark.parametrize(("style", "byte"), [(GunByte.BCD, 0x12), (GunByte.BINARY, 0x0C)])
async def test_gun_byte(platform: RawPlatform, make_pile: MakePile, style: GunByte, byte: int) -> None:
    """Check both ways to write gun 12, and that both are understood."""
    pile = await make_pile(guns=12, behaviour=Behaviour(wire=Wire(gun_byte=style)))
    beats = await platform.wait(0x03, 12)
    assert beats[11].body[7] == byte
    platform.send(0x36, PILE + f"{byte:02x}")
    (reply,) = await platform.wait(0x35)
    assert reply.body[7] == byte
    assert pile.complaints == []
