"""The values of messages: what the wire carries, and what new messages refuse."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
import pickle
import subprocess
import sys
from typing import Any

import pytest

from custom_components.ykc.protocol import (
    NO_TRANSACTION,
    BillingModelSet,
    BmsAbort,
    BmsDemand,
    BmsHandshake,
    BmsStatus,
    EncryptedFrame,
    FieldError,
    Frame,
    GunNumber,
    GunStatus,
    Heartbeat,
    HeartbeatReply,
    Login,
    LoginReply,
    Message,
    ParkingLockControl,
    Realtime,
    RemoteStartReply,
    StartRequest,
    TimeSync,
    TransactionAck,
    TransactionAckV12,
    TransactionRecord,
    UnknownFrame,
    WorkParameters,
    decode,
    encode_frame,
)

from .test_lists import record

ROOT = Path(__file__).parents[2]
PILE = "55031412782305"


def realtime(**changes: Any) -> Realtime:
    """Make a report of a charging gun."""
    values: dict[str, Any] = {
        "transaction": NO_TRANSACTION,
        "pile": PILE,
        "gun": 1,
        "status": GunStatus.CHARGING,
        "returned": 0,
        "plugged": 1,
        "voltage": 382.4,
        "current": 118.7,
        "cable_temperature": 41,
        "cable_code": "0" * 16,
        "soc": 63,
        "battery_temperature": None,
        "charging_minutes": 27,
        "remaining_minutes": 31,
        "energy": Decimal("19.4382"),
        "energy_with_loss": Decimal(0),
        "amount": Decimal("23.3"),
        "faults": 0,
    }
    return Realtime(**(values | changes))


def test_a_message_holds_what_the_wire_carries() -> None:
    """Values are brought to the field's own form when a message is made."""
    message = realtime(voltage=382.449, current=7, gun=10)
    assert (message.voltage, message.current) == (382.4, 7.0)
    assert isinstance(message.current, float)
    assert str(message.amount) == "23.3000"
    assert message.status is GunStatus.CHARGING
    assert isinstance(message.gun, GunNumber)
    assert (message.gun, message.gun.wire) == (10, 0x10)
    assert message.body()[23] == 0x10
    cut = TimeSync(pile=PILE, time=datetime(2026, 1, 2, 3, 4, 5, 678999))
    assert cut.time == datetime(2026, 1, 2, 3, 4, 5, 678000)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"voltage": 6553.6}, "Realtime.voltage = 6553.6: must be a number 0..6553.5 V"),
        ({"soc": 256}, "Realtime.soc = 256: must be a whole number 0..255 %"),
        ({"soc": 1.5}, "Realtime.soc = 1.5: must be"),
        ({"cable_temperature": -50}, "must be a whole number -49..205 °C or None"),
        ({"pile": "5503141278230"}, "must be text of exactly 14 lower-case hex digits"),
        ({"pile": "5503141278230A"}, "lower-case"),
        ({"pile": " 503141278230 "}, "Realtime.pile"),
        ({"pile": 55031412782305}, "Realtime.pile"),
        ({"gun": 0}, "must be a gun number 1..99"),
        ({"gun": 100}, "must be a gun number 1..99"),
        ({"energy": Decimal("0.00001")}, "must be a Decimal 0..429496.7295 kWh with at most 4 decimals"),
        ({"energy": 0.1}, "must be a Decimal"),
        ({"energy": Decimal(-1)}, "must be a Decimal"),
        ({"status": 256}, "Realtime.status"),
        ({"status": -1}, "Realtime.status"),
    ],
)
def test_wrong_values_are_named(changes: dict[str, Any], text: str) -> None:
    """A value that does not fit is refused with message, field, value and range."""
    with pytest.raises(FieldError) as caught:
        realtime(**changes)
    assert text in str(caught.value)
    assert {caught.value.field: caught.value.value} == changes


def test_constructor_takes_only_its_fields() -> None:
    """An unknown or missing name is a TypeError, as for any Python function."""
    with pytest.raises(TypeError, match="power"):
        realtime(power=1)
    with pytest.raises(TypeError, match="gun"):
        Heartbeat(pile=PILE, gun_state=0)  # type: ignore[call-arg] # on purpose
    with pytest.raises(TypeError, match="positional"):
        Heartbeat(PILE, 1, 0)  # type: ignore[call-arg] # on purpose


def test_power_is_limited() -> None:
    """9.1: 30 to 100 %."""
    assert WorkParameters(pile=PILE, locked=0, max_power=30).max_power == 30
    for power in (29, 101):
        with pytest.raises(FieldError, match=r"30..100 %"):
            WorkParameters(pile=PILE, locked=0, max_power=power)


