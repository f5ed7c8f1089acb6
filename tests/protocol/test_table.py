"""Frames as tables for people: `scripts/decode`."""

import io

import pytest

from custom_components.ykc.protocol import OfflineCardsAddReply, TransactionRecordV17, encode_frame
from custom_components.ykc.protocol.__main__ import main

from .samples import SAMPLES

LOGIN = "6822e79100011234562023037801010f563030322e30353600898604521619701071960067e9"
HEARTBEAT = encode_frame(0x03, bytes.fromhex("320102000000010100")).hex()


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run the program; return its status and what it printed."""
    status = main(list(arguments))
    return status, capsys.readouterr().out


def test_one_frame(capsys: pytest.CaptureFixture[str]) -> None:
    """Name, way, section, CRC, and a line per field with value, unit, bytes and the specification's own name."""
    status, text = run(capsys, LOGIN)
    assert status == 0
    lines = text.splitlines()
    assert lines[0] == "0x01 login 充电桩登录认证, pile to platform, section 6.1"
    assert lines[1] == "  sequence e791, body of 30 bytes, CRC right"
    assert lines[5].split() == ["protocol_version", "1.5", "0f", "通信协议版本"]
    assert len(lines) == 10


def test_several_frames_and_garbage(capsys: pytest.CaptureFixture[str]) -> None:
    """Skipped bytes are shown where they are; both CRC orders are taken."""
    swapped = HEARTBEAT[:-4] + HEARTBEAT[-2:] + HEARTBEAT[-4:-2]
    status, text = run(capsys, "0xdead", LOGIN[:10], LOGIN[10:], "be:ef", swapped, "68")
    assert status == 0
    assert [line for line in text.splitlines() if not line.startswith("  ")] == [
        "skipped 2 bytes: dead",
        "0x01 login 充电桩登录认证, pile to platform, section 6.1",
        "skipped 2 bytes: beef",
        "0x03 heartbeat 充电桩心跳包, pile to platform, section 6.3",
        "skipped 1 bytes: 68",
    ]
    assert "CRC right, high byte first" in text


def test_a_damaged_frame_is_shown_but_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    """Most samples of the specification have a wrong CRC: they are worth reading all the same."""
    sample = next(sample for sample in SAMPLES if sample.frame_type == 0x58)
    status, text = run(capsys, sample.frame)
    assert status == 1
    assert "CRC WRONG: 5e60, should be" in text
    assert "00:00 sharp (0x00)" in text
    status, text = run(capsys, "68（起始标志）0C（数据长度）0000 00 02(类型) 55031412782305 00 DA4C")
    assert status == 0


def test_no_frame(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing found is a failure, and so is what is not hex."""
    assert run(capsys, "00 11")[0] == 1
    assert run(capsys, "68 ff 00")[0] == 1
    assert run(capsys, "6")[0] == 2
    assert run(capsys, "hello")[0] == 2
    assert run(capsys, "--help") == (
        0,
        "usage: scripts/decode HEX …   (frames in hex, spaces and 0x allowed; without arguments from standard input)\n",
    )


def test_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without arguments a capture is read."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{LOGIN}\n{HEARTBEAT}\n"))
    status, text = run(capsys)
    assert status == 0
    assert text.count("CRC right") == 2


def test_frames_that_do_not_decode(capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown, encrypted and short frames are shown with their bytes."""
    for frame, line in (
        (encode_frame(0x99, b"abc"), "unknown frame type 0x99"),
        (encode_frame(0x03, b"abc", encrypted=1), "frame 0x03 is encrypted (flag 1)"),
        (encode_frame(0x03, b"abc"), "Heartbeat: body of 3 bytes, 9 needed"),
    ):
        status, text = run(capsys, frame.hex())
        assert status == 0
        assert f"  {line}\n  body 616263\n" in text


def test_values(capsys: pytest.CaptureFixture[str]) -> None:
    """Groups, reserved stop reasons, times, and vendor bytes."""
    body = bytes(157 - 8) + b"\x46" + bytes(8) + b"vendor"
    _, text = run(capsys, encode_frame(TransactionRecordV17.TYPE, body).hex())
    assert "not in V1.6's table" in text
    for part in ("periods.3.amount", "completed_other (0x46)", "0.00000 CNY/kWh", "(behind the table)", "76656e646f72"):
        assert part in text
    reply = OfflineCardsAddReply(pile="55031412782305", result=0, reason=9)
    _, text = run(capsys, reply.to_frame().hex())
    assert "bad_card_number" not in text
    faults = bytes(58) + b"\x01\x10"
    _, text = run(capsys, encode_frame(0x13, faults).hex())
    assert "emergency_stop, door_open (0x1001)" in text
