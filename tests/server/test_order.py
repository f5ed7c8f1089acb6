"""The life of an order, with exact times."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
import pytest

from custom_components.ykc.server.limits import Timing
from custom_components.ykc.server.order import MUST_NOT_CHARGE, OVER, STARTING, Order, Outcome, Phase

START = 1000.0
"""When the 0x34 goes out."""


def new_order(phase: Phase = Phase.REQUESTED, *, sent: bool = True) -> Order:
    """Return an order in a phase, at `START`."""
    order = Order(transaction="1" * 32, gun=1, opened=datetime(2026, 3, 1, tzinfo=UTC), timing=Timing())
    if sent:
        order.request(START)
    match phase:
        case Phase.WAITING_FOR_PLUG:
            order.refuse("not_plugged", START + 1)
        case Phase.ACCEPTED:
            order.accept(START + 1)
        case Phase.CHARGING | Phase.STOPPING | Phase.ENDED:
            order.accept(START + 1)
            order.report_charging(Decimal(1), Decimal(2), START + 10)
    if phase is Phase.STOPPING:
        order.stop(START + 20)
    elif phase is Phase.ENDED:
        order.end(START + 20)
    assert order.phase is phase
    return order


@pytest.mark.parametrize(
    ("phase", "due", "outcome"),
    [
        (Phase.REQUESTED, START + 60, Outcome.NO_REPLY),
        (Phase.WAITING_FOR_PLUG, START + 60, Outcome.NOT_PLUGGED_IN_TIME),
        (Phase.ACCEPTED, START + 90, Outcome.NO_CHARGING_REPORT),
        (Phase.STOPPING, START + 50, Outcome.NO_RECORD),
        (Phase.ENDED, START + 50, Outcome.NO_RECORD),
    ],
)
def test_deadlines(phase: Phase, due: float, outcome: Outcome) -> None:
    """Deadlines."""
    order = new_order(phase)
    assert order.deadline == due
    assert order.expire(due - 0.001) is None
    assert order.phase is phase
    assert order.expire(due) is outcome
    assert order.phase is Phase.CLOSED
    assert order.deadline is None


def test_a_charge_has_no_deadline() -> None:
    """A charge has no deadline."""
    order = new_order(Phase.CHARGING)
    assert order.deadline is None
    assert order.expire(START + 1e6) is None


def test_the_90_seconds_count_from_the_0x34() -> None:
    """The 90 seconds count from the 0x34."""
    order = new_order(Phase.WAITING_FOR_PLUG)
    order.accept(START + 59)
    assert order.deadline == START + 90
    late = new_order()
    late.suspend()
    late.resume(START + 200)
    late.accept(START + 201)
    assert late.deadline == START + 201


def test_not_plugged_said_again_does_not_prolong_the_wait() -> None:
    """Not plugged said again does not prolong the wait."""
    order = new_order(Phase.WAITING_FOR_PLUG)
    order.refuse("not_plugged", START + 40)
    assert order.deadline == START + 60


def test_what_comes_too_late_changes_nothing() -> None:
    """What comes too late changes nothing."""
    order = new_order(Phase.ACCEPTED)
    order.accept(START + 30)
    order.refuse("fault", START + 31)
    assert (order.phase, order.deadline) == (Phase.ACCEPTED, START + 90)
    order.close(Outcome.NO_REPLY)
    order.report_charging(Decimal(5), Decimal(5), START + 100)
    order.stop(START + 101)
    order.resume(START + 102)
    assert (order.phase, order.energy, order.deadline) == (Phase.CLOSED, Decimal(0), None)


@pytest.mark.parametrize("phase", [p for p in Phase if p not in OVER])
def test_a_record_settles_any_phase_for_good(phase: Phase) -> None:
    """A record settles any phase for good."""
    order = new_order(phase)
    order.settle()
    order.close(Outcome.NO_RECORD)
    assert (order.phase, order.outcome) == (Phase.CLOSED, Outcome.SETTLED)


@pytest.mark.parametrize(
    ("phase", "resumed"),
    [
        (Phase.REQUESTED, 30),
        (Phase.WAITING_FOR_PLUG, 50),
        (Phase.ACCEPTED, 80),
        (Phase.CHARGING, 30),
        (Phase.STOPPING, 30),
        (Phase.ENDED, 30),
    ],
)
def test_a_pile_that_is_back_gets_time(phase: Phase, resumed: float) -> None:
    """A pile that is back gets time."""
    order = new_order(phase)
    order.suspend()
    assert order.deadline is None
    order.resume(START + 10)
    assert order.deadline == START + 10 + resumed


@pytest.mark.parametrize(
    ("phase", "patience"), [(Phase.REQUESTED, 30), (Phase.WAITING_FOR_PLUG, 60), (Phase.ACCEPTED, 90)]
)
def test_after_a_restart_the_0x34_counts_from_the_pile_s_return(phase: Phase, patience: float) -> None:
    """Monotonic time may be small then, or greater than all that was: nothing may depend on it."""
    for now in (5.0, 1e9):
        order = new_order(sent=False)
        order.phase = phase
        before = order.sent
        order.resume(now)
        assert (before, order.sent) == (False, True)
        assert order.deadline == now + patience
        order.accept(now + 20)
        assert order.phase is Phase.ACCEPTED
        assert order.deadline == now + 90


def test_a_resumed_charge_without_a_report_is_over() -> None:
    """A resumed charge without a report is over."""
    order = new_order(Phase.CHARGING)
    order.suspend()
    order.resume(START + 500)
    assert order.expire(START + 530) is None
    assert (order.phase, order.deadline) == (Phase.ENDED, START + 560)
    order.report_charging(Decimal(3), Decimal(3), START + 540)
    assert (order.phase, order.deadline) == (Phase.CHARGING, None)


def test_two_idle_reports() -> None:
    """Two idle reports."""
    order = new_order(Phase.CHARGING)
    order.report_idle(START + 100)
    order.report_idle(START + 110)
    assert order.deadline == START + 130
    assert order.expire(START + 130) is Outcome.IDLE_DURING_ORDER


def test_idle_reports_of_an_asked_stop_are_expected() -> None:
    """Idle reports of an asked stop are expected."""
    order = new_order(Phase.STOPPING)
    order.report_idle(START + 30)
    order.report_idle(START + 31)
    assert order.expire(START + 60) is Outcome.NO_RECORD


@pytest.mark.parametrize("phase", sorted(STARTING))
def test_idle_reports_before_the_charge_are_expected(phase: Phase) -> None:
    """Idle reports before the charge are expected."""
    order = new_order(phase)
    order.report_idle(START + 2)
    order.end(START + 3)
    assert order.phase is phase


def test_a_stop_waits_as_long_as_charging_is_reported() -> None:
    """A stop waits as long as charging is reported."""
    order = new_order(Phase.STOPPING)
    order.report_charging(Decimal(3), Decimal(3), START + 45)
    assert (order.phase, order.deadline) == (Phase.STOPPING, START + 75)
    order.end(START + 46)
    order.report_charging(Decimal(4), Decimal(3), START + 47)
    assert (order.phase, order.deadline) == (Phase.STOPPING, START + 77)


def test_a_stop_before_the_charge() -> None:
    """A stop before the charge."""
    order = new_order(Phase.ACCEPTED)
    order.stop(START + 5)
    assert order.deadline == START + 35
    assert order.expire(START + 35) is Outcome.CANCELLED


@pytest.mark.parametrize("not_charging", [True, False])
@pytest.mark.parametrize("phase", [p for p in Phase if p not in OVER])
def test_a_refused_stop(phase: Phase, not_charging: bool) -> None:
    """A refused stop."""
    order = new_order(phase)
    done = order.refuse_stop(START + 30, not_charging=not_charging)
    assert done is (not_charging or phase is Phase.WAITING_FOR_PLUG)
    if not done:
        assert order.phase is phase
    elif phase in STARTING:
        assert order.outcome is Outcome.CANCELLED
    else:
        assert (order.phase, order.deadline) == (Phase.ENDED, START + 60)


TIMES = st.floats(min_value=0, max_value=100, allow_nan=False)
ENERGY = st.decimals(min_value=0, max_value=100, places=4)


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens in whatever order, an open order ends, and what it counted stays."""

    def __init__(self) -> None:
        """Send the 0x34."""
        super().__init__()
        self.now = START
        self.order = new_order()
        self.highest = Decimal(0)
        self.away = False

    @rule(seconds=TIMES)
    def time_passes(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.order.expire(self.now)

    @precondition(lambda self: not self.away)
    @rule(reason=st.sampled_from(["not_plugged", "fault", "code_07", None]))
    def start_reply(self, reason: str | None) -> None:
        """Take a 0x33."""
        if reason is None:
            self.order.accept(self.now)
        else:
            self.order.refuse(reason, self.now)

    @precondition(lambda self: not self.away)
    @rule(energy=ENERGY)
    def charging(self, energy: Decimal) -> None:
        """Take a report of charging."""
        closed = self.order.phase is Phase.CLOSED
        self.order.report_charging(energy, energy, self.now)
        if not closed:
            self.highest = max(self.highest, energy)
            assert self.order.phase in (Phase.CHARGING, Phase.STOPPING)

    @precondition(lambda self: not self.away)
    @rule()
    def idle(self) -> None:
        """Take a report of idling."""
        self.order.report_idle(self.now)

    @precondition(lambda self: not self.away)
    @rule()
    def end(self) -> None:
        """Take a 0x19."""
        self.order.end(self.now)

    @precondition(lambda self: not self.away)
    @rule(refused=st.sampled_from([None, True, False]))
    def stop(self, refused: bool | None) -> None:
        """Take the reply to a stop."""
        if refused is None:
            self.order.stop(self.now)
        elif self.order.phase not in OVER:
            self.order.refuse_stop(self.now, not_charging=refused)

    @rule()
    def goes(self) -> None:
        """Lose the connection."""
        self.away = True
        self.order.suspend()

    @rule()
    def comes(self) -> None:
        """Have the pile back."""
        self.away = False
        self.order.resume(self.now)

    @rule()
    def settle(self) -> None:
        """Take the record."""
        self.order.settle()

    @invariant()
    def closed_means_an_outcome(self) -> None:
        """Hold that an outcome is known when, and only when, it is over."""
        assert (self.order.phase is Phase.CLOSED) == (self.order.outcome is not None)

    @invariant()
    def energy_is_the_highest_reported(self) -> None:
        """Hold that energy never goes back."""
        assert self.order.energy == self.highest

    @invariant()
    def a_deadline_runs_unless_it_charges_or_is_away(self) -> None:
        """Hold that nothing stays open for ever."""
        order = self.order
        expected = order.phase not in (Phase.CHARGING, Phase.CLOSED) and not self.away
        if order.phase is Phase.CLOSED or (self.away and order.deadline is not None):
            assert order.deadline is None or self.away
        elif expected:
            assert order.deadline is not None
            assert order.deadline <= self.now + 90

    @invariant()
    def who_may_not_charge_never_did(self) -> None:
        """Hold that no begun charge ends as one that may not be."""
        if self.order.outcome in MUST_NOT_CHARGE:
            assert not self.order.began


AnyOrder.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestAnyOrder = AnyOrder.TestCase