def test_billing_model_needs_a_tariff_for_each_half_hour() -> None:
    """48 known tariffs."""
    prices: dict[str, Any] = {
        f"{tariff}_{part}_price": Decimal("0.4")
        for tariff in ("sharp", "peak", "flat", "valley")
        for part in ("energy", "service")
    }

    def model(periods: Any) -> BillingModelSet:
        return BillingModelSet(pile=PILE, model="0100", periods=periods, **prices)

    assert model([2] * 48).body()[9:13].hex() == "409c0000"
    for periods in ([2] * 47, [4] * 48, "x" * 48, 48):
        with pytest.raises(FieldError, match="48 tariffs 0..3"):
            model(periods)


def test_equality() -> None:
    """Messages compare by class and fields, not by the bytes behind the table."""
    heartbeat = Heartbeat(pile=PILE, gun=1, gun_state=0)
    assert heartbeat == Heartbeat.from_body(heartbeat.body() + b"vendor")
    assert heartbeat != heartbeat.replace(gun=2)
    assert heartbeat != HeartbeatReply(pile=PILE, gun=1)
    assert TransactionAck(transaction="0" * 32, result=0) != TransactionAckV12(transaction="0" * 32, result=0)
    with pytest.raises(TypeError, match="unhashable"):
        hash(heartbeat)
    assert repr(heartbeat) == "Heartbeat(pile='55031412782305', gun=1, gun_state=<GunHealth.OK: 0>)"


def test_vendor_bytes_are_kept_and_replaced_messages_lose_them() -> None:
    """What came behind the table is `extra`; a changed message is a new one."""
    message = Heartbeat.from_body(bytes.fromhex("550314127823050100") + b"more")
    assert message.extra == b"more"
    assert message.body().endswith(b"more")
    changed = message.replace(gun=2)
    assert (changed.extra, changed.raw) == (b"", None)


def test_gun_numbers_keep_their_byte() -> None:
    """A gun 10 that came as 0A goes back as 0A, and one that came as 10 as 10."""
    for byte in (0x0A, 0x10):
        heartbeat = Heartbeat.from_body(bytes.fromhex("55031412782305") + bytes((byte, 0)))
        assert heartbeat.gun == 10
        assert heartbeat.gun.wire == byte
        assert HeartbeatReply(pile=heartbeat.pile, gun=heartbeat.gun).body()[7] == byte
    assert HeartbeatReply(pile=PILE, gun=10).body()[7] == 0x10
    assert ParkingLockControl(pile=PILE, gun=GunNumber(10), action=0x55).body()[7] == 0x0A
    assert ParkingLockControl.from_body(bytes(7) + b"\x10\x55" + bytes(4)).gun == 16
    zero = Heartbeat.from_body(bytes(9)).gun
    assert HeartbeatReply(pile=PILE, gun=zero).body()[7] == 0


def test_gun_number_is_an_int() -> None:
    """One key in a dict, and copied with its byte."""
    gun = GunNumber(10, 0x0A)
    assert {gun: "a"}[GunNumber(10)] == "a"
    assert pickle.loads(pickle.dumps(gun)).wire == 0x0A
    assert f"{gun} {gun!r}" == "10 10"
    for wrong in (0, 100):
        with pytest.raises(ValueError, match="gun number 1..99"):
            GunNumber(wrong)


def test_unknown_codes_stay_numbers() -> None:
    """A code that no table lists is a plain int, and can be sent on."""
    body = bytes.fromhex("32010200000000111511161555350260 32010200000001 01 00 4e")
    message = RemoteStartReply.from_body(body)
    assert type(message.reason) is int
    assert message.reason == 0x4E
    assert message.replace(result=1).reason == 0x4E


def test_bms_values_can_be_missing() -> None:
    """All bits set is 'not available', in numbers, flags and text; reserved bits are ignored."""
    nothing = BmsDemand.from_body(bytes(24) + b"\xff" * 20)
    assert {getattr(nothing, field.name) for field in nothing.FIELDS[3:]} == {None, 15}
    assert nothing.max_cell_group == 15
    assert nothing.replace().body() == nothing.body()
    abort = BmsAbort.from_body(bytes(24) + b"\xff\xff\xff\xf4")
    assert (abort.reason_soc_reached, abort.fault_other, abort.error_overcurrent) == (None, None, 0)
    assert abort.error_voltage == 1
    assert abort.body()[-1] == 0xF4
    assert abort.replace().body()[-1] == 0x04
    handshake = BmsHandshake.from_body(bytes(24) + b"\xff" * 49)
    assert (handshake.vin, handshake.battery_manufacturer, handshake.charge_cycles) == ("", "", None)
    assert handshake.battery_type == 255
    status = BmsStatus.from_body(bytes(24) + b"\xff" * 7)
    assert (status.max_voltage_cell_number, status.max_temperature_point) == (256, None)


