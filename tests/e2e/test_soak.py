"""An hour or two of a small site in a minute, with a Home Assistant that is restarted and killed."""

from pathlib import Path

from benchmarks.soak.day import Form
from benchmarks.soak.play import play
from benchmarks.soak.report import lines
from tests.server.durability import seed_of_today


async def test_every_figure_is_what_the_piles_billed(tmp_path: Path) -> None:
    """Whatever people and piles do, and whenever Home Assistant goes: `scripts/bench soak` in a short form."""
    form = Form(minutes=0.75, seed=seed_of_today(), piles=5, restarts=1, kills=1, compression=180)
    story: list[str] = []
    outcome = await play(form, tmp_path, story.append)
    assert not outcome.findings, "\n".join((*story, *lines(outcome)))
    assert len(outcome.books.bills) > 0
    assert {run.end for run in outcome.runs} == {"stopped", "killed"}
