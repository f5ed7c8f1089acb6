"""Conditions: true of what the piles report, whichever entities are enabled."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition
from homeassistant.helpers.icon import async_get_icons
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.ykc.condition import CONDITIONS
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, device_id, entity_id, wait_for
from .test_plug_start import own_prices
from .test_triggers import start


class Check:
    """Checks conditions of targets."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Check with a Home Assistant."""
        self._hass = hass

    async def __call__(self, kind: str, *, behavior: str = "any", period: str | None = None, **target: Any) -> bool:
        """Return whether a condition holds, as an automation would find."""
        options = {"behavior": behavior} | ({} if period is None else {"period": period})
        config = {"condition": f"ykc.{kind}", "target": target, "options": options}
        checked = await condition.async_validate_condition_config(self._hass, config)
        checker = await condition.async_from_config(self._hass, checked)
        holds = checker.async_check()
        checker.async_unload()
        return bool(holds)


@pytest.fixture
async def check(hass: HomeAssistant) -> Check:
    """Return what checks conditions."""
    assert await async_setup_component(hass, "automation", {})
    return Check(hass)


async def test_guns(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, check: Check) -> None:
    """Plugged, charging, faulty: one gun of a target will do, or all must."""
    guns = next(iter(site.runtime_data.piles.values()))
    one, two, both = (device_id(hass, site, gun=gun) for gun in (1, 2, None))
    await wait_for(lambda: guns.data.guns[1].plugged is False and guns.data.guns[2].plugged is False)
    for kind in ("is_plugged", "is_charging", "has_fault"):
        assert not await check(kind, device_id=both)

    await pile.plug(1)
    await wait_for(lambda: guns.data.guns[1].plugged)
    await start(hass, site)
    await wait_for(lambda: guns.data.guns[1].charging)
    for kind in ("is_plugged", "is_charging"):
        assert await check(kind, device_id=one)
        assert not await check(kind, device_id=two)
        assert await check(kind, device_id=both)
        assert not await check(kind, device_id=both, behavior="all")
    assert await check("is_charging", entity_id=entity_id(hass, "event", "gun_event", gun=1))
    assert not await check("is_charging", entity_id=entity_id(hass, "event", "gun_event", gun=2))
    await pile.plug(2)
    await pile.fault(2, 3)
    await wait_for(lambda: guns.data.guns[2].problem)
    assert await check("is_plugged", device_id=both, behavior="all")
    assert await check("has_fault", device_id=two)
    assert not await check("has_fault", device_id=one)


async def test_limit_reached(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, check: Check) -> None:
    """A charge that was stopped at a limit reached it, until the next one begins."""
    guns = next(iter(site.runtime_data.piles.values()))
    one = device_id(hass, site, gun=1)
    await pile.plug(1)
    await hass.services.async_call(
        "ykc", "start_charging", {"device_id": one, "limit_energy": 2}, blocking=True, return_response=True
    )
    await wait_for(lambda: guns.data.guns[1].charging)
    assert not await check("limit_reached", device_id=one)
    await pile.wait_for(lambda: pile.gun(1).charge is None and not pile.records.open)
    await wait_for(lambda: guns.data.guns[1].last_session is not None)
    assert await check("limit_reached", device_id=one)
    assert not await check("limit_reached", device_id=device_id(hass, site), behavior="all")
    await start(hass, site)
    await wait_for(lambda: guns.data.guns[1].charging)
    assert not await check("limit_reached", device_id=one)


async def test_online(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, check: Check) -> None:
    """A pile is online, also by its gun; one that is lost, or whose listener does not run, is not."""
    coordinator = next(iter(site.runtime_data.piles.values()))
    target = device_id(hass, site)
    assert await check("is_online", device_id=target)
    assert await check("is_online", device_id=device_id(hass, site, gun=2), behavior="all")
    assert not await check("is_online", device_id=device_id(hass, site, AC_PILE))
    assert not await check("is_online", device_id=[target, device_id(hass, site, AC_PILE)], behavior="all")
    await pile.plug(1)
    await pile.drop()
    await wait_for(lambda: not coordinator.data.online)
    for kind in ("is_online", "is_plugged", "is_charging", "has_fault"):
        assert not await check(kind, device_id=target)
    assert await hass.config_entries.async_unload(site.entry_id)
    assert not await check("is_online", device_id=target, behavior="all")


@pytest.mark.parametrize(
    ("moment", "period"), [("05:59:59", "flat"), ("06:00:00", "valley"), ("13:59:59", "valley"), ("14:00:00", "flat")]
)
async def test_tariff_period(
    hass: HomeAssistant,
    site: MockConfigEntry,
    check: Check,
    freezer: FrozenDateTimeFactory,
    moment: str,
    period: str,
) -> None:
    """The period is that of the pile's prices in its time zone, US/Pacific here."""
    await own_prices(hass, site)
    freezer.move_to(f"2026-03-03T{moment}+00:00")
    for name in ("sharp", "peak", "flat", "valley"):
        assert await check("tariff_period_is", device_id=device_id(hass, site, DC_PILE), period=name) is (
            name == period
        )


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"target": {}},
        {"target": {"area_id": "carport"}},
        {"target": {"area_id": "carport"}, "options": {"period": "night"}},
        {"target": {"area_id": "carport"}, "options": {"period": "flat", "behavior": "some"}},
    ],
)
async def test_bad_configuration(hass: HomeAssistant, site: MockConfigEntry, config: dict[str, Any]) -> None:
    """What lacks a target or names no period is refused when the automation is made."""
    with pytest.raises(vol.Invalid):
        await CONDITIONS["tariff_period_is"].async_validate_config(hass, config)


async def test_descriptions(hass: HomeAssistant, site: MockConfigEntry, check: Check) -> None:
    """Home Assistant can show every condition, with its target, in both languages and with an icon."""
    descriptions = await condition.async_get_all_descriptions(hass)
    icons = await async_get_icons(hass, "conditions", ["ykc"])
    for language in ("en", "zh-Hans"):
        texts = await async_get_translations(hass, language, "conditions", ["ykc"])
        for kind in CONDITIONS:
            assert texts[f"component.ykc.conditions.{kind}.name"]
            assert texts[f"component.ykc.conditions.{kind}.description"]
            description = descriptions[f"ykc.{kind}"]
            assert description is not None
            assert description["target"]["device"] == [{"integration": "ykc"}]
            for field in description["fields"]:
                assert texts[f"component.ykc.conditions.{kind}.fields.{field}.name"]
            assert icons["ykc"][kind]["condition"].startswith("mdi:")
    assert {key.removeprefix("ykc.") for key in descriptions if key.startswith("ykc.")} == set(CONDITIONS)
