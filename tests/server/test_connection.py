"""Bytes in and out: framing, limits, and what does not look like a pile."""

import asyncio
import logging
import socket

import pytest

from custom_components.ykc.protocol import (
    BillingModelCheck,
    BillingModelCheckReply,
    HeartbeatReply,
    Login,
    LoginReply,
    StartRequest,
    TransactionAck,
    crc16,
    encode_frame,
)
from custom_components.ykc.server import connection as connection_module, listener as listener_module, strangers
from custom_components.ykc.server.limits import MAX_READ, MAX_STRANGER_BYTES
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.state import PileInfo
from tests.server.conftest import MakeHouse
from tests.server.house import House, eventually, hurried
from tests.server.peer import CODE


async def test_a_reply_repeats_the_two_sequence_bytes(house: House) -> None:
    """A reply repeats the two sequence bytes."""
    _, peer = await house.online()
    for sequence in (b"\x00\x01", b"\xff\xfe", b"\x68\x68", b"\x00\x00"):
        peer.send(peer.heartbeat(), sequence=sequence)
        await peer.expect(HeartbeatReply)
        assert peer.frame.sequence == sequence


async def test_what_is_not_asked_for_is_counted_up_from_zero(house: House) -> None:
    """What is not asked for is counted up from zero."""
    await house.approve()
    peer = await house.dial()
    peer.send(peer.login(), sequence=b"\x12\x34")
    await peer.expect(LoginReply)
    assert peer.frame.sequence == b"\x12\x34"
    await peer.answer_clock()
    assert peer.frame.sequence == b"\x00\x00"
    await peer.receive()
    assert peer.frame.sequence == b"\x01\x00"


async def test_frames_are_read_byte_by_byte(house: House) -> None:
    """Frames are read byte by byte."""
    _, peer = await house.online()
    for byte in peer.heartbeat(2).to_frame(b"\x07\x00"):
        peer.write(bytes([byte]))
        await peer.writer.drain()
        await asyncio.sleep(0)
    await peer.expect(HeartbeatReply, gun=2)


async def test_coalesced_frames_are_all_answered_in_order(house: House) -> None:
    """Coalesced frames are all answered in order."""
    _, peer = await house.online()
    peer.send(peer.heartbeat(1), peer.heartbeat(2), BillingModelCheck(pile=CODE, model="0100"), peer.record("1" * 32))
    await peer.expect(HeartbeatReply, gun=1)
    await peer.expect(HeartbeatReply, gun=2)
    await peer.expect(BillingModelCheckReply)
    await peer.expect(TransactionAck)


async def test_a_login_may_have_much_behind_it(house: House) -> None:
    """What comes with a login, in the same segment, counts as said after it."""
    await house.approve()
    peer = await house.dial()
    heartbeat = peer.heartbeat().to_frame(b"\x01\x00")
    peer.write(peer.login().to_frame(b"\0\0") + heartbeat * 500)
    await peer.expect(LoginReply)
    for _ in range(500):
        await peer.expect(HeartbeatReply)


async def test_a_login_and_what_follows_it_may_come_in_one_segment(house: House) -> None:
    """A login and what follows it may come in one segment."""
    await house.approve()
    peer = await house.dial()
    peer.send(peer.login(), peer.heartbeat(1), peer.record("1" * 32))
    await peer.expect(LoginReply)
    await peer.expect(HeartbeatReply)
    kinds = {type(await peer.receive()).__name__ for _ in range(2)}
    assert kinds == {"TimeSync", "TransactionAck"}


async def test_garbage_is_counted_and_the_connection_kept(house: House) -> None:
    """Garbage is counted and the connection kept."""
    _, peer = await house.online()
    broken = bytearray(peer.heartbeat().to_frame())
    broken[-1] ^= 1
    peer.write(b"GET / HTTP/1.1\r\n\r\n" + bytes(broken))
    peer.send(peer.heartbeat(2))
    await peer.expect(HeartbeatReply, gun=2)
    assert house.counts["garbage"]


