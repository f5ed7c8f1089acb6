"""What sieges have found, each by itself."""

import asyncio

import pytest

from custom_components.ykc.protocol import GunStatus, HeartbeatReply, ParallelStartRequestReply, Realtime, StartDenial
from custom_components.ykc.server.access import Policy
from custom_components.ykc.server.limits import MAX_WORK
from tests.server.conftest import MakeHouse
from tests.server.house import House, charging, eventually, hurried
from tests.server.parallel import asks
from tests.server.peer import CODE, Peer
from tests.server.test_prepaid import PAULA, top_up
from tests.server.test_start_requests import let_in


async def test_fewer_guns_while_a_driver_waits(make_house: MakeHouse) -> None:
    """A pile may say that it has one gun less while somebody is asked about that gun."""
    house = await make_house(hurried(parallel_request=0.05, start_answer=0.1))
    let_in(house, policy=Policy.ASK)
    pile, peer = await house.online()
    peer.send(asks(2), peer.login(gun_count=1))
    await eventually(lambda: list(pile.state.guns) == [1])
    while not isinstance(answer := await peer.receive(), ParallelStartRequestReply):
        pass
    assert answer.reason is StartDenial.NOT_ALLOWED_HERE
    assert not house.counts["fault"]


async def test_fewer_guns_than_share_a_balance(house: House) -> None:
    """A balance is shared by one gun at least, however few the pile says that it has."""
    let_in(house, PAULA)
    _, peer = await house.online()
    await top_up(house, "80")
    peer.send(asks(1), asks(2), peer.login(gun_count=1))
    answers = [await peer.receive() for _ in range(3)]
    assert [type(answer).__name__ for answer in answers] == [
        "LoginReply",
        "ParallelStartRequestReply",
        "ParallelStartRequestReply",
    ]
    assert not house.counts["fault"]


async def test_ever_new_parallel_charges(make_house: MakeHouse) -> None:
    """A gun that asks for one parallel charge after the other keeps only a few of them in mind."""
    house = await make_house(hurried(parallel_request=5))
    let_in(house, PAULA)
    pile, peer = await house.online()
    for number in range(300):
        peer.send(asks(1, number=f"{number:012}"))
    await peer.heard()
    assert len(pile.parallel._meetings._meetings) < 20


async def test_a_disk_that_hangs(house: House) -> None:
    """A pile that goes on while nothing can be written is read no more, and then goes on where it was; others notice nothing."""
    bystander = (await house.online("32010200000009"))[1]
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    house.disk.hold("update_order")
    # What only goes on is gathered: a charge that ends and begins again is written each time.
    reports = [
        peer.report(
            transaction, f"{2 + number / 10000:.4f}", "2.5", status=(GunStatus.IDLE, GunStatus.CHARGING)[number % 2]
        )
        for number in range(2_000)
    ]
    sending = asyncio.create_task(_send(peer, reports))
    await eventually(lambda: len(pile._tasks) >= MAX_WORK)
    await bystander.heard()
    # The report that had the pile held may have begun more than one thing.
    most = MAX_WORK + 2
    assert len(pile._tasks) <= most
    house.disk.release()
    await sending
    peer.send(peer.heartbeat(2))
    await peer.expect(HeartbeatReply)
    assert pile.state.guns[1].session_energy == reports[-1].energy
    assert len(pile._tasks) <= most


async def _send(peer: Peer, reports: list[Realtime]) -> None:
    for report in reports:
        peer.send(report)
        await peer.writer.drain()


async def test_what_goes_wrong_beside_the_conversation_is_a_fault(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception in what a message began is counted at once, and costs the pile nothing."""
    pile, peer = await house.online()

    async def fail() -> None:
        raise ZeroDivisionError

    pile.spawn(fail())
    await eventually(lambda: house.counts["fault"])
    assert f"Something of pile {CODE} could not be done" in caplog.text
    await peer.heard()
    house.counts["fault"] = 0
