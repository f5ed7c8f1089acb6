"""Closed, killed and started again, at every point of a charge."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from custom_components.ykc.protocol import LoginReply, ReadRealtime, RemoteStart
from custom_components.ykc.server.connection import Connection
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.state import GunStatus, PileInfo
from tests.server.conftest import MakeHouse
from tests.server.house import House, accepted, charging, eventually, hurried, requested
from tests.server.peer import CODE, PATIENCE, Peer
from tests.server.processes import running

type Bring = Callable[[Pile, Peer], Awaitable[str]]


async def to_requested(pile: Pile, peer: Peer) -> str:
    """Bring a charge as far as its 0x34."""
    task, start = await requested(pile, peer)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return start.transaction


async def to_waiting(pile: Pile, peer: Peer) -> str:
    """Let the pile wait for the plug."""
    task, start = await requested(pile, peer)
    peer.answer_start(start, reason=5)
    await task
    return start.transaction


async def to_stopping(pile: Pile, peer: Peer) -> str:
    """Have the pile told to stop, and say yes."""
    transaction = await charging(pile, peer)
    task = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop()
    await task
    return transaction


async def to_ended(pile: Pile, peer: Peer) -> str:
    """Bring a charge to its end, without its record."""
    transaction = await charging(pile, peer)
    peer.send(peer.report(plugged=1))
    await eventually(lambda: pile.state.guns[1].transaction is None)
    return transaction


PHASES: dict[str, tuple[Bring, GunStatus | None]] = {
    "requested": (to_requested, GunStatus.STARTING),
    "waiting_for_plug": (to_waiting, GunStatus.WAITING_FOR_PLUG),
    "accepted": (accepted, GunStatus.STARTING),
    "charging": (charging, GunStatus.CHARGING),
    "stopping": (to_stopping, GunStatus.STOPPING),
    "ended": (to_ended, None),
}


async def written(house: House, phase: str) -> None:
    """Wait until the ledger has it."""
    await eventually(lambda: house.rows("SELECT phase FROM orders") == [(phase,)])


@pytest.mark.parametrize("end", ["restart", "killed"])
@pytest.mark.parametrize("phase", PHASES)
async def test_a_charge_goes_on_over_a_restart(house: House, phase: str, end: str) -> None:
    """A charge goes on over a restart."""
    bring, status = PHASES[phase]
    transaction = await bring(*await house.online())
    await written(house, phase)
    house = await getattr(house, end)()
    assert house.gun().status is GunStatus.OFFLINE
    assert house.gun().total_energy == (Decimal("1.5") if phase in ("charging", "stopping", "ended") else 0)
    peer = await house.dial()
    peer.send(peer.login())
    await peer.expect(LoginReply)
    assert house.gun().status is status
    # The charge went on, or began, while nobody listened.
    await peer.answer_clock()
    await peer.expect(ReadRealtime, gun=1)
    peer.send(peer.report(transaction, "4"))
    if phase == "stopping":
        # It was told to, and may not know any more.
        await peer.answer_stop()
    await peer.expect(ReadRealtime, gun=2)
    peer.send(peer.report(gun=2))
    expected = GunStatus.STOPPING if phase == "stopping" else GunStatus.CHARGING
    await eventually(lambda: house.gun().status is expected)
    assert house.gun().transaction == transaction
    assert house.gun().total_energy == 4
    await peer.bill(peer.record(transaction, "5"))
    await peer.bill(peer.record(transaction, "5"))
    assert house.gun().total_energy == 5
    assert house.rows("SELECT transaction_number FROM records") == [(transaction,)]
    assert house.rows("SELECT phase, outcome FROM orders") == [("closed", "settled")]


@pytest.mark.parametrize("end", ["restart", "killed"])
@pytest.mark.parametrize("phase", PHASES)
async def test_a_charge_ends_while_nobody_listens(house: House, phase: str, end: str) -> None:
    """The pile comes back idle, with its record."""
    bring, _ = PHASES[phase]
    transaction = await bring(*await house.online())
    await written(house, phase)
    house = await getattr(house, end)()
    peer = await house.dial()
    peer.send(peer.login(), peer.record(transaction, "5"))
    await peer.expect(LoginReply)
    await eventually(lambda: house.gun().last_session)
    assert house.gun().total_energy == 5
    assert house.gun().transaction is None


@pytest.mark.parametrize(
    ("phase", "outcome"),
    [
        ("requested", "no_reply"),
        ("waiting_for_plug", "not_plugged_in_time"),
        ("accepted", "no_charging_report"),
        ("charging", "no_record"),
        ("stopping", "no_record"),
        ("ended", "no_record"),
    ],
)
async def test_an_order_that_nothing_is_heard_of_after_a_restart(
    make_house: MakeHouse, phase: str, outcome: str
) -> None:
    """An order that nothing is heard of after a restart."""
    house = await make_house()
    bring, _ = PHASES[phase]
    await bring(*await house.online())
    await written(house, phase)
    house = await house.killed(hurried(resumed=0.3, late_plug=0.3, charging_report=0.3, record=0.1))
    await house.online()
    await eventually(lambda: house.rows("SELECT phase, outcome FROM orders") == [("closed", outcome)])
    assert house.gun().transaction is None
    assert house.gun().total_energy == (Decimal("1.5") if outcome == "no_record" else 0)


@pytest.mark.parametrize("phase", ["requested", "waiting_for_plug", "accepted"])
async def test_a_late_yes_after_a_restart_leaves_time_for_the_charge(house: House, phase: str) -> None:
    """A late yes after a restart leaves time for the charge."""
    bring, _ = PHASES[phase]
    transaction = await bring(*await house.online())
    await written(house, phase)
    house = await house.killed()
    _, peer = await house.online()
    peer.answer_start(RemoteStart(transaction=transaction, pile=CODE, gun=1, balance=Decimal(1)))
    await eventually(lambda: house.gun().status is GunStatus.STARTING)
    await peer.silence()
    peer.send(peer.report(transaction, "1"))
    await eventually(lambda: house.gun().status is GunStatus.CHARGING)


async def test_killed_between_the_disk_and_the_acknowledgement(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the disk and the acknowledgement."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    monkeypatch.setattr(Connection, "reply", lambda *_: None)
    peer.send(peer.record(transaction, "2"))
    await eventually(lambda: house.gun().last_session)
    monkeypatch.undo()
    house = await house.killed()
    _, peer = await house.online()
    assert house.gun().total_energy == 2
    await peer.bill(peer.record(transaction, "2"))
    assert house.gun().total_energy == 2
    assert house.rows("SELECT count(*) FROM records") == [(1,)]


async def test_a_start_that_failed_before_a_restart_may_not_charge_after_it(make_house: MakeHouse) -> None:
    """A start that failed before a restart may not charge after it."""
    house = await make_house(hurried(charging_report=0.1))
    pile, peer = await house.online()
    transaction = await accepted(pile, peer)
    await peer.answer_stop()
    await eventually(lambda: house.rows("SELECT outcome FROM orders") == [("no_charging_report",)])
    house = await house.restart()
    _, peer = await house.online()
    peer.send(peer.report(transaction, "1"))
    await peer.answer_stop()


async def test_a_start_under_way_fails_with_the_platform(house: House) -> None:
    """Who asked was told so: the pile is told to stop when it is back."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    house = await house.restart()
    assert task.done()
    assert house.rows("SELECT outcome FROM orders") == [("no_reply",)]
    _, peer = await house.online()
    peer.send(peer.report(start.transaction, "1"))
    await peer.answer_stop()
    assert task.exception()