async def test_a_frame_with_its_crc_the_other_way_round_is_read(house: House) -> None:
    """A frame with its crc the other way round is read."""
    _, peer = await house.online()
    frame = peer.heartbeat(2).to_frame()
    peer.write(frame[:-2] + crc16(frame[2:-2]).to_bytes(2, "big"))
    await peer.expect(HeartbeatReply, gun=2)


async def test_frames_behind_a_false_start_are_found_when_nothing_follows(make_house: MakeHouse) -> None:
    """Frames behind a false start are found when nothing follows."""
    house = await make_house(hurried(stall=0.05))
    _, peer = await house.online()
    peer.write(b"\x68\xff\x68\xf0\x68\xff" + peer.heartbeat(2).to_frame())
    await peer.expect(HeartbeatReply, gun=2)
    assert house.counts["garbage"]
    peer.send(peer.heartbeat(1))
    await peer.expect(HeartbeatReply, gun=1)


async def test_a_frame_that_goes_on_in_time_is_waited_for(make_house: MakeHouse) -> None:
    """A frame that goes on in time is waited for."""
    house = await make_house(hurried(stall=3))
    _, peer = await house.online()
    frame = peer.heartbeat(2).to_frame()
    peer.write(frame[:10])
    await peer.silence(0.1)
    peer.write(frame[10:])
    await peer.expect(HeartbeatReply, gun=2)
    assert not house.counts["garbage"]


async def test_the_wait_for_a_frame_counts_from_its_last_byte(make_house: MakeHouse) -> None:
    """The wait for a frame counts from its last byte."""
    house = await make_house(hurried(stall=2))
    _, peer = await house.online()
    frame = peer.heartbeat(2).to_frame()
    for byte in frame[:-1]:
        peer.write(bytes([byte]))
        await asyncio.sleep(0.15)
    peer.write(frame[-1:])
    message = await asyncio.wait_for(peer.receive(), 5)
    assert isinstance(message, HeartbeatReply)


async def test_encrypted_unknown_and_short_frames_are_counted(house: House) -> None:
    """Encrypted unknown and short frames are counted."""
    _, peer = await house.online()
    body = peer.heartbeat().body()
    peer.write(encode_frame(0x03, body, encrypted=1))
    peer.write(encode_frame(0xEE, b"what is this"))
    peer.write(encode_frame(0x03, body[:5]))
    # Frames that only a platform sends, and one without a pile.
    peer.send(LoginReply(pile=CODE, result=0), TransactionAck(transaction="0" * 32, result=0))
    peer.send(peer.heartbeat())
    await peer.expect(HeartbeatReply)
    assert house.counts["encrypted"] == 1
    assert house.counts["unknown_frame"] == 1
    assert house.counts["unreadable"] == 1
    assert house.counts["not_handled"] >= 1
    assert house.counts["not_logged_in"] == 1


async def test_longer_bodies_are_read(house: House) -> None:
    """Longer bodies are read."""
    _, peer = await house.online()
    peer.write(encode_frame(0x03, peer.heartbeat(2).body() + b"vendor"))
    await peer.expect(HeartbeatReply, gun=2)


async def test_frames_before_the_login_are_ignored_and_counted(house: House) -> None:
    """Frames before the login are ignored and counted."""
    await house.approve()
    peer = await house.dial()
    peer.send(peer.heartbeat(), peer.report("1" * 32), peer.record("1" * 32))
    await peer.silence()
    assert house.counts["not_logged_in"] == 3
    assert house.gun().session_energy is None
    await peer.log_in()


async def test_no_login_in_time(make_house: MakeHouse) -> None:
    """No login in time."""
    house = await make_house(hurried(login=0.1))
    peer = await house.dial()
    assert await peer.closed() == []
    assert not house.listener._connections


async def test_a_login_in_time_ends_the_wait(make_house: MakeHouse) -> None:
    """A login in time ends the wait."""
    house = await make_house(hurried(login=1.5))
    _, peer = await house.online()
    await peer.silence(1.7)
    peer.send(peer.heartbeat())
    await peer.expect(HeartbeatReply)


