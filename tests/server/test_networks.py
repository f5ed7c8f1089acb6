"""From where connections are accepted: networks that people type, and addresses that sockets tell."""

import asyncio
from dataclasses import replace
import socket

import pytest

from custom_components.ykc.protocol import HeartbeatReply
from custom_components.ykc.server.networks import Networks, peer_address, read_network, written
from tests.server.house import House, eventually
from tests.server.peer import Peer


def allow(house: House, *texts: str) -> None:
    """Let the listener allow these networks from now on."""
    house.settings = replace(house.settings, networks=Networks.read(texts))
    house.listener.apply(house.settings)


async def dial_from(house: House, address: str) -> Peer:
    """Connect from one of the addresses of this machine."""
    return Peer(
        *await asyncio.open_connection("127.0.0.1", house.listener.port, local_addr=(address, 0)), "32010200000001"
    )


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("192.168.1.0/24", "192.168.1.0/24"),
        (" 192.168.1.4/24\t", "192.168.1.0/24"),
        ("192.168.1.4", "192.168.1.4"),
        ("192.168.1.4/32", "192.168.1.4"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("::/0", "::/0"),
        ("FD00::/8", "fd00::/8"),
        ("2001:DB8::1", "2001:db8::1"),
        ("fe80::1%eth0/64", "fe80::/64"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.168.1.4", "192.168.1.4"),
        ("::ffff:192.168.1.0/120", "192.168.1.0/24"),
        ("::ffff:0.0.0.0/96", "0.0.0.0/0"),
    ],
)
def test_what_is_typed_is_one_network(typed: str, shown: str) -> None:
    """And is shown as people write it, from which it is read again."""
    assert written(read_network(typed)) == shown
    assert read_network(shown) == read_network(typed)


@pytest.mark.parametrize(
    "typed", ["", "garage", "192.168.1", "192.168.1.300", "192.168.1.0/33", "1", "fd00::/129", "a/b"]
)
def test_what_is_no_network(typed: str) -> None:
    """It is an error, whatever it is."""
    with pytest.raises(ValueError, match="."):
        read_network(typed)


@pytest.mark.parametrize(
    ("networks", "address", "allowed"),
    [
        ([], "203.0.113.7", True),
        ([], "?", True),
        (["192.168.1.0/24"], "192.168.1.255", True),
        (["192.168.1.0/24"], "192.168.2.0", False),
        (["192.168.1.0/24", "fd00::/8"], "fd12::1", True),
        (["192.168.1.0/24", "fd00::/8"], "2001:db8::1", False),
        (["192.168.1.0/24"], "::ffff:192.168.1.4", True),
        (["192.168.1.0/24"], "::ffff:c0a8:104", True),
        (["::ffff:192.168.1.0/120"], "192.168.1.4", True),
        (["::/0"], "192.168.1.4", False),
        (["fe80::/10"], "fe80::1%eth0", True),
        (["0.0.0.0/0"], "?", False),
    ],
)
def test_who_is_in_it(networks: list[str], address: str, allowed: bool) -> None:
    """An IPv4 address is one however the socket tells it; an address that is not known is nowhere."""
    assert Networks.read(networks).allow(address) is allowed


@pytest.mark.parametrize(
    ("peername", "address"),
    [
        (("192.168.1.4", 1), "192.168.1.4"),
        (("::ffff:192.168.1.4", 1, 0, 0), "192.168.1.4"),
        (("::FFFF:c0a8:104", 1, 0, 0), "192.168.1.4"),
        (("fd00::1", 1, 0, 0), "fd00::1"),
        (("::ffff:", 1, 0, 0), "::ffff:"),
        (None, "?"),
    ],
)
def test_what_a_socket_tells(peername: object, address: str) -> None:
    """The address as logs and cards show it."""
    assert peer_address(peername) == address


async def test_a_connection_from_elsewhere_is_refused_before_a_byte(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing that it says is read; it is counted, and a line says which address, and what to do."""
    pile, bystander = await house.online()
    allow(house, "127.0.0.0/30", "fd00::/8")
    heard: list[object] = []
    house.listener.taps.subscribe(heard.append)
    for _ in range(50):
        peer = await dial_from(house, "127.0.1.9")
        peer.send(peer.login())
        assert await peer.closed() == []
        await peer.hang_up()
    assert heard == []
    assert house.counts["foreign_connection"] == house.listener.trouble.refused_connections == 50
    assert not house.strangers
    assert house.listener.connection_count == 1
    lines = [line for line in caplog.messages if "127.0.1.9" in line]
    assert len(lines) == 1
    assert "Add it to the allowed networks" in lines[0]
    bystander.send(bystander.heartbeat())
    await bystander.expect(HeartbeatReply)
    assert pile.state.connected


async def test_what_is_changed_holds_at_once(house: House) -> None:
    """Connections from where none may come any more are closed, and no others."""
    pile, peer = await house.online()
    stranger = await dial_from(house, "127.0.1.9")
    await eventually(lambda: house.listener.connection_count == 2)
    allow(house, "127.0.0.1")
    assert await stranger.closed() == []
    await stranger.hang_up()
    assert house.counts["foreign_connection"] == 1
    assert pile.state.connected
    allow(house, "127.0.1.0/24")
    await peer.closed()
    assert not house.listener.piles[pile.code].state.connected
    allow(house)
    await house.online()
    assert pile.state.connected
    assert house.counts["foreign_connection"] == 2


async def test_a_socket_of_both_kinds(house: House) -> None:
    """Where one socket takes IPv6 and IPv4, an IPv4 address is what it is: in the networks, and in what is told."""
    if not socket.has_dualstack_ipv6():
        pytest.fail("this machine has no IPv6")
    allow(house, "127.0.0.0/8")
    pile = await house.approve()
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as both:
        server = house.listener._server
        assert server is not None
        factory = server._protocol_factory  # type: ignore[attr-defined] # as the listener makes its connections
        async with await asyncio.get_running_loop().create_server(factory, sock=both):
            port = both.getsockname()[1]
            peer = await (await Peer.dial(port)).log_in()
            assert pile.state.address == "127.0.0.1"
            six = Peer(*await asyncio.open_connection("::1", port), pile.code)
            assert await six.closed() == []
            await six.hang_up()
            assert house.counts["foreign_connection"] == 1
            await peer.hang_up()
            await eventually(lambda: not pile.state.connected)
