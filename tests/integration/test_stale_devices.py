"""Devices that may be removed, and entities that become too many."""

from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc import async_remove_config_entry_device
from custom_components.ykc.const import DOMAIN
from custom_components.ykc.server.state import PileInfo
from custom_components.ykc.subentry import piles
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, device_id, entity_id, listener_entry, set_up

LIMIT = "custom_components.ykc.entity_limit.MAX_ENABLED_ENTITIES_PER_CONFIG_ENTRY"


def told(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str] | None:
    """Return what is told of a listener's entities."""
    found = ir.async_get(hass).async_get_issue(DOMAIN, f"entity_limit_{entry.entry_id}")
    return None if found is None else found.translation_placeholders


async def test_only_what_is_stale(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The devices of approved piles and their guns stay; one that is nobody's any more may go."""
    registry = dr.async_get(hass)
    stale = registry.async_get_or_create(config_entry_id=site.entry_id, identifiers={(DOMAIN, "32010200000099")})
    for device_id_, may_go in (
        (device_id(hass, site), False),
        (device_id(hass, site, AC_PILE, 1), False),
        (stale.id, True),
    ):
        device = registry.async_get(device_id_)
        assert device is not None
        assert await async_remove_config_entry_device(hass, site, device) is may_go


async def test_guns_and_piles_that_are_gone(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Their devices go by themselves, with their pile."""
    registry = dr.async_get(hass)
    guns = [device_id(hass, site, gun=gun) for gun in (1, 2)]
    hass.config_entries.async_remove_subentry(site, next(p for p in piles(site) if p.unique_id == DC_PILE).subentry_id)
    await hass.async_block_till_done()
    assert [registry.async_get(gun) for gun in guns] == [None, None]


@pytest.mark.parametrize("share", [70, 80, 100])
async def test_in_good_time(hass: HomeAssistant, port: int, share: int) -> None:
    """From 80 % of Home Assistant's limit on a person is told, before the first entity is left out."""
    site = await set_up(hass, listener_entry(port, PileInfo(code=DC_PILE)))
    count = er.async_get(hass).entities.get_enabled_count_for_config_entry_id(site.entry_id)
    limit = count * 100 // share
    with patch(LIMIT, limit):
        await hass.config_entries.async_reload(site.entry_id)
        if share < 80:
            assert told(hass, site) is None
        else:
            percent = str(count * 100 // limit)
            assert told(hass, site) == {"listener": site.title, "percent": percent, "limit": str(limit)}
        await hass.config_entries.async_remove(site.entry_id)
        assert told(hass, site) is None


async def test_disabling_helps(hass: HomeAssistant, port: int) -> None:
    """The notice goes when there is room again, and comes when there is none."""
    registry = er.async_get(hass)
    with patch(LIMIT, 100):
        entry = await set_up(hass, listener_entry(port, PileInfo(code=DC_PILE, gun_count=4)))
        count = registry.entities.get_enabled_count_for_config_entry_id(entry.entry_id)
        assert count < 80
        assert told(hass, entry) is None
        power = entity_id(hass, "sensor", "power", gun=1)
        with patch(LIMIT, count * 100 // 80):
            registry.async_update_entity(power, name="Power of the first gun")
            await hass.async_block_till_done()
            assert told(hass, entry) is not None
            registry.async_update_entity(power, disabled_by=er.RegistryEntryDisabler.USER)
            await hass.async_block_till_done()
            assert told(hass, entry) is None
            registry.async_update_entity(power, disabled_by=None)
            await hass.async_block_till_done()
            assert told(hass, entry) is not None
        await hass.config_entries.async_unload(entry.entry_id)
