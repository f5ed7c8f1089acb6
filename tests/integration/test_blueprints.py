"""Blueprints: each is loaded as a person would have it, and charges a virtual pile."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
import shutil
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

from homeassistant.components import automation, persistent_notification
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import yaml

from custom_components.ykc.const import CONF_RATED_POWER
from custom_components.ykc.protocol import RemoteStart, RemoteStop
from custom_components.ykc.server.limits import Timing
from custom_components.ykc.server.listener import Listener
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, PACE, MakePile, device_id, entity_id, state, wait_for
from .test_plug_start import own_prices
from .test_triggers import start

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "blueprints" / "automation" / "ykc"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))

pytestmark = pytest.mark.usefixtures("entity_registry_enabled_by_default")

type Use = Callable[..., Awaitable[None]]


@pytest.fixture
async def use(hass: HomeAssistant) -> AsyncIterator[Use]:
    """Return what makes an automation of a blueprint."""
    shutil.copytree(FOLDER, hass.config.path("blueprints", "automation", "ykc"))

    async def make(name: str, **inputs: Any) -> None:
        config = {"alias": name, "use_blueprint": {"path": f"ykc/{name}.yaml", "input": inputs}}
        assert await async_setup_component(hass, "automation", {"automation": config})
        await hass.async_block_till_done()
        assert automation.automations_with_blueprint(hass, f"ykc/{name}.yaml") == [f"automation.{name}"]
        assert hass.states.is_state(f"automation.{name}", "on")

    yield make
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


def gun(site: MockConfigEntry, number: int = 1) -> Any:
    """Return a gun of the DC pile as it is known."""
    return next(iter(site.runtime_data.piles.values())).data.guns[number]


async def known(site: MockConfigEntry) -> None:
    """Wait until the guns have reported."""
    await wait_for(lambda: gun(site).plugged is False and gun(site, 2).plugged is False)


async def over(pile: VirtualPile, site: MockConfigEntry) -> None:
    """Wait until gun 1 does not charge and its bill is there."""
    await pile.wait_for(lambda: pile.gun(1).charge is None and not pile.records.open)
    await wait_for(lambda: gun(site).charging is False and gun(site).transaction is None)


@pytest.mark.parametrize("name", NAMES)
def test_import_links(name: str) -> None:
    """Every blueprint names where it comes from, and the document has a link that imports it."""

    class Loader(yaml.SafeLoader):
        """Reads what Home Assistant fills in as its name."""

    Loader.add_constructor("!input", lambda loader, node: node.value)
    with (FOLDER / f"{name}.yaml").open(encoding="utf-8") as file:
        blueprint = yaml.load(file, Loader)["blueprint"]
    url = f"https://github.com/ykc-ha/ykc/blob/main/blueprints/automation/ykc/{name}.yaml"
    assert blueprint["source_url"] == url
    assert blueprint["homeassistant"]["min_version"] == "2026.10.0"
    assert all({"name", "description", "selector"} <= set(field) for field in blueprint["input"].values())
    link = f"https://my.home-assistant.io/redirect/blueprint_import/?blueprint_url={quote(url, safe='')}"
    assert link in (ROOT / "doc" / "automations.md").read_text(encoding="utf-8")


class Day:
    """The time as triggers and listeners are told it; sockets know nothing of it."""

    def __init__(self) -> None:
        """Begin in the afternoon of US/Pacific."""
        self._looks: list[Callable[[datetime], None]] = []
        self.now = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)

    def track(self, _hass: HomeAssistant, look: Callable[[datetime], None], **_when: Any) -> Callable[[], None]:
        """Tell every quarter of an hour that a test lets begin."""
        self._looks.append(look)
        return lambda: self._looks.remove(look)

    def become(self, moment: str) -> None:
        """Let it be another time."""
        self.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        for look in self._looks[:]:
            look(self.now)


@pytest.fixture
def day() -> Iterator[Day]:
    """Give triggers and listeners a time that a test sets."""
    day = Day()

    def told(**arguments: Any) -> Listener:
        return Listener(**arguments, timing=Timing().faster(PACE), now=lambda: day.now)

    with (
        patch("custom_components.ykc.hub.Listener", told),
        patch("custom_components.ykc.trigger.async_track_utc_time_change", day.track),
    ):
        yield day


@pytest.mark.parametrize("waits", [True, False])
async def test_charge_in_period(
    hass: HomeAssistant, day: Day, site: MockConfigEntry, pile: VirtualPile, use: Use, waits: bool
) -> None:
    """A vehicle is charged in the valley, from 06:00 to 14:00 UTC here; before that it waits, and then it is stopped."""
    await own_prices(hass, site)
    await known(site)
    await use("charge_in_period", gun=device_id(hass, site, gun=1))
    day.become("2026-03-03 05:45" if waits else "2026-03-03 06:15")
    await pile.plug(1)
    await wait_for(lambda: gun(site).plugged)
    await hass.async_block_till_done()
    if waits:
        assert not pile.all_received(RemoteStart)
        day.become("2026-03-03 06:00")
    await wait_for(lambda: gun(site).charging)
    day.become("2026-03-03 06:30")
    await hass.async_block_till_done()
    assert not pile.all_received(RemoteStop)
    day.become("2026-03-03 14:00")
    await over(pile, site)
    assert gun(site).last_session.stop_reason == "stopped_remotely"
    assert len(pile.all_received(RemoteStart)) == 1


async def test_another_period(
    hass: HomeAssistant, day: Day, site: MockConfigEntry, pile: VirtualPile, use: Use
) -> None:
    """A period that never begins charges nothing, and nobody else's charge is stopped when one begins."""
    await own_prices(hass, site)
    await known(site)
    await use("charge_in_period", gun=device_id(hass, site, gun=1), period="peak")
    await pile.plug(1)
    await wait_for(lambda: gun(site).plugged)
    await hass.async_block_till_done()
    assert not pile.all_received(RemoteStart)
    await start(hass, site)
    await wait_for(lambda: gun(site).charging)
    day.become("2026-03-03 06:00")
    day.become("2026-03-03 14:00")
    await hass.async_block_till_done()
    assert not pile.all_received(RemoteStop)


