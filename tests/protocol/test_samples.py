"""Every sample of the specification decodes to the values that it prints, but for those that are wrong."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from custom_components.ykc.protocol import MESSAGES, UP, Code, Declared, Framer, Message, ShortBody, crc16

from .samples import RIGHT_CRC, SAMPLES, Sample

_each = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"0x{sample.frame_type:02X}")


def _plain(value: Any) -> Any:
    """Bring a value to the notation of the samples."""
    match value:
        case Declared():
            return {field.name: _plain(getattr(value, field.name)) for field in value.FIELDS}
        case tuple():
            return [_plain(item) for item in value]
        case Code():
            return value.slug
        case Decimal() | datetime():
            return str(value)
        case _:
            return value


def _decode(sample: Sample) -> tuple[Message, bytes]:
    """Decode a sample's body, or the repaired one where bytes are missing."""
    body = bytes.fromhex(next((wrong.body for wrong in sample.wrong if wrong.body), sample.body))
    return MESSAGES[sample.frame_type].from_body(body), body


@_each
def test_values(sample: Sample) -> None:
    """The bytes give the printed values, except those that are known to be misprinted."""
    misprinted = {name: value for wrong in sample.wrong for name, value in wrong.values.items()}
    message, _ = _decode(sample)
    assert _plain(message) == sample.values | misprinted
    for name, value in misprinted.items():
        assert value != sample.values[name], f"{name} is right after all"


@_each
def test_bytes(sample: Sample) -> None:
    """A sample keeps its bytes, and its values make the same ones."""
    message, body = _decode(sample)
    assert message.body() == message.raw == body
    assert message.extra == b""
    if sample.frame_type != 0x52:  # its power of 0 % may not be sent
        assert message.replace().body() == body


@_each
def test_missing_bytes_are_missing(sample: Sample) -> None:
    """A sample that needs a repaired body cannot be taken as it is."""
    if any(wrong.body for wrong in sample.wrong):
        digits = sample.body
        if sample.frame_type == 0x45:  # still long enough for a list, but not of these cards
            message = MESSAGES[0x45].from_body(bytes.fromhex(digits))
            assert _plain(message) != sample.values
        else:
            with pytest.raises(ShortBody):
                MESSAGES[sample.frame_type].from_body(bytes.fromhex(digits[: len(digits) // 2 * 2]))


@_each
def test_framing(sample: Sample) -> None:
    """Length and type are right where nothing else is said; the CRC is right in four samples only."""
    _, body = _decode(sample)
    digits = sample.digits
    length = next((wrong.length for wrong in sample.wrong if wrong.length), None)
    frame_type = next((wrong.frame_type for wrong in sample.wrong if wrong.frame_type), None)
    assert int(digits[10:12], 16) == (frame_type or sample.frame_type)
    if length:
        assert int(digits[2:4], 16) != length == len(body) + 4
    else:
        assert int(digits[2:4], 16) == len(body) + 4
    if len(digits) % 2 == 0:
        frame = bytes.fromhex(digits)
        assert (not crc16(frame[2:])) == (sample.frame_type in RIGHT_CRC)
        assert len(Framer().feed(frame)) == (sample.frame_type in RIGHT_CRC)


def test_every_frame_has_a_sample() -> None:
    """All 51 frames of V1.6 are sampled, those of section 0 are variants."""
    assert {sample.frame_type for sample in SAMPLES} == {key for key, message in MESSAGES.items() if message.SECTION}
    assert len(SAMPLES) == 51


def test_directions_follow_the_odd_even_rule() -> None:
    """Piles send odd types, platforms even ones (chapter 4); the QR dialect F0/F1 keeps to it too."""
    assert {key for key, message in MESSAGES.items() if (message.DIRECTION is UP) != bool(key % 2)} == set()
