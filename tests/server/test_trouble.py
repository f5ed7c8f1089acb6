"""Trouble is counted, and does not fill the log."""

import logging

import pytest

from custom_components.ykc.server.limits import LOG_INTERVAL, MAX_LOG_INTERVAL
from custom_components.ykc.server.trouble import Trouble


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_the_pauses_grow_while_it_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    """The pauses grow while it goes on."""
    clock = Clock()
    trouble = Trouble(clock)
    for _ in range(24 * 360):
        trouble.note("garbage", "%s sent garbage", "10.0.0.1")
        clock.now += 10
    assert trouble.counts["garbage"] == 24 * 360
    # At once, then after 1, 2, 4, 8, 16, 32 minutes, then hourly.
    assert 25 <= len(caplog.messages) <= 31
    assert caplog.messages[0] == "10.0.0.1 sent garbage"
    assert caplog.messages[1] == "10.0.0.1 sent garbage (and 5 more of this kind since the last such line)"


def test_trouble_that_had_gone_away_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    """Trouble that had gone away begins anew."""
    clock = Clock()
    trouble = Trouble(clock)
    for _ in range(200):
        trouble.note("garbage", "garbage")
        clock.now += LOG_INTERVAL
    clock.now += 3 * MAX_LOG_INTERVAL
    trouble.note("garbage", "garbage")
    caplog.clear()
    clock.now += LOG_INTERVAL
    trouble.note("garbage", "garbage")
    assert caplog.messages == ["garbage"]


def test_kinds_and_levels_apart(caplog: pytest.LogCaptureFixture) -> None:
    """Kinds and levels apart."""
    trouble = Trouble()
    trouble.note("one", "first")
    trouble.note("two", "second", level=logging.ERROR, error=ValueError("why"))
    trouble.note("two", "second")
    assert [(r.levelname, r.message) for r in caplog.records] == [("WARNING", "first"), ("ERROR", "second\nValueError")]
    assert "why" not in caplog.text


def test_of_an_error_is_told_where_and_what_it_was(caplog: pytest.LogCaptureFixture) -> None:
    """And not what it says, nor what led to it says: that may be what a peer sent."""
    card = "6222020000000001"

    def fail() -> None:
        try:
            int(f"card {card}")
        except ValueError as err:
            raise KeyError(card) from err

    with pytest.raises(KeyError) as raised:
        fail()
    Trouble().note("fault", "%s failed", "It", level=logging.ERROR, error=raised.value)
    assert card not in caplog.text
    assert caplog.messages[0].startswith("It failed\n")
    assert "KeyError\nfrom:\n" in caplog.text
    assert caplog.text.rstrip().endswith("ValueError")
    assert "in fail" in caplog.text
