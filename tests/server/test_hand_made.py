"""Frames that a person makes by hand."""

import asyncio
from typing import Any

import pytest

from custom_components.ykc.protocol import (
    MESSAGES,
    UP,
    BillingModelReply,
    CommandResult,
    GunQrCode,
    LocalQrCode,
    LocalQrCodeReply,
    Message,
    OfflineCardsQuery,
    ReadRealtime,
    Reboot,
    RebootReply,
    RemoteStop,
    RemoteStopReply,
    WorkParameters,
    type_text,
)
from custom_components.ykc.server import errors
from custom_components.ykc.server.hand_made import HARMFUL, hand_made, reply_kind, send_by_hand
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.taps import TappedFrame
from tests.server.house import House, eventually
from tests.server.peer import CODE

STOP = RemoteStop(pile=CODE, gun=1)
PATIENCE = 20.0


def sending(
    pile: Pile, message: Message = STOP, reply: int | None = 0x35, patience: float = PATIENCE
) -> asyncio.Task[TappedFrame | None]:
    """Send a frame, and go on."""
    return asyncio.create_task(send_by_hand(pile, message, reply, patience))


def refused(gun: int = 1) -> RemoteStopReply:
    """Make the reply that there is nothing to stop."""
    return RemoteStopReply(pile=CODE, gun=gun, result=CommandResult.FAILED, reason=2)


async def test_a_frame_goes_out_and_its_reply_comes_back(house: House) -> None:
    """The reply is given as it came, with its bytes."""
    pile, peer = await house.online()
    task = sending(pile)
    await peer.expect(RemoteStop, gun=1)
    peer.send(refused(), sequence=b"\xab\xcd")
    reply = await task
    assert reply is not None
    assert reply.message == refused()
    assert reply.plain["fields"]["reason"] == "not_charging"
    assert reply.plain["sequence"] == "abcd"
    assert not house.listener.taps.in_use


async def test_a_reply_of_another_gun_is_not_taken(house: House) -> None:
    """Of the frames that come, the one of the same gun is the reply."""
    pile, peer = await house.online()
    task = sending(pile)
    await peer.expect(RemoteStop)
    peer.send(peer.heartbeat(), refused(2), refused(1))
    reply = await task
    assert reply is not None
    assert reply.message == refused(1)


async def test_a_reply_that_others_take_is_theirs_too(house: House) -> None:
    """A report that was asked for by hand is one like any other."""
    pile, peer = await house.online()
    task = sending(pile, ReadRealtime(pile=CODE, gun=1), 0x13)
    await peer.expect(ReadRealtime, gun=1)
    peer.send(peer.report(status=1, gun=1))
    reply = await task
    assert reply is not None
    assert reply.plain["fields"]["status"] == "fault"
    await eventually(lambda: pile.state.guns[1].status == "fault")


async def test_a_frame_without_a_reply(house: House) -> None:
    """Where nothing is awaited the frame is sent and that is all."""
    pile, peer = await house.online()
    model = pile.billing.model.reply(CODE)
    assert reply_kind(model, None) is None
    assert await sending(pile, model, None) is None
    await peer.expect(BillingModelReply)


async def test_one_at_a_time(house: House) -> None:
    """A frame by hand waits for the command before it, and the next command for its reply."""
    pile, peer = await house.online()
    reboot = asyncio.create_task(pile.maintenance.reboot(when_idle=True))
    await peer.expect(Reboot)
    task = sending(pile)
    await peer.silence()
    peer.send(RebootReply(pile=CODE, result=CommandResult.OK))
    await reboot
    await peer.expect(RemoteStop)
    reboot = asyncio.create_task(pile.maintenance.reboot(when_idle=True))
    await peer.silence()
    peer.send(refused())
    await task
    await peer.expect(Reboot)
    peer.send(RebootReply(pile=CODE, result=CommandResult.OK))
    await reboot


async def test_no_reply(house: House) -> None:
    """A pile that does not answer in time is told of, and listened to no more."""
    pile, peer = await house.online()
    task = sending(pile, patience=0.05)
    await peer.expect(RemoteStop)
    with pytest.raises(errors.NoReply):
        await task
    assert not house.listener.taps.in_use
    assert not pile.line.held.locked()


async def test_a_pile_that_is_away_or_goes(house: House) -> None:
    """Without a connection, or when it ends, nobody waits for a reply."""
    pile, peer = await house.online()
    task = sending(pile)
    await peer.expect(RemoteStop)
    await peer.hang_up()
    with pytest.raises(errors.PileOffline):
        await task
    with pytest.raises(errors.PileOffline):
        await sending(pile)
    assert not house.listener.taps.in_use


async def test_a_listener_that_closes_waits_for_no_reply(house: House) -> None:
    """What is awaited when all ends has failed before it has ended."""
    pile, peer = await house.online()
    task = sending(pile)
    await peer.expect(RemoteStop)
    async with asyncio.timeout(PATIENCE / 2):
        await house.listener.close()
    with pytest.raises(errors.PileOffline):
        await task


