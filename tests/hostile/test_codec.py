"""The framer and the codec take whatever comes; `scripts/bench hostile codec` is the long form."""

from custom_components.ykc.protocol import MAX_FRAME, MESSAGES
from tests.hostile.codec import fuzz
from tests.hostile.mutation import seeds

INPUTS = 100_000


def test_every_frame_type_is_a_seed() -> None:
    """No message is left out."""
    assert {frame_type for frame_type, _ in seeds()} >= MESSAGES.keys()


def test_broken_streams() -> None:
    """100,000 frames that were right once: nothing but a DecodeError, and never more than a frame is kept."""
    tally = fuzz(INPUTS, seed=1)
    assert tally.inputs >= INPUTS
    # They get through: a fuzzer whose frames are all skipped finds nothing.
    assert tally.messages > INPUTS / 4
    assert tally.refused > INPUTS / 100
    assert tally.buffered < MAX_FRAME
