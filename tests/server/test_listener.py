"""The port: taken, tried, given back."""

import asyncio

import pytest

from custom_components.ykc.server.listener import probe
from custom_components.ykc.server.state import GunStatus
from tests.server.house import House, charging
from tests.server.peer import CODE


async def test_a_port_that_is_taken(house: House) -> None:
    """A port that is taken."""
    port = house.listener.port
    with pytest.raises(OSError, match=str(port)):
        await probe("127.0.0.1", port)
    second = House(house.path.with_name("second.db"))
    await second.open()
    second.listener._host, second.listener.port = "127.0.0.1", port
    await second.listener.close()
    with pytest.raises(OSError, match=str(port)):
        await second.listener.start()
    await second.close()
    await house.listener.close()
    await probe("127.0.0.1", port)


@pytest.mark.parametrize("host", ["a" * 64, "a..b", "\u2044.example", "127.0.0.1\0"])
async def test_a_host_that_can_be_none(house: House, host: str) -> None:
    """What can be no address fails as any address does that cannot be had."""
    with pytest.raises(OSError, match="."):
        await probe(host, 0)
    await house.listener.close()
    house.listener._host = host
    with pytest.raises(OSError, match="."):
        await house.listener.start()


async def test_removing_a_pile_in_a_charge_leaves_nothing_running(house: House) -> None:
    """Removing a pile in a charge leaves nothing running."""
    pile, peer = await house.online()
    await charging(pile, peer)
    seen: list[GunStatus | None] = []
    pile.subscribe(lambda: seen.append(pile.state.guns[1].status))
    commands = [asyncio.create_task(pile.read_realtime(gun)) for gun in (1, 2)]
    await asyncio.sleep(0)
    await house.listener.remove_pile(CODE)
    assert not pile._tasks
    await asyncio.gather(*commands, return_exceptions=True)
    assert not seen
    assert not pile.charges._timers
    await peer.closed()


async def test_a_login_is_logged_when_a_pile_comes_and_not_when_its_link_drops(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """A login is logged when a pile comes and not when its link drops."""
    caplog.set_level("INFO")
    await house.online()
    for _ in range(5):
        _, peer = await house.online()
    peer.send(*[peer.login()] * 20)
    for _ in range(20):
        await peer.receive()
    assert caplog.text.count("logged in") == 1
