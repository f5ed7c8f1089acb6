"""The declarations: every frame of the table, its values, and what new messages refuse."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
import pickle
import subprocess
import sys
from typing import Any

import pytest

from custom_components.ykc.protocol import (
    DOWN,
    MESSAGES,
    NO_TRANSACTION,
    UP,
    BillingModelSet,
    BmsAbort,
    BmsDemand,
    BmsHandshake,
    BmsStatus,
    CardNumber,
    Direction,
    EncryptedFrame,
    FieldError,
    Frame,
    Framer,
    GunNumber,
    GunQrCode,
    GunStatus,
    Heartbeat,
    HeartbeatReply,
    LocalQrCode,
    Login,
    LoginReply,
    Message,
    OfflineCard,
    OfflineCardsAdd,
    OfflineCardsQueryReply,
    OfflineCardsRemove,
    ParkingLockControl,
    PeriodEnergy,
    QrCode,
    Realtime,
    Record,
    RecordResult,
    RemoteStartReply,
    StartedBy,
    StartRequest,
    StopReason,
    TimeSync,
    TransactionAck,
    TransactionAckV12,
    TransactionRecord,
    TransactionRecordV12,
    TransactionRecordV14,
    TransactionRecordV17,
    UnknownFrame,
    WorkParameters,
    decode,
    encode_frame,
)

ROOT = Path(__file__).parents[2]
PILE = "55031412782305"

# Type, name, direction, section, bytes of the body (of a list without items), bytes of an item, reply.
TABLE: tuple[tuple[int, str, Direction, str, int, int, int | None], ...] = (
    (0x01, "login", UP, "6.1", 30, 0, 0x02),
    (0x02, "login_reply", DOWN, "6.2", 8, 0, None),
    (0x03, "heartbeat", UP, "6.3", 9, 0, 0x04),
    (0x04, "heartbeat_reply", DOWN, "6.4", 9, 0, None),
    (0x05, "billing_model_check", UP, "6.5", 9, 0, 0x06),
    (0x06, "billing_model_check_reply", DOWN, "6.6", 10, 0, None),
    (0x09, "billing_model_request", UP, "6.7", 7, 0, 0x0A),
    (0x0A, "billing_model_reply", DOWN, "6.8", 90, 0, None),
    (0x12, "read_realtime", DOWN, "7.1", 8, 0, 0x13),
    (0x13, "realtime", UP, "7.2", 60, 0, None),
    (0x15, "bms_handshake", UP, "7.3", 73, 0, None),
    (0x17, "bms_configuration", UP, "7.4", 45, 0, None),
    (0x19, "bms_charge_end", UP, "7.5", 39, 0, None),
    (0x1B, "bms_error", UP, "7.6", 32, 0, None),
    (0x1D, "bms_abort", UP, "7.7", 28, 0, None),
    (0x21, "charger_abort", UP, "7.8", 28, 0, None),
    (0x23, "bms_demand", UP, "7.9", 44, 0, None),
    (0x25, "bms_status", UP, "7.10", 31, 0, None),
    (0x31, "start_request", UP, "8.1", 51, 0, 0x32),
    (0x32, "start_request_reply", DOWN, "8.2", 38, 0, None),
    (0x33, "remote_start_reply", UP, "8.4", 26, 0, None),
    (0x34, "remote_start", DOWN, "8.3", 44, 0, 0x33),
    (0x35, "remote_stop_reply", UP, "8.6", 10, 0, None),
    (0x36, "remote_stop", DOWN, "8.5", 8, 0, 0x35),
    (0x3B, "transaction_record", UP, "8.7", 94, 16, 0x40),
    (0x40, "transaction_ack", DOWN, "8.8", 17, 0, None),
    (0x41, "balance_update_reply", UP, "8.10", 16, 0, None),
    (0x42, "balance_update", DOWN, "8.9", 20, 0, 0x41),
    (0x43, "offline_cards_add_reply", UP, "8.12", 9, 0, None),
    (0x44, "offline_cards_add", DOWN, "8.11", 8, 16, 0x43),
    (0x45, "offline_cards_remove_reply", UP, "8.14", 7, 10, None),
    (0x46, "offline_cards_remove", DOWN, "8.13", 8, 8, 0x45),
    (0x47, "offline_cards_query_reply", UP, "8.16", 7, 9, None),
    (0x48, "offline_cards_query", DOWN, "8.15", 8, 8, 0x47),
    (0x51, "work_parameters_reply", UP, "9.2", 8, 0, None),
    (0x52, "work_parameters", DOWN, "9.1", 9, 0, 0x51),
    (0x55, "time_sync_reply", UP, "9.4", 14, 0, None),
    (0x56, "time_sync", DOWN, "9.3", 14, 0, 0x55),
    (0x57, "billing_model_set_reply", UP, "9.6", 8, 0, None),
    (0x58, "billing_model_set", DOWN, "9.5", 90, 0, 0x57),
    (0x61, "parking_lock_status", UP, "10.1", 16, 0, None),
    (0x62, "parking_lock_control", DOWN, "10.2", 13, 0, 0x63),
    (0x63, "parking_lock_reply", UP, "10.3", 13, 0, None),
    (0x91, "reboot_reply", UP, "11.2", 8, 0, None),
    (0x92, "reboot", DOWN, "11.1", 8, 0, 0x91),
    (0x93, "update_reply", UP, "11.4", 8, 0, None),
    (0x94, "update", DOWN, "11.3", 94, 0, 0x93),
    (0xA1, "parallel_start_request", UP, "12.1", 58, 0, 0xA2),
    (0xA2, "parallel_start_request_reply", DOWN, "12.2", 44, 0, None),
    (0xA3, "parallel_remote_start_reply", UP, "12.4", 33, 0, None),
    (0xA4, "parallel_remote_start", DOWN, "12.3", 50, 0, 0xA3),
    # Variants
    (0x39, "transaction_record_v12", UP, "", 92, 16, 0x3A),
    (0x3A, "transaction_ack_v12", DOWN, "", 17, 0, None),
    (0x3D, "transaction_record_v17", UP, "", 94, 16, 0x40),
    (0x3F, "transaction_record_v14", UP, "", 92, 16, 0x40),
    (0x59, "gun_qr_code_reply", UP, "", 9, 0, None),
    (0x5A, "gun_qr_code", DOWN, "", 8, 0, 0x59),
    (0x9B, "local_qr_code_reply", UP, "", 9, 0, None),
    (0x9C, "local_qr_code", DOWN, "", 3, 0, 0x9B),
    (0xF0, "qr_code", DOWN, "", 9, 0, 0xF1),
    (0xF1, "qr_code_reply", UP, "", 8, 0, None),
)


@pytest.mark.parametrize(("frame_type", "name", "direction", "section", "size", "item", "reply"), TABLE)
def test_table(
    frame_type: int, name: str, direction: Direction, section: str, size: int, item: int, reply: int | None
) -> None:
    """A message is what the specification's table says."""
    message = MESSAGES[frame_type]
    assert (frame_type, name, direction, section) == (message.TYPE, message.NAME, message.DIRECTION, message.SECTION)
    assert (message.LAYOUT.fixed_size, message.LAYOUT.item_size, message.REPLY) == (size, item, reply)
    assert message.ZH
    assert message.__doc__
    assert all(field.zh for field in message.FIELDS)