async def test_a_reply_that_names_no_gun_or_a_frame_that_names_no_pile(house: House) -> None:
    """The third dialect of QR codes names its pile in the reply alone."""
    pile, peer = await house.online()
    task = sending(pile, hand_made(CODE, "local_qr_code", {"gun": 2, "text": "x"}), 0x9B)
    await peer.expect(LocalQrCode, gun=2, text="x")
    peer.send(LocalQrCodeReply(pile=CODE, gun=2, result=1))
    reply = await task
    assert reply is not None
    assert reply.pile == CODE


def test_a_frame_by_its_bytes_and_by_its_fields() -> None:
    """Both ways make the same frame; the pile need not be named among the fields."""
    by_hex = hand_made(CODE, "0x36", f"{CODE} 01")
    assert by_hex == hand_made(CODE, "remote_stop", {"gun": 1}) == STOP
    assert by_hex.body() == STOP.body()
    assert reply_kind(by_hex, None) == 0x35
    assert reply_kind(by_hex, "realtime") == 0x13
    cards = hand_made(CODE, "0x48", {"cards": [{"card": "00000000000000ab"}]})
    assert isinstance(cards, OfflineCardsQuery)
    assert hand_made(CODE, "0x48", cards.body().hex()) == cards
    code = hand_made(CODE, "0x5A", f"{CODE}01616263")
    assert isinstance(code, GunQrCode)
    assert code.text == "abc"


def test_bytes_that_the_table_does_not_allow_are_sent_as_they_are() -> None:
    """That is what a frame by hand is for: lengths are checked, values are not."""
    odd = hand_made(CODE, "0x52", f"{CODE}07ff")
    assert isinstance(odd, WorkParameters)
    assert (odd.locked, odd.max_power) == (7, 255)
    assert odd.to_frame()[6:-2].hex() == f"{CODE}07ff"


@pytest.mark.parametrize(
    ("name", "content", "error", "placeholders"),
    [
        ("0x77", "", errors.FrameTypeUnknown, {"type": "0x77"}),
        ("remote_stopp", "", errors.FrameTypeUnknown, {"type": "remote_stopp"}),
        ("54", "", errors.FrameTypeUnknown, {"type": "54"}),
        ("0x13", "", errors.FrameNotSent, {"type": "0x13"}),
        ("0x36", CODE, errors.FrameBodyInvalid, {"type": "0x36", "length": "8"}),
        ("0x36", f"{CODE}0101", errors.FrameBodyInvalid, {"type": "0x36", "length": "8"}),
        ("0x36", f"{CODE}0", errors.FrameBodyInvalid, {"type": "0x36", "length": "8"}),
        ("0x36", "gun 1", errors.FrameBodyInvalid, {"type": "0x36", "length": "8"}),
        ("0x48", f"{CODE}01ab", errors.FrameBodyInvalid, {"type": "0x48", "length": "8 - 251"}),
        ("0x5A", f"{CODE}01{'61' * 250}", errors.FrameBodyInvalid, {"type": "0x5A", "length": "8 - 251"}),
        ("0x36", {}, errors.FrameFieldInvalid, {"type": "0x36", "field": "gun", "allowed": "a gun number 1..99"}),
        ("0x36", {"gun": 1, "g": 1}, errors.FrameFieldInvalid, {"type": "0x36", "field": "g"}),
        ("0x36", "32010200000099 01", errors.FrameOfAnotherPile, {"pile": CODE, "other": "32010200000099"}),
        (
            "0x36",
            {"pile": "32010200000099", "gun": 1},
            errors.FrameOfAnotherPile,
            {"pile": CODE, "other": "32010200000099"},
        ),
    ],
)
def test_what_is_wrong_is_told(
    name: str, content: Any, error: type[errors.CommandError], placeholders: dict[str, str]
) -> None:
    """Each fault has an error of its own, with what is allowed."""
    with pytest.raises(error) as caught:
        hand_made(CODE, name, content)
    assert placeholders.items() <= caught.value.placeholders.items()


@pytest.mark.parametrize("kind", [kind for kind in MESSAGES.values() if kind in HARMFUL], ids=lambda kind: kind.NAME)
def test_what_does_harm_is_refused(kind: type[Message]) -> None:
    """No bill is acknowledged by hand, and no arm is raised past the look for a car."""
    with pytest.raises(errors.FrameNotByHand):
        hand_made(CODE, type_text(kind.TYPE), bytes(kind.LAYOUT.needed).hex())


def test_a_reply_comes_from_a_pile() -> None:
    """What no pile sends cannot be awaited."""
    with pytest.raises(errors.FrameNotAnswered):
        reply_kind(STOP, "0x36")
    with pytest.raises(errors.FrameTypeUnknown):
        reply_kind(STOP, "0x77")
    assert all(MESSAGES[kind.REPLY].DIRECTION is not kind.DIRECTION for kind in MESSAGES.values() if kind.REPLY)
    assert MESSAGES[0x35].DIRECTION is UP
