"""Frames are found in any stream, whatever its chunks and whatever is between them."""

from itertools import pairwise

from hypothesis import example, given, strategies as st
import pytest

from custom_components.ykc.protocol import MAX_BODY, MAX_FRAME, Frame, Framer, crc16, encode_frame, framing

from .samples import RIGHT_CRC, SAMPLES

CAPTURED = bytes.fromhex("6822e79100011234562023037801010f563030322e303536008986045216197010719600" + "67e9")
"""The login of a real pile."""
RIGHT_SAMPLES = tuple(bytes.fromhex(sample.digits) for sample in SAMPLES if sample.frame_type in RIGHT_CRC)
"""The only samples of the specification with a right CRC."""

bodies = st.binary(max_size=MAX_BODY) | st.binary(max_size=40).map(lambda body: b"\x68\x04" + body + b"\x68\xff")
frames = st.builds(encode_frame, st.integers(0, 255), bodies, st.binary(min_size=2, max_size=2), st.integers(0, 1))
garbage = st.binary(max_size=300) | st.lists(st.sampled_from((0x68, 0x04, 0xFF, 0x00)), max_size=300).map(bytes)


def swapped(frame: bytes) -> bytes:
    """Give the same frame with the CRC's high byte first."""
    return frame[:-2] + frame[:-3:-1]


def chunks(data: bytes, cuts: list[int]) -> list[bytes]:
    """Cut a stream into pieces, some of them empty."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


def feed(framer: Framer, *parts: bytes) -> list[bytes]:
    """Feed all parts; return the frames as bytes."""
    return [frame.raw for part in parts for frame in framer.feed(part)]


def drain(framer: Framer) -> list[bytes]:
    """Give up on whatever is pending, as a connection does after a silence."""
    found = []
    while framer.pending:
        found += [frame.raw for frame in framer.resynchronise()]
    return found


@pytest.mark.parametrize("raw", [CAPTURED, *RIGHT_SAMPLES])
def test_real_frames_byte_by_byte(raw: bytes) -> None:
    """A frame is given with its last byte and not before."""
    framer = Framer()
    for index in range(len(raw) - 1):
        assert framer.feed(raw[index : index + 1]) == []
        assert framer.pending == index + 1
    assert framer.feed(raw[-1:]) == [Frame(raw)]
    assert (framer.pending, framer.frames, framer.skipped, framer.bad_crc, framer.swapped_crc) == (0, 1, 0, 0, 0)


def test_a_frame_has_parts() -> None:
    """The parts of a frame are those of section 3.1."""
    (frame,) = Framer().feed(CAPTURED)
    assert (frame.type, frame.sequence, frame.encrypted) == (0x01, b"\xe7\x91", 0)
    assert frame.body == CAPTURED[6:-2]
    assert repr(frame).startswith("Frame(type=0x01, sequence=e791, body=1234562023")
    assert {frame} == {Frame(CAPTURED)}
    assert frame != CAPTURED


def test_encode_frame() -> None:
    """Frames are made as in section 3.1, and impossible ones are refused."""
    assert encode_frame(0x01, CAPTURED[6:-2], b"\xe7\x91") == CAPTURED
    assert encode_frame(0x01, b"", encrypted=1)[:6] == bytes.fromhex("680400000101")
    assert len(encode_frame(0xFF, bytes(MAX_BODY))) == MAX_FRAME
    with pytest.raises(ValueError, match="body of 252"):
        encode_frame(0x01, bytes(MAX_BODY + 1))
    with pytest.raises(ValueError, match="sequence of 3"):
        encode_frame(0x01, b"", b"123")


def test_the_crc_is_that_of_modbus() -> None:
    """The check value of CRC-16/MODBUS, which the table of annex 13.2 computes."""
    assert crc16(b"123456789") == 0x4B37


@given(st.lists(frames, max_size=6), st.lists(st.integers(0, 2000), max_size=12))
def test_any_chunking(stream: list[bytes], cuts: list[int]) -> None:
    """Split and coalesced frames come out whole, in order, with nothing left."""
    framer = Framer()
    assert feed(framer, *chunks(b"".join(stream), cuts)) == stream
    assert (framer.pending, framer.frames, framer.skipped, framer.bad_crc) == (0, len(stream), 0, 0)


@given(frames, st.integers(0, 300))
@example(encode_frame(1, b"\xff\xff"), 3)
def test_swapped_crc(frame: bytes, cut: int) -> None:
    """A CRC with its high byte first is taken, and counted unless both orders are the same."""
    framer = Framer()
    assert feed(framer, *chunks(swapped(frame), [cut])) == [swapped(frame)]
    assert framer.swapped_crc == (swapped(frame) != frame)
    assert framer.bad_crc == 0


@given(garbage, st.lists(frames, min_size=1, max_size=3), garbage, st.lists(st.integers(0, 2000), max_size=8))
def test_chunks_do_not_matter_in_garbage(before: bytes, stream: list[bytes], after: bytes, cuts: list[int]) -> None:
    """Whatever the stream, its chunks change neither the frames nor the counters."""
    data = before + b"".join(stream) + after
    whole, cut = Framer(), Framer()
    assert feed(whole, data) == feed(cut, *chunks(data, cuts))
    for name in ("frames", "skipped", "bad_crc", "swapped_crc", "pending"):
        assert getattr(whole, name) == getattr(cut, name)


@given(garbage, st.lists(frames, min_size=1, max_size=3), st.data())
def test_intact_frames_after_garbage_are_found(before: bytes, stream: list[bytes], data: st.DataObject) -> None:
    """Frames whose bytes are intact are found behind garbage, unless a chance frame has swallowed their beginning."""
    framer = Framer()
    cuts = data.draw(st.lists(st.integers(0, 2000), max_size=8))
    found = feed(framer, *chunks(before + b"".join(stream), cuts)) + drain(framer)
    by_chance = [raw for raw in found if raw not in stream]
    if not by_chance:
        assert [raw for raw in found if raw in stream] == stream
    assert sum(map(len, found)) + framer.skipped == len(before) + sum(map(len, stream))


@given(st.lists(frames, min_size=2, max_size=4), st.integers(0), st.integers(1, 255))
def test_a_corrupted_frame_costs_only_itself(stream: list[bytes], place: int, change: int) -> None:
    """One wrong byte in the first frame loses that frame, and no other."""
    damaged = bytearray(stream[0])
    damaged[place % len(damaged)] ^= change
    framer = Framer()
    found = feed(framer, bytes(damaged) + b"".join(stream[1:])) + drain(framer)
    if set(found) <= set(stream):
        assert found[-len(stream[1:]) :] == stream[1:]


def test_a_start_byte_inside_a_lost_frame_is_tried() -> None:
    """After a wrong CRC only one byte is given up: a frame inside the damaged one's length is found."""
    inner = encode_frame(0x03, bytes.fromhex("320102000000010100"))
    outer = bytearray(encode_frame(0x13, inner + b"tail"))
    outer[-1] ^= 0xFF
    framer = Framer()
    assert feed(framer, bytes(outer)) == [inner]
    assert framer.skipped == len(outer) - len(inner)
    assert framer.bad_crc == 1


