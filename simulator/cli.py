"""The command line of the virtual piles."""

import argparse
import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
import logging
from pathlib import Path
import signal
from typing import Any

from custom_components.ykc.protocol import PileType, pile_code

from .console import Console, control_port, prompt
from .pile import DEFAULT_PORT, VirtualPile
from .script import ScriptError, Step, load, play

_LOGGER = logging.getLogger(__name__)

DEFAULT_CODE = "32010200000001"
DEFAULT_KIND = "dc:2"
MOST_GUNS = 99
WATCH_SECONDS = 1.0

EXAMPLES = """\
examples:
  python -m simulator --port 27600 --pile 32010200000001:dc:2 --pile 32010200000002:ac:1
  python -m simulator --charge-speed 60 --plugged --interactive
  python -m simulator --pace 10 --script day.yaml
  python -m simulator --count 100 --first-code 32010200000001 --each dc:2
"""


class CannotPlay(Exception):
    """Something that has to be mended at the command line; the text says what."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play piles until Ctrl-C; return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    piles = {pile.code: pile for pile in _piles(options, parser)}
    logging.basicConfig(
        format="%(asctime)s %(message)s",
        datefmt="%H:%M:%S",
        level=(logging.DEBUG if options.verbose else logging.WARNING if options.quiet else logging.INFO),
    )
    logging.getLogger("asyncio").setLevel(logging.INFO)
    try:
        steps = load(options.script, piles) if options.script else []
        asyncio.run(_play(piles, steps, options))
    except (ScriptError, CannotPlay) as error:
        parser.exit(2, f"{error}\n")
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Virtual YKC charging piles that dial in to a platform and speak the protocol's real bytes.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    where = parser.add_argument_group("where to dial")
    where.add_argument("--host", default="127.0.0.1", help="the platform's address (default: %(default)s)")
    where.add_argument("--port", type=_port, default=DEFAULT_PORT, help="the platform's port (default: %(default)s)")

    which = parser.add_argument_group("which piles")
    which.add_argument(
        "--pile",
        action="append",
        default=[],
        metavar="CODE[:KIND[:GUNS]]",
        help=f"a pile with its code, dc or ac, and its number of guns (default: one pile {DEFAULT_CODE}:{DEFAULT_KIND})",
    )
    which.add_argument("--count", type=_positive, metavar="N", help="N piles with consecutive codes")
    which.add_argument("--first-code", default=DEFAULT_CODE, metavar="CODE", help="the first code of --count")
    which.add_argument("--each", default=DEFAULT_KIND, metavar="KIND[:GUNS]", help="what the piles of --count are")
    which.add_argument("--locks", action="store_true", help="a parking lock at every gun")

    how = parser.add_argument_group("how they behave")
    how.add_argument("--pace", type=_factor, default=1.0, metavar="X", help="divide all waiting times of the piles")
    how.add_argument(
        "--charge-speed",
        type=_factor,
        default=1.0,
        metavar="X",
        help="let cars charge faster than the clock: with 60 an hour's charge takes a minute",
    )
    how.add_argument("--plugged", action="store_true", help="begin with every gun in a car")
    how.add_argument("--script", type=Path, metavar="FILE", help="play a list of steps (see doc/simulator.md)")
    how.add_argument("--interactive", action="store_true", help="do what is typed: 'help' lists it")
    how.add_argument(
        "--control", type=_port, metavar="PORT", help="do what other processes of this machine send to a TCP port"
    )

    volume = parser.add_mutually_exclusive_group()
    volume.add_argument("-v", "--verbose", action="store_true", help="show every frame in hex")
    volume.add_argument("-q", "--quiet", action="store_true", help="show only what is wrong")
    return parser


def _piles(options: argparse.Namespace, parser: argparse.ArgumentParser) -> list[VirtualPile]:
    """Make the piles; a mistake ends the program with a sentence."""
    try:
        specs = [_spec(text) for text in options.pile]
        if options.count:
            kind, guns = _kind(options.each)
            codes = _consecutive(options.first_code, options.count)
            specs += [(code, kind, guns) for code in codes]
        specs = specs or [(DEFAULT_CODE, *_kind(DEFAULT_KIND))]
    except ValueError as error:
        parser.error(str(error))
    codes = [code for code, _, _ in specs]
    if len(set(codes)) < len(codes):
        parser.error("two piles have the same code")
    return [
        VirtualPile(
            code,
            pile_type=kind,
            guns=guns,
            host=options.host,
            port=options.port,
            pace=options.pace,
            charge_speed=options.charge_speed,
            parking_locks=options.locks,
        )
        for code, kind, guns in specs
    ]


def _spec(text: str) -> tuple[str, PileType, int]:
    code, _, rest = text.partition(":")
    return pile_code(code), *_kind(rest or DEFAULT_KIND)


def _kind(text: str) -> tuple[PileType, int]:
    name, _, guns = text.partition(":")
    if name.upper() not in PileType.__members__:
        raise ValueError(f"a pile is dc or ac, not '{name}'")
    if guns and not (guns.isdecimal() and 1 <= int(guns) <= MOST_GUNS):
        raise ValueError(f"a pile has 1 to {MOST_GUNS} guns, not '{guns}'")
    return PileType[name.upper()], int(guns or 1)


def _consecutive(first: str, count: int) -> list[str]:
    code = pile_code(first)
    if not code.isdecimal():
        raise ValueError(f"--first-code must be decimal digits, not '{first}'")
    return [pile_code(str(int(code) + n)) for n in range(count)]


async def _play(piles: dict[str, VirtualPile], steps: list[Step], options: argparse.Namespace) -> None:
    """Run the piles until somebody quits, the program is told to end, or the script is wrong."""
    loop, ending = asyncio.get_running_loop(), asyncio.current_task()
    assert ending is not None
    with suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGTERM, ending.cancel)
    console = Console(piles)
    with suppress(asyncio.CancelledError):
        async with AsyncExitStack() as stack:
            for pile in piles.values():
                await stack.enter_async_context(pile)
            if options.plugged:
                for pile in piles.values():
                    for gun in pile.guns:
                        await pile.plug(gun)
            if options.control is not None:
                print(f"control port: {await _open_control(stack, console, options.control)}", flush=True)
            await _until_over(piles, steps, prompt(console) if options.interactive else None)


async def _open_control(stack: AsyncExitStack, console: Console, port: int) -> int:
    try:
        return await stack.enter_async_context(control_port(console, port))
    except OSError as error:
        raise CannotPlay(f"the control port {port} cannot be had: {error.strerror}") from error


async def _until_over(
    piles: dict[str, VirtualPile], steps: list[Step], typed: Coroutine[Any, Any, None] | None
) -> None:
    """Wait for the first of: the end of what is typed, the script's 'end', a failure."""
    parts = [_watch(piles), _script(steps)]
    if typed is not None:
        parts.append(typed)
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()


async def _watch(piles: dict[str, VirtualPile]) -> None:
    """Notice a pile that failed."""
    while True:
        for pile in piles.values():
            pile.check()
        await asyncio.sleep(WATCH_SECONDS)


async def _script(steps: list[Step]) -> None:
    """Play the script; without an 'end' the piles go on after it."""
    if await play(steps):
        return
    if steps:
        _LOGGER.info("the script is over; Ctrl-C ends the piles")
    await asyncio.Event().wait()


def _port(text: str) -> int:
    return _number(text, 0, 65535)


def _positive(text: str) -> int:
    return _number(text, 1, 100_000)


def _number(text: str, low: int, high: int) -> int:
    if not text.isdecimal() or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"must be a whole number from {low} to {high}, not '{text}'")
    return int(text)


def _factor(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number, not '{text}'")
    return value
