"""Tell which modules the tests reach too little of; fails if there is any.

    python scripts/lib/coverage_floor.py coverage.json

Percents count lines and branches, as pyproject.toml has it. Flows are what a
person goes through with every mistake that can be made, so all of them is asked.
"""

from collections.abc import Iterator
import json
from pathlib import Path
import sys
from typing import Any, Final

FLOOR: Final = 97.0
FLOWS: Final = frozenset(
    f"custom_components/ykc/{name}_flow.py" for name in ("config", "driver", "options", "subentry")
)


def shortfalls(report: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each module below what is asked of it, from coverage's JSON report."""
    files = report["files"]
    for name in sorted(FLOWS - files.keys()):
        yield f"{name}: not measured"
    for name, measured in sorted(files.items()):
        asked = 100.0 if name in FLOWS else FLOOR
        reached = measured["summary"]["percent_covered"]
        if reached < asked:
            lines = ", ".join(map(str, measured["missing_lines"]))
            branches = ", ".join(f"{here} to {there}" for here, there in measured.get("missing_branches", ()))
            yield f"{name}: {reached:.1f} % of {asked:.0f} %; lines {lines or 'all'}; branches {branches or 'all'}"


if __name__ == "__main__":
    found = [*shortfalls(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))]
    if found:
        sys.exit("\n".join(["coverage is too low:", *found]))
    print(f"coverage ok: {FLOOR:.0f} % of each module, all of the flows")