async def test_start_when_plugged_with_limit(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, use: Use
) -> None:
    """Each vehicle is charged, and stopped when it has its energy; another gun is left alone."""
    await known(site)
    await use(
        "start_when_plugged_with_limit",
        gun=device_id(hass, site, gun=1),
        energy=2,
    )
    await pile.plug(2)
    for count in (1, 2):
        await pile.plug(1)
        await wait_for(lambda: gun(site).charging)
        await over(pile, site)
        assert gun(site).last_session.limit == "energy"
        assert gun(site).last_session.stop_reason == "stopped_remotely"
        assert len(pile.all_received(RemoteStart)) == count
        await pile.unplug(1)
        await wait_for(lambda: gun(site).plugged is False)
    assert not pile.gun(2).charging


async def test_notify_when_finished(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, use: Use) -> None:
    """Energy and cost of the bill are told, and why a charge did not begin."""
    assert await async_setup_component(hass, "persistent_notification", {})
    await known(site)
    await use("notify_when_finished", guns={"device_id": device_id(hass, site)})
    notifications: dict[str, persistent_notification.Notification] = {}
    persistent_notification.async_register_callback(hass, lambda _, changed: notifications.update(changed))
    await pile.plug(1)
    await start(hass, site)
    await pile.wait_for(lambda: pile.gun(1).energy > 0.1)
    await pile.stop_locally(1)
    await wait_for(lambda: notifications)
    (told,) = notifications.values()
    last = gun(site).last_session
    assert told["message"] == f"{last.energy:.2f} kWh, {last.cost:.2f} CNY (stopped_manually)"
    assert DC_PILE in str(told["title"])

    pile.behaviour.refuse_start = 3
    with pytest.raises(HomeAssistantError):
        await start(hass, site)
    await wait_for(lambda: len(notifications) == 2)
    assert "did not begin" in list(notifications.values())[-1]["message"]


