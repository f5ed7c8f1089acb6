"""Messages as JSON has them, and what is never in them."""

from datetime import datetime
from decimal import Decimal
import json
from typing import Any

from hypothesis import assume, given, strategies as st
import pytest

from custom_components.ykc.protocol import (
    MASK,
    MAX_BODY,
    MESSAGES,
    BillingModelSet,
    FieldError,
    Frame,
    Framer,
    Heartbeat,
    Message,
    OfflineCardsRemove,
    Realtime,
    RemoteStop,
    StartRequest,
    TimeSync,
    TransactionRecord,
    Update,
    WorkParameters,
    as_dict,
    encode_frame,
    frame_type,
    from_dict,
    masked_frame,
    type_text,
)
from custom_components.ykc.protocol.table import tables

from .strategies import field_values, new

CODE = "32010200000001"
SECRETS = {StartRequest: {"password"}, MESSAGES[0xA1]: {"password"}, Update: {"user", "password"}}
_each = pytest.mark.parametrize("cls", MESSAGES.values(), ids=lambda cls: cls.NAME)
_secretive = pytest.mark.parametrize("cls", SECRETS, ids=lambda cls: cls.NAME)


def frame_of(message: Message) -> Frame:
    """Return a message's frame."""
    (frame,) = Framer().feed(message.to_frame())
    return frame


def everything_shown(message: Message) -> str:
    """Return all forms in which others see a message."""
    frame = frame_of(message)
    return json.dumps([repr(message), as_dict(message), masked_frame(frame, message), *tables(frame.raw)])


def test_secrets_are_known() -> None:
    """What is secret is said where the fields are declared, and nowhere else."""
    declared = {cls: {field.name for field in cls.FIELDS if field.secret} for cls in MESSAGES.values()}
    assert {cls: names for cls, names in declared.items() if names} == SECRETS


@_each
@given(data=st.data())
def test_any_body_becomes_json_that_means_it(cls: type[Message], data: st.DataObject) -> None:
    """Whatever a pile sends has a JSON form; what was made from values comes back from it, but for secrets."""
    needed = cls.LAYOUT.needed
    decoded = as_dict(cls.from_body(data.draw(st.binary(min_size=needed, max_size=MAX_BODY))))
    assert json.loads(json.dumps(decoded, allow_nan=False)) == decoded
    message = data.draw(new(cls))
    plain = json.loads(json.dumps(as_dict(message)))
    assert plain.keys() == {"type", "name", "fields", "extra"}
    words = [field for field in cls.FIELDS if field.words and not field.secret]
    assert len(plain["fields"]) == len(cls.FIELDS) + len(words)
    secrets = {name: getattr(message, name) for name in SECRETS.get(cls, ())}
    assert from_dict(cls, plain["fields"] | secrets) == message


@_secretive
@given(data=st.data())
def test_what_is_shown_does_not_depend_on_secrets(cls: type[Message], data: st.DataObject) -> None:
    """Messages that differ in nothing but secrets look the same in every form, raw bytes and CRC included."""
    message = data.draw(new(cls))
    fields = {field.name: field for field in cls.FIELDS}
    other = message.replace(**{name: data.draw(field_values(fields[name])) for name in SECRETS[cls]})
    # A right CRC may end in bytes that look like one with its bytes swapped; both are frames.
    shown = everything_shown(message).replace(", high byte first", "")
    assert shown == everything_shown(other).replace(", high byte first", "")


@_secretive
@given(data=st.data())
def test_nothing_of_a_secret_is_shown_where_its_place_is_not_sure(cls: type[Message], data: st.DataObject) -> None:
    """A body that is too short or too long, an encrypted one, and one of an unknown type are hidden."""
    secret = data.draw(st.binary(min_size=8, max_size=8))
    assume(len(set(secret)) > 1)
    needed = cls.LAYOUT.needed
    short = Frame(encode_frame(cls.TYPE, bytes(needed - 20) + secret))
    encrypted = Frame(encode_frame(cls.TYPE, bytes(needed) + secret, encrypted=1))
    unknown = Frame(encode_frame(0x77, bytes(needed) + secret))
    for frame in (short, encrypted, unknown):
        shown = masked_frame(frame, None)
        assert shown == f"{frame.raw[:6].hex()}{'**' * (len(frame.body) + 2)}"
    vendor = cls.from_body(bytes(needed) + secret)
    assert as_dict(vendor)["extra"] == MASK
    assert secret.hex() not in everything_shown(vendor)
    for frame in (short, encrypted):
        assert secret.hex() not in "".join(list(tables(frame.raw))[:-1])


def test_a_wrong_secret_is_not_in_its_error() -> None:
    """The error for a password that is too long names the field alone."""
    values: dict[str, Any] = {
        "pile": CODE,
        "model": 1,
        "power": 60,
        "server": "10.0.0.1",
        "port": 21,
        "user": "",
        "path": "/a",
        "when": 1,
        "timeout": 5,
    }
    for secret in ("long-password-of-29-characters", "schlüssel"):
        with pytest.raises(FieldError, match=r"Update\.password = \*\*\*: must be ASCII text") as caught:
            from_dict(Update, values | {"password": secret})
        assert secret not in str(caught.value)