def test_bms_bits() -> None:
    """7.9: the voltage of the highest cell in 12 bits, its group in the 4 above; currents negative while charging."""
    body = bytes(24) + bytes.fromhex("a00f b80b 02 a00f b80b 6d31 3f 1e00 a00f b80b 0c00")
    message = BmsDemand.from_body(body)
    assert (message.max_cell_voltage, message.max_cell_group) == (3.65, 3)
    assert (message.voltage_demand, message.current_demand) == (400.0, -100.0)
    assert message.replace(max_cell_voltage=4.09).body()[33:35].hex() == "9931"
    with pytest.raises(FieldError, match="max_cell_voltage"):
        message.replace(max_cell_voltage=40.95)
    with pytest.raises(FieldError, match="max_cell_group"):
        message.replace(max_cell_group=16)


def test_vin_is_turned_round() -> None:
    """8.1: the VIN's characters come in reverse, with the padding at either end."""
    vin = "LSVAU2180N2183294"
    message = StartRequest(pile=PILE, gun=1, method=3, password_needed=0, account_or_card="0" * 16, vin=vin)
    assert message.body().endswith(vin[::-1].encode())
    assert StartRequest.from_body(message.body()).vin == vin
    for padded in (b"\0\0CBA", b"CBA\0\0"):
        assert StartRequest.from_body(message.body()[:-17] + padded.ljust(17, b"\0")).vin == "ABC"


def test_text() -> None:
    """Text ends at the first NUL; foreign bytes are shown and never an error."""
    login = Login.from_body(bytes(10) + b"V1\0\xffxyz\0" + bytes(12))
    assert login.software_version == "V1"
    login = Login.from_body(bytes(10) + "1.0版".encode().ljust(8, b"\0") + bytes(12))
    assert login.software_version == r"1.0\xe7\x89\x88"


def test_times() -> None:
    """Weekday and flag bits are ignored when they come and 0 when sent; a clock that was never set is None."""
    flags = bytes.fromhex("55031412782305 98b7 ce f1 f0 f3 94")
    assert TimeSync.from_body(flags).time == datetime(2020, 3, 16, 17, 14, 47)
    assert TimeSync.from_body(flags).replace().body()[7:].hex() == "98b70e11100314"
    for broken in ("00000000000000", "60ea0000010114", "0000001f010114", "0000000000ffff", "00003c00010114"):
        assert TimeSync.from_body(bytes.fromhex("55031412782305" + broken)).time is None
    assert TimeSync(pile=PILE, time=None).body()[7:] == bytes(7)
    with pytest.raises(FieldError, match="naive"):
        TimeSync(pile=PILE, time=datetime(2026, 1, 1, tzinfo=UTC))


def test_decode_refuses() -> None:
    """Encrypted and unknown frames raise errors of their own."""
    with pytest.raises(EncryptedFrame, match="0x03 is encrypted") as encrypted:
        decode(Frame(encode_frame(0x03, bytes(9), encrypted=1)))
    assert (encrypted.value.frame_type, encrypted.value.flag) == (0x03, 1)
    with pytest.raises(UnknownFrame, match="0x99") as unknown:
        decode(Frame(encode_frame(0x99, b"")))
    assert unknown.value.frame_type == 0x99


def test_a_message_without_fields_does_not_decode() -> None:
    """The base classes are no messages."""
    with pytest.raises(NotImplementedError):
        Message.from_body(b"")


def test_describe() -> None:
    """The table's rows: name, value, unit, raw bytes."""
    rows = list(realtime().describe())
    assert rows[6] == ("voltage", 382.4, "V", "f00e")
    names = [row.name for row in record(TransactionRecord, 4).describe()]
    assert names[5:10] == [
        "periods.0.price",
        "periods.0.energy",
        "periods.0.energy_with_loss",
        "periods.0.amount",
        "periods.1.price",
    ]


def test_protocol_works_without_home_assistant() -> None:
    """Nothing of Home Assistant is imported, nor asyncio."""
    code = (
        "import sys; import custom_components.ykc.protocol as p; "
        "assert not {'homeassistant', 'asyncio', 'voluptuous'} & set(sys.modules); "
        f"print(p.LoginReply(pile='{PILE}', result=0).to_frame().hex())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == LoginReply(pile=PILE, result=0).to_frame().hex()
