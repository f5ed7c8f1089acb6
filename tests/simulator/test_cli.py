"""The command line: as a program of its own, and its words."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
import signal
import sys

import pytest

from simulator import VirtualPile
from simulator.cli import main
from simulator.console import Console

from .conftest import PILE, start
from .raw_platform import RawPlatform

ROOT = Path(__file__).parents[2]
SECOND = "32010200000002"
END_SECONDS = 30.0


@pytest.fixture(autouse=True)
def can_be_interrupted() -> Iterator[None]:
    """Have SIGINT do what it does, also where the tests run in the background of a shell, which has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@asynccontextmanager
async def program(*arguments: str, stdin: int = DEVNULL) -> AsyncIterator[Process]:
    """Run `python -m simulator`, and never leave it behind."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", *arguments, cwd=ROOT, stdin=stdin, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ends(process: Process) -> tuple[int, str]:
    """Wait for a program's end; return its code and everything that it said."""
    async with asyncio.timeout(END_SECONDS):
        out, error = await process.communicate()
    assert process.returncode is not None
    return process.returncode, (out + error).decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_piles_until_ctrl_c(platform: RawPlatform, number: signal.Signals) -> None:
    """Piles call until they are told to end, say what they do in plain words, and end without a trace."""
    arguments = ("--port", str(platform.port), "--pile", f"{PILE}:dc:2", "--pile", f"{SECOND}:ac:1", "--plugged")
    async with program(*arguments, "--pace", "100") as process:
        await platform.wait(0x03, 3)
        assert {raw.text(0, 7) + raw.text(7, 2) for raw in platform.all(0x01)} == {PILE + "0002", SECOND + "0101"}
        await platform.wait(0x13, 3, lambda raw: raw.body[26] == 1)
        process.send_signal(number)
        code, said = await ends(process)
    assert code == 0
    assert f"{PILE}: online" in said
    assert f"{SECOND}: gun 1 plugged" in said
    assert "Traceback" not in said
    await platform.until(lambda: platform.closed == 2)


async def test_frames_in_hex(platform: RawPlatform) -> None:
    """Frames are shown in hex, both ways, when they are asked for."""
    async with program("--port", str(platform.port), "-v") as process:
        await platform.wait(0x13, 2)
        process.send_signal(signal.SIGINT)
        _, said = await ends(process)
    assert f"{PILE}: sends login 68 22 00 00 00 01 32 01 02" in said
    assert f"{PILE}: gets login_reply 68 0c 00 00 00 02 32 01 02" in said


async def test_typed_words(platform: RawPlatform) -> None:
    """What is typed is done, and 'quit' ends it."""
    async with program("--port", str(platform.port), "-q", "--interactive", stdin=PIPE) as process:
        assert process.stdin is not None
        await platform.wait(0x13, 2)
        process.stdin.write(b"plug 1 soc=80\nfly\nstatus\n")
        await platform.wait(0x13, 1, lambda raw: raw.body[26] == 1)
        process.stdin.write(b"quit\n")
        code, said = await ends(process)
    assert code == 0
    assert said.splitlines() == [
        "ok",
        "error: 'fly' is unknown; 'help' lists what can be done",
        f"{PILE} dc online",
        "  gun 1, idle, plugged",
        "  gun 2, idle, not plugged",
    ]


async def test_end_of_input(platform: RawPlatform) -> None:
    """The end of the input is the end of the program."""
    async with program("--port", str(platform.port), "--interactive") as process:
        code, _ = await ends(process)
    assert code == 0


async def test_control_port(platform: RawPlatform) -> None:
    """Another process can do what a person can."""
    async with program("--port", str(platform.port), "-q", "--control", "0") as process:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        reader, writer = await asyncio.open_connection("127.0.0.1", int(line.rpartition(" ")[2]))
        await platform.wait(0x13, 2)
        writer.write(b"plug 2\n")
        assert await reader.readline() == b"ok\n"
        await platform.wait(0x13, 1, lambda raw: raw.body[23] == 2 and raw.body[26] == 1)
        writer.close()
        process.send_signal(signal.SIGINT)
        assert (await ends(process))[0] == 0


