"""What it came to, for a person to read."""

from collections.abc import Iterator

from .log import EXPECTED
from .play import Outcome
from .vitals import Run


def lines(outcome: Outcome) -> Iterator[str]:
    """Yield the report."""
    form, books, kept = outcome.form, outcome.books, outcome.ledger
    days = form.minutes * form.compression / 60 / 24
    yield (
        f"{form.piles} piles, {form.minutes:g} minutes for {days:.1f} days, {form.restarts} restarts and {form.kills} kills;"
        f" seed {form.seed}, {outcome.seconds:.0f} s with settling"
    )
    yield ""
    yield f"{len(books.bills):>8,}  bills of the piles: {books.energy:,} kWh, {books.amount:,} CNY"
    yield f"{kept['records']:>8,}  records in the ledger, {kept['repeats']:,} of them came again, {kept['late']:,} came late"
    yield f"{kept['orders']:>8,}  orders; {kept['offline']:,} charges began without a link, {kept['parallel']:,} were parts of parallel ones"
    yield f"{kept['limited']:>8,}  charges stopped at a limit; of {kept['unsplit']:,} bills the parts of the price are not known"
    yield f"{outcome.connections:>8,}  connections of the piles"
    yield f"{outcome.meter_changes:>8,}  changes of total energy were shown, and it never went back {_but(outcome)}"
    yield ""
    yield "at the piles          " + _counted(outcome.diary)
    yield "in Home Assistant     " + _counted(outcome.actions)
    yield ""
    yield " run   seconds  end        memory MB          files and pipes  sockets  objects               ours             tasks"
    for run in outcome.runs:
        yield _life(run)
    for run in outcome.runs:
        if run.more:
            yield f" run {run.number}, most of what is more: " + ", ".join(
                f"{count:,} {name}" for name, count in run.more
            )
    yield ""
    yield "expected in the log"
    for pattern, count in outcome.log.most_common():
        yield f"{count:>8,}  {pattern}: {EXPECTED[pattern]}"
    yield ""
    if outcome.findings:
        yield f"{len(outcome.findings)} findings"
        yield from outcome.findings
    else:
        yield "every figure is equal to the last 1/10000"


def _counted(counter: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in sorted(counter.items()))


def _but(outcome: Outcome) -> str:
    lost = outcome.last_moments
    if not lost:
        return "at all"
    return f"but {len(lost)} times over a SIGKILL, by {max(lost)} kWh at most, until the next report"


def _life(run: Run) -> str:
    memory, files, most = run.memory(), run.files(), run.most()
    cells = [f"{run.number:>4}{run.seconds:>10.0f}  {run.end:<11}"]
    cells.append(f"{memory[0]:>6.1f} to {memory[1]:>6.1f}  " if memory else " " * 18)
    cells.append(f"{files[0]:>5.0f} to {files[1]:>4.0f}  " if files else " " * 16)
    cells.append(f"{most[1]:>8}" if most else " " * 8)
    if run.warm and run.late:
        cells.append(f"{run.warm.objects:>12,} to {run.late.objects:>9,}")
        cells.append(f"{sum(run.warm.ours.values()):>8,} to {sum(run.late.ours.values()):>6,}")
        cells.append(f"{run.warm.tasks:>6} to {run.late.tasks:>4}")
    return "".join(cells)
