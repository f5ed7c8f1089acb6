"""What is private is in no line of the log, whatever is sent and however it fails."""

from collections.abc import Iterator
from dataclasses import replace
import logging
from typing import Any, Final

import pytest

from custom_components.ykc.protocol import MESSAGES, HeartbeatReply, Login, Message, encode_frame
from custom_components.ykc.protocol.anonymous import PRIVATE, _places
from custom_components.ykc.server import connection
from custom_components.ykc.server.access import Access, Driver, Policy
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.taps import TappedFrame
from tests.server.conftest import MakeHouse
from tests.server.house import House, eventually, hurried
from tests.server.peer import CODE, Peer

NUMBER: Final = bytes.fromhex("6217859309314672984158926535897932384626433832795028841971693993")
"""A card, an account, a SIM card, a password's hash: whatever is no text."""
TEXT: Final = b"LSVAM4187C2184847QWERTYUIOPASDFG"
"""A VIN, a user, a password, a server, a path."""
MORE: Final = 64
"""Bytes behind a message's table: the groups of a list, a text to its end, or a vendor's additions."""

LAST: Final = b"\xa5\x5a"
"""Sequence of what is sent last."""


def body(kind: type[Message], filler: int) -> bytes:
    """Return a body with a private value in each field that may have one, and behind them; `filler` is elsewhere."""
    filled = bytearray([filler]) * (kind.LAYOUT.needed + MORE)
    end = 0
    for field, start, end in kind.from_body(bytes(filled)).places():
        if field.name == "pile":
            filled[start:end] = bytes.fromhex(CODE)
        elif field.name == "gun":
            filled[start:end] = b"\x01"
    kinds = {field.name: field.kind.name for field in kind.FIELDS}
    for name, start, end in _places(kind.from_body(bytes(filled)), 0):
        if name in PRIVATE:
            value = TEXT if kinds.get(name, "").startswith("ascii") else NUMBER
            filled[start:end] = (value * 8)[: end - start]
    filled[end:] = (NUMBER + TEXT)[: len(filled) - end]
    return bytes(filled)


def frames(filler: int) -> Iterator[bytes]:
    """Yield every message whole, cut short, encrypted, with a wrong CRC and as an unknown type; each with its body."""
    for number, kind in sorted(MESSAGES.items()):
        whole = body(kind, filler)
        yield encode_frame(number, whole)
        for length in {kind.LAYOUT.needed - 1, len(whole) // 2, 12}:
            yield encode_frame(number, whole[: max(length, 0)])
        yield encode_frame(number, whole, encrypted=1)
        yield encode_frame(0xEE, whole)
        yield encode_frame(number, whole)[:-2] + b"\x00\x00"


def leaks(log: str) -> list[str]:
    """Return what a log has of the private values: eight of their digits or letters in a row, in any form."""
    found = []
    log = log.lower()
    for value, length in ((NUMBER * 2, 4), (TEXT * 2, 8)):
        for start in range(len(value) // 2):
            part = value[start : start + length]
            forms = {part.hex(), part[::-1].hex(), part.hex()[::-1], str(part)[2:-1], str(part[::-1])[2:-1]}
            found += [form for form in forms if form.lower() in log]
    return found


def test_leaks_are_found() -> None:
    """In each form, packed and as text, straight and in reverse; and what is masked is none."""
    card = NUMBER[:8]
    for leak in (
        card.hex(),
        card.hex().upper(),
        card[::-1].hex(),
        repr(card),
        TEXT[:17].decode(),
        repr(TEXT),
        TEXT.hex(),
    ):
        assert leaks(f"a card: {leak}, which came")
    assert not leaks(f"a card: ************{card.hex()[-4:]}, a VIN: *************{TEXT[13:17].decode()}")


async def heard(house: House, peer: Peer) -> None:
    """Wait until all has been taken, and what it began is done."""
    peer.send(peer.heartbeat(2), sequence=LAST)
    while not isinstance(await peer.receive(), HeartbeatReply) or peer.frame.sequence != LAST:
        pass
    pile = house.listener.piles[CODE]
    await eventually(lambda: not pile._tasks - {pile._greeting})


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("known", [False, True], ids=["unknown", "known"])
async def test_every_frame(
    make_house: MakeHouse,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    policy: Policy,
    known: bool,
) -> None:
    """Before and after the login, of drivers who may charge and who may not; the lines themselves are there."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(connection, "MAX_STRANGER_BYTES", 1_000_000)
    house = await make_house(hurried(start_answer=0.2, command=0.2, background=0.2, insist=0.5))
    driver = Driver(
        name="Anne", card=NUMBER[:8].hex(), logical_card=NUMBER[:8].hex(), vin=TEXT[:17].decode(), offline=True
    )
    house.listener.apply(replace(house.settings, access=Access(policy=policy, drivers=(driver,) if known else ())))
    stranger = await house.dial()
    stranger.write(b"".join(frames(1)))
    await eventually(lambda: house.counts["refused_login"])
    await stranger.hang_up()
    _, peer = await house.online()
    for filler in (0, 1):
        for frame in frames(filler):
            peer.write(frame)
        await heard(house, peer)
    assert {"unreadable", "unknown_frame", "encrypted", "garbage"} <= set(house.counts)
    assert not house.counts["fault"]
    assert "may not charge" in caplog.text or "authorised" in caplog.text or "asked" in caplog.text
    assert leaks(caplog.text) == []


async def test_every_fault(house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Nor where our own code fails over a message, and says in the error what it failed over."""
    caplog.set_level(logging.DEBUG)
    # Without pauses: every one of them is logged.
    monkeypatch.setattr("custom_components.ykc.server.trouble.LOG_INTERVAL", 0.0)
    pile, peer = await house.online()

    def fail(message: Message) -> None:
        try:
            dict[bytes, None]()[message.body()]
        except KeyError as err:
            raise ValueError(f"{message!r} {message.body().hex()}") from err

    def fail_to_watch(tapped: TappedFrame) -> None:
        raise ValueError(tapped.frame.body.hex())

    async def fail_later(message: Message) -> None:
        fail(message)

    house.listener.taps.subscribe(fail_to_watch)
    for number, kind in sorted(MESSAGES.items()):
        message: Any = kind.from_body(body(kind, 1))
        assert leaks(f"{message.body().hex()}")
        pile.spawn(fail_later(message))
        if kind is not Login and getattr(message, "pile", None) == CODE:
            monkeypatch.setattr(Pile, "receive", lambda _, message, *rest: fail(message))
            count = house.counts["fault"]
            peer.write(encode_frame(number, message.body()))
            await eventually(lambda count=count: house.counts["fault"] > count)  # type: ignore[misc] # bound at once
    monkeypatch.undo()
    caplog.set_level(logging.DEBUG)
    await heard(house, peer)
    assert house.counts["fault"] > len(MESSAGES) * 1.5
    assert caplog.text.count("ValueError") > len(MESSAGES)
    assert "gets no more of them" in caplog.text
    assert leaks(caplog.text) == []
    house.counts.clear()
