"""The reference of all frames in doc/ is made from the declarations."""

from pathlib import Path

from .reference import reference

FRAMES = Path(__file__).parents[2] / "doc" / "frames.md"


def test_reference_is_current() -> None:
    """Run `scripts/tables` after a change."""
    assert FRAMES.read_text("utf-8") == reference()
