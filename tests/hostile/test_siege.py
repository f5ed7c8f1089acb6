"""A live listener among absurd piles; `scripts/bench hostile siege` is the long form."""

from pathlib import Path

from custom_components.ykc.server.limits import MAX_WORK
from tests.hostile.bystander import PATIENCE
from tests.hostile.siege import CODES, besiege

FRAMES = 20_000
MOST_TASKS = (len(CODES) + 1) * MAX_WORK
MOST_ORDERS = 100
MOST_TIMERS = 200
GROWTH = FRAMES // 2
"""Objects that may be more at the end than at some moment before.

What is under way is some thousands, more or less; what is kept of each frame would be more than this. The long form
finds less.
"""


async def test_absurd_piles(tmp_path: Path) -> None:
    """20,000 frames that make no sense: no fault, a bystander that is served, and nothing that grows."""
    siege = await besiege(tmp_path / "ledger.db", FRAMES, seed=1)
    assert siege.frames >= FRAMES
    assert not siege.errors
    assert siege.worst < PATIENCE
    assert siege.answers
    assert siege.most_tasks < MOST_TASKS
    assert all(check.orders < MOST_ORDERS for check in siege.checks)
    assert all(check.timers < MOST_TIMERS for check in siege.checks)
    assert siege.checks[-1].objects < min(check.objects for check in siege.checks[:-1]) + GROWTH
    # The rest of the log is rate-limited; what is let in is said at INFO.
    assert siege.warnings < 100
    # Much of it got through: orders, bills and refusals were made of it.
    assert siege.counts["start_refused"]
    assert siege.bills
