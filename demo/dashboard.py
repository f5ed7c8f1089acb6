"""A dashboard of its own for the charging piles, from Home Assistant's stock cards."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from .client import Client, Json
from .states import States
from .texts import Texts

URL_PATH = "ykc-demo"

_HALF: Json = {"grid_options": {"columns": 6}}
_FULL: Json = {"grid_options": {"columns": 12}}


@dataclass(frozen=True)
class Gun:
    """A gun as the dashboard shows it."""

    pile: str
    number: int
    title: str
    dc: bool


async def create(client: Client, states: States, texts: Texts, guns: Sequence[Gun]) -> None:
    """Make the dashboard, or write it again, and let it be the first page."""
    dashboards = await client.command("lovelace/dashboards/list")
    if all(dashboard["url_path"] != URL_PATH for dashboard in dashboards):
        await client.command(
            "lovelace/dashboards/create",
            url_path=URL_PATH,
            title=texts.dashboard,
            icon="mdi:ev-station",
            show_in_sidebar=True,
            require_admin=False,
            mode="storage",
        )
    await client.command(
        "lovelace/config/save",
        url_path=URL_PATH,
        config=await _config(states, texts, guns),
    )
    await client.command("frontend/set_user_data", key="core", value={"default_panel": URL_PATH})


async def _config(states: States, texts: Texts, guns: Sequence[Gun]) -> Json:
    """Return the dashboard: a section for each gun, and one of history."""

    async def power_of(gun: Gun) -> str:
        return await states.entity_id("sensor", f"{gun.pile}_{gun.number}_power")

    history = {
        "type": "grid",
        "column_span": len(guns),
        "cards": [
            {"type": "heading", "heading": texts.history, "icon": "mdi:chart-line"},
            {
                "type": "history-graph",
                "hours_to_show": 1 / 12,
                "entities": [{"entity": await power_of(gun), "name": gun.title} for gun in guns],
                "grid_options": {"columns": "full", "rows": 4},
            },
        ],
    }
    return {
        "views": [
            {
                "type": "sections",
                "title": texts.dashboard,
                "path": "charging",
                "max_columns": len(guns),
                "sections": [
                    *[await _section(states, texts, gun) for gun in guns],
                    history,
                ],
            }
        ]
    }


async def _section(states: States, texts: Texts, gun: Gun) -> Json:
    """Return the section of one gun."""

    async def entity(domain: str, key: str) -> str:
        return await states.entity_id(domain, f"{gun.pile}_{gun.number}_{key}")

    connection = await states.entity_id("binary_sensor", f"{gun.pile}_connection")
    return {
        "type": "grid",
        "cards": [
            {
                "type": "heading",
                "heading": gun.title,
                "icon": "mdi:ev-station" if gun.dc else "mdi:ev-plug-type2",
                "badges": [
                    {"type": "entity", "entity": connection},
                    {"type": "entity", "entity": await entity("binary_sensor", "plugged")},
                ],
            },
            tile(await entity("sensor", "status"), "mdi:car-electric", "blue"),
            tile(await entity("sensor", "power"), "mdi:lightning-bolt", "amber"),
            tile(
                await entity("switch", "charging"),
                "mdi:flash",
                "green",
                features=[{"type": "toggle"}],
                features_position="inline",
                **_FULL,
            ),
            press(await entity("button", "start"), "mdi:play", "green"),
            press(await entity("button", "stop"), "mdi:stop", "red"),
            tile(await entity("sensor", "session_energy"), "mdi:meter-electric", "teal"),
            tile(await entity("sensor", "session_cost"), "mdi:cash", "deep-orange"),
            tile(await entity("sensor", "charging_time"), "mdi:timer-outline", "indigo"),
            *(await _battery(entity) if gun.dc else []),
            tile(await entity("sensor", "total_energy"), "mdi:counter", "purple", **(_FULL if gun.dc else {})),
        ],
    }


async def _battery(entity: Callable[[str, str], Awaitable[str]]) -> list[Json]:
    """Return the tiles of what only a DC pile knows: when the battery will be full, and how full it is."""
    return [
        tile(await entity("sensor", "remaining_time"), "mdi:timer-sand", "indigo"),
        tile(
            await entity("sensor", "state_of_charge"),
            "mdi:battery",
            "green",
            features=[{"type": "bar-gauge"}],
            features_position="inline",
            **_FULL,
        ),
    ]


def tile(entity_id: str, icon: str, color: str, **options: object) -> Json:
    """Return a tile; its name is the entity's own, without the gun's."""
    return {
        "type": "tile",
        "entity": entity_id,
        "name": {"type": "entity"},
        "icon": icon,
        "color": color,
        **_HALF,
        **options,
    }


def press(button: str, icon: str, color: str) -> Json:
    """Return a tile that presses a button wherever it is touched."""
    action = {"action": "perform-action", "perform_action": "button.press", "target": {"entity_id": button}}
    return tile(button, icon, color, hide_state=True, tap_action=action, icon_tap_action=action)
