"""Frames offered to whoever listens."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import json
import logging

import pytest

from custom_components.ykc.protocol import (
    DOWN,
    NO_SEQUENCE,
    UP,
    HeartbeatReply,
    LoginReply,
    StartRequest,
    StartRequestReply,
    TransactionAck,
    Update,
    encode_frame,
)
from custom_components.ykc.server import taps as taps_module
from custom_components.ykc.server.maintenance import FirmwareSource
from custom_components.ykc.server.taps import TapFilter, TappedFrame
from tests.server.house import House, eventually
from tests.server.peer import CODE, Peer

OTHER = "32010200000002"
PASSWORD = "5f4dcc3b5aa765d6"


def listen(house: House, **wanted: object) -> list[TappedFrame]:
    """Listen from now on; return the list that grows."""
    heard: list[TappedFrame] = []
    house.listener.taps.subscribe(heard.append, TapFilter(**wanted))  # type: ignore[arg-type] # of the test's own choice
    return heard


def said(heard: list[TappedFrame]) -> list[tuple[str, str]]:
    """Return direction and name of each frame."""
    return [(frame.direction.value, str(frame.plain["name"])) for frame in heard]


async def beat(peer: Peer, gun: int = 1, sequence: bytes = NO_SEQUENCE) -> None:
    """Have a heartbeat answered."""
    peer.send(peer.heartbeat(gun), sequence=sequence)
    await peer.expect(HeartbeatReply, gun=gun)


async def test_both_directions_are_heard_in_order(house: House) -> None:
    """A request is heard before its reply, with its address, its pile and its two bytes of sequence."""
    _, peer = await house.online()
    heard = listen(house)
    before = datetime.now(UTC)
    await beat(peer, 2, b"\x12\x34")
    assert said(heard) == [("up", "heartbeat"), ("down", "heartbeat_reply")]
    for frame in heard:
        assert (frame.address, frame.pile, frame.logged_in) == ("127.0.0.1", CODE, True)
        assert frame.frame.sequence == b"\x12\x34"
        assert before - timedelta(seconds=1) <= frame.time <= datetime.now(UTC)
    up = dict(heard[0].plain)
    assert up.pop("time") == heard[0].time.isoformat(timespec="milliseconds")
    assert up == {
        "direction": "up",
        "address": "127.0.0.1",
        "pile": CODE,
        "logged_in": True,
        "type": "0x03",
        "name": "heartbeat",
        "fields": {"pile": CODE, "gun": 2, "gun_state": "ok", "gun_state_code": 0},
        "extra": "",
        "error": None,
        "sequence": "1234",
        "raw": peer.heartbeat(2).to_frame(b"\x12\x34").hex(),
    }


async def test_the_login_is_heard_and_what_the_platform_says_by_itself(house: House) -> None:
    """From the first frame on; the clock and the first question of state go out unasked."""
    heard = listen(house)
    await house.online()
    assert said(heard)[:2] == [("up", "login"), ("down", "login_reply")]
    assert {("down", "time_sync"), ("up", "time_sync_reply"), ("down", "read_realtime")} <= set(said(heard))
    # At its login nobody knows yet who that is.
    assert [frame.logged_in for frame in heard[:2]] == [False, True]


async def test_a_pile_that_is_not_approved_is_heard(house: House) -> None:
    """A newly wired pile shows, its refusal too, and as one that has not logged in."""
    heard = listen(house)
    peer = await house.dial()
    peer.send(peer.login(), peer.heartbeat())
    await peer.expect(LoginReply, result=1)
    await eventually(lambda: len(heard) == 3)
    assert said(heard) == [("up", "login"), ("down", "login_reply"), ("up", "heartbeat")]
    assert {(frame.pile, frame.logged_in) for frame in heard} == {(CODE, False)}
    assert heard[1].plain["fields"]["result"] == "refused"


async def test_only_what_is_wanted_is_given(house: House) -> None:
    """By pile, by type, by direction, and by all of them at once."""
    _, peer = await house.online()
    _, other = await house.online(OTHER)
    of_other = listen(house, piles=frozenset({OTHER}))
    beats = listen(house, types=frozenset({0x03}))
    sent = listen(house, direction=DOWN)
    nothing = listen(house, piles=frozenset({OTHER}), types=frozenset({0x03}), direction=DOWN)
    await beat(peer)
    await beat(other)
    assert said(of_other) == [("up", "heartbeat"), ("down", "heartbeat_reply")]
    assert [(frame.pile, frame.direction) for frame in beats] == [(CODE, UP), (OTHER, UP)]
    assert [frame.pile for frame in sent] == [CODE, OTHER]
    assert nothing == []


async def test_an_acknowledgement_belongs_to_its_pile(house: House) -> None:
    """A 0x40 names no pile: it is that of the transaction, also where a concentrator carries several."""
    await house.online()
    await house.approve(OTHER)
    concentrator = await house.dial()
    for code in (CODE, OTHER):
        concentrator.code = code
        await concentrator.log_in()
    heard = listen(house, types=frozenset({TransactionAck.TYPE}))
    await concentrator.bill(concentrator.record(f"{OTHER}01{'1' * 16}"))
    await concentrator.bill(concentrator.record("9" * 32))
    assert [frame.pile for frame in heard] == [OTHER, None]


async def test_frames_that_cannot_be_read_are_heard(house: House) -> None:
    """With their type and why; where they might hold a secret their bytes are hidden."""
    _, peer = await house.online()
    heard = listen(house)
    unknown, short, encrypted = (
        encode_frame(0x77, b"vendor"),
        encode_frame(0x03, b"abc"),
        encode_frame(0x31, bytes(40), encrypted=1),
    )
    peer.write(unknown + short + encrypted)
    await eventually(lambda: len(heard) == 3)
    plain = [frame.plain for frame in heard]
    assert [(p["type"], p["name"], p["error"]) for p in plain] == [
        ("0x77", None, "unknown_type"),
        ("0x03", "heartbeat", "short_body"),
        ("0x31", "start_request", "encrypted"),
    ]
    assert all(p["fields"] is None and p["pile"] == CODE for p in plain)
    assert plain[0]["raw"] == unknown[:6].hex() + "**" * 8
    assert plain[1]["raw"] == short.hex()
    assert plain[2]["raw"] == encrypted[:6].hex() + "**" * 42


async def test_secrets_are_never_heard(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the password of a driver nor that of an update is in what a tap gives or a log says."""
    caplog.set_level(logging.DEBUG)
    pile, peer = await house.online()
    heard = listen(house)
    request = StartRequest(
        pile=CODE,
        gun=1,
        method=2,
        password_needed=1,
        account_or_card="0000000000001234",
        password=PASSWORD.encode().hex(),
        vin="",
    )
    peer.send(request)
    await peer.expect(StartRequestReply)
    peer.write(encode_frame(0x31, request.body()[:-1]))
    peer.write(encode_frame(0x77, request.body()))
    source = FirmwareSource(
        server="10.0.0.1", port=21, user="ftp-user", password="ftp-secret", path="/f", model="dc", power=60, timeout=5
    )
    await pile.maintenance.update(source, when_idle=True)
    await peer.expect(Update, password="ftp-secret")
    await eventually(lambda: len(heard) == 5)
    shown = json.dumps([[frame.plain, repr(frame.message)] for frame in heard]) + caplog.text
    for secret in (PASSWORD, "ftp-user", "ftp-secret"):
        assert secret not in shown
        assert secret.encode().hex() not in shown
    assert heard[0].plain["fields"]["password"] == "***"


