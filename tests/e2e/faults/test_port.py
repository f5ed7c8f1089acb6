"""The listener's port is another program's when Home Assistant starts, and becomes free."""

from collections.abc import Iterator
from contextlib import contextmanager
import socket
from typing import Final

import pytest

from demo.flows import entries
from demo.ports import LOOPBACK
from demo.states import States
from demo.waiting import until

from .site import Site

pytestmark = pytest.mark.asyncio(loop_scope="package")

PILE: Final = "32010992000001"
RETRY: Final = 30.0
"""Seconds; Home Assistant tries again after 5, and then after 10."""


@contextmanager
def taken(port: int) -> Iterator[None]:
    """Have the port, and answer nobody."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((LOOPBACK, port))
        holder.listen()
        yield


async def test_the_listener_comes_up_by_itself(site: Site) -> None:
    """The entry says why it waits, is tried again, and listens; piles call and a charge goes on."""
    home = site.home
    told = f"Another program uses port {home.port}"
    home.expected.append(told)
    async with site.pile(PILE) as pile:
        transaction = await site.start(pile)
        await home.hass.stop()
        await pile.drop()
        await site.bystander.drop()
        with taken(home.port):
            home.client = await home.hass.start()
            home.states = await States.open(home.client)

            async def waits() -> str | None:
                (entry,) = await entries(home.client)
                return entry["reason"] if entry["state"] == "setup_retry" else None

            assert told in await until("the entry waits", waits, RETRY)

        async def is_loaded() -> bool | None:
            (entry,) = await entries(home.client)
            return True if entry["state"] == "loaded" else None

        await until("the listener is up", is_loaded, RETRY)
        await pile.come_back()
        await site.bystander.come_back()
        await site.gun(pile).state("status", "charging")
        energy = await site.stop(pile)
        await site.gun(pile).number("last_session_energy", float(energy))
        assert [bill.transaction for bill in site.stored(PILE)] == [transaction]
        await site.holds_what_was_billed(pile)
    await site.bystander.wait_ready()
    assert home.hass.child.log.read_text(encoding="utf-8").count(told) == 1
