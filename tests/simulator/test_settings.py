"""Clock, working parameters, billing model, cards, parking locks and maintenance."""

from datetime import datetime

from simulator import VirtualPile

from .conftest import CARD, PILE, MakePile, start
from .raw_platform import RawPlatform, billing_model

OTHER_CARD = "00000000e14c0a54"
SAMPLE_TIME = "98b70e11100314"
"""2020-03-16 17:14:47, as the specification prints it."""

RAISE, LOWER = "55", "ff"
REPORT = 0x61


async def test_clock(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that 0x56 sets the clock, and 0x55 says what it shows."""
    platform.send(0x56, PILE + SAMPLE_TIME, b"\x01\x02")
    (reply,) = await platform.wait(0x55)
    assert reply.sequence == b"\x01\x02"
    assert reply.text(0, 7) == PILE
    assert reply.body[9:].hex() == SAMPLE_TIME[4:]
    assert 0 <= (pile.clock.now() - datetime(2020, 3, 16, 17, 14, 47)).total_seconds() < 5


async def test_billing_model(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a model is taken over while the pile is idle, and refused in a charge and when it makes no sense."""
    new = bytes.fromhex(PILE)
    platform.send(0x58, new + billing_model("0300"))
    await platform.wait(0x57, 1)
    platform.send(0x58, new + billing_model("0400", bytes((4,)) * 48))
    await platform.wait(0x57, 2)
    await pile.plug(1)
    platform.send(0x34, start())
    await pile.wait_for(lambda: pile.gun(1).charging)
    platform.send(0x58, new + billing_model("0500"))
    replies = await platform.wait(0x57, 3)
    assert [raw.body.hex() for raw in replies] == [PILE + "01", PILE + "00", PILE + "00"]
    assert pile.tariff is not None
    assert pile.tariff.model == "0300"


async def test_power_limit(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a limit holds at once, and that 29 % is none."""
    await pile.plug(1)
    platform.send(0x34, start())
    await pile.wait_for(lambda: pile.gun(1).charging)
    full = pile.gun(1).power
    platform.send(0x52, PILE + "00" + f"{50:02x}")
    platform.send(0x52, PILE + "00" + f"{29:02x}")
    replies = await platform.wait(0x51, 2)
    assert [raw.body.hex() for raw in replies] == [PILE + "01", PILE + "00"]
    await pile.wait_for(lambda: pile.gun(1).power < full * 0.55)


async def test_stubborn_firmware(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check the pile that takes neither parameters nor models, and the one that tells the time it had."""
    pile.behaviour.refuses_parameters = pile.behaviour.refuses_model = pile.behaviour.tells_old_time = True
    platform.send(0x52, PILE + "01" + "64")
    (parameters,) = await platform.wait(0x51)
    assert parameters.body.hex() == PILE + "00"
    assert not pile.out_of_use
    platform.send(0x58, bytes.fromhex(PILE) + billing_model("0300"))
    (model,) = await platform.wait(0x57)
    assert model.body.hex() == PILE + "00"
    platform.send(0x56, PILE + SAMPLE_TIME)
    (clock,) = await platform.wait(0x55)
    assert clock.body[13] != int(SAMPLE_TIME[-2:], 16)
    assert pile.clock.now().year == 2020


async def test_out_of_use(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a locked pile refuses to start until it is free again, and the firmware that does not care."""
    await pile.plug(1)
    platform.send(0x52, PILE + "01" + "64")
    platform.send(0x34, start())
    (refused,) = await platform.wait(0x33)
    assert refused.body[24:].hex() == "0009"
    pile.behaviour.ignores_lock = True
    platform.send(0x52, PILE + "01" + "64")
    platform.send(0x34, start())
    accepted = (await platform.wait(0x33, 2))[1]
    assert accepted.body[24:].hex() == "0100"


async def test_cards(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that cards can be stored, asked for and removed."""
    platform.send(0x44, PILE + "01" + "0000000010000001" + CARD)
    (added,) = await platform.wait(0x43)
    assert added.body.hex() == PILE + "01" + "00"
    platform.send(0x48, PILE + "02" + CARD + OTHER_CARD)
    (found,) = await platform.wait(0x47)
    assert found.body.hex() == PILE + CARD + "01" + OTHER_CARD + "00"
    platform.send(0x46, PILE + "02" + CARD + OTHER_CARD)
    (removed,) = await platform.wait(0x45)
    assert removed.body.hex() == PILE + CARD + "01" + "00" + OTHER_CARD + "00" + "01"
    assert pile.offline_cards == {}


async def test_cards_refused(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a card without a number and a full memory are refused, and nothing is half stored."""
    platform.send(0x44, PILE + "02" + ("0000000010000001" + CARD) + "00" * 16)
    pile.behaviour.card_space = 1
    await platform.wait(0x43)
    platform.send(0x44, PILE + "02" + ("0000000010000001" + CARD) + ("0000000010000002" + OTHER_CARD))
    replies = await platform.wait(0x43, 2)
    assert [raw.body[7:].hex() for raw in replies] == ["0001", "0002"]
    assert pile.offline_cards == {}


async def test_parking_lock(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that an arm reports its way up and down, never rises under a car, and can get stuck."""
    pile = await make_pile(parking_locks=True)
    first = await platform.wait(REPORT, 2)
    assert first[0].body.hex() == PILE + "01" + "ff" + "00" + "5a" + "00" + "00" * 4
    platform.send(0x62, PILE + "01" + RAISE + "00" * 4)
    (reply,) = await platform.wait(0x63)
    assert reply.body.hex() == PILE + "01" + "01" + "00" * 4
    moves = await platform.wait(REPORT, 4)
    assert [raw.body[8] for raw in moves[2:]] == [0x00, 0x55]
    platform.send(0x62, PILE + "01" + LOWER + "00" * 4)
    await platform.wait(REPORT, 6)
    await pile.plug(1)
    occupied = (await platform.wait(REPORT, 7))[-1]
    assert occupied.body[9] == 0xFF
    platform.send(0x62, PILE + "01" + RAISE + "00" * 4)
    refused = (await platform.wait(0x63, 3))[-1]
    assert refused.body[8] == 0
    await pile.unplug(1)
    await pile.leave(1)
    await platform.wait(REPORT, 8)
    pile.locks[1].stuck = True
    platform.send(0x62, PILE + "01" + RAISE + "00" * 4)
    stuck = (await platform.wait(REPORT, 9))[-1]
    assert (stuck.body[8], stuck.body[11]) == (0xFF, 0x55)


async def test_no_parking_lock(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that what is not there refuses to move and is not reported."""
    platform.send(0x62, PILE + "01" + RAISE + "00" * 4)
    (reply,) = await platform.wait(0x63)
    assert reply.body[8] == 0
    assert not platform.all(REPORT)
    assert pile.complaints == []


async def test_reboot(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a reboot is answered first, and ends in a login."""
    platform.send(0x92, PILE + "01")
    (reply,) = await platform.wait(0x91)
    assert reply.body.hex() == PILE + "01"
    await platform.wait(0x01, 2)
    pile.behaviour.refuse_reboot = True
    await pile.wait_ready()
    platform.send(0x92, PILE + "01")
    assert (await platform.wait(0x91, 2))[1].body.hex() == PILE + "00"


async def test_reboot_when_idle(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a polite reboot waits for the charge."""
    await pile.plug(1)
    platform.send(0x34, start())
    await pile.wait_for(lambda: pile.gun(1).charging)
    platform.send(0x92, PILE + "02")
    await platform.wait(0x91)
    await pile.clock.sleep(20.0)
    assert pile.gun(1).charging
    await pile.stop_locally(1)
    await platform.wait(0x01, 2)
    assert platform.all(0x3B)[0].body[149] == 0x45


def update(model: int) -> bytes:
    """Make the body of 0x94."""
    text = b"10.0.0.1".ljust(16, b"\0") + (21).to_bytes(2, "little") + b"user".ljust(16, b"\0")
    text += b"secret".ljust(16, b"\0") + b"/fw/1.bin".ljust(32, b"\0")
    return bytes.fromhex(PILE) + bytes((model, 120, 0)) + text + bytes((1, 5))


async def test_update(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that an update is answered when it ran, that no charge starts meanwhile, and that the pile reboots."""
    platform.send(0x94, update(1))
    await pile.wait_for(lambda: pile.updating)
    await pile.plug(1)
    platform.send(0x34, start())
    assert (await platform.wait(0x33))[0].body[25] == 8
    (reply,) = await platform.wait(0x93)
    assert reply.body.hex() == PILE + "00"
    await platform.wait(0x01, 2)


async def test_updates_that_fail(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check an update for another kind of pile, and one that does not arrive."""
    platform.send(0x94, update(2))
    await platform.wait(0x93)
    pile.behaviour.update_result = 3
    platform.send(0x94, update(1))
    replies = await platform.wait(0x93, 2)
    assert [raw.body[7] for raw in replies] == [2, 3]
    assert pile.online


async def test_qr_codes(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a firmware answers the dialects that it knows, and drops the others."""
    text = b"https://x.cn/"
    whole = bytes.fromhex(PILE) + b"\x00" + bytes((len(text),)) + text
    platform.send(0x5A, bytes.fromhex(PILE + "02") + text)
    platform.send(0xF0, whole)
    (reply,) = await platform.wait(0xF1)
    assert reply.body.hex() == PILE + "00"
    assert pile.qr_codes == {1: text.decode(), 2: text.decode()}
    pile.behaviour.qr_dialects = {0x5A, 0x9C}
    platform.send(0x5A, bytes.fromhex(PILE + "02") + text)
    platform.send(0x9C, b"\x01" + len(text).to_bytes(2, "little") + text)
    assert (await platform.wait(0x59))[0].body.hex() == PILE + "02" + "01"
    assert (await platform.wait(0x9B))[0].body.hex() == PILE + "01" + "01"
    assert pile.complaints == []
