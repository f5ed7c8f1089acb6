"""The billing model: a plan in words, and the frame it makes."""

from decimal import Decimal

from hypothesis import given, strategies as st
import pytest

from custom_components.ykc.protocol import FieldError
from custom_components.ykc.server.tariff import (
    HALF_HOURS,
    PERIODS,
    BillingModel,
    Price,
    TariffError,
    half_hour,
    read_times,
)
from tests.server.peer import CODE

PRICES = {period: Price(Decimal(f"0.{index}2345"), Decimal("0.1")) for index, period in enumerate(PERIODS, 1)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        ("00:00-24:00", set(range(48))),
        ("0:30-1:00", {1}),
        ("22:00-06:00", {*range(44, 48), *range(12)}),
        ("23:30-00:00", {47}),
        ("08:00-09:00, 10:00–10:30；11：00至11:30，12:00~12:30", {16, 17, 20, 22, 24}),
        (" , ;", set()),
        # As Chinese keyboards write it.
        ("０８：００－０９：３０", {16, 17, 18}),
        ("08:00—09:00、10:00——10:30；11:00～11:30。", {16, 17, 20, 22}),
        ("08:00–09:00，10:00−10:30、11:00〜11:30", {16, 17, 20, 22}),
        ("８：００　－　９：００、 10∶00到10∶30", {16, 17, 20}),
    ],
)
def test_times(text: str, expected: set[int]) -> None:
    """Times."""
    assert read_times(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "8-9",
        "08:15-09:00",
        "08:00-08:10",
        "24:00-25:00",
        "08:00-24:30",
        "08:00-08:00",
        "night",
        "-",
        "08:00",
        "٠٨:٠٠-09:00",
    ],
)
def test_times_that_can_not_be_read(text: str) -> None:
    """Times that cannot be read."""
    with pytest.raises(TariffError) as error:
        read_times(f"00:00-01:00, {text}")
    assert error.value.text == text


def test_a_plan_makes_a_model() -> None:
    """A plan makes a model."""
    model = BillingModel.from_plan(
        number="0203",
        prices=PRICES,
        times={"sharp": "10:00-11:00", "peak": "08:00-10:00", "flat": "11:00-22:00", "valley": "22:00-08:00"},
    )
    reply = model.reply(CODE)
    assert (reply.pile, reply.model, reply.loss_ratio) == (CODE, "0203", 0)
    assert reply.periods == (3,) * 16 + (1,) * 4 + (0,) * 2 + (2,) * 22 + (3,) * 4
    assert reply.flat_energy_price == Decimal("0.32345")
    assert reply.valley_service_price == Decimal("0.1")
    assert PRICES["sharp"].total == Decimal("0.22345")


def test_a_price_that_the_wire_can_not_carry() -> None:
    """A price that the wire cannot carry."""
    model = BillingModel.from_plan(
        number="0100", prices=dict.fromkeys(PERIODS, Price(Decimal(50_000))), times={"flat": "00:00-24:00"}
    )
    with pytest.raises(FieldError):
        model.reply(CODE)


def test_a_day_with_gaps_and_overlaps() -> None:
    """A day with gaps and overlaps."""
    with pytest.raises(TariffError) as error:
        BillingModel.from_plan(number="0100", prices=PRICES, times={"flat": "00:00-23:00", "peak": "22:30-23:30"})
    assert error.value.missing == ("23:30-24:00",)
    assert error.value.double == ("22:30-23:00",)
    with pytest.raises(TariffError) as error:
        BillingModel.from_plan(
            number="0100", prices=PRICES, times={"flat": "07:00-12:00, 13:00-23:00", "peak": "09:00-10:30"}
        )
    assert error.value.missing == ("00:00-07:00", "12:00-13:00", "23:00-24:00")
    assert error.value.double == ("09:00-10:30",)
    with pytest.raises(TariffError) as error:
        BillingModel.from_plan(number="0100", prices=PRICES, times={})
    assert (error.value.missing, error.value.double) == (("00:00-24:00",), ())
    with pytest.raises(TariffError) as error:
        BillingModel.from_plan(number="0100", prices=PRICES, times=dict.fromkeys(PERIODS, "00:00-24:00"))
    assert (error.value.missing, error.value.double) == ((), ("00:00-24:00",))
    with pytest.raises(TariffError) as error:
        BillingModel.from_plan(number="0100", prices=PRICES, times={"flat": "", "valley": "8-9"})
    assert (error.value.period, error.value.text) == ("valley", "8-9")


@given(st.lists(st.sampled_from(PERIODS), min_size=HALF_HOURS, max_size=HALF_HOURS))
def test_any_whole_day_is_a_model(day: list[str]) -> None:
    """Any whole day is a model."""
    times = {period: ", ".join(half_hour(i) for i, slug in enumerate(day) if slug == period) for period in PERIODS}
    model = BillingModel.from_plan(number="0100", prices=PRICES, times=times)
    assert model.periods == tuple(day)
    assert [PERIODS[period] for period in model.reply(CODE).periods] == day
