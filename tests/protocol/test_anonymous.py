"""Frames without what is private, of every type."""

from datetime import datetime
import time

import pytest

from custom_components.ykc.protocol import (
    MESSAGES,
    CardNumber,
    Frame,
    Framer,
    Login,
    Message,
    OfflineCard,
    OfflineCardsAdd,
    Realtime,
    StandIns,
    TimeSync,
    anonymous_frame,
    decode,
    encode_frame,
)
from custom_components.ykc.protocol.anonymous import PRIVATE

CODE = "320102000000ab"
CARD = "00000000d14b0a54"
TIME_SYNC = TimeSync(pile=CODE, time=datetime(2026, 3, 1, 8))


def hidden[M: Message](message: M, *, extra: bytes = b"") -> M:
    """Return what is left of a message."""
    left = decode(anonymous_frame(Frame(encode_frame(message.TYPE, message.body() + extra)), StandIns([CODE])))
    assert isinstance(left, type(message))
    return left


def forms(code: str) -> set[bytes]:
    """Return every way in which a code may be written."""
    straight = {bytes.fromhex(code), code.encode(), code.upper().encode()}
    return straight | {form[::-1] for form in straight}


def test_a_code_has_one_stand_in() -> None:
    """It is as long as the code, is the same each time, and stays what it is; no code has none."""
    stand_ins = StandIns([CODE])
    other = stand_ins.of("32010200000002")
    assert len({CODE, other, stand_ins.of(CODE)}) == 3
    assert len(stand_ins.of(CODE)) == len(CODE)
    assert stand_ins.of(other) == other
    assert stand_ins.of("0" * 14) == "0" * 14
    assert StandIns([CODE]).of(CODE) == stand_ins.of(CODE)


def test_thousands_of_codes_take_no_longer_than_one() -> None:
    """The frames of hundreds of piles, each looked through for all codes, do not stop everything for minutes."""
    codes = [f"{number:014}" for number in range(1, 4000)]
    stand_ins = StandIns(codes)
    text = f"<{codes[-1]}>" + "0" * 80
    began = time.process_time()
    for _ in range(1000):
        assert codes[-1] not in stand_ins.in_text(text)
        stand_ins.in_bytes(text.encode())
    assert time.process_time() - began < 3


@pytest.mark.parametrize("form", sorted(forms(CODE)))
def test_a_code_is_found_in_every_form(form: bytes) -> None:
    """In bytes as in texts, and in the hex of these bytes, wherever it is."""
    stand_ins = StandIns([CODE])
    shown = stand_ins.in_bytes(b"\x01" + form + b"\x02")
    assert form not in shown
    assert len(shown) == len(form) + 2
    text = stand_ins.in_text(f"01{form.hex()}02, {CODE}, {CODE.upper()}, {CODE[::-1]}")
    assert not any(written in text for written in (form.hex(), CODE, CODE.upper(), CODE[::-1]))


@pytest.mark.parametrize("kind", MESSAGES.values(), ids=lambda kind: kind.NAME)
def test_no_code_is_left_in_any_message(kind: type[Message]) -> None:
    """In a body that is nothing but codes: what is left decodes, with the right CRC, to as many bytes."""
    body = (bytes.fromhex(CODE) * 40)[: kind.LAYOUT.needed]
    frame = anonymous_frame(Frame(encode_frame(kind.TYPE, body)), StandIns())
    assert len(frame.body) == len(body)
    assert isinstance(decode(frame), kind)
    assert bytes.fromhex(CODE) not in frame.raw
    (found,) = Framer().feed(frame.raw)
    assert found == frame


def test_what_is_not_private_stays() -> None:
    """A message without private fields is the same but for its code."""
    message = hidden(TIME_SYNC)
    assert message.time == TIME_SYNC.time
    assert message.pile != CODE


def test_private_fields_are_stars() -> None:
    """Whatever has a card, an account, a VIN, a SIM or an address is hidden; that there is none is shown."""
    opaque = {
        field.name
        for fields in [*(kind.FIELDS for kind in MESSAGES.values()), OfflineCard.FIELDS, CardNumber.FIELDS]
        for field in fields
        if field.kind.name in {"hex8", "hex16", "bcd8", "bcd10", "ascii16", "ascii17", "ascii17 reversed", "ascii32"}
    }
    assert opaque - PRIVATE == {"bms_software"}
    login = Login(
        pile=CODE,
        pile_type=0,
        gun_count=2,
        protocol_version=1.6,
        software_version="V1",
        network=0,
        sim="89860452161970107196",
        operator=0,
    )
    assert hidden(login).sim == "2a" * 10
    assert hidden(login.replace(sim="0" * 20)).sim == "0" * 20
    assert hidden(login).software_version == "V1"


def test_groups_and_what_comes_behind() -> None:
    """The cards of a list are hidden one by one; a vendor's additions to such a message wholly, to others not."""
    message = OfflineCardsAdd(pile=CODE, cards=(OfflineCard(logical_card="12" * 8, card=CARD),))
    left = hidden(message)
    assert [(card.card, card.logical_card) for card in left.cards] == [("2a" * 8, "2a" * 8)]
    login = bytes.fromhex(CODE) + bytes(23)
    frame = anonymous_frame(Frame(encode_frame(Login.TYPE, login + b"secret")), StandIns())
    assert frame.body.endswith(b"******")
    assert hidden(TIME_SYNC, extra=b"more").extra == b"more"


def test_what_cannot_be_read() -> None:
    """Of an unknown type, an encrypted one and a short one of a private type nothing is shown; else only the code."""
    body = bytes.fromhex(CODE + CARD)
    for frame in (
        encode_frame(0x7E, body),
        encode_frame(TimeSync.TYPE, body, encrypted=1),
        encode_frame(Realtime.TYPE, body),
    ):
        assert anonymous_frame(Frame(frame), StandIns([CODE])).body == b"*" * len(body)
    short = anonymous_frame(Frame(encode_frame(TimeSync.TYPE, bytes.fromhex(CODE))), StandIns([CODE]))
    assert short.body == bytes.fromhex(StandIns([CODE]).of(CODE))
