"""Messages with lists and texts: records, offline cards, QR codes."""

from datetime import datetime
from decimal import Decimal

import pytest

from custom_components.ykc.protocol import (
    NO_TRANSACTION,
    CardNumber,
    FieldError,
    Framer,
    GunQrCode,
    LocalQrCode,
    OfflineCard,
    OfflineCardsAdd,
    OfflineCardsQueryReply,
    OfflineCardsRemove,
    PeriodEnergy,
    QrCode,
    Record,
    RecordResult,
    StartedBy,
    StopReason,
    TransactionRecord,
    TransactionRecordV12,
    TransactionRecordV14,
    TransactionRecordV17,
    decode,
    encode_frame,
)

PILE = "55031412782305"


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


def test_stop_reason_of_a_record() -> None:
    """Named where the annex names it."""
    message = record(TransactionRecord, 4)
    assert type(message.stop_reason) is int
    assert message.replace(stop_reason=0x41).stop_reason is StopReason.SOC_FULL
