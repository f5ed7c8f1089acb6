"""A pile that runs wild: what it reports is taken, and Home Assistant is told at the pace of a house."""

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.coordinator import HAPPENED, SHOWN_AT_ONCE, TOLD_AT_ONCE
from custom_components.ykc.happenings import Happening
from custom_components.ykc.pace import Pace
from custom_components.ykc.protocol import Realtime
from simulator import VirtualPile

from .conftest import DC_PILE, entity_id, state, wait_for


async def live_report(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> Realtime:
    """Return what gun 1 reports with a vehicle, once the pile has said all that it says after a login."""
    await pile.plug(1)
    await wait_for(lambda: state(hass, "binary_sensor", "plugged", gun=1) == "on")
    await wait_for(lambda: site.runtime_data._listener.piles[DC_PILE]._greeting is None)
    return next(m for m in reversed(pile.post.sent) if isinstance(m, Realtime) and m.gun == 1)


def test_pace() -> None:
    """Some pass at once, then one in each interval; after a rest it is as in the beginning, and kinds are apart."""
    pace = Pace(burst=3, interval=2.0)
    assert [pace.lets(1, 100.0) for _ in range(4)] == [True, True, True, False]
    assert pace.lets(2, 100.0)
    assert [pace.lets(1, now) for now in (101.9, 102.0, 102.1, 104.0)] == [False, True, False, True]
    assert [pace.lets(1, 200.0) for _ in range(4)] == [True, True, True, False]


async def test_reports_that_come_too_fast(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Of reports that come by the hundred few are shown, the last one among them; another gun is shown at once."""
    shown: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"] == entity_id(hass, "sensor", "voltage", gun=1) and event.data["new_state"]:
            shown.append(event.data["new_state"].state)

    hass.bus.async_listen("state_changed", note)
    report = await live_report(hass, site, pile)
    reports = 5 * SHOWN_AT_ONCE
    for number in range(1, reports + 1):
        pile.post.send(report.replace(voltage=number))
    await wait_for(lambda: guns_voltage(site) == reports)
    await pile.plug(2)
    await wait_for(lambda: state(hass, "binary_sensor", "plugged", gun=2) == "on")
    await wait_for(lambda: shown and float(shown[-1]) == reports, 5)
    assert SHOWN_AT_ONCE / 2 < len(shown) < SHOWN_AT_ONCE + 10


def guns_voltage(site: MockConfigEntry) -> float | None:
    """Return the voltage of gun 1 as the server knows it."""
    voltage: float | None = site.runtime_data._listener.piles[DC_PILE].state.guns[1].voltage
    return voltage


async def test_what_is_late_is_shown_at_the_end(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A listener that closes leaves no timer behind, and what was to be shown is."""
    coordinator = next(iter(site.runtime_data.piles.values()))
    report = await live_report(hass, site, pile)
    for number in range(1, 2 * SHOWN_AT_ONCE):
        pile.post.send(report.replace(voltage=number))
    await wait_for(lambda: guns_voltage(site) == number)
    assert coordinator._late
    coordinator.async_detach()
    assert state(hass, "sensor", "voltage", gun=1) == str(float(number))
    assert not coordinator._late


async def test_events_that_come_too_fast(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault that comes and goes all the time sets off no more automations than can have a reason; one line says so."""
    told: list[Happening] = []
    async_dispatcher_connect(hass, HAPPENED, lambda _, happening: told.append(happening))
    report = await live_report(hass, site, pile)
    for _ in range(2 * TOLD_AT_ONCE):
        pile.post.send(report.replace(faults=1))
        pile.post.send(report.replace(faults=0))
    await wait_for(lambda: "more happens than is told" in caplog.text, 10)
    await pile.plug(2)
    await wait_for(lambda: state(hass, "binary_sensor", "plugged", gun=2) == "on", 10)
    assert TOLD_AT_ONCE / 2 < len(told) < TOLD_AT_ONCE + 20
    assert caplog.text.count("more happens than is told") == 1
    caplog.clear()
