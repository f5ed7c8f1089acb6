"""A vehicle is charged when it is plugged in: at once or in its period, and once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.ykc.protocol import GunStatus as Reported, RemoteStart
from custom_components.ykc.server.settings import WorkingParameters
from custom_components.ykc.server.state import PlugProgress
from custom_components.ykc.server.tariff import BillingModel

from .conftest import MakeHouse
from .house import SHANGHAI, House, billing_model, eventually
from .plugging import automatic, back, plug, reopened, settled, shown, shows, started, unplug

NIGHT = datetime(2026, 3, 1, 22, 0, tzinfo=UTC) - timedelta(hours=8)
"""When the valley begins in Shanghai."""


@pytest.fixture
async def house(make_house: MakeHouse) -> House:
    """Give a listener with settled piles."""
    return await make_house(settled())


async def test_at_once(house: House) -> None:
    """Each vehicle is charged once, and the next one again."""
    pile, peer = await automatic(house)
    await shows(pile, PlugProgress.NO_VEHICLE)
    for _ in range(2):
        plug(peer)
        transaction = await started(pile, peer)
        plug(peer)
        await peer.bill(peer.record(transaction, "1.5"))
        await peer.silence()
        await shows(pile, PlugProgress.STARTED)
        unplug(peer)
        await shows(pile, PlugProgress.NO_VEHICLE)


async def test_off(house: House) -> None:
    """Nothing starts where nobody chose it, and the other gun is another one."""
    pile, peer = await automatic(house)
    pile.plug_starts.set(1, enabled=False)
    plug(peer)
    plug(peer, gun=2)
    await peer.silence()
    assert shown(pile).progress is PlugProgress.OFF
    assert pile.state.guns[2].plug_start.progress is PlugProgress.OFF


async def test_turned_on_beside_a_vehicle(house: House) -> None:
    """Who turns it on means the vehicle that is there."""
    pile, peer = await automatic(house, enabled=False)
    plug(peer)
    await eventually(lambda: pile.state.guns[1].plugged)
    pile.plug_starts.set(1, enabled=True)
    assert pile.state.start_when_plugged[1].enabled
    await started(pile, peer)


async def test_there_already(house: House) -> None:
    """A vehicle that is there when the gun is heard of first is no arrival, until a person says so."""
    await automatic(house)
    house, pile = await reopened(house)
    assert shown(pile).progress is None
    peer = await back(house, pile)
    await shows(pile, PlugProgress.NOT_STARTED, "already_there")
    await peer.silence()
    pile.plug_starts.set(1, enabled=False)
    pile.plug_starts.set(1, enabled=True)
    await started(pile, peer)


async def test_period(make_house: MakeHouse) -> None:
    """A vehicle waits for the period without a word from the pile, and who comes in it waits for nothing."""
    house = await make_house(settled(plug_watch=0.02))
    pile, peer = await automatic(house, "valley")
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "period")
    assert shown(pile).until == NIGHT
    assert str(shown(pile).until) == "2026-03-01 22:00:00+08:00"
    await peer.silence()
    # The clock may be set meanwhile.
    house.now = NIGHT - timedelta(hours=1)
    await peer.silence()
    house.now = NIGHT
    await started(pile, peer)
    unplug(peer)
    await shows(pile, PlugProgress.NO_VEHICLE)
    plug(peer)
    await started(pile, peer)


async def test_the_period_comes_to_the_moment(make_house: MakeHouse) -> None:
    """A period that begins soon is waited for as long as that takes, and no longer."""
    house = await make_house(settled(plug_watch=20.0))
    pile, peer = await automatic(house, "valley")
    house.now = NIGHT - timedelta(seconds=0.3)
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "period")
    await peer.silence()
    house.now = NIGHT
    await started(pile, peer)


async def test_the_pile_s_own_model(house: House) -> None:
    """The periods are those of the model that the pile is to have."""
    own = BillingModel.from_plan(
        number="5000", prices=billing_model().prices, times={"sharp": "13:00-14:00", "flat": "14:00-13:00"}
    )
    pile, peer = await automatic(house, "sharp", billing_model=own)
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "period")
    assert str(shown(pile).until) == "2026-03-01 13:00:00+08:00"
    pile.plug_starts.set(1, period="valley")
    await shows(pile, PlugProgress.WAITING, "no_period")
    pile.plug_starts.set(1, period="flat")
    await started(pile, peer)


async def test_a_period_that_cannot_be(house: House) -> None:
    """Only what the model knows can be chosen."""
    pile, _ = await automatic(house)
    with pytest.raises(ValueError, match="noon is not one of"):
        pile.plug_starts.set(1, period="noon")


async def test_refused(make_house: MakeHouse, caplog: pytest.LogCaptureFixture) -> None:
    """A pile that refuses is asked three times, after growing pauses, and again for the next vehicle."""
    house = await make_house(settled(plug_retry=0.04))
    pile, peer = await automatic(house)
    plug(peer)
    peer.answer_start(await peer.expect(RemoteStart), reason=2)
    await shows(pile, PlugProgress.WAITING, "already_charging")
    first = shown(pile).until
    assert first is not None
    assert first - house.now == timedelta(seconds=0.04)
    peer.answer_start(await peer.expect(RemoteStart), reason=3)
    await shows(pile, PlugProgress.WAITING, "fault")
    assert shown(pile).until == first + timedelta(seconds=0.16)
    peer.answer_start(await peer.expect(RemoteStart), reason=3)
    await shows(pile, PlugProgress.NOT_STARTED, "fault")
    await peer.silence(0.3)
    assert house.counts["plug_start"] == 3
    assert "could not be started when plugged in: already_charging" in caplog.text
    unplug(peer)
    await shows(pile, PlugProgress.NO_VEHICLE)
    plug(peer)
    await started(pile, peer)


async def test_given_up_and_turned_on_again(make_house: MakeHouse) -> None:
    """A person may have it tried again."""
    house = await make_house(settled(plug_retry=0.001))
    pile, peer = await automatic(house)
    plug(peer)
    for _ in range(3):
        peer.answer_start(await peer.expect(RemoteStart), reason=9)
    await shows(pile, PlugProgress.NOT_STARTED, "code_09")
    pile.plug_starts.set(1, enabled=True)
    await peer.silence()
    pile.plug_starts.set(1, enabled=False)
    pile.plug_starts.set(1, enabled=True)
    await started(pile, peer)


async def test_no_reply(make_house: MakeHouse) -> None:
    """A pile that does not answer is asked again."""
    house = await make_house(settled(plug_retry=0.01, start_reply=0.1, command=0.05))
    pile, peer = await automatic(house)
    plug(peer)
    await peer.expect(RemoteStart)
    await shows(pile, PlugProgress.WAITING, "no_reply")
    await peer.answer_stop(reason=2)
    await started(pile, peer)


@pytest.mark.parametrize("late", [True, False])
async def test_not_plugged(make_house: MakeHouse, late: bool) -> None:
    """A pile that says 'not plugged' beside a vehicle may begin yet, or is asked again."""
    house = await make_house(settled(plug_retry=0.01, late_plug=20.0 if late else 0.2))
    pile, peer = await automatic(house)
    plug(peer)
    start = await peer.expect(RemoteStart)
    peer.answer_start(start, reason=5)
    if late:
        await shows(pile, PlugProgress.WAITING, "busy")
        peer.answer_start(start)
        await shows(pile, PlugProgress.STARTED)
        peer.send(peer.report(start.transaction))
        await eventually(lambda: pile.state.guns[1].charging)
        plug(peer)
        await peer.bill(peer.record(start.transaction))
        await peer.silence()
    else:
        await started(pile, peer)


async def test_fault(house: House) -> None:
    """A gun with a fault is left alone until that is cleared."""
    pile, peer = await automatic(house)
    plug(peer, status=Reported.FAULT)
    await shows(pile, PlugProgress.WAITING, "fault")
    await peer.silence()
    # A faulty gun does not say whether a vehicle is there.
    plug(peer, status=Reported.FAULT, plugged=0)
    plug(peer)
    await started(pile, peer)


async def test_out_of_service(house: House) -> None:
    """A pile that is out of service starts nothing until it is back."""
    pile, peer = await automatic(house)
    pile.parameters.desired = WorkingParameters(in_service=False)
    pile.publish()
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "out_of_service")
    await peer.silence()
    pile.parameters.desired = WorkingParameters()
    pile.publish()
    await started(pile, peer)


async def test_a_failing_ledger(make_house: MakeHouse) -> None:
    """What cannot be written down is not sent; it is when it can."""
    house = await make_house(settled(plug_retry=0.02))
    pile, peer = await automatic(house)
    house.disk.fails.add("transact")
    plug(peer)
    await shows(pile, PlugProgress.WAITING, "ledger_failed")
    await peer.silence()
    assert house.rows("SELECT * FROM orders") == []
    house.disk.fails.clear()
    await started(pile, peer)
    await eventually(lambda: house.rows("SELECT stage, reason, tries FROM plugs") == [("spent", "started", 1)])


async def test_turned_off_while_it_is_written_down(house: House) -> None:
    """What is turned off before the pile was asked is not asked."""
    pile, peer = await automatic(house)
    house.disk.hold("transact")
    plug(peer)
    await shows(pile, PlugProgress.STARTING)
    pile.plug_starts.set(1, enabled=False)
    house.disk.release()
    await peer.silence()
    await eventually(lambda: house.rows("SELECT stage, tries FROM plugs") == [("waiting", 0)])
    pile.plug_starts.set(1, enabled=True)
    await started(pile, peer)


@pytest.mark.parametrize(
    ("now", "period", "begins"),
    [
        ("2026-03-01 21:59:59.999999+08:00", "valley", "2026-03-01 22:00:00+08:00"),
        ("2026-03-01 22:00:00+08:00", "valley", None),
        ("2026-03-01 23:59:59+08:00", "valley", None),
        ("2026-03-02 00:00:00+08:00", "valley", None),
        ("2026-03-01 23:10:00+08:00", "peak", "2026-03-02 06:00:00+08:00"),
    ],
)
def test_when_a_period_begins(now: str, period: str, begins: str | None) -> None:
    """A period begins at its half hour, and goes on over midnight."""
    when = datetime.fromisoformat(now)
    expected = when if begins is None else datetime.fromisoformat(begins)
    assert billing_model().next_start(period, when.astimezone(UTC), SHANGHAI) == expected
    assert billing_model().next_start("sharp", when, SHANGHAI) is None


@pytest.mark.parametrize(
    ("zone", "now", "begins"),
    [
        # 02:00 to 03:00 is left out: the period begins with what comes in its place.
        ("Europe/Berlin", "2026-03-29T00:30+00:00", "2026-03-30T00:00+00:00"),
        # 02:00 to 03:00 comes twice: the first time counts, and the second.
        ("Europe/Berlin", "2026-10-25T00:40+00:00", "2026-10-25T01:00+00:00"),
        ("Europe/Berlin", "2026-10-24T12:00+00:00", "2026-10-25T00:00+00:00"),
        ("Asia/Kathmandu", "2026-03-01T12:00+00:00", "2026-03-01T20:15+00:00"),
        # Here it is the half hour itself that is left out: it comes again a day later.
        ("Australia/Lord_Howe", "2026-10-03T12:00+00:00", "2026-10-04T15:00+00:00"),
    ],
)
def test_daylight_saving_time(zone: str, now: str, begins: str) -> None:
    """Local time decides, whatever it jumps."""
    model = BillingModel.from_plan(
        number="0100", prices=billing_model().prices, times={"valley": "02:00-02:30", "flat": "02:30-02:00"}
    )
    expected = datetime.fromisoformat(begins)
    assert model.next_start("valley", datetime.fromisoformat(now), ZoneInfo(zone)) == expected