def test_all_frames_are_there() -> None:
    """51 frames of V1.6 and the variants, no more and no less; a reply is never the same way as its request."""
    assert set(MESSAGES) == {row[0] for row in TABLE}
    assert sum(1 for message in MESSAGES.values() if message.SECTION) == 51
    for message in MESSAGES.values():
        if message.REPLY is not None:
            assert MESSAGES[message.REPLY].DIRECTION is not message.DIRECTION


def test_a_frame_type_is_declared_once() -> None:
    """A second message of a type is a mistake."""
    with pytest.raises(TypeError, match="0x03 is Heartbeat already"):

        class Another(Heartbeat, type=0x03, direction=UP):
            pass


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


def record(cls: type[Record], blocks: int) -> Record:
    """Make a record."""
    period = PeriodEnergy(price=Decimal("1.3"), energy=Decimal(2), energy_with_loss=Decimal(0), amount=Decimal("2.6"))
    return cls(
        transaction=NO_TRANSACTION,
        pile=PILE,
        gun=1,
        start=datetime(2026, 1, 2, 3, 4, 5),
        end=None,
        periods=tuple(period.replace(energy=Decimal(number)) for number in range(blocks)),
        meter_start=Decimal(1),
        meter_end=Decimal(3),
        energy=Decimal(2),
        energy_with_loss=Decimal(0),
        amount=Decimal("2.6"),
        vin="",
        started_by=StartedBy.APP,
        time=None,
        stop_reason=0x46,
    )


