"""Which address a pile has to be given, and why one cannot be listened on."""

from collections.abc import Mapping
import errno
from ipaddress import IPv4Address
from typing import Any, Final, NamedTuple

from homeassistant.components import network
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant

MAX_PORT: Final = 65535

_EVERYWHERE = frozenset({"0.0.0.0", "::", ""})


class BindError(NamedTuple):
    """Which of the two a person can change, and what is wrong with it."""

    field: str
    reason: str


def read_address(typed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a typed address as it is stored, and what is wrong with it, by field."""
    host, port = typed[CONF_HOST].strip(), typed[CONF_PORT]
    errors: dict[str, str] = {}
    if not host:
        errors[CONF_HOST] = "host_missing"
    if 1 <= port <= MAX_PORT and port == int(port):
        port = int(port)
    else:
        errors[CONF_PORT] = "port_not_whole"
    return {**typed, CONF_HOST: host, CONF_PORT: port}, errors


def bind_error(error: OSError | ValueError) -> BindError:
    """Say why a listener could not be opened; a name that cannot even be looked up is a ValueError."""
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return BindError(CONF_PORT, "port_in_use")
    if number in (errno.EACCES, errno.EPERM):
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