@pytest.mark.parametrize("length", range(4))
def test_impossible_lengths_are_not_waited_for(length: int) -> None:
    """A length under 4 cannot be a frame's: what follows is found at once."""
    framer = Framer()
    assert feed(framer, bytes((0x68, length)) + CAPTURED) == [CAPTURED]
    assert (framer.skipped, framer.bad_crc) == (2, 0)


def test_a_false_start_delays_until_resynchronised() -> None:
    """A false start that claims 255 bytes holds back a frame; a connection gives it up after a silence."""
    framer = Framer()
    assert feed(framer, b"\x68\xff" + CAPTURED) == []
    assert framer.pending == 2 + len(CAPTURED)
    assert [frame.raw for frame in framer.resynchronise()] == [CAPTURED]
    assert (framer.pending, framer.skipped, framer.frames) == (0, 2, 1)
    assert framer.resynchronise() == []
    assert framer.skipped == 2


def test_a_false_start_ends_by_itself() -> None:
    """When bytes go on coming, every frame behind a false start is found after at most 259 bytes."""
    framer = Framer()
    stream = [CAPTURED] * 12
    assert feed(framer, b"\x68\xff", *stream) == stream
    assert framer.skipped == 2


@given(st.lists(garbage, max_size=20))
def test_memory_is_bounded(parts: list[bytes]) -> None:
    """Less than one longest frame is ever buffered."""
    framer = Framer()
    for part in parts:
        framer.feed(part)
        assert framer.pending < MAX_FRAME


@pytest.mark.parametrize("piece", [1, 64, 1 << 20])
@pytest.mark.parametrize("pattern", [b"\x68\xff", b"\x68", b"\x68\xff\x68\x04", b"\x00", b"\x68\x68\x68\xff\xff"])
def test_hostile_streams_cost_one_crc_a_byte(pattern: bytes, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes, each byte is a candidate's start at most once; a read may cost one more try."""
    calls = 0

    def counted(data: bytes) -> int:
        nonlocal calls
        calls += 1
        return crc16(data)

    monkeypatch.setattr(framing, "crc16", counted)
    framer = Framer()
    stream = (pattern * 10_000)[:10_000]
    reads = range(0, len(stream), piece)
    for start in reads:
        framer.feed(stream[start : start + piece])
        assert framer.pending < MAX_FRAME
    assert calls <= len(stream) + len(reads)
    assert framer.bad_crc <= len(stream)