async def test_control_port_taken(platform: RawPlatform) -> None:
    """A port that another program has is named."""
    async with program("--port", str(platform.port), "--control", str(platform.port)) as process:
        code, said = await ends(process)
    assert code == 2
    assert f"the control port {platform.port} cannot be had: " in said
    assert "Traceback" not in said


async def test_script_to_its_end(platform: RawPlatform, tmp_path: Path) -> None:
    """A script that says 'end' ends the program."""
    script = tmp_path / "day.yaml"
    script.write_text("- {do: wait, for: ready}\n- {do: plug, gun: 1}\n- {after: 0.1, do: end}\n")
    async with program("--port", str(platform.port), "--script", str(script)) as process:
        code, said = await ends(process)
    assert code == 0
    assert f"line 2: {PILE} plug" in said
    assert platform.all(0x13, lambda raw: raw.body[26] == 1)


async def test_script_without_an_end(platform: RawPlatform, tmp_path: Path) -> None:
    """The piles go on when their script is over."""
    script = tmp_path / "day.yaml"
    script.write_text("- {do: wait, for: ready}\n")
    async with program("--port", str(platform.port), "--pace", "100", "--script", str(script)) as process:
        await platform.wait(0x03, 20)
        process.send_signal(signal.SIGINT)
        code, said = await ends(process)
    assert code == 0
    assert "the script is over; Ctrl-C ends the piles" in said


async def test_many(platform: RawPlatform) -> None:
    """Many piles get consecutive codes."""
    arguments = ("--port", str(platform.port), "-q", "--count", "20", "--first-code", PILE, "--each", "ac")
    async with program(*arguments) as process:
        await platform.wait(0x01, 20)
        process.send_signal(signal.SIGINT)
        assert (await ends(process))[0] == 0
    assert sorted(raw.text(0, 7) for raw in platform.all(0x01)) == [str(int(PILE) + n) for n in range(20)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--pile", "x"], "'x' is not a number of at most 14 hex digits"),
        (["--pile", "1:bus"], "a pile is dc or ac, not 'bus'"),
        (["--pile", "1:dc:0"], "a pile has 1 to 99 guns, not '0'"),
        (["--pile", "1", "--pile", "01"], "two piles have the same code"),
        (["--pace", "0"], "must be a positive number, not '0'"),
        (["--pace", "fast"], "must be a positive number, not 'fast'"),
        (["--port", "70000"], "must be a whole number from 0 to 65535, not '70000'"),
        (["--count", "2", "--first-code", "ab"], "--first-code must be decimal digits"),
        (["--script", "/nowhere/day.yaml"], "/nowhere/day.yaml: No such file"),
    ],
)
def test_mistakes(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake ends in a sentence, without a traceback."""
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert message in capsys.readouterr().err


async def test_console(platform: RawPlatform, pile: VirtualPile) -> None:
    """The prompt's answers."""
    console = Console({pile.code: pile, SECOND: VirtualPile(SECOND)})
    assert "press the pile's own stop button" in await console.do("help")
    assert await console.do("") == ""
    assert await console.do("plug 1") == f"error: which pile? There are {PILE}, {SECOND}"
    assert await console.do("plug 1 pile=0001") == "ok"
    assert await console.do("plug 1 2 2 3") == "error: '3' is too much: plug GUN [SOC] [WITH]"
    assert await console.do("plug 1 gun=2") == "error: 'gun' is given twice"
    assert (await console.do("wait charging seconds=0.01 pile=0001")).startswith("error: still not so")
    platform.send(0x34, start())
    assert await console.do("wait charging pile=0001") == "ok"
    assert "gun 1, charging, plugged, 52." in await console.do("status")
