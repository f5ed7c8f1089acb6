"""Config flows, subentry flows and discovery cards, answered over REST."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from .client import Client, Json
from .errors import Failed
from .waiting import until

DOMAIN = "ykc"


class Kind(StrEnum):
    """The flows that a person can be led through, by where they live."""

    CONFIG = "/api/config/config_entries/flow"
    OPTIONS = "/api/config/config_entries/options/flow"
    SUBENTRY = "/api/config/config_entries/subentries/flow"


async def start(client: Client, handler: object = DOMAIN, kind: Kind = Kind.CONFIG, **fields: object) -> Json:
    """Start a flow and return its first step.

    The handler is a domain, for options an entry's id, and for a subentry the
    entry's id with the subentry's type. `entry_id` makes it a reconfiguration.
    """
    step: Json = await client.request("POST", kind, {"handler": handler, **fields})
    return step


async def answer(
    client: Client,
    step: Json,
    answers: Mapping[str, object],
    kind: Kind = Kind.CONFIG,
) -> Json:
    """Submit the form of a step and return the step that follows."""
    following: Json = await client.request("POST", f"{kind}/{step['flow_id']}", dict(answers))
    return following


async def add_listener(client: Client, host: str, port: int) -> str:
    """Add the integration through its config flow; return the entry's id."""
    step = await answer(client, await start(client), {"host": host, "port": port})
    if step["type"] != "create_entry":
        raise Failed(f"the listener was not made: {step.get('errors') or step}")
    entry_id: str = step["result"]["entry_id"]
    await loaded(client, entry_id)
    return entry_id


async def entries(client: Client, domain: str = DOMAIN) -> list[Json]:
    """Return the config entries of an integration."""
    found: list[Json] = await client.command("config_entries/get", domain=domain)
    return found


async def loaded(client: Client, entry_id: str, seconds: float = 30) -> None:
    """Wait until a config entry is loaded, and fail at once when it cannot be."""

    async def probe() -> bool | None:
        entry = next(e for e in await entries(client) if e["entry_id"] == entry_id)
        if entry["state"] in ("setup_error", "setup_retry", "migration_error"):
            raise Failed(f"the integration was not set up: {entry['reason']}")
        return True if entry["state"] == "loaded" else None

    await until("the integration is loaded", probe, seconds)


async def disable(client: Client, entry_id: str) -> None:
    """Unload a config entry for as long as it is disabled."""
    await client.command("config_entries/disable", entry_id=entry_id, disabled_by="user")


async def remove(client: Client, entry_id: str) -> None:
    """Remove a config entry."""
    await client.request("DELETE", f"/api/config/config_entries/entry/{entry_id}")


async def enable(client: Client, entry_id: str) -> None:
    """Set a disabled config entry up again."""
    await client.command("config_entries/disable", entry_id=entry_id, disabled_by=None)
    await loaded(client, entry_id)


async def reload(client: Client, entry_id: str) -> None:
    """Unload a config entry and set it up again."""
    await client.request("POST", f"/api/config/config_entries/entry/{entry_id}/reload")
    await loaded(client, entry_id)


async def card(client: Client, pile: str, seconds: float = 60) -> Json:
    """Wait for the discovery card of a pile and return its flow."""

    async def probe() -> Json | None:
        flows: list[Json] = await client.command("config_entries/flow/progress")
        return next((f for f in flows if (f["handler"], _unique_id(f)) == (DOMAIN, pile)), None)

    return await until(f"a discovery card of pile {pile}", probe, seconds)


def _unique_id(flow: Json) -> Any:
    """Return the unique id that a discovery flow has taken."""
    return flow["context"].get("unique_id")


async def approve(client: Client, pile: str, name: str, area: str | None) -> Json:
    """Approve a pile through its discovery card."""
    flow = await card(client, pile)
    step = await client.request("GET", f"{Kind.CONFIG}/{flow['flow_id']}")
    answers = {"name": name} | ({"area": area} if area else {})
    result = await answer(client, step, answers)
    if result["type"] != "abort":
        raise Failed(f"pile {pile} was not approved: {result.get('errors') or result}")
    return result
