"""Words typed at the prompt or sent to the control port: `plug 1`, `plug 2 soc=80 pile=0002`, `status`."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
import sys
import threading

from custom_components.ykc.protocol import GunStatus

from .actions import ACTIONS, Action, BadWords, find_pile, perform
from .pile import VirtualPile

HELP_HINT = "'help' lists what can be done"


class Console:
    """Understands lines about some piles and answers each with a text."""

    def __init__(self, piles: Mapping[str, VirtualPile]) -> None:
        """Take the piles by their codes."""
        self._piles = piles

    async def do(self, line: str) -> str:
        """Do what a line says, and return what there is to say about it."""
        words = line.split()
        match words:
            case []:
                return ""
            case ["help"]:
                return usage()
            case ["status"]:
                return "\n".join(map(describe, self._piles.values()))
        try:
            await self._perform(words)
        except BadWords as error:
            return f"error: {error}"
        except TimeoutError as error:
            return f"error: {error}"
        return "ok"

    async def _perform(self, words: list[str]) -> None:
        action = ACTIONS.get(words[0])
        if action is None:
            raise BadWords(f"'{words[0]}' is unknown; {HELP_HINT}")
        named = _by_name(action, words[1:])
        pile = find_pile(self._piles, named.pop("pile", None))
        await perform(action, pile, action.bind(named, pile))


def _by_name(action: Action, words: list[str]) -> dict[str, str]:
    """Give the bare words the names of the parameters, in their order."""
    names = iter(parameter.name for parameter in action.parameters)
    named: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            name, value = next(names, ""), word
        if not name:
            raise BadWords(f"'{word}' is too much: {action.usage}")
        if name in named:
            raise BadWords(f"'{name}' is given twice", name)
        named[name] = value
    return named


def usage() -> str:
    """Return what can be said."""
    width = max(len(action.usage) for action in ACTIONS.values())
    lines = [f"{action.usage:{width}}  {action.help}" for action in ACTIONS.values()]
    lines.append(f"{'status':{width}}  show all piles")
    return "\n".join((*lines, "With several piles add pile=CODE; its last digits are enough."))


def describe(pile: VirtualPile) -> str:
    """Return a pile's state in one line for itself and one for each gun."""
    lines = [f"{pile.code} {pile.type.slug} {'online' if pile.online else 'offline'}"]
    for gun in pile.guns.values():
        words = [f"  gun {gun.number}", GunStatus(gun.status).slug, "plugged" if gun.plugged else "not plugged"]
        if gun.charge is not None:
            words.append(f"{gun.power / 1000:.1f} kW, {gun.soc:.0f} %, {gun.energy} kWh, {gun.amount} CNY")
        lines.append(", ".join(words))
    return "\n".join(lines)


async def prompt(console: Console) -> None:
    """Do what is typed, until the input ends or somebody quits."""
    async for line in _typed():
        if line.strip() in ("quit", "exit"):
            return
        if answer := await console.do(line):
            print(answer, flush=True)


async def _typed() -> AsyncIterator[str]:
    """Give the lines of the standard input: a thread reads them, since it may be a file, a pipe or a terminal."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, name="prompt", daemon=True).start()
    while (line := await lines.get()) is not None:
        yield line


@asynccontextmanager
async def control_port(console: Console, port: int) -> AsyncIterator[int]:
    """Serve the console to other processes of this machine, a line each; give the port (0 takes a free one)."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                answer = await console.do(line.decode(errors="replace"))
                writer.write(f"{answer}\n".encode())
                await writer.drain()
        except ConnectionError, ValueError:
            return  # gone, or a line without an end
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", port) as server:
        yield server.sockets[0].getsockname()[1]