@pytest.mark.parametrize("blocks", [4, 5])
@pytest.mark.parametrize(
    ("cls", "fixed"),
    [(TransactionRecord, 94), (TransactionRecordV17, 94), (TransactionRecordV14, 92), (TransactionRecordV12, 92)],
)
def test_records(cls: type[Record], fixed: int, blocks: int) -> None:
    """All forms of the record decode alike, with four tariffs or five, and vendor bytes behind."""
    made = record(cls, blocks)
    assert len(made.body()) == fixed + 16 * blocks
    got = decode(Framer().feed(encode_frame(cls.TYPE, made.body() + b"vendor"))[0])
    assert isinstance(got, Record)
    assert got == made
    assert got.extra == b"vendor"
    assert [str(period.energy) for period in (got.sharp, got.peak, got.flat, got.valley)] == [
        "0.0000",
        "1.0000",
        "2.0000",
        "3.0000",
    ]
    assert (got.deep_valley.energy if got.deep_valley else None) == (4 if blocks == 5 else None)
    assert (got.stop_reason, str(got.meter_end)) == (0x46, "3.0000")
    assert got.start == datetime(2026, 1, 2, 3, 4, 5)
    acknowledgement = got.acknowledgement()
    assert acknowledgement.TYPE == cls.REPLY
    assert (acknowledgement.transaction, acknowledgement.result) == (got.transaction, RecordResult.OK)


def test_records_need_four_or_five_tariffs() -> None:
    """Neither three nor six."""
    for blocks in (3, 6):
        with pytest.raises(FieldError, match=r"4..5 objects of PeriodEnergy"):
            record(TransactionRecord, blocks)


def test_card_lists() -> None:
    """The count is filled in; on the way in the cards that are there count, and the rest is kept."""
    cards = [OfflineCard(logical_card=f"{n:016}", card=f"{n:016x}") for n in range(15)]
    message = OfflineCardsAdd(pile=PILE, cards=cards)  # type: ignore[arg-type] # any iterable will do
    assert message.count == 15
    assert len(message.body()) == 8 + 16 * 15
    with pytest.raises(FieldError, match=r"0..15 objects of OfflineCard"):
        OfflineCardsAdd(pile=PILE, cards=(*cards, cards[0]))
    with pytest.raises(FieldError, match="CardNumber"):
        OfflineCardsRemove(pile=PILE, cards=tuple(cards[:1]))  # type: ignore[arg-type] # on purpose
    wrong_count = OfflineCardsRemove.from_body(bytes.fromhex("55031412782305 09 00000000d14b0a54 0102"))
    assert wrong_count.cards == (CardNumber(card="00000000d14b0a54"),)
    assert (wrong_count.count, wrong_count.extra) == (9, b"\1\2")
    assert wrong_count.replace().count == 1
    assert OfflineCardsQueryReply.from_body(bytes(7)).cards == ()


def test_qr_codes() -> None:
    """The three dialects: text with a length, text to the end, and one without a pile."""
    text = "https://example.com/p?c="
    assert QrCode(pile=PILE, format=0, text=text).body() == bytes.fromhex(PILE + "0018") + text.encode()
    assert GunQrCode(pile=PILE, gun=1, text=text).body() == bytes.fromhex(PILE + "01") + text.encode()
    assert LocalQrCode(gun=1, text=text).body() == bytes.fromhex("011800") + text.encode()
    padded = QrCode.from_body(bytes.fromhex(PILE + "0003") + b"abcdef")
    assert (padded.text, padded.length, padded.extra) == ("abc", 3, b"def")
    cut = QrCode.from_body(bytes.fromhex(PILE + "0009") + b"abc")
    assert (cut.text, cut.extra) == ("abc", b"")
    for wrong in ("二维码", "x" * 201, None):
        with pytest.raises(FieldError, match="text"):
            QrCode(pile=PILE, format=0, text=wrong)  # type: ignore[arg-type] # on purpose


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


def test_stop_reason_of_a_record() -> None:
    """Named where the annex names it."""
    message = record(TransactionRecord, 4)
    assert type(message.stop_reason) is int
    assert message.replace(stop_reason=0x41).stop_reason is StopReason.SOC_FULL


def test_protocol_works_without_home_assistant() -> None:
    """Nothing of Home Assistant is imported, nor asyncio."""
    code = (
        "import sys; import custom_components.ykc.protocol as p; "
        "assert not {'homeassistant', 'asyncio', 'voluptuous'} & set(sys.modules); "
        f"print(p.LoginReply(pile='{PILE}', result=0).to_frame().hex())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == LoginReply(pile=PILE, result=0).to_frame().hex()
