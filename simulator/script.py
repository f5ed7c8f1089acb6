"""A day of virtual piles in YAML: a list of steps.

    - {do: wait, for: ready}
    - {after: 3, do: plug, gun: 1, soc: 20}
    - {after: 60, do: drop, seconds: 20}
    - {do: unplug, gun: 1}
    - {after: 5, do: repeat}

Two steps are for no pile: `repeat` begins again from the top, `end` ends the program.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
import logging
from pathlib import Path

import yaml

from .actions import ACTIONS, BadWords, find_pile, perform, seconds
from .pile import VirtualPile

_LOGGER = logging.getLogger(__name__)

REPEAT, END = "repeat", "end"


class ScriptError(Exception):
    """A script that cannot be played: its text names file, line and field."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, a while after the one before."""

    line: int
    after: float
    do: Callable[[], Awaitable[None]] | str
    """What to do, or one of REPEAT and END."""
    title: str


def load(path: Path, piles: Mapping[str, VirtualPile]) -> list[Step]:
    """Read a script for some piles, all of it before anything happens; raise ScriptError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScriptError(f"{path}: {error.strerror}") from error
    return parse(text, piles, name=path.name)


def parse(text: str, piles: Mapping[str, VirtualPile], *, name: str = "script") -> list[Step]:
    """Make steps of a script's text; raise ScriptError."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ScriptError(f"{name}, line {line}: {error.problem}") from error
    if not isinstance(root, yaml.SequenceNode):
        raise ScriptError(f"{name}, line 1: a script is a list of steps, each beginning with '- '")
    return [_Entry(name, node).step(piles) for node in root.value]


async def play(steps: Sequence[Step]) -> bool:
    """Do the steps in their time, and tell whether the script said 'end'.

    A wait that takes too long raises ScriptError.
    """
    remaining = list(steps)
    while remaining:
        step = remaining.pop(0)
        await asyncio.sleep(step.after)
        if step.do == END:
            return True
        if step.do == REPEAT:
            remaining = list(steps)
        elif not isinstance(step.do, str):
            _LOGGER.info("line %s: %s", step.line, step.title)
            await _do(step, step.do)
    return False


async def _do(step: Step, action: Callable[[], Awaitable[None]]) -> None:
    try:
        await action()
    except TimeoutError as error:
        raise ScriptError(f"line {step.line}: {error}") from error


class _Entry:
    """A step as it is written."""

    def __init__(self, name: str, node: yaml.Node) -> None:
        self._name = name
        self._line = node.start_mark.line + 1
        self._lines: dict[str, int] = {}
        self._words: dict[str, str] = {}
        if not isinstance(node, yaml.MappingNode):
            raise self._error("a step looks like {after: 3, do: plug, gun: 1}")
        for key, value in node.value:
            self._lines[key.value] = key.start_mark.line + 1
            if not isinstance(value, yaml.ScalarNode):
                raise self._error(f"{key.value} must be one value", key.value)
            if key.value in self._words:
                raise self._error(f"{key.value} is given twice", key.value)
            self._words[key.value] = value.value

    def step(self, piles: Mapping[str, VirtualPile]) -> Step:
        """Check every word."""
        words = dict(self._words)
        try:
            after = seconds(words.pop("after", "0"))
        except ValueError as error:
            raise self._error(f"after {error}", "after") from None
        do = words.pop("do", None)
        if do is None:
            raise self._error("'do' is missing")
        if do in (REPEAT, END):
            return self._last_step(do, after, words)
        action = ACTIONS.get(do)
        if action is None:
            raise self._error(f"do must be one of {', '.join((*ACTIONS, REPEAT, END))}, not '{do}'", "do")
        try:
            pile = find_pile(piles, words.pop("pile", None))
            values = action.bind(words, pile)
        except BadWords as error:
            raise self._error(str(error), error.parameter) from None
        return Step(self._line, after, partial(perform, action, pile, values), f"{pile.code} {do}")

    def _last_step(self, do: str, after: float, words: Mapping[str, str]) -> Step:
        if words:
            raise self._error(f"'{do}' takes nothing", next(iter(words)))
        if do == REPEAT and after <= 0:
            raise self._error("'repeat' needs an 'after' above 0, or it would never pause")
        return Step(self._line, after, do, do)

    def _error(self, text: str, field: str | None = None) -> ScriptError:
        """Make an error at the line of a field, or of the whole step."""
        line = self._lines.get(field or "", self._line)
        return ScriptError(f"{self._name}, line {line}: {text}")