class Sun:
    """A roof whose power a test sets, and a meter for what goes into the grid."""

    METER = "sensor.grid_export"

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin at night."""
        self._hass = hass
        self._gun = entity_id(hass, "sensor", "power", gun=1)
        self.power = 0.0
        self.shine(0)
        self.end = async_track_state_change_event(hass, self._gun, self._measure)

    def shine(self, power: float) -> None:
        """Make as many kW from now on."""
        self.power = power
        self._measure()

    @callback
    def _measure(self, _event: Event[EventStateChangedData] | None = None) -> None:
        now = self._hass.states.get(self._gun)
        used = float(now.state) if now is not None and now.state not in ("unknown", "unavailable") else 0.0
        self._hass.states.async_set(self.METER, str((self.power - used) * 1000), {"unit_of_measurement": "W"})


async def solar(hass: HomeAssistant, site: MockConfigEntry, use: Use, power: str = "0.0", **inputs: Any) -> Sun:
    """Charge gun 1 of a pile of 60 kW from the sun, from the moment at which its power is shown so."""
    await wait_for(lambda: state(hass, "sensor", "power", gun=1) == power)
    sun = Sun(hass)
    await use(
        "charge_from_surplus",
        gun=device_id(hass, site, gun=1),
        gun_power=entity_id(hass, "sensor", "power", gun=1),
        limit=entity_id(hass, "number", "max_power"),
        surplus=sun.METER,
        rated_power=60,
        **({"wait": 0} | inputs),
    )
    return sun


async def test_charge_from_surplus(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, use: Use) -> None:
    """It begins with enough, follows the sun, bears a little too little at 30 %, and stops below that."""
    await known(site)
    sun = await solar(hass, site, use)

    def limit() -> str | None:
        return state(hass, "number", "max_power")

    sun.shine(20)
    await pile.plug(1)
    await wait_for(lambda: gun(site).plugged)
    await hass.async_block_till_done()
    # A third is more than a pile needs, and less than what it begins with.
    assert not pile.all_received(RemoteStart)

    sun.shine(30)
    await wait_for(lambda: gun(site).charging and limit() == "50")
    await wait_for(lambda: gun(site).power and gun(site).power < 31000)
    sun.shine(24)
    await wait_for(lambda: limit() == "40")
    # Between 25 and 30 % the grid helps out.
    sun.shine(16)
    await wait_for(lambda: limit() == "30")
    await hass.async_block_till_done()
    assert gun(site).charging and not pile.all_received(RemoteStop)

    sun.shine(6)
    await over(pile, site)
    assert len(pile.all_received(RemoteStop)) == 1
    # What kept it going does not begin it again.
    sun.shine(22)
    await hass.async_block_till_done()
    assert len(pile.all_received(RemoteStart)) == 1
    sun.shine(45)
    await wait_for(lambda: gun(site).charging and limit() == "75")
    assert len(pile.all_received(RemoteStart)) == 2
    sun.end()


async def test_clouds(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, use: Use) -> None:
    """A charge is stopped only when too little is left for long enough, and when the meter fails."""
    await known(site)
    sun = await solar(hass, site, use, wait=0.02)
    await pile.plug(1)
    await wait_for(lambda: gun(site).plugged)
    sun.shine(40)
    await wait_for(lambda: gun(site).charging)
    sun.shine(3)
    sun.shine(40)
    began = hass.loop.time()
    sun.end()
    hass.states.async_set(sun.METER, "unavailable")
    await over(pile, site)
    assert hass.loop.time() - began > 1.2
    assert len(pile.all_received(RemoteStop)) == 1


async def test_a_restless_sun(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, use: Use) -> None:
    """However often the meter says something new while a pile may not be told yet, what stops the charge is not missed."""
    await known(site)
    sun = await solar(hass, site, use)
    await pile.plug(1)
    await wait_for(lambda: gun(site).plugged)
    sun.shine(30)
    await wait_for(lambda: gun(site).charging and state(hass, "number", "max_power") == "50")
    for power in (25, 50) * 10:
        sun.shine(power)
        await asyncio.sleep(0)
    sun.shine(3)
    await over(pile, site)
    assert len(pile.all_received(RemoteStop)) == 1
    assert len(pile.all_received(RemoteStart)) == 1
    sun.end()


async def test_a_charge_that_went_on_over_a_restart(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, use: Use
) -> None:
    """When the sun is gone by the time at which Home Assistant hears of the charge again, it is stopped."""
    await known(site)
    await pile.plug(1)
    await start(hass, site)
    await wait_for(lambda: gun(site).charging)
    await pile.drop()
    sun = await solar(hass, site, use, power="unavailable")
    await pile.come_back()
    await over(pile, site)
    assert len(pile.all_received(RemoteStop)) == 1
    sun.end()


async def share(hass: HomeAssistant, site: MockConfigEntry, use: Use, supply: float) -> Callable[[], list[float]]:
    """Share a supply between a pile of 60 kW and one of 40 kW; return what tells their limits in kW."""
    for subentry in list(site.subentries.values()):
        rated = {DC_PILE: 60.0, AC_PILE: 40.0}[str(subentry.unique_id)]
        hass.config_entries.async_update_subentry(site, subentry, data={**subentry.data, CONF_RATED_POWER: rated})
    await hass.async_block_till_done()
    await known(site)
    limits = [entity_id(hass, "number", "max_power_kw", code=code) for code in (DC_PILE, AC_PILE)]
    guns = [(DC_PILE, 1), (DC_PILE, 2), (AC_PILE, 1)]
    charging = [entity_id(hass, "binary_sensor", "charging", code=code, gun=number) for code, number in guns]
    await wait_for(lambda: all(hass.states.is_state(sensor, "off") for sensor in charging))
    await use("share_supply", limits=limits, charging=charging, supply=supply)

    def shares() -> list[float]:
        return [
            float(found.state) for limit in limits if (found := hass.states.get(limit)) and found.state[0].isdigit()
        ]

    return shares


async def start_other(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Start the AC pile."""
    target = {"device_id": device_id(hass, site, AC_PILE, gun=1)}
    await hass.services.async_call("ykc", "start_charging", target, blocking=True)


