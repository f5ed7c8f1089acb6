"""The scene of the demo: a listener, two approved piles and a dashboard."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from . import dashboard, flows
from .client import Client
from .dashboard import Gun
from .hass import Hass
from .piles import Pile, VirtualPiles
from .ports import LOOPBACK
from .states import States
from .texts import TEXTS, Texts

DC_PILE = Pile("32010600000001", "dc", 2)
AC_PILE = Pile("32010600000002", "ac", 1)
PILES = (DC_PILE, AC_PILE)

_ONLINE_SECONDS = 90.0

type Say = Callable[[str], None]


@dataclass
class Scene:
    """What is there when everything is set up."""

    hass: Hass
    client: Client
    states: States
    piles: VirtualPiles
    listener_port: int


async def set_up(stack: AsyncExitStack, hass: Hass, listener_port: int, say: Say) -> Scene:
    """Start everything; the stack ends it. A folder that was used before is taken up again."""
    texts = TEXTS[hass.language]
    await stack.enter_async_context(hass)
    client = await hass.start()
    say(f"Home Assistant runs at {hass.url}")
    states = await States.open(client)

    known = await flows.entries(client)
    if known:
        listener_port = int(known[0]["title"].rpartition(" ")[2])
        await flows.loaded(client, known[0]["entry_id"])
    else:
        await flows.add_listener(client, LOOPBACK, listener_port)
    say(f"the listener waits for piles on port {listener_port}")

    piles = await stack.enter_async_context(VirtualPiles(*PILES, port=listener_port, log=hass.folder / "piles.log"))
    if not known:
        area = await _area(client, texts)
        for pile, name in _names(texts).items():
            await flows.approve(client, pile.code, name, area)
            say(f"pile {pile.code} was approved through its card as '{name}'")
    for pile in PILES:
        connection = await states.entity_id("binary_sensor", f"{pile.code}_connection")
        await states.until(connection, "on", _ONLINE_SECONDS)
        say(f"pile {pile.code} is online")

    await dashboard.create(client, states, texts, guns(texts))
    say(f"the dashboard is at {hass.url}/{dashboard.URL_PATH}")
    return Scene(hass, client, states, piles, listener_port)


def guns(texts: Texts) -> list[Gun]:
    """Return all guns as the dashboard shows them; a pile's only gun goes by the pile's name."""
    return [
        Gun(pile.code, number, name if pile.guns == 1 else texts.gun.format(pile=name, number=number), pile.dc)
        for pile, name in _names(texts).items()
        for number in range(1, pile.guns + 1)
    ]


def _names(texts: Texts) -> dict[Pile, str]:
    """Return what the piles are called."""
    return {DC_PILE: texts.dc_pile, AC_PILE: texts.ac_pile}


async def _area(client: Client, texts: Texts) -> str:
    """Make the area that the piles stand in, and return its id."""
    for area in await client.command("config/area_registry/list"):
        if area["name"] == texts.area:
            return str(area["area_id"])
    area = await client.command("config/area_registry/create", name=texts.area, icon="mdi:parking")
    return str(area["area_id"])
