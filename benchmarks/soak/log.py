"""What Home Assistant's log may say in an hour like this, and why; everything else is a finding."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
import re
from typing import Final

EXPECTED: Final[Mapping[str, str]] = {
    r"Skipping pip installation": "all that is needed is installed",
    r"aiodns\.error\.DNSError[\s\S]*OSError": "Home Assistant's own parts ask the internet, which may not be there",
    r"Error during service call to ykc\.\w+:": "what an action was refused for; who asked was told, and compares it",
    r"We found a custom integration \w+ which has not been tested": "said of every integration that is not Home Assistant's own",
    r"Pile \w+ at [\d.:]+ was refused: it is not approved": "the first call of a pile, which is approved then",
    r"may not charge: (no_account|account_frozen|wrong_password)": "an unknown card, a barred one and a wrong password are shown on purpose",
    r"may not charge: balance_too_low": "prepaid drivers use up what they have",
    r"could not be started when plugged in": "the gun has a fault, or its link is lost, when a car comes",
    r"database at .+ was not shut ?down cleanly|could not validate that the sqlite3 database": "the recorder's word after a SIGKILL",
    r"did not take a balance: no_reply": "a link fell silent, or frames got lost, when money was brought",
    r"server\.bills is logging too frequently": "each bill is a line at the level of this log, and they come 60 times as fast",
    r"Ended unfinished session": "the recorder's word after a SIGKILL",
}
"""Patterns of warnings and errors, each with its reason."""

_LINE: Final = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\S* (\w+) \(")
_BAD: Final = frozenset({"WARNING", "ERROR", "CRITICAL"})


def entries(log: Path) -> Iterator[tuple[str, str]]:
    """Yield what was logged, with its level; what goes over several lines is one."""
    level, lines = "", list[str]()
    with log.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if found := _LINE.match(line):
                if lines:
                    yield level, "".join(lines)
                level, lines = found[1], []
            elif not level:
                # What a process prints before it logs.
                level = "ERROR" if "Traceback" in line or "Error" in line else "INFO"
            lines.append(line)
    if lines:
        yield level, "".join(lines)


def judge(log: Path) -> tuple[Counter[str], list[str]]:
    """Return how often each expected pattern was there, and all else that is no mere information."""
    expected: Counter[str] = Counter()
    findings: list[str] = []
    for level, text in entries(log):
        if level not in _BAD and "Traceback (most recent call last)" not in text:
            continue
        pattern = next((each for each in EXPECTED if re.search(each, text)), None)
        if pattern is None:
            findings.append(text.rstrip())
        else:
            expected[pattern] += 1
    return expected, findings