async def test_share_supply(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, make_pile: MakePile, use: Use
) -> None:
    """One pile gets all that it can take, two get halves; one that is lost keeps its own."""
    other = await make_pile(AC_PILE, pile_type="ac")
    shares = await share(hass, site, use, 50)
    await pile.plug(1)
    await start(hass, site)
    # Whole percents of what each can, and never more than there is.
    await wait_for(lambda: shares() == [49.8, 12.0])
    await other.plug(1)
    await start_other(hass, site)
    await wait_for(lambda: shares() == [24.6, 24.8])
    await other.drop()
    await wait_for(lambda: state(hass, "binary_sensor", "charging", code=AC_PILE, gun=1) == "unavailable")
    await pile.plug(2)
    await start(hass, site, 2)
    await wait_for(lambda: gun(site, 2).charging)
    await hass.async_block_till_done()
    assert shares() == [24.6]
    await other.come_back()
    await wait_for(lambda: shares() == [24.6, 24.8])
    await pile.stop_locally(1)
    await pile.stop_locally(2)
    await wait_for(lambda: shares() == [18.0, 40.0])
    assert not other.all_received(RemoteStop)


async def test_nothing_left_to_share(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, make_pile: MakePile, use: Use
) -> None:
    """A charge for which less than its pile's least power is left is stopped, and the other one goes on."""
    other = await make_pile(AC_PILE, pile_type="ac")
    shares = await share(hass, site, use, 25)
    await pile.plug(1)
    await start(hass, site)
    await wait_for(lambda: shares() == [24.6, 12.0])
    await other.plug(1)
    await start_other(hass, site)
    await other.next_received(RemoteStop)
    await wait_for(lambda: state(hass, "binary_sensor", "charging", code=AC_PILE, gun=1) == "off")
    await hass.async_block_till_done()
    assert shares() == [24.6, 12.0]
    assert gun(site).charging and not pile.all_received(RemoteStop)
