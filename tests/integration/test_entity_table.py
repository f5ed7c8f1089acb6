"""What others rely on: the keys of the entities stay, and doc/entities.md lists all of them."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import AC_PILE, DC_PILE
from .entity_table import DOCUMENT, STABLE, Described, document, entities
from .test_drivers import add


def test_the_document_is_current() -> None:
    """To make it anew: `scripts/tables`."""
    assert DOCUMENT.read_text(encoding="utf-8") == document()


def test_no_key_changes() -> None:
    """A key that is in the list stays for good: dashboards and automations have it. A new one is added to it."""
    listed = STABLE.read_text(encoding="utf-8").splitlines()
    known = [entity.stable for entity in entities()]
    assert len(set(known)) == len(known)
    assert listed == known


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_home_assistant_has_what_is_listed(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Every entity of a site is one of the list, with the unique id that the document promises."""
    driver = await add(hass, site, payment="prepaid", card="99")
    found: set[str] = set()
    promised = {(entity.platform, entity.unique_id): entity for entity in entities()}
    for entity in er.async_entries_for_config_entry(er.async_get(hass), site.entry_id):
        pattern = entity.unique_id.replace(driver.subentry_id, "<driver>")
        for code in (DC_PILE, AC_PILE):
            for gun in (1, 2):
                pattern = pattern.replace(f"{code}_{gun}_", "<pile>_<gun>_")
            pattern = pattern.replace(f"{code}_", "<pile>_")
        found.add(promised[entity.domain, pattern].stable)
    # A parking lock is there when it was reported, the power in kW when the rated one was given.
    left = {entity.stable for entity in entities()} - found
    assert left == {
        "gun binary_sensor parking_space",
        "gun lock parking_lock",
        "gun sensor parking_lock_alarm",
        "gun sensor parking_lock_battery",
        "pile number max_power_kw",
    }


def test_a_line_says_all_that_stays() -> None:
    """Owner, platform and key."""
    entity = Described("gun", "sensor", "power", True)
    assert (entity.stable, entity.unique_id) == ("gun sensor power", "<pile>_<gun>_power")
