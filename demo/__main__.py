"""The command line of the demo."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
import fcntl
from pathlib import Path
import shutil
import signal
import sys
import tempfile
import time

from .check import charge_once
from .errors import Failed
from .hass import PASSWORD, REPOSITORY, USER, Hass
from .ports import LOOPBACK, free_port, is_free
from .processes import Child
from .scene import Say, Scene, set_up
from .texts import LANGUAGES

_HTTP_PORT = 8123
_PILE_PORT = 27600


def main() -> int:
    """Run the demo, or check it; return the exit code."""
    options = _parser().parse_args()
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {text}", flush=True)

    try:
        asyncio.run(_check(options, say) if options.check else _show(options, say))
    except KeyboardInterrupt, asyncio.CancelledError:
        say("stopped")
        return 130 if options.check else 0
    except Failed as err:
        print(f"\ndemo failed: {err}", file=sys.stderr)
        return 1
    if options.check:
        print(f"demo ok, {time.monotonic() - started:.0f} s")
    return 0


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Start Home Assistant with the integration, two virtual charging piles and a dashboard."
        " Ctrl-C ends all of it.",
    )
    parser.add_argument("--check", action="store_true", help="charge once without a person, and say whether it worked")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of Home Assistant (default: %(default)s)")
    parser.add_argument("--keep", action="store_true", help="go on with what the last demo left in .demo/")
    parser.add_argument(
        "--host",
        default=LOOPBACK,
        help="where Home Assistant listens (default: this machine only; 0.0.0.0 lets others in, with a known password)",
    )
    parser.add_argument("--port", type=int, help=f"of Home Assistant (default: {_HTTP_PORT}, or a free one)")
    parser.add_argument("--pile-port", type=int, help=f"of the listener (default: {_PILE_PORT}, or a free one)")
    return parser


async def _check(options: argparse.Namespace, say: Say) -> None:
    """Set everything up in a temporary folder, charge, end everything and look for leftovers."""
    with tempfile.TemporaryDirectory(prefix="ykc-demo-") as folder:
        hass = Hass(Path(folder), options.language, port=_port(options.port, 0))
        listener_port = _port(options.pile_port, 0)
        async with _ended_by_signals(), AsyncExitStack() as stack:
            scene = await set_up(stack, hass, listener_port, say)
            await charge_once(scene, say)
        _nothing_left(scene)
        say("everything has ended, and the ports are free again")


def _nothing_left(scene: Scene) -> None:
    """Fail when a process or a port is still in use."""
    children: list[Child] = [scene.hass.child, scene.piles.child]
    if left := [pid for child in children for pid in child.left_running()]:
        raise Failed(f"these processes are still running: {left}")
    if taken := [port for port in (scene.hass.port, scene.listener_port) if not is_free(port)]:
        raise Failed(f"these ports are still taken: {taken}")


async def _show(options: argparse.Namespace, say: Say) -> None:
    """Set everything up in .demo/ and wait for Ctrl-C."""
    with _folder(keep=options.keep) as folder:
        hass = Hass(folder, options.language, host=options.host, port=_port(options.port, _HTTP_PORT))
        listener_port = _port(options.pile_port, _PILE_PORT)
        async with _ended_by_signals(), AsyncExitStack() as stack:
            scene = await set_up(stack, hass, listener_port, say)
            print(
                f"\n    address   {hass.url}\n    user      {USER}\n    password  {PASSWORD}\n\n"
                "Every gun is plugged into a car. Ctrl-C ends everything.\n",
                flush=True,
            )
            await _watch(scene)


async def _watch(scene: Scene) -> None:
    """Wait for ever, unless one of the processes ends by itself."""
    while True:
        scene.hass.child.check()
        scene.piles.child.check()
        await asyncio.sleep(1)


def _port(chosen: int | None, preferred: int) -> int:
    """Return the port that was asked for if it is free, else the usual one or any."""
    if chosen is None:
        return free_port(preferred)
    if not is_free(chosen):
        raise Failed(f"port {chosen} is taken")
    return chosen


@contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    """Give the demo's folder, for one demo at a time."""
    home = REPOSITORY / ".demo"
    home.mkdir(exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed("another demo is running in .demo/") from None
        folder = home / "config"
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        yield folder


@asynccontextmanager
async def _ended_by_signals() -> AsyncIterator[None]:
    """Let each signal that asks for it end everything in order, Ctrl-C among them.

    A shell starts its background jobs with SIGINT ignored: asyncio would not hear it.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    yield


if __name__ == "__main__":
    sys.exit(main())
