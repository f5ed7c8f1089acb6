"""Where piles may call from, as people type it, and what is seen of who calls."""

import re
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState

from .const import CONF_ALLOWED_NETWORKS
from .server.networks import Network, Networks, read_network, written

SHOWN_PILES: Final = 20
"""Piles that a form lists with their addresses."""
NONE: Final = "–"
"""Shown in place of what is not known."""

_BETWEEN: Final = re.compile(r"[\s,;，；、]+")


def read_networks(typed: str) -> tuple[list[str], list[str]]:
    """Return typed networks as they are stored, and the words that are none."""
    networks: dict[str, None] = {}
    wrong: list[str] = []
    for text in filter(None, _BETWEEN.split(typed)):
        try:
            networks[written(read_network(text))] = None
        except ValueError:
            wrong.append(text)
    return list(networks), wrong


def read_pinned(typed: str, entry: ConfigEntry) -> tuple[str | None, str | None]:
    """Return a typed address or network as it is stored, None where it is left empty; else the error of the form."""
    text = typed.strip()
    if not text:
        return None, None
    try:
        network = read_network(text)
    except ValueError:
        return None, "invalid_network"
    allowed = Networks.read(entry.options.get(CONF_ALLOWED_NETWORKS, ())).allowed
    if allowed and not any(_overlap(network, other) for other in allowed):
        return None, "network_not_allowed"
    return written(network), None


def _overlap(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)


def seen(entry: ConfigEntry) -> dict[str, str]:
    """Return where the piles of a listener are connected from, and how many were refused, for its forms."""
    if entry.state is not ConfigEntryState.LOADED:
        return {"connected": NONE, "refused_connections": NONE, "refused_logins": NONE}
    hub: Any = entry.runtime_data
    connected = [f"{pile.name} ({pile.data.address})" for pile in hub.piles.values() if pile.data.connected]
    shown = ", ".join(connected[:SHOWN_PILES]) + (", …" if len(connected) > SHOWN_PILES else "")
    trouble = hub.listener.trouble
    return {
        "connected": shown or NONE,
        "refused_connections": str(trouble.refused_connections),
        "refused_logins": str(trouble.refused_logins),
    }


def last_address(entry: ConfigEntry, subentry_id: str) -> str:
    """Return where a pile called from last, for its form."""
    if entry.state is not ConfigEntryState.LOADED:
        return NONE
    coordinator = entry.runtime_data.piles.get(subentry_id)
    return NONE if coordinator is None else coordinator.data.address or NONE
