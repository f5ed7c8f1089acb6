"""Start when plugged in: a switch, a choice and what becomes of it, over restarts and in both languages."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
import sqlite3
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import translation
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.const import CONF_BILLING_MODEL, DOMAIN
from custom_components.ykc.ledger import LEDGER_FILE
from custom_components.ykc.options import DEFAULT_BILLING_MODEL
from custom_components.ykc.server.limits import Timing
from custom_components.ykc.server.listener import Listener
from custom_components.ykc.server.settings import StartWhenPlugged
from custom_components.ykc.subentry import chosen_starts
from simulator import VirtualPile

from .conftest import DC_PILE, PACE, MakePile, entity_id, state, wait_for
from .test_subentry_flow import go_on, reconfigure, stored

pytestmark = pytest.mark.usefixtures("entity_registry_enabled_by_default", "clock")


class Clock:
    """The time as the listener is told it."""

    def __init__(self) -> None:
        """Begin at noon in Home Assistant's time zone, US/Pacific."""
        self.now = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Give listeners a clock that a test sets."""
    clock = Clock()

    def told(**arguments: Any) -> Listener:
        return Listener(**arguments, timing=Timing().faster(PACE), now=lambda: clock.now)

    with patch("custom_components.ykc.hub.Listener", told):
        yield clock


async def switch(hass: HomeAssistant, service: str, key: str = "start_when_plugged") -> None:
    """Turn a switch of gun 1."""
    target = {"entity_id": entity_id(hass, "switch", key, gun=1)}
    await hass.services.async_call("switch", service, target, blocking=True)


async def choose(hass: HomeAssistant, period: str) -> None:
    """Choose the period of gun 1."""
    data = {"entity_id": entity_id(hass, "select", "start_period", gun=1), "option": period}
    await hass.services.async_call("select", "select_option", data, blocking=True)


def outcome(hass: HomeAssistant) -> tuple[str, Any, Any]:
    """Return what becomes of the vehicle at gun 1."""
    shown = hass.states.get(entity_id(hass, "sensor", "automatic_start", gun=1))
    assert shown is not None
    return shown.state, shown.attributes.get("reason"), shown.attributes.get("until")


async def test_start_when_plugged_in(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Off until a person turns it on; then a vehicle is charged once, and not again when a person stops it."""
    assert state(hass, "switch", "start_when_plugged", gun=1) == "off"
    assert state(hass, "select", "start_period", gun=1) == "at_once"
    assert outcome(hass) == ("off", None, None)
    connection = site.runtime_data.piles[next(iter(site.runtime_data.piles))].pile.line.connection
    await switch(hass, "turn_on")
    assert state(hass, "switch", "start_when_plugged", gun=1) == "on"
    assert outcome(hass) == ("no_vehicle", None, None)
    assert chosen_starts(stored(site, DC_PILE).data) == {1: StartWhenPlugged(enabled=True)}

    await pile.plug(1)
    await pile.plug(2)
    await pile.wait_for(lambda: pile.gun(1).charging)
    await wait_for(lambda: outcome(hass) == ("started", None, None))
    assert not pile.gun(2).charging
    await switch(hass, "turn_off", "charging")
    await pile.wait_for(lambda: pile.gun(1).charge is None and not pile.records.open)
    await switch(hass, "turn_off")
    await switch(hass, "turn_on")
    await pile.fault(1, 3)
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "fault")
    await pile.clear_fault(1)
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "finished")
    assert not pile.gun(1).charging

    await pile.unplug(1)
    await wait_for(lambda: outcome(hass) == ("no_vehicle", None, None))
    await hass.async_block_till_done()
    assert site.runtime_data.piles[next(iter(site.runtime_data.piles))].pile.line.connection is connection
    assert len(pile.complaints) == 0


async def test_period(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, clock: Clock) -> None:
    """A vehicle waits for its period, also over a restart, and is charged in it."""
    await own_prices(hass, site)
    await choose(hass, "valley")
    await switch(hass, "turn_on")
    await pile.plug(1)
    await wait_for(lambda: outcome(hass)[:2] == ("waiting", "period"))
    assert outcome(hass)[2].isoformat() == "2026-03-01T22:00:00-08:00"

    assert await hass.config_entries.async_reload(site.entry_id)
    assert state(hass, "switch", "start_when_plugged", gun=1) == "on"
    assert state(hass, "select", "start_period", gun=1) == "valley"
    assert outcome(hass) == ("waiting", "offline", None)
    await wait_for(lambda: outcome(hass)[:2] == ("waiting", "period"))
    assert not pile.gun(1).charging
    clock.now = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    await pile.wait_for(lambda: pile.gun(1).charging)