async def test_a_foreign_charge_goes_on_over_a_restart(house: House) -> None:
    """A foreign charge goes on over a restart."""
    _, peer = await house.online()
    peer.send(peer.report("7" * 32, "1"))
    await eventually(lambda: house.gun().transaction)
    house = await house.killed()
    assert house.gun().total_energy == 1
    _, peer = await house.online()
    peer.send(peer.report("7" * 32, "2"))
    await eventually(lambda: house.gun().total_energy == 2)


async def test_an_order_of_a_gun_that_is_denied_survives(house: House) -> None:
    """An order of a gun that is denied survives."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer, gun=2)
    await house.close()
    house = await House(house.path).open(PileInfo(code=CODE, gun_count=1))
    try:
        pile, peer = await house.online(gun_count=2)
        assert house.gun(2).transaction == transaction
        await peer.bill(peer.record(transaction, "3", gun=2))
        assert house.gun(2).total_energy == 3
    finally:
        await house.close()


async def test_numbers_stay_unique_over_restarts_and_clocks_that_go_back(house: House) -> None:
    """Numbers stay unique over restarts and clocks that go back."""
    numbers = []
    for hours in (0, -1, 0, -24):
        house.now += timedelta(hours=hours)
        pile, peer = await house.online()
        for _ in range(2):
            numbers.append(await accepted(pile, peer))
            await peer.bill(peer.record(numbers[-1]))
        successor = await house.restart()
        successor.now = house.now
        house = successor
    assert len(set(numbers)) == len(numbers)


async def test_a_removed_pile_is_known_when_it_is_approved_again(house: House) -> None:
    """A removed pile is known when it is approved again."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    await house.listener.remove_pile(CODE)
    assert await peer.closed() == []
    assert CODE not in house.listener.piles
    _, peer = await house.online()
    assert house.gun().total_energy == Decimal("1.5")
    await peer.bill(peer.record(transaction, "2"))
    assert house.gun().total_energy == 2


# A real process, killed


async def test_killed_in_a_charge(tmp_path: Path) -> None:
    """Killed in a charge."""
    path = tmp_path / "ledger.db"
    async with running(path) as process:
        peer = await (await Peer.dial(process.port)).log_in()
        starting = asyncio.create_task(process.ask(start=1))
        start = await peer.expect(RemoteStart)
        peer.answer_start(start)
        transaction = (await starting)["transaction"]
        peer.send(peer.report(transaction, "3"))
        async with asyncio.timeout(PATIENCE):
            while (await process.ask(total=1)) != "3.0000":
                await asyncio.sleep(0.01)
        # What was shown is written a moment later, at the latest with the next question.
        await process.ask(settle=1)
        await process.kill()
        await peer.closed()
        await peer.hang_up()
    async with running(path) as process:
        assert await process.ask(total=1) == "3.0000"
        peer = await Peer.dial(process.port)
        peer.send(peer.login())
        await peer.expect(LoginReply)
        await peer.greeted(gun_1=peer.report(transaction, "4"))
        await peer.bill(peer.record(transaction, "5"))
        await process.kill()
        await peer.hang_up()
    async with running(path) as process:
        peer = await (await Peer.dial(process.port)).log_in()
        await peer.bill(peer.record(transaction, "5"))
        assert await process.ask(total=1) == "5.0000"
        assert await process.ask(records=1) == 1
        await peer.hang_up()


def test_the_patient_timing_is_the_protocols_own() -> None:
    """But for the pace."""
    house = House(Path("unused"))
    assert replace(house.timing, pace=0.25) == type(house.timing)()