def test_a_report() -> None:
    """The form that the documents promise."""
    report = Realtime(
        transaction="32010200000001012603011000000001",
        pile=CODE,
        gun=10,
        status=3,
        returned=1,
        plugged=7,
        voltage=400.1,
        current=100.0,
        cable_temperature=None,
        cable_code="00" * 8,
        soc=50,
        battery_temperature=31,
        charging_minutes=7,
        remaining_minutes=55,
        energy=Decimal("1.5"),
        energy_with_loss=Decimal(0),
        amount=Decimal("2.25"),
        faults=0x1001,
    )
    assert as_dict(report) == {
        "type": "0x13",
        "name": "realtime",
        "fields": {
            "transaction": "32010200000001012603011000000001",
            "pile": CODE,
            "gun": 10,
            "status": "charging",
            "status_code": 3,
            "returned": "yes",
            "returned_code": 1,
            "plugged": "unknown_code",
            "plugged_code": 7,
            "voltage": 400.1,
            "current": 100.0,
            "cable_temperature": None,
            "cable_code": "0000000000000000",
            "soc": 50,
            "battery_temperature": 31,
            "charging_minutes": 7,
            "remaining_minutes": 55,
            "energy": "1.5000",
            "energy_with_loss": "0.0000",
            "amount": "2.2500",
            "faults": ["emergency_stop", "door_open"],
            "faults_code": 0x1001,
        },
        "extra": "",
    }


def test_lists_times_and_what_a_vendor_adds() -> None:
    """Groups are lists of objects; times have milliseconds and no zone; the bytes behind the table are hex."""
    sync = as_dict(TimeSync(pile=CODE, time=datetime(2026, 3, 1, 10, 0, 1, 2000)))
    assert sync["fields"]["time"] == "2026-03-01T10:00:01.002"
    remove = from_dict(
        OfflineCardsRemove, {"pile": CODE, "cards": [{"card": "00" * 7 + "01"}, {"card": "00" * 7 + "02"}]}
    )
    assert as_dict(remove)["fields"] == {
        "pile": CODE,
        "count": 2,
        "cards": [{"card": "0000000000000001"}, {"card": "0000000000000002"}],
    }
    body = bytes(157 - 8) + b"\x46" + bytes(8) + b"ab"
    record = as_dict(TransactionRecord.from_body(body))
    assert (record["fields"]["stop_reason"], record["fields"]["stop_reason_code"]) == ("completed_other", 0x46)
    assert record["fields"]["periods"][3]["price"] == "0.00000"
    assert record["extra"] == "6162"


def test_fields_as_a_person_gives_them() -> None:
    """A code is its name or its number, an amount a text or a number, a count need not be given."""
    by_name = from_dict(WorkParameters, {"pile": CODE, "locked": "out_of_use", "max_power": 80})
    assert by_name == from_dict(WorkParameters, {"pile": CODE, "locked": 1, "max_power": 80})
    prices = {
        f"{period}_{part}_price": price
        for period, price in (("sharp", "1.20000"), ("peak", 1.1), ("flat", 1), ("valley", 0.3))
        for part in ("energy", "service")
    }
    periods = ["valley"] * 16 + ["flat"] * 31 + [0]
    model = from_dict(BillingModelSet, {"pile": CODE, "model": "0100", **prices, "periods": periods})
    assert model.valley_energy_price == Decimal("0.30000")
    assert [int(tariff) for tariff in model.periods] == [3] * 16 + [2] * 31 + [0]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"gun": 1}, "RemoteStop.pile = None: must be text of exactly 14 lower-case hex digits"),
        ({"pile": CODE, "gun": 0}, "RemoteStop.gun = 0: must be a gun number 1..99"),
        ({"pile": CODE, "gun": "one"}, "RemoteStop.gun = 'one': must be a gun number 1..99"),
        ({"pile": CODE, "gun": 1, "gnu": 1}, "RemoteStop.gnu = 1: must be one of the fields pile, gun"),
    ],
)
def test_wrong_fields_are_named(fields: dict[str, Any], complaint: str) -> None:
    """What is missing, does not fit or does not exist is told with what is allowed."""
    with pytest.raises(FieldError) as caught:
        from_dict(RemoteStop, fields)
    assert str(caught.value) == complaint


def test_a_name_that_does_not_mean_one_number_is_refused() -> None:
    """Neither a misspelt name nor that of all unknown codes is a code."""
    for word in ("lockd", "unknown_code"):
        with pytest.raises(
            FieldError, match=r"WorkParameters\.locked = .* must be allowed, out_of_use, or a whole number"
        ):
            from_dict(WorkParameters, {"pile": CODE, "locked": word, "max_power": 80})


def test_types() -> None:
    """A type is its byte in hex or the message's name."""
    assert frame_type("0x3b") == frame_type("0x3B") == frame_type("transaction_record") == 0x3B
    assert frame_type("0x77") == 0x77
    assert type_text(0x3B) == "0x3B"
    assert frame_type(type_text(Heartbeat.TYPE)) == Heartbeat.TYPE
    for text in ("3B", "0x3", "0x3B0", "0xgg", "0x+1", "0x 1", "0x", "", "no_such_frame"):
        with pytest.raises(ValueError, match=r".*"):
            frame_type(text)
