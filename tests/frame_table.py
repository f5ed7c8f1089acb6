"""The table of all frames in doc/protocol.md: made of the messages' classes and of the marks of the tests that play them.

python -m tests.frame_table
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any

from custom_components.ykc.protocol import MESSAGES, Direction

ROOT = Path(__file__).parent.parent
DAY = ROOT / "tests/e2e/day"
DOCUMENT = ROOT / "doc/protocol.md"
TRANSLATIONS = ROOT / "custom_components/ykc/translations/en.json"

SENDERS = {Direction.UP: "pile", Direction.DOWN: "platform"}
HEAD = ["| frame | class | | sent by | serves | played by |", "|---|---|---|---|---|---|"]


@dataclass(frozen=True)
class Play:
    """One mark `plays` of a test."""

    test: str
    """As pytest names it."""
    frames: tuple[int, ...]
    serves: tuple[str, ...]


def plays() -> list[Play]:
    """Read the marks of all tests of the day, without what the tests themselves need."""
    return [
        _read(decorator, f"{module.relative_to(ROOT)}::{function.name}")
        for module in sorted(DAY.glob("test_*.py"))
        for function in ast.parse(module.read_text(encoding="utf-8")).body
        if isinstance(function, ast.AsyncFunctionDef)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "plays"
    ]


def _read(decorator: ast.Call, test: str) -> Play:
    frames = tuple(_literal(argument) for argument in decorator.args)
    (serves,) = (keyword.value for keyword in decorator.keywords if keyword.arg == "serves")
    return Play(test, tuple(frame for group in frames for frame in group), ast.literal_eval(serves))


def _literal(argument: ast.expr) -> Sequence[int]:
    """Return the frames of one argument: a number, or several behind a star."""
    value = ast.literal_eval(argument.value if isinstance(argument, ast.Starred) else argument)
    return value if isinstance(value, tuple) else (value,)


def rows() -> Iterator[str]:
    """Make a row of each frame of the specification, in the order of their types."""
    known = plays()
    texts = json.loads(TRANSLATIONS.read_text(encoding="utf-8"))
    for message in sorted(MESSAGES.values(), key=lambda message: message.TYPE):
        if not message.SECTION:
            continue
        of_frame = [play for play in known if message.TYPE in play.frames]
        serves = ", ".join(described(used, texts) for play in of_frame for used in play.serves)
        tests = ", ".join(f"`{play.test}`" for play in of_frame)
        cells = f"0x{message.TYPE:02X}", f"`{message.__name__}`", message.ZH, SENDERS[message.DIRECTION], serves, tests
        yield f"| {' | '.join(cells)} |"


def described(used: str, texts: dict[str, Any]) -> str:
    """Return what a frame serves as the table says it; raise KeyError for what Home Assistant does not have."""
    kind, _, key = used.partition(".")
    match kind:
        case "ykc":
            title = texts["services"][key]["name"]
        case "issue":
            title = texts["issues"][key]["title"]
        case "config" | "options":
            title = texts[kind]["step"][key]["title"]
        case "pile" | "driver":
            title = texts["config_subentries"][kind]["step"][key]["title"]
        case _:
            title = texts["entity"][kind][key]["name"]
    if kind in texts["entity"] or kind == "ykc":
        return f"{title} (`{used}`)"
    return f"{title} ({'issue' if kind == 'issue' else 'form'})"


def with_table(document: str) -> str:
    """Return a document with its table made anew."""
    before, _, rest = document.partition("\n".join(HEAD))
    behind = rest[rest.index("\n\n") :]
    return before + "\n".join([*HEAD, *rows()]) + behind


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
