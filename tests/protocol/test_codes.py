"""Slugs, stop reasons, faults, and the helpers that bring people's input to the wire's form."""

from inspect import getmembers, isclass
import re

import pytest

from custom_components.ykc.protocol import (
    STOP_REASON_SLUGS,
    Code,
    GunStatus,
    StopCategory,
    StopReason,
    card,
    codes,
    fault_slugs,
    hex_text,
    pile_code,
    slug,
    stop_category,
    stop_reason_slug,
)


def test_slugs_are_lower_snake_case() -> None:
    """Every member of every enumeration has one."""
    enums = [enum for _, enum in getmembers(codes, isclass) if issubclass(enum, Code)] + [StopReason, StopCategory]
    assert len(enums) > 40
    for enum in enums:
        for member in enum:
            assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", member.slug)


def test_slug_of_any_value() -> None:
    """A number without a name has a slug too."""
    assert slug(GunStatus.CHARGING) == "charging"
    assert slug(77) == "unknown_code"


@pytest.mark.parametrize(
    ("code", "name", "category"),
    [
        (0x00, "none", "none"),
        (0x40, "stopped_remotely", "completed"),
        (0x41, "soc_full", "completed"),
        (0x46, "completed_other", "completed"),
        (0x49, "completed_other", "completed"),
        (0x4A, "start_failed_control_system_fault", "start_failed"),
        (0x58, "start_failed_other", "start_failed"),
        (0x69, "start_failed_other", "start_failed"),
        (0x6A, "aborted_system_locked", "aborted"),
        (0x6E, "aborted_balance_too_low", "aborted"),
        (0x78, "aborted_other", "aborted"),
        (0x8F, "aborted_other", "aborted"),
        (0x90, "unknown", "unknown"),
        (0x91, "unknown_code", "unknown"),
        (0x01, "unknown_code", "unknown"),
        (0xFF, "unknown_code", "unknown"),
    ],
)
def test_stop_reasons(code: int, name: str, category: str) -> None:
    """Annex 13.1, with its gaps."""
    assert stop_reason_slug(code) == name
    assert stop_category(code).slug == category


def test_stop_reason_slugs_are_one_to_one() -> None:
    """A slug names one reason, and the list of slugs is complete."""
    assert len(set(STOP_REASON_SLUGS)) == len(STOP_REASON_SLUGS)
    assert {stop_reason_slug(code) for code in range(256)} == set(STOP_REASON_SLUGS)
    assert len(StopReason) == 65
    for reason in StopReason:
        prefix = {"start_failed": "start_failed_", "aborted": "aborted_"}.get(reason.category.slug, "")
        assert reason.slug.startswith(prefix)


def test_faults() -> None:
    """7.2: lowest bit first; with the highest set the vendor's own meaning counts."""
    assert fault_slugs(0) == ()
    assert fault_slugs(1) == ("emergency_stop",)
    assert fault_slugs(0b1_0000_0000_0100) == ("outlet_over_temperature", "door_open")
    assert fault_slugs(1 << 13) == ("other",)
    assert fault_slugs(0x8001) == ("vendor_specific",)


def test_numbers_as_people_write_them() -> None:
    """Zeros to the left, lower case, no spaces."""
    assert card("D14B0A54") == "00000000d14b0a54"
    assert card("1000 0000-01") == "0000001000000001"
    assert pile_code("55031412782305") == "55031412782305"
    assert pile_code("1") == "00000000000001"
    for wrong in ("", "  ", "123456789012345", "12g", "１２"):
        with pytest.raises(ValueError, match="hex digits"):
            hex_text(wrong, 14)
