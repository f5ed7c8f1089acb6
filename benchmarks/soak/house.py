"""The Home Assistant of the site: one real process after the other in the same folder."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
import random
from time import monotonic
from typing import Final, override

from demo import flows
from demo.client import Client
from demo.errors import Failed
from demo.hass import REPOSITORY, Hass
from demo.waiting import until

from .fleet import Fleet
from .meters import Meters
from .office import Office
from .vitals import Gauge, Run, watch

COMPONENT: Final = "ykc_gauge"
WARM_UP: Final = 45.0
"""Seconds after all piles are there."""
STOPPING: Final = 180.0
"""Seconds after which a stop is none, and the process is killed: the recorder writes all that it was told before."""


@dataclass
class GaugedHass(Hass):
    """A Home Assistant that tells what it keeps in mind."""

    stop_patience: float = STOPPING

    @override
    def prepare(self) -> None:
        super().prepare()
        configuration = self.folder / "configuration.yaml"
        configuration.write_text(f"{configuration.read_text(encoding='utf-8')}{COMPONENT}:\n", encoding="utf-8")
        if not (link := self.folder / "custom_components" / COMPONENT).is_symlink():
            link.symlink_to(REPOSITORY / "benchmarks" / "components" / COMPONENT)


@dataclass(slots=True)
class House:
    """Its lives, and who looks at it."""

    hass: GaugedHass
    fleet: Fleet
    office: Office
    meters: Meters
    runs: list[Run] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    start_takes: float = 20.0
    """Seconds that it took the last time."""
    tell: Callable[[str], object] = print
    """Takes what happens, in words."""
    _watches: list[asyncio.Task[None]] = field(default_factory=list)

    async def open(self) -> Client:
        """Start it, and let people in when it has its piles' listener."""
        run = Run(len(self.runs) + 1, monotonic())
        self.runs.append(run)
        client = await self.hass.start()
        self._watches = [asyncio.create_task(watch(run, self.hass.child.pid))]
        if self.office.entry_id:
            await flows.loaded(client, self.office.entry_id)
            await self.meters.follow(client)
            self._watches.append(asyncio.create_task(self._warm_up(run, client)))
        self.start_takes = monotonic() - run.began
        self.office.client = client
        self.tell(f"run {run.number} is there after {self.start_takes:.0f} s")
        return client

    async def _warm_up(self, run: Run, client: Client) -> None:
        """Note what it uses when it has got going."""

        async def all_there() -> bool | None:
            return self.fleet.ready or None

        # Not all of them at the same moment: links get lost.
        with suppress(Failed):
            await until("all piles are there", all_there, WARM_UP)
        await asyncio.sleep(WARM_UP)
        with suppress(Failed):
            run.warm = await self.gauge(client)
            run.warm_at = monotonic()

    async def gauge(self, client: Client) -> Gauge:
        """Ask what it keeps in mind."""
        return Gauge.read(await client.command(f"{COMPONENT}/read"))

    async def _take_leave(self, end: str, chance: random.Random | None = None) -> None:
        """Let people out of one that is about to go."""
        run, client = self.runs[-1], self.office.client
        run.left_at = monotonic()
        if client is not None:
            with suppress(Failed):
                run.late = await self.gauge(client)
        if chance is not None:
            await asyncio.sleep(chance.uniform(0, 2))
        self.hass.child.check()
        self.office.client = None
        run.end = end
        self.tell(f"run {run.number} is {end}, after {monotonic() - run.began:.0f} s")

    async def _gone(self) -> None:
        for task in self._watches:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._watches = []

    async def stop(self) -> None:
        """Stop it in good order."""
        await self._take_leave("stopped")
        began = monotonic()
        await self.hass.stop()
        if (took := monotonic() - began) >= STOPPING:
            self.findings.append(f"run {self.runs[-1].number} did not stop by itself: it was killed after {took:.0f} s")
        if left := self.hass.child.left_running():
            self.findings.append(f"run {self.runs[-1].number} left processes running: {left}")
        await self._gone()

    async def restart(self) -> None:
        """Stop it and start it again."""
        await self.stop()
        await self.open()

    async def kill(self, chance: random.Random, *, while_starting: bool) -> None:
        """Kill it while it works, and perhaps once more while it starts; then start it again."""
        await self._take_leave("killed", chance)
        await self.hass.kill()
        await self._gone()
        if while_starting:
            self.tell("and again while it starts")
            await self.hass.launch()
            await asyncio.sleep(chance.uniform(0.1, 1) * self.start_takes)
            self.hass.child.check()
            await self.hass.kill()
        self.meters.killed()
        await self.open()
