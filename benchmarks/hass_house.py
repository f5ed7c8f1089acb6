"""The Home Assistants that are measured: with the integration, with the floor, and with neither."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
import json
import sqlite3
from typing import Any, Final, override

from benchmarks.charging_load import GUNS
from demo.client import Client
from demo.flows import entries
from demo.hass import REPOSITORY, Hass
from demo.ports import LOOPBACK, free_port
from demo.waiting import until

COMPONENT: Final = "ykc_bench"
PREFIX: Final = "3201"
"""What the codes of all piles begin with, and so the ids of their entities."""
_COMPONENT_FOLDER: Final = REPOSITORY / "benchmarks" / "components" / COMPONENT
_SETUP_SECONDS: Final = 300.0


class Kind(StrEnum):
    """What a Home Assistant has."""

    YKC = "ykc"
    FLOOR = "floor"
    EMPTY = "empty"


def codes(count: int) -> list[str]:
    """Return the codes of so many piles."""
    return [f"{PREFIX}{number:010}" for number in range(1, count + 1)]


def shared_out(piles: int, listeners: int) -> dict[int, list[str]]:
    """Return the piles of each listener, by its port."""
    names = codes(piles)
    return {free_port(): names[number::listeners] for number in range(listeners)}


@dataclass
class BenchHass(Hass):
    """A Home Assistant that is measured: its recorder is as it comes, and it logs only what is wrong."""

    log_level: str = "warning"
    patience: float = 900.0
    kind: Kind = Kind.EMPTY
    piles: Mapping[int, Sequence[str]] = field(default_factory=dict)

    @override
    def prepare(self) -> None:
        super().prepare()
        configuration = self.folder / "configuration.yaml"
        as_it_comes = configuration.read_text(encoding="utf-8").replace("  commit_interval: 1\n", "")
        configuration.write_text(f"{as_it_comes}{COMPONENT}:\n", encoding="utf-8")
        if not (link := self.folder / "custom_components" / COMPONENT).is_symlink():
            link.symlink_to(_COMPONENT_FOLDER)

    @property
    def pid(self) -> int:
        """Return the id of the process."""
        return self.child.pid

    async def furnish(self, client: Client, plan: Sequence[Sequence[Any]] = ()) -> None:
        """Give it all piles, as config entries of the integration or of the floor."""
        match self.kind:
            case Kind.YKC:
                for port, names in self.piles.items():
                    await _add(client, "ykc", {"host": LOOPBACK, "port": port}, names)
            case Kind.FLOOR:
                (self.folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
                for names in self.piles.values():
                    await _add(client, COMPONENT, {"codes": names, "guns": GUNS}, ())

    async def loaded(self, client: Client) -> None:
        """Wait until all that it has is there."""
        domain = {Kind.YKC: "ykc", Kind.FLOOR: COMPONENT}.get(self.kind)

        async def probe() -> bool | None:
            found = [] if domain is None else await entries(client, domain)
            return all(entry["state"] == "loaded" for entry in found) or None

        await until(f"the entries of {self.kind} are loaded", probe, _SETUP_SECONDS)

    def rows(self) -> int:
        """Return how many states the recorder has."""
        with sqlite3.connect(f"file:{self.folder / 'home-assistant_v2.db'}?mode=ro", uri=True) as db:
            (last,) = db.execute("SELECT max(state_id) FROM states").fetchone()
        return int(last or 0)


async def _add(client: Client, domain: str, data: Mapping[str, Any], piles: Sequence[str]) -> None:
    subentries = [
        {
            "subentry_type": "pile",
            "title": code,
            "unique_id": code,
            "data": {
                "area": None,
                "code": code,
                "pile_type": "dc",
                "gun_count": GUNS,
                "protocol_version": "1.6",
                "software_version": "V1.0",
            },
        }
        for code in piles
    ]
    title = f"YKC (port {data['port']})" if "port" in data else "Floor"
    await client.command(f"{COMPONENT}/add", domain=domain, title=title, data=data, subentries=subentries)


async def all_charge(client: Client, guns: int) -> None:
    """Wait until all guns charge, each with an order: the ledger has synchronised one after the other with the disk."""

    async def probe() -> bool | None:
        return await client.command(f"{COMPONENT}/charging") == guns or None

    await until(f"{guns} guns charge", probe, _SETUP_SECONDS)


async def plan_of(client: Client, code: str) -> list[list[Any]]:
    """Return what entities the pile with this code has: the number of the gun, platform, key, name, whether enabled."""
    plan = []
    for entity in await client.command("config/entity_registry/list"):
        pile, _, rest = entity["unique_id"].partition("_")
        if entity["platform"] != "ykc" or pile != code:
            continue
        head, _, key = rest.partition("_")
        gun, key = (int(head), key) if head.isdecimal() else (None, rest)
        platform = entity["entity_id"].partition(".")[0]
        plan.append([gun, platform, key, entity["original_name"], entity["disabled_by"] is None])
    return plan