async def test_strangers_say_little(house: House) -> None:
    """Who sends and sends without a login is closed; who has logged in may send as much as it likes."""
    stranger = await house.dial()
    stranger.write(b"\x00" * (MAX_STRANGER_BYTES + 1))
    await stranger.closed()
    assert house.counts["talkative"] == 1
    await house.approve()
    peer = await house.dial()
    peer.write(b"\x00" * (MAX_STRANGER_BYTES - 100))
    peer.send(peer.login())
    await peer.expect(LoginReply)
    for _ in range(20):
        peer.write(b"\x00" * MAX_STRANGER_BYTES)
    peer.send(peer.heartbeat(2))
    while not isinstance(await peer.receive(), HeartbeatReply):
        pass
    assert house.counts["talkative"] == 1


async def test_a_read_is_short(house: House) -> None:
    """However much a peer sends, others have their turn soon: what came at once is taken in parts."""
    pile, peer = await house.online()
    connection = pile.line.connection
    assert connection is not None
    turns = 0
    stream = b"\x68" * 200_000
    peer.write(stream)
    while connection._framer.skipped < len(stream) - 300:
        before = connection._framer.skipped
        await asyncio.sleep(0)
        assert connection._framer.skipped - before <= MAX_READ + 300
        turns += 1
    assert turns >= len(stream) // (MAX_READ + 300)


async def test_strangers_of_one_address_are_limited(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strangers of one address are limited: who waits for longest makes room for who comes, and may be the pile."""
    monkeypatch.setattr(strangers, "MAX_STRANGERS_PER_ADDRESS", 2)
    pile, peer = await house.online()
    waiting = [await house.dial() for _ in range(2)]
    await eventually(lambda: house.listener._strangers.total() == 2)
    third = await house.dial()
    assert await waiting[0].closed() == []
    assert house.counts["refused_connection"] == 1
    await third.log_in()
    assert await peer.closed() == []
    await eventually(lambda: pile.state.connected)
    # One has logged in, one was closed: there is room again.
    another = await house.dial()
    another.send(another.heartbeat())
    await another.silence()


@pytest.mark.parametrize("limit", ["MAX_STRANGERS", "MAX_CONNECTIONS"])
async def test_strangers_and_connections_are_limited(house: House, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """Strangers and connections are limited."""
    monkeypatch.setattr(strangers if limit == "MAX_STRANGERS" else listener_module, limit, 1)
    first = await house.dial()
    await eventually(lambda: house.listener._connections)
    second = await house.dial()
    refused, kept = (first, second) if limit == "MAX_STRANGERS" else (second, first)
    assert await refused.closed() == []
    await kept.hang_up()
    await eventually(lambda: not house.listener._connections)
    peer = await house.dial()
    await house.approve()
    await peer.log_in()


async def test_a_peer_that_never_reads_is_cut_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that never reads is cut off."""
    monkeypatch.setattr(connection_module, "MAX_WRITE_BUFFER", 4096)
    pile = await house.approve()
    peer = await house.dial()
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined] # a transport that reads, too
    peer.send(peer.login())
    await eventually(lambda: pile.state.connected)
    assert pile.line.connection is not None
    assert pile.line.connection._transport is not None
    sock = pile.line.connection._transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    beats = peer.heartbeat().to_frame() * 500
    while pile.state.connected:
        peer.write(beats)
        await asyncio.sleep(0)
    assert not house.listener._connections
    await eventually(lambda: not house.listener._server._clients)  # type: ignore[union-attr] # it runs
    await peer.vanish()


