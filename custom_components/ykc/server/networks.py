"""From which addresses piles may come: networks as people write them, and addresses as sockets tell them."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
import re
from typing import Any, Final

type Network = IPv4Network | IPv6Network

_MAPPED: Final = 96
"""Bits before the IPv4 address in `::ffff:192.168.1.4`."""

_INTERFACE: Final = re.compile("%[^/]*")
"""Of a link-local address: `fe80::1%eth0`. It says nothing of where one may come from."""


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 socket tells as one of its own; any other one as it is."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return _plain(ip_address(_INTERFACE.sub("", address)))
    except ValueError:
        return None


def peer_address(peername: Any) -> str:
    """Return the address in what a socket tells of its peer, an IPv4 one as such; `?` where it tells none."""
    if not peername:
        return "?"
    address = str(peername[0])
    return str(_parsed(address) or address) if address.lower().startswith("::ffff:") else address


def read_network(text: str) -> Network:
    """Return a typed network, or a single address as the network of it alone; raises ValueError.

    Bits behind the prefix are dropped: a person who types 192.168.1.4/24 means that network.
    """
    network = ip_network(_INTERFACE.sub("", text.strip()), strict=False)
    if isinstance(network, IPv6Network) and network.prefixlen >= _MAPPED:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((mapped, network.prefixlen - _MAPPED))
    return network


def written(network: Network) -> str:
    """Return a network as people write it: that of a single address as the address."""
    return str(network.network_address if network.num_addresses == 1 else network)


@dataclass(frozen=True, slots=True)
class Networks:
    """Networks that something is allowed from; none means from everywhere."""

    allowed: tuple[Network, ...] = ()

    @classmethod
    def read(cls, texts: Iterable[str]) -> Networks:
        """Return typed networks; raises ValueError."""
        return cls(tuple(map(read_network, texts)))

    def allow(self, address: str) -> bool:
        """Tell whether an address, as `peer_address` gives it, is in one of them; an unknown one is in none."""
        if not self.allowed:
            return True
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self.allowed)
