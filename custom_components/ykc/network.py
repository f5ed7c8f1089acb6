"""Which address a pile has to be given, and why one cannot be listened on."""

import errno
from ipaddress import IPv4Address
from typing import NamedTuple

from homeassistant.components import network
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant

_EVERYWHERE = frozenset({"0.0.0.0", "::", ""})


class BindError(NamedTuple):
    """Which of the two a person can change, and what is wrong with it."""

    field: str
    reason: str


def bind_error(error: OSError) -> BindError:
    """Say why a listener could not be opened."""
    if error.errno == errno.EADDRINUSE:
        return BindError(CONF_PORT, "port_in_use")
    if error.errno in (errno.EACCES, errno.EPERM):
        return BindError(CONF_PORT, "port_forbidden")
    # An address that this machine does not have, or a name that means nothing.
    return BindError(CONF_HOST, "cannot_bind")


async def async_addresses(hass: HomeAssistant, host: str) -> str:
    """Return where piles reach a listener on `host`, as text for people."""
    if host not in _EVERYWHERE:
        return host
    default = await network.async_get_source_ip(hass)
    others = (
        str(address)
        for address in await network.async_get_enabled_source_ips(hass)
        if isinstance(address, IPv4Address) and not address.is_loopback
    )
    return ", ".join(dict.fromkeys((default, *others)))