async def test_a_login_whose_reply_ends_the_connection(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A login whose reply ends the connection."""
    pile = await house.approve()
    monkeypatch.setattr(
        connection_module.Connection, "reply", lambda self, *_: self.close("does not read", at_once=True)
    )
    peer = await house.dial()
    peer.send(peer.login())
    await peer.closed()
    assert not pile.state.connected
    assert not house.listener._strangers


async def test_what_is_left_unread_does_not_keep_a_closed_connection(make_house: MakeHouse) -> None:
    """What is left unread does not keep a closed connection."""
    house = await make_house(hurried(farewell=0.1))
    pile, peer = await house.online()
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined] # a transport that reads, too
    connection = pile.line.connection
    assert connection is not None
    assert connection._transport is not None
    connection._transport.set_write_buffer_limits(high=1 << 30)
    connection._transport.write(bytes(20_000_000))
    await house.listener.remove_pile(CODE)
    await eventually(lambda: not house.listener._server._clients)  # type: ignore[union-attr] # it runs
    await peer.vanish()


async def test_a_fault_of_ours_costs_no_connection(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours costs no connection."""
    pile, peer = await house.online()
    monkeypatch.setattr(Pile, "receive", lambda *_: 1 / 0)
    peer.send(peer.heartbeat())
    await eventually(lambda: house.counts["fault"])
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.undo()
    peer.send(peer.heartbeat())
    await peer.expect(HeartbeatReply)
    house.counts.clear()


async def test_nothing_of_a_frame_is_logged(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A frame that is unknown, short or not handled is named by type and length: it may hold a card's number."""
    caplog.set_level(logging.DEBUG)
    pile, peer = await house.online()
    card = "00000000d14b0a54"
    request = StartRequest(
        pile=CODE, gun=1, method=1, password_needed=0, account_or_card=card, password="0" * 32, vin=""
    )
    monkeypatch.setattr(Pile, "receive", lambda *_: 1 / 0)
    peer.send(request)
    peer.write(encode_frame(0x77, request.body()))
    peer.write(encode_frame(request.TYPE, request.body()[:-1]))
    await eventually(lambda: house.counts["unreadable"])
    assert house.counts["fault"] == house.counts["unknown_frame"] == 1
    assert f"type 0x31 and {len(request.body())} bytes" in caplog.text
    assert f"unknown type 0x77 with {len(request.body())} bytes" in caplog.text
    assert card not in caplog.text
    house.counts.clear()


async def test_whatever_an_approved_pile_sends_is_survived(house: House) -> None:
    """Every frame type with bodies of zeros and of ones, in both of which no field makes sense."""
    pile, peer = await house.online()
    for filler in (b"\x00", b"\xff"):
        for kind in range(256):
            body = bytes.fromhex(CODE) + filler * 200
            if kind in (0x13, 0x33, 0x39, 0x3B, 0x3D, 0x3F, 0x15, 0x17, 0x19, 0x1B, 0x1D, 0x21, 0x23, 0x25):
                body = filler * 16 + body
            if kind != Login.TYPE:
                peer.write(encode_frame(kind, body))
    peer.send(peer.login(gun_count=255, software_version="\x1b[31m\nfa", pile_type=9, protocol_version=25.5))
    while not isinstance(await peer.receive(), LoginReply):
        pass
    await eventually(lambda: not pile._tasks - {pile._greeting})
    assert not house.counts["fault"]
    assert pile.state.info == PileInfo(
        code=CODE,
        pile_type="9",
        gun_count=99,
        protocol_version="25.5",
        software_version="[31mfa",
        network="sim",
        operator="china_mobile",
        sim=None,
    )


async def test_a_frame_that_waits_for_us_is_not_given_up(make_house: MakeHouse) -> None:
    """While a connection is not read, the rest of a frame cannot come, however long that is."""
    house = await make_house(hurried(stall=0.05))
    pile, peer = await house.online()
    connection = pile.line.connection
    assert connection is not None
    frame = peer.heartbeat().to_frame()
    peer.write(frame[:9])
    await eventually(lambda: connection._framer.pending)
    connection.hold(pile)
    peer.write(frame[9:])
    await asyncio.sleep(0.2)
    connection.go_on(pile)
    await peer.expect(HeartbeatReply)
    assert not house.counts["garbage"]
