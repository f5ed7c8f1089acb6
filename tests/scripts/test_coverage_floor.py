"""A run of all tests fails when a module is tested too little."""

import json
from pathlib import Path
import subprocess
import sys
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts/lib/coverage_floor.py"
FLOWS = [path.relative_to(ROOT).as_posix() for path in (ROOT / "custom_components/ykc").glob("*[a-z]_flow.py")]


def check(folder: Path, **reached: float) -> subprocess.CompletedProcess[str]:
    """Run the script on a report of modules and how much of each was reached."""
    percents = dict.fromkeys(FLOWS, 100.0) | {
        f"custom_components/ykc/{name}.py": part for name, part in reached.items()
    }
    files: dict[str, Any] = {
        name: {"summary": {"percent_covered": part}, "missing_lines": [7, 9], "missing_branches": [[3, 5]]}
        for name, part in percents.items()
    }
    report = folder / "coverage.json"
    report.write_text(json.dumps({"files": files}), encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(report)], capture_output=True, text=True, check=False, timeout=60
    )


def test_enough(tmp_path: Path) -> None:
    """All that is asked is there."""
    done = check(tmp_path, sensor=97.0, hub=100.0)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("name", "part"), [("sensor", 96.99), ("config_flow", 99.9), ("driver_flow", 99.9)])
def test_too_little(tmp_path: Path, name: str, part: float) -> None:
    """The module is named, with what was not reached; of a flow everything is asked."""
    done = check(tmp_path, **{"hub": 98.0, name: part})
    assert done.returncode == 1
    _, line = done.stderr.splitlines()
    assert line.startswith(f"custom_components/ykc/{name}.py: ")
    assert line.endswith("lines 7, 9; branches 3 to 5")


def test_flows_are_measured(tmp_path: Path) -> None:
    """A flow that no report has is too little, and no flow is forgotten."""
    report = tmp_path / "coverage.json"
    report.write_text(json.dumps({"files": {}}), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(report)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert {line.removesuffix(": not measured") for line in done.stderr.splitlines()[1:]} == set(FLOWS)