async def own_prices(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Have the valley from 22:00 to 06:00, and the rest flat."""
    model = {**DEFAULT_BILLING_MODEL, "number": "0101", "flat_times": "06:00-22:00", "valley_times": "22:00-06:00"}
    hass.config_entries.async_update_entry(site, options={**site.options, CONF_BILLING_MODEL: model})
    await hass.async_block_till_done()


async def test_what_a_person_stopped_stays_stopped_over_a_restart(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile
) -> None:
    """Neither a restart nor turning it on again undoes a person's stop; unplugging does."""
    await switch(hass, "turn_on")
    await pile.plug(1)
    await pile.wait_for(lambda: pile.gun(1).charging)
    target = {"entity_id": entity_id(hass, "button", "stop", gun=1)}
    await hass.services.async_call("button", "press", target, blocking=True)
    await pile.wait_for(lambda: pile.gun(1).charge is None and not pile.records.open)

    assert await hass.config_entries.async_reload(site.entry_id)
    await pile.wait_ready()
    await wait_for(lambda: state(hass, "binary_sensor", "plugged", gun=1) == "on")
    await switch(hass, "turn_off")
    await switch(hass, "turn_on")
    assert outcome(hass) == ("started", None, None)
    with closing(sqlite3.connect(hass.config.path(".storage", LEDGER_FILE))) as ledger:
        assert ledger.execute("SELECT gun, stage, reason, tries FROM plugs").fetchall() == [(1, "spent", "started", 1)]
    await pile.unplug(1)
    await wait_for(lambda: outcome(hass) == ("no_vehicle", None, None))
    assert not pile.gun(1).charging


async def test_refused(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """The pile's reason is shown, and when it is tried again; after the third time it is given up."""
    pile = await make_pile(DC_PILE, guns=2)
    pile.behaviour.refuse_start = 3
    await switch(hass, "turn_on")
    await pile.plug(1)
    await wait_for(lambda: outcome(hass)[:2] == ("waiting", "fault"))
    assert outcome(hass)[2] is not None
    await wait_for(lambda: outcome(hass) == ("not_started", "fault", None), timeout=30)
    pile.behaviour.refuse_start = None
    await switch(hass, "turn_off")
    await switch(hass, "turn_on")
    await pile.wait_for(lambda: pile.gun(1).charging)


async def test_no_such_period(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Only what is offered can be chosen, and nothing is kept of the rest."""
    with pytest.raises(ServiceValidationError):
        await choose(hass, "noon")
    assert chosen_starts(stored(site, DC_PILE).data) == {}


async def test_kept_when_the_pile_is_changed(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """What was chosen outlives a change of the pile's name."""
    await choose(hass, "flat")
    await switch(hass, "turn_on")
    await go_on(hass, await reconfigure(hass, site, DC_PILE), name="Carport")
    chosen = {1: StartWhenPlugged(enabled=True, period="flat")}
    assert chosen_starts(stored(site, DC_PILE).data) == chosen
    assert state(hass, "select", "start_period", gun=1) == "flat"
    assert state(hass, "switch", "start_when_plugged", gun=1) == "on"
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("language", "name", "waiting", "reason"),
    [
        ("en", "Start when plugged in", "Waiting", "Its period has not begun"),
        ("zh-Hans", "插枪自动充电", "等待中", "尚未到所选时段"),
    ],
)
async def test_words(
    hass: HomeAssistant, site: MockConfigEntry, language: str, name: str, waiting: str, reason: str
) -> None:
    """A person reads what it does in either language."""
    texts = await translation.async_get_translations(hass, language, "entity", {DOMAIN})
    prefix = f"component.{DOMAIN}.entity"
    assert texts[f"{prefix}.switch.start_when_plugged.name"] == name
    assert texts[f"{prefix}.sensor.automatic_start.state.waiting"] == waiting
    assert texts[f"{prefix}.sensor.automatic_start.state_attributes.reason.state.period"] == reason
