"""Where there are many piles, full garbage collections come seldom; where there are few, they come as ever."""

from collections.abc import Callable, Iterator
import gc
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.server.state import PileInfo
from custom_components.ykc.subentry import piles

from .conftest import listener_entry, set_up

EACH = 50


@pytest.fixture(autouse=True)
def three_are_many() -> Iterator[None]:
    """Have three piles count as many, and have more than Python's own threshold for them."""
    with patch("custom_components.ykc.collector.LARGE", 3), patch("custom_components.ykc.collector.SELDOM", EACH):
        yield


async def test_all_listeners_count(
    hass: HomeAssistant, site: MockConfigEntry, unused_tcp_port_factory: Callable[[], int]
) -> None:
    """The piles of all listeners count, and the more there are the rarer it is; in the end it is as it was."""
    own = young, middle, _ = gc.get_threshold()
    three = await set_up(hass, listener_entry(unused_tcp_port_factory(), PileInfo(code="32010200000003", gun_count=1)))
    assert gc.get_threshold() == (young, middle, 3 * EACH)
    four = await set_up(hass, listener_entry(unused_tcp_port_factory(), PileInfo(code="32010200000004", gun_count=1)))
    assert gc.get_threshold() == (young, middle, 4 * EACH)
    assert await hass.config_entries.async_reload(site.entry_id)
    assert gc.get_threshold() == (young, middle, 4 * EACH)
    assert await hass.config_entries.async_unload(four.entry_id)
    assert gc.get_threshold() == (young, middle, 3 * EACH)
    assert await hass.config_entries.async_unload(three.entry_id)
    assert gc.get_threshold() == own


async def test_a_threshold_that_is_seldom_enough_stays(
    hass: HomeAssistant, site: MockConfigEntry, unused_tcp_port_factory: Callable[[], int]
) -> None:
    """Who has Python collect still more seldom has reasons."""
    own = gc.get_threshold()
    gc.set_threshold(*own[:2], 3 * EACH + 1)
    try:
        more = await set_up(
            hass, listener_entry(unused_tcp_port_factory(), PileInfo(code="32010200000003", gun_count=1))
        )
        assert gc.get_threshold() == (*own[:2], 3 * EACH + 1)
        assert await hass.config_entries.async_unload(more.entry_id)
    finally:
        gc.set_threshold(*own)


async def test_a_pile_that_is_removed_counts_no_more(
    hass: HomeAssistant, site: MockConfigEntry, unused_tcp_port_factory: Callable[[], int]
) -> None:
    """It is as before when a pile is deleted that was one too many."""
    own = gc.get_threshold()
    more = await set_up(hass, listener_entry(unused_tcp_port_factory(), PileInfo(code="32010200000003", gun_count=1)))
    assert gc.get_threshold() != own
    (pile,) = piles(more)
    hass.config_entries.async_remove_subentry(more, pile.subentry_id)
    await hass.async_block_till_done()
    assert gc.get_threshold() == own
    assert await hass.config_entries.async_unload(more.entry_id)
