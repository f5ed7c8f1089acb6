"""What Home Assistant's page of system information says."""

from typing import Any, Final

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_PORT
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN

INTEGRATIONS: Final = "/config/integrations/integration/" + DOMAIN


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Tell how listeners and ledger are."""
    register.async_register_info(async_system_health_info, INTEGRATIONS)


async def async_system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return how many listen on which ports, who is connected, and whether the ledger can be written."""
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    hubs = [entry.runtime_data for entry in entries if entry.state is ConfigEntryState.LOADED]
    known = [coordinator for hub in hubs for coordinator in hub.piles.values()]
    told: dict[str, Any] = {
        "listeners": f"{len(hubs)} / {len(entries)}",
        "ports": ", ".join(sorted(str(entry.data[CONF_PORT]) for entry in entries)),
        "piles_online": f"{sum(pile.data.online for pile in known)} / {len(known)}",
        "connections": sum(hub.listener.connection_count for hub in hubs),
        "refused_connections": sum(hub.listener.trouble.refused_connections for hub in hubs),
        "refused_logins": sum(hub.listener.trouble.refused_logins for hub in hubs),
    }
    if hubs:
        ledger = hubs[0].listener.ledger
        told["ledger"] = {"type": "failed", "error": "cannot be written"} if ledger.failing else "ok"
    return told
