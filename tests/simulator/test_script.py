"""Scripts: their mistakes named before anything happens, and their steps played in time."""

from pathlib import Path

import pytest

from simulator import VirtualPile
from simulator.script import ScriptError, load, parse, play

from .conftest import PILE, start
from .raw_platform import RawPlatform

SECOND = "32010200000002"


def piles(*codes: str) -> dict[str, VirtualPile]:
    """Make piles that nobody starts."""
    return {code: VirtualPile(code) for code in codes}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("do: plug", "script, line 1: a script is a list of steps, each beginning with '- '"),
        ("- plug", "script, line 1: a step looks like {after: 3, do: plug, gun: 1}"),
        ("- {gun: 1}", "script, line 1: 'do' is missing"),
        (
            "- do: plug\n  gun: 1\n- do: fly",
            "script, line 3: do must be one of plug, unplug, arrive, leave, card, account, vin, parallel, stop, ",
        ),
        ("- do: plug\n  gun: x", "script, line 2: gun must be a whole number from 1 to 99, not 'x'"),
        ("- do: plug\n  gun: 3", f"script, line 2: pile {PILE} has guns 1 to 2, not 3"),
        ("- do: plug", "script, line 1: 'plug' needs 'gun'"),
        ("- do: plug\n  gun: 1\n  sock: 3", "script, line 3: 'plug' takes no 'sock', only gun, soc"),
        ("- do: plug\n  gun: [1]", "script, line 2: gun must be one value"),
        ("- do: plug\n  gun: 1\n  gun: 2", "script, line 3: gun is given twice"),
        ("- do: back\n  after: soon", "script, line 2: after must be a number of seconds, not 'soon'"),
        ("- do: drop\n  seconds: -1", "script, line 2: seconds must be a number of seconds, not '-1'"),
        ("- do: wait\n  for: rain", "script, line 2: for must be one of online, ready, plugged, charging,"),
        ("- do: plug\n  gun: 1\n  pile: '7'", "script, line 3: no pile is called '7'"),
        ("- do: repeat", "script, line 1: 'repeat' needs an 'after' above 0, or it would never pause"),
        ("- {after: 1, do: end, gun: 1}", "script, line 1: 'end' takes nothing"),
        ("- {do: plug", "script, line 1: expected ',' or '}', but got '<stream end>'"),
    ],
)
def test_mistakes(text: str, message: str) -> None:
    """A mistake is named with its line and its field."""
    with pytest.raises(ScriptError) as error:
        parse(text, piles(PILE))
    assert str(error.value).startswith(message)


def test_which_pile() -> None:
    """With several piles a step has to say which; the last digits are enough."""
    both = piles(PILE, SECOND)
    with pytest.raises(ScriptError, match="which pile"):
        parse("- {do: plug, gun: 1}", both)
    with pytest.raises(ScriptError, match="more than one"):
        parse("- {do: plug, gun: 1, pile: ''}", both)
    (step,) = parse("- {do: plug, gun: 1, pile: 0002}", both)
    assert step.title == f"{SECOND} plug"


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(ScriptError, match="day.yaml: No such file"):
        load(tmp_path / "day.yaml", piles(PILE))


def test_mistake_in_a_file(tmp_path: Path) -> None:
    """The file is named, too."""
    path = tmp_path / "day.yaml"
    path.write_text("- {do: fly}\n")
    with pytest.raises(ScriptError, match="day.yaml, line 1: do must"):
        load(path, piles(PILE))


async def test_a_day(platform: RawPlatform, pile: VirtualPile) -> None:
    """Every step does what it says."""
    steps = parse(
        """
        - {do: wait, for: ready}
        - {after: 0.05, do: plug, gun: 1, soc: 20}
        - {do: wait, for: charging, gun: 1}
        - {do: drop, seconds: 0.05}
        - {do: wait, for: ready}
        - {do: stop, gun: 1}
        - {do: wait, for: settled}
        - {do: unplug, gun: 1}
        - {do: fault, gun: 2, fault: 13}
        - {do: clear, gun: 2}
        - {do: silent}
        - {do: beat}
        - {do: vanish, seconds: 0.05}
        - {do: wait, for: online}
        - {do: power, seconds: 0.1}
        - {do: wait, for: online}
        - {do: end}
        - {do: plug, gun: 1}
        """,
        {pile.code: pile},
    )
    platform.send(0x34, start())
    assert await play(steps)
    assert platform.all(0x3B)[0].body[149] == 0x45
    assert not pile.gun(1).plugged
    assert platform.connections == 4


async def test_repeat(platform: RawPlatform, pile: VirtualPile) -> None:
    """'repeat' begins again from the top."""
    script = "- {do: plug, gun: 1}\n- {do: unplug, gun: 1}\n- {after: 0.01, do: repeat}"
    pile.chore(_endless(script, pile))
    await platform.wait(0x13, 3, lambda raw: raw.body[26] == 1)


async def _endless(script: str, pile: VirtualPile) -> None:
    await play(parse(script, {pile.code: pile}))


async def test_a_wait_in_vain(platform: RawPlatform, pile: VirtualPile) -> None:
    """A wait that takes too long names its line."""
    steps = parse("- {do: back}\n- {do: wait, for: charging, seconds: 0.05}", {pile.code: pile})
    with pytest.raises(ScriptError, match="line 2: still not so after 0.05 s"):
        await play(steps)


async def test_end_of_the_list(platform: RawPlatform, pile: VirtualPile) -> None:
    """A script that just stops does not end the program."""
    assert not await play(parse("- {do: plug, gun: 1}", {pile.code: pile}))
    assert pile.gun(1).plugged
