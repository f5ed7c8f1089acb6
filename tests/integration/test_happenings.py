"""What has happened between two states of a pile."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from custom_components.ykc.happenings import PileWatch, card_presented
from custom_components.ykc.protocol import fault_slugs
from custom_components.ykc.server.start_requests import StartEvent
from custom_components.ykc.server.state import ClosedCharge, GunState, LastSession, PileInfo, PileState

IDLE: Mapping[str, Any] = {"plugged": True, "charging": False, "problem": False}
ASKED: Mapping[str, Any] = {**IDLE, "transaction": "A"}
CHARGING: Mapping[str, Any] = {**IDLE, "charging": True, "transaction": "A", "began": True}
FOREIGN: Mapping[str, Any] = {**IDLE, "charging": True}
"""Of a charge whose order is being looked up."""
AWAY: Mapping[str, Any] = {}
AWAY_CHARGING: Mapping[str, Any] = {"transaction": "A", "began": True}
AWAY_ASKED: Mapping[str, Any] = {"transaction": "A"}


def fault(bits: int) -> Mapping[str, Any]:
    """Return a gun with faults."""
    return {**IDLE, "problem": True, "faults": bits}


def pile(gun: Mapping[str, Any]) -> PileState:
    """Return a pile with one gun; it is away where the gun says nothing."""
    state = GunState(number=1, **gun)
    return PileState(
        info=PileInfo(code="32010200000001"),
        online=state.plugged is not None or state.problem is not None,
        guns=MappingProxyType({1: state}),
    )


def told(*guns: Mapping[str, Any]) -> list[str]:
    """Return what happened at the gun in the course of these states."""
    watch = PileWatch(pile(guns[0]))
    return [happening.kind for gun in guns[1:] for happening in watch.take(pile(gun)) if happening.gun is not None]


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ((IDLE, ASKED, CHARGING), ["started"]),
        ((IDLE, ASKED, CHARGING, CHARGING, IDLE), ["started"]),
        ((IDLE, CHARGING), ["started"]),
        ((IDLE, FOREIGN, CHARGING), ["started"]),
        # One charge follows the other without a pause.
        ((IDLE, ASKED, CHARGING, {**CHARGING, "transaction": "B"}), ["started", "started"]),
        ((AWAY, CHARGING, FOREIGN, {**CHARGING, "transaction": "B"}), ["started"]),
        # Where things stand is no news.
        ((AWAY, CHARGING), []),
        ((AWAY, FOREIGN, CHARGING), []),
        ((CHARGING, CHARGING), []),
        ((AWAY_CHARGING, CHARGING), []),
        ((CHARGING, AWAY_CHARGING, CHARGING), []),
        ((CHARGING, AWAY, {**CHARGING, "transaction": "B"}), []),
        # What was open before it charged was not told yet, whatever came between.
        ((ASKED, AWAY_ASKED, CHARGING), ["started"]),
        ((AWAY_ASKED, CHARGING), ["started"]),
    ],
)
def test_started(course: tuple[Mapping[str, Any], ...], expected: list[str]) -> None:
    """A charge is told once, when it was seen to begin."""
    assert told(*course) == expected


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ((IDLE, fault(1), fault(1), IDLE), ["fault_raised", "fault_cleared"]),
        # A heartbeat came before the report with the name.
        ((IDLE, fault(0), fault(1)), ["fault_raised"]),
        ((IDLE, fault(1), fault(3), fault(2), IDLE), ["fault_raised", "fault_raised", "fault_cleared"]),
        ((IDLE, fault(1), IDLE, fault(1)), ["fault_raised", "fault_cleared", "fault_raised"]),
        ((AWAY, fault(1)), []),
        ((AWAY, fault(0), fault(1)), []),
        ((AWAY, fault(1), fault(3)), ["fault_raised"]),
        ((fault(1), fault(3)), ["fault_raised"]),
        ((fault(1), AWAY, fault(1)), []),
        ((fault(1), AWAY, IDLE), []),
        ((IDLE, AWAY, fault(1), IDLE), ["fault_cleared"]),
    ],
)
def test_faults(course: tuple[Mapping[str, Any], ...], expected: list[str]) -> None:
    """Each fault is told once, whichever of heartbeat and report comes first."""
    assert told(*course) == expected


def test_name_of_a_fault() -> None:
    """Only what is new is named."""
    watch = PileWatch(pile(fault(1)))
    (happening,) = watch.take(pile(fault(5)))
    assert happening.data == {"faults": list(fault_slugs(4))}


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ((False, True, True, False), ["plugged", "unplugged"]),
        ((None, True, None, False, True), ["plugged"]),
        ((True, None, False), []),
    ],
)
def test_plug(course: tuple[bool | None, ...], expected: list[str]) -> None:
    """The plug is told while the pile is there."""
    assert told(*({"plugged": plugged, "problem": False} for plugged in course)) == expected


def test_over() -> None:
    """What an order came to is told once, also of a pile that is away; what was there at first is not."""
    session = LastSession(transaction="A", energy=Decimal("1.5"), cost=Decimal("1.2345"), stop_reason="soc_full")
    finished, failed = ClosedCharge(session, failed=False), ClosedCharge(session, failed=True)
    over = {**IDLE, "closed": finished}
    assert told(over, {**over, "voltage": 1.0}) == []
    assert told(CHARGING, over, {"closed": finished}, over) == ["finished"]
    assert told(AWAY_CHARGING, {"closed": finished}) == ["finished"]
    # The same values again are another charge.
    assert told(IDLE, {**IDLE, "closed": failed}, {**IDLE, "closed": replace(failed)}) == ["start_failed"] * 2

    watch = PileWatch(pile(CHARGING))
    (happening,) = watch.take(pile(over))
    assert happening.data == {
        "transaction": "A",
        "energy": 1.5,
        "cost": 1.2345,
        "stop_reason": "soc_full",
        "limit": None,
        "started": None,
        "ended": None,
    }


def test_lost_and_back() -> None:
    """A pile is back only when it was told to be lost; a gun that is new is no news."""
    watch = PileWatch(pile(AWAY))
    assert watch.take(pile(IDLE)) == []
    assert [happening.kind for happening in watch.take(pile(AWAY))] == ["pile_lost"]
    assert watch.take(pile(AWAY)) == []
    assert [happening.kind for happening in watch.take(pile(IDLE))] == ["pile_back"]
    both = {1: GunState(number=1, **IDLE), 2: GunState(number=2, **IDLE)}
    assert watch.take(replace(pile(IDLE), guns=MappingProxyType(both))) == []
    later = {**both, 2: GunState(number=2, plugged=False, charging=False, problem=False)}
    assert [event.gun for event in watch.take(replace(pile(IDLE), guns=MappingProxyType(later)))] == [2]


@pytest.mark.parametrize(
    ("changes", "told"),
    [({}, True), ({"kind": "asked", "reason": None}, True), ({"was_asked": True}, False), ({"method": "vin"}, False)],
)
def test_card(changes: Mapping[str, Any], told: bool) -> None:
    """A card is told once, when it is shown; its number is not told in full."""
    event = StartEvent(
        gun=1,
        kind="refused",
        method="card",
        driver=None,
        reason="no_account",
        card="00000000D14B0A54",
        vin=None,
        account=None,
    )
    happening = card_presented(replace(event, **changes))
    assert (happening is not None) is told
    if happening is not None:
        assert (happening.kind, happening.gun) == ("card_presented", 1)
        assert "D14B" not in str(happening.data).upper()
