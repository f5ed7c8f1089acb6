"""What charged, or was stopped by a person, is not started again before it was unplugged."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import pytest

from custom_components.ykc.protocol import GunStatus as Reported, RemoteStart, StopReason
from custom_components.ykc.server.errors import CommandError
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.state import GunStatus, PlugProgress

from .conftest import MakeHouse
from .house import SHANGHAI, House, accepted, charging, eventually, hurried, requested
from .peer import CODE, Peer
from .plugging import automatic, back, plug, reopened, settings, settled, shown, shows, started, unplug

FOREIGN: Final = "3201020000000101" + "2603010000009999"

type Spend = Callable[[Pile, Peer], Awaitable[None]]


@pytest.fixture
async def house(make_house: MakeHouse) -> House:
    """Give a listener with settled piles."""
    return await make_house(settled())


async def stop(pile: Pile, peer: Peer, *, reason: int = 0) -> None:
    """Stop the charge from here, with whatever the pile answers."""
    task = asyncio.create_task(pile.stop_charging(1))
    await peer.answer_stop(reason=reason)
    with suppress(CommandError):
        await task


async def end(pile: Pile, peer: Peer, transaction: str, reason: int) -> None:
    """Bill the charge, with the reason for its end, and report the vehicle idle."""
    plug(peer)
    await peer.bill(peer.record(transaction, "1.5", stop_reason=reason))
    await eventually(lambda: pile.state.guns[1].transaction is None)


async def by_the_platform(pile: Pile, peer: Peer) -> None:
    """Let it charge, and stop it from here."""
    plug(peer)
    transaction = await started(pile, peer)
    await stop(pile, peer)
    await end(pile, peer, transaction, StopReason.STOPPED_REMOTELY)


def at_the_pile(reason: StopReason) -> Spend:
    """Let it charge, and end there for a reason."""

    async def spend(pile: Pile, peer: Peer) -> None:
        plug(peer)
        await end(pile, peer, await started(pile, peer), reason)

    return spend


async def without_a_bill(pile: Pile, peer: Peer) -> None:
    """Let it charge, and end without a word."""
    plug(peer)
    await started(pile, peer)
    plug(peer)
    await eventually(lambda: pile.state.guns[1].status is GunStatus.FINISHED)


async def before_the_answer(pile: Pile, peer: Peer) -> None:
    """Stop it before the pile has answered the start."""
    plug(peer)
    start = await peer.expect(RemoteStart)
    await stop(pile, peer, reason=2)
    peer.answer_start(start, reason=2)


async def before_it_charges(pile: Pile, peer: Peer) -> None:
    """Stop it after the pile has answered, before the first report."""
    plug(peer)
    peer.answer_start(await peer.expect(RemoteStart))
    await shows(pile, PlugProgress.STARTED)
    await stop(pile, peer, reason=2)


async def while_it_waits(pile: Pile, peer: Peer) -> None:
    """Say 'stop' while it waits for its period: the pile has nothing to stop, the person means it."""
    pile.plug_starts.set(1, period="valley")
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "period")
    await stop(pile, peer, reason=2)
    pile.plug_starts.set(1, period="at_once")


async def with_a_card(pile: Pile, peer: Peer) -> None:
    """Let the driver begin, and end it, while the vehicle waits for its period."""
    pile.plug_starts.set(1, period="valley")
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "period")
    peer.send(peer.report(FOREIGN, "1.5"))
    await eventually(lambda: pile.state.guns[1].charging)
    await end(pile, peer, FOREIGN, StopReason.STOPPED_REMOTELY)
    pile.plug_starts.set(1, period="at_once")


async def by_hand(pile: Pile, peer: Peer) -> None:
    """Start and stop it from here while nothing starts by itself."""
    pile.plug_starts.set(1, enabled=False)
    plug(peer)
    transaction = await charging(pile, peer)
    await stop(pile, peer)
    await end(pile, peer, transaction, StopReason.STOPPED_REMOTELY)


async def before_it_was_heard_of(pile: Pile, peer: Peer) -> None:
    """Start it from here while it waits, and end it at a pile without a clock before a report came."""
    pile.plug_starts.set(1, period="valley")
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "period")
    transaction = await accepted(pile, peer)
    await peer.bill(peer.record(transaction, "0", start=None, end=None))
    await eventually(lambda: pile.state.guns[1].transaction is None)
    pile.plug_starts.set(1, period="at_once")


SPENT: Final[dict[str, Spend]] = {
    "stopped by the platform": by_the_platform,
    "full": at_the_pile(StopReason.SOC_FULL),
    "emergency stop": at_the_pile(StopReason.ABORTED_EMERGENCY_STOP),
    "power failure": at_the_pile(StopReason.ABORTED_PILE_POWER_LOST),
    "no bill": without_a_bill,
    "before the answer": before_the_answer,
    "before it charges": before_it_charges,
    "while it waits": while_it_waits,
    "with a card": with_a_card,
    "by hand": by_hand,
    "before it was heard of": before_it_was_heard_of,
}


@pytest.mark.parametrize("spend", SPENT.values(), ids=SPENT.keys())
async def test_not_again(house: House, spend: Spend) -> None:
    """Not by itself, not when it is turned on anew, not when the pile comes back; but the next vehicle is."""
    pile, peer = await automatic(house)
    await spend(pile, peer)
    pile.plug_starts.set(1, enabled=False)
    pile.plug_starts.set(1, enabled=True)
    plug(peer, soc=7)
    await eventually(lambda: pile.state.guns[1].state_of_charge == 7)
    await peer.silence()
    assert shown(pile).progress in (PlugProgress.STARTED, PlugProgress.NOT_STARTED)
    peer = await back(house, pile)
    await peer.silence()
    unplug(peer)
    await shows(pile, PlugProgress.NO_VEHICLE)
    plug(peer)
    await started(pile, peer)


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "restarted"])
@pytest.mark.parametrize("spend", SPENT.values(), ids=SPENT.keys())
async def test_not_after_a_restart(house: House, spend: Spend, kill: bool) -> None:
    """What is known of a vehicle outlives the process."""
    pile, peer = await automatic(house)
    await spend(pile, peer)
    house, pile = await reopened(house, kill=kill)
    peer = await back(house, pile)
    pile.plug_starts.set(1, enabled=False)
    pile.plug_starts.set(1, enabled=True)
    await peer.silence()
    unplug(peer)
    await shows(pile, PlugProgress.NO_VEHICLE)
    plug(peer)
    await started(pile, peer)


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "restarted"])
async def test_who_waited_goes_on_waiting(house: House, kill: bool) -> None:
    """A vehicle that waits for its period waits for it after a restart."""
    pile, peer = await automatic(house, "valley")
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "period")
    await eventually(lambda: house.rows("SELECT stage FROM plugs"))
    house, pile = await reopened(house, "valley", kill=kill)
    await shows(pile, PlugProgress.WAITING, "offline")
    peer = await back(house, pile)
    await shows(pile, PlugProgress.WAITING, "period")
    await peer.silence()
    pile.plug_starts.set(1, period="peak")
    await started(pile, peer)


async def kept(house: House, row: tuple[str, int]) -> None:
    """Wait until the ledger has a vehicle at a stage, with its tries."""
    await eventually(lambda: house.rows("SELECT stage, tries FROM plugs") == [row])


async def test_who_was_refused_is_tried_again_after_a_restart(make_house: MakeHouse) -> None:
    """The tries are counted over a restart."""
    house = await make_house(settled(plug_retry=10.0))
    pile, peer = await automatic(house)
    plug(peer)
    peer.answer_start(await peer.expect(RemoteStart), reason=3)
    await shows(pile, PlugProgress.WAITING, "fault")
    await eventually(lambda: house.rows("SELECT stage, reason, tries FROM plugs") == [("waiting", "fault", 1)])
    for row in (("waiting", 2), ("given_up", 3)):
        house, pile = await reopened(house)
        peer = await back(house, pile)
        peer.answer_start(await peer.expect(RemoteStart), reason=3)
        await kept(house, row)
    await shows(pile, PlugProgress.NOT_STARTED, "fault")
    house, pile = await reopened(house)
    peer = await back(house, pile)
    await peer.silence()


async def test_killed_while_the_pile_is_asked(house: House) -> None:
    """What became of a start that nobody heard the answer of is not found out by another one."""
    pile, peer = await automatic(house)
    plug(peer)
    await peer.expect(RemoteStart)
    assert house.rows("SELECT stage FROM plugs") == [("starting",)]
    house, pile = await reopened(house, kill=True)
    peer = await back(house, pile)
    await shows(pile, PlugProgress.NOT_STARTED, "interrupted")
    await peer.silence()


async def test_killed_while_a_person_starts(house: House) -> None:
    """An order that was open then may have charged and been stopped: nothing starts by itself."""
    pile, peer = await automatic(house, "valley")
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "period")
    task, _ = await requested(pile, peer)
    await eventually(lambda: house.rows("SELECT stage FROM plugs") == [("waiting",)])
    house, pile = await reopened(house, kill=True)
    peer = await back(house, pile)
    await shows(pile, PlugProgress.NOT_STARTED, "interrupted")
    await peer.silence()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_start_by_hand_that_was_refused(make_house: MakeHouse) -> None:
    """A refusal is no charge: the vehicle goes on waiting for its period."""
    house = await make_house(settled(plug_watch=0.02))
    pile, peer = await automatic(house, "valley")
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "period")
    task, start = await requested(pile, peer)
    peer.answer_start(start, reason=3)
    with pytest.raises(CommandError):
        await task
    await shows(pile, PlugProgress.WAITING, "period")
    house.now += timedelta(hours=12)
    await started(pile, peer)


async def test_the_pile_was_away(make_house: MakeHouse) -> None:
    """Only what the pile reported counts: plugged before and after is the same vehicle, free before is a new one."""
    house = await make_house(hurried(plug_hold=0.0, plug_flicker=0.0, short_absence=0.01))
    pile, peer = await automatic(house)
    plug(peer)
    transaction = await started(pile, peer)
    await end(pile, peer, transaction, StopReason.STOPPED_REMOTELY)
    for _ in range(2):
        await peer.hang_up()
        await eventually(lambda: not pile.state.online)
        assert shown(pile).progress is PlugProgress.STARTED
        peer = await back(house, pile)
        await peer.silence()
    unplug(peer)
    await shows(pile, PlugProgress.NO_VEHICLE)
    await peer.hang_up()
    await eventually(lambda: not pile.state.online)
    peer = await back(house, pile)
    await started(pile, peer)


async def test_charged_while_the_pile_was_away(make_house: MakeHouse) -> None:
    """A bill that says so is waited for, before a vehicle is charged that came while nobody listened."""
    house = await make_house(settled(plug_hold=0.4))
    pile, peer = await automatic(house)
    await peer.hang_up()
    peer = await back(house, pile)
    await shows(pile, PlugProgress.WAITING, "just_connected")
    started = house.now.astimezone(SHANGHAI).replace(tzinfo=None) + timedelta(minutes=5)
    record = peer.record(FOREIGN, "1.5", start=started, end=started + timedelta(minutes=5))
    await peer.bill(record)
    await shows(pile, PlugProgress.NOT_STARTED, "charged")
    await peer.silence(0.5)


async def test_an_older_bill(house: House) -> None:
    """The bill of the vehicle before says nothing of this one."""
    pile, peer = await automatic(house, "valley")
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "period")
    await peer.bill(peer.record(FOREIGN, start=datetime(2026, 3, 1, 11, 0), end=datetime(2026, 3, 1, 12, 30)))
    await eventually(lambda: pile.state.guns[1].last_session is not None)
    await shows(pile, PlugProgress.WAITING, "period")


async def test_the_hold_after_a_login(make_house: MakeHouse) -> None:
    """A pile that is back gets its time, then the vehicle is charged."""
    house = await make_house(settled(plug_hold=0.3))
    pile, peer = await automatic(house)
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "just_connected")
    await started(pile, peer)


async def test_flicker(make_house: MakeHouse) -> None:
    """A contact that bounces brings no new vehicle."""
    house = await make_house(hurried(plug_hold=0.0))
    pile, peer = await automatic(house)
    plug(peer)
    transaction = await started(pile, peer)
    await stop(pile, peer)
    await end(pile, peer, transaction, StopReason.STOPPED_REMOTELY)
    for _ in range(3):
        unplug(peer)
        await shows(pile, PlugProgress.NO_VEHICLE)
        plug(peer)
        await shows(pile, PlugProgress.STARTED)
    await peer.silence()


async def test_no_report_is_no_unplugging(house: House) -> None:
    """A gun that is faulty, or whose state is unknown, does not say that the vehicle is gone."""
    pile, peer = await automatic(house)
    plug(peer)
    transaction = await started(pile, peer)
    await stop(pile, peer)
    await end(pile, peer, transaction, StopReason.STOPPED_REMOTELY)
    for status in (Reported.OFFLINE, Reported.FAULT):
        plug(peer, plugged=0, status=status)
        plug(peer, soc=50 + status)
    await eventually(lambda: pile.state.guns[1].state_of_charge == 51)
    await peer.silence()


async def test_the_next_vehicle_before_the_bill(house: House) -> None:
    """A vehicle that comes while the bill of the one before is awaited is charged."""
    pile, peer = await automatic(house)
    plug(peer)
    first = await started(pile, peer)
    unplug(peer)
    await shows(pile, PlugProgress.NO_VEHICLE)
    plug(peer)
    second = await peer.expect(RemoteStart)
    assert second.transaction != first
    peer.answer_start(second)
    peer.send(peer.report(second.transaction))
    await eventually(lambda: pile.state.guns[1].charging)
    await peer.bill(peer.record(first, "1.5"))
    assert pile.state.guns[1].transaction == second.transaction


async def test_a_failing_disk_does_not_hold_a_stop_back(house: House) -> None:
    """A stop goes out though it cannot be written down, and is written down when that is possible."""
    pile, peer = await automatic(house)
    plug(peer)
    await started(pile, peer)
    house.disk.fails.update({"transact", "update_order"})
    await stop(pile, peer)
    plug(peer)
    await eventually(lambda: not pile.state.guns[1].charging)
    house.disk.fails.clear()
    unplug(peer)
    await shows(pile, PlugProgress.NO_VEHICLE)
    await eventually(lambda: house.rows("SELECT stage FROM plugs") == [])


async def test_settings_name_the_guns(house: House) -> None:
    """Settings of guns that the pile does not have do no harm."""
    pile, peer = await automatic(house)
    pile.apply(settings())
    plug(peer, gun=2)
    await eventually(lambda: pile.state.guns[2].plugged)
    await peer.silence()
    assert pile.code == CODE