async def test_nothing_is_made_where_nobody_listens(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not before the first subscriber, not after the last one, and not for frames that nobody wants."""
    _, peer = await house.online()
    made: list[object] = []
    monkeypatch.setattr(taps_module, "TappedFrame", lambda **values: made.append(values))
    in_use = [house.listener.taps.in_use]
    await beat(peer)
    end = house.listener.taps.subscribe(lambda _: None, TapFilter(types=frozenset({0x13})))
    in_use.append(house.listener.taps.in_use)
    await beat(peer)
    end()
    end()
    in_use.append(house.listener.taps.in_use)
    await beat(peer)
    assert in_use == [False, True, False]
    assert made == []


async def test_who_listens_and_fails_costs_nobody_anything(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """The frame is handled, others hear it, and who failed is told once and left alone."""
    _, peer = await house.online()
    failures = 0

    def fail(_: TappedFrame) -> None:
        nonlocal failures
        failures += 1
        raise RuntimeError("not my day")

    house.listener.taps.subscribe(fail)
    heard = listen(house)
    await beat(peer)
    await beat(peer)
    assert failures == 1
    assert len(heard) == 4
    assert caplog.text.count("gets no more of them") == 1
    assert not house.counts["fault"]


async def test_who_ends_while_frames_are_given_hears_no_more(house: House) -> None:
    """A subscriber may end itself from within."""
    _, peer = await house.online()
    heard: list[TappedFrame] = []
    ends: list[Callable[[], None]] = []

    def once(frame: TappedFrame) -> None:
        heard.append(frame)
        ends[0]()

    ends.append(house.listener.taps.subscribe(once))
    await beat(peer)
    await asyncio.sleep(0)
    assert len(heard) == 1
