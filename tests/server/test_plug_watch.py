"""Whatever happens: a vehicle is charged by itself at most once, and never after a person's stop."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import booleans, floats, sampled_from

from custom_components.ykc.server.limits import MAX_PLUG_STARTS
from custom_components.ykc.server.plug import Plug, PlugWatch, Reason, Stage
from custom_components.ykc.server.state import GunState, GunStatus

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FLICKER = 5.0
FREE = GunState(number=1, status=GunStatus.IDLE, plugged=False)
PLUGGED = GunState(number=1, status=GunStatus.PLUGGED, plugged=True)
CHARGING = GunState(number=1, status=GunStatus.CHARGING, plugged=True, charging=True)
UNHEARD = (
    GunState(number=1),
    GunState(number=1, status=None),
    GunState(number=1, status=GunStatus.FAULT, plugged=False),
    GunState(number=1, status=GunStatus.STOPPING, plugged=False),
)
"""Reports that do not say whether a vehicle is there."""


class Plugging(RuleBasedStateMachine):
    """A gun, a person and a platform that is killed at any moment."""

    def __init__(self) -> None:
        """Begin with a gun of which nothing is known."""
        super().__init__()
        self.watch = PlugWatch()
        self.kept: Plug | None = None
        self.clock = 0.0
        self.free_since: float | None = None
        self.spent = False
        """The vehicle that is there charged, or was stopped by a person."""
        self.accepted = 0
        """Charges that began by themselves for it."""

    def report(self, gun: GunState) -> None:
        """Let the pile report."""
        self.watch.take(gun, NOON + timedelta(seconds=self.clock), self.clock, FLICKER)
        self.keep()

    def keep(self) -> None:
        """Write it down."""
        self.kept = self.watch.plug

    @rule(seconds=floats(0, 20))
    def time_passes(self, seconds: float) -> None:
        """Let time pass."""
        self.clock += seconds

    @rule()
    def reports_free(self) -> None:
        """Report a gun that is in no vehicle."""
        if self.free_since is None:
            self.free_since = self.clock
        self.report(FREE)

    @rule()
    def reports_plugged(self) -> None:
        """Report an idle gun in a vehicle; it is another one if the gun was free for long enough."""
        if self.free_since is not None and self.clock - self.free_since >= FLICKER:
            self.spent, self.accepted = False, 0
        self.free_since = None
        self.report(PLUGGED)

    @rule(gun=sampled_from(UNHEARD))
    def reports_nothing(self, gun: GunState) -> None:
        """Report what says nothing of a vehicle."""
        self.report(gun)

    @precondition(lambda self: self.watch.plug is not None)
    @rule()
    def somebody_charges(self) -> None:
        """Let the driver begin a charge at the pile."""
        self.report(CHARGING)
        self.watch.spend(Reason.CHARGED)
        self.keep()
        self.spent = True

    @precondition(lambda self: self.watch.plug is not None)
    @rule()
    def somebody_stops(self) -> None:
        """Stop from here, whatever there is to stop."""
        self.watch.spend(Reason.STOPPED)
        self.keep()
        self.spent = True

    @rule()
    def somebody_turns_it_on(self) -> None:
        """Turn it off and on."""
        self.watch.want()
        self.keep()

    @precondition(lambda self: self.watch.plug is not None and self.watch.plug.stage is Stage.WAITING)
    @rule(killed=booleans(), outcome=sampled_from(["accepted", "refused", "not sent"]))
    def starts(self, killed: bool, outcome: str) -> None:
        """Start by itself; the process may die before it hears the answer."""
        plug = self.watch.start()
        assert plug is not None
        self.keep()
        if outcome == "accepted":
            self.accepted += 1
            self.spent = True
        if killed:
            self.is_killed(in_order=True)
        elif outcome == "accepted":
            self.watch.spend(Reason.STARTED)
        else:
            self.watch.fail(plug, "fault", sent=outcome == "refused")
        self.keep()

    @rule(in_order=booleans())
    def is_killed(self, in_order: bool) -> None:
        """Lose all but what was written down."""
        self.watch = PlugWatch(None if self.kept is None else self.kept.taken_up(in_order=in_order))
        # No restart is as quick as a contact that bounces.
        self.clock += 2 * FLICKER

    @invariant()
    def never_again(self) -> None:
        """Nothing that is spent is ever waiting to be started."""
        plug = self.watch.plug
        assert self.accepted <= 1
        if plug is not None and self.spent:
            assert plug.stage is Stage.SPENT
        if plug is not None:
            assert plug.tries <= MAX_PLUG_STARTS


TestPlugging = Plugging.TestCase
TestPlugging.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_a_vehicle_that_comes_is_charged() -> None:
    """The machine above would also be content if nothing ever started."""
    watch = PlugWatch()
    watch.take(FREE, NOON, 0.0, FLICKER)
    watch.take(PLUGGED, NOON + timedelta(seconds=9), 9.0, FLICKER)
    assert watch.plug == Plug(NOON, Stage.WAITING)
    for seconds, gun in ((20, FREE), (30, PLUGGED)):
        watch.take(gun, NOON + timedelta(seconds=seconds), seconds, FLICKER)
    assert watch.plug == Plug(NOON + timedelta(seconds=20), Stage.WAITING)
