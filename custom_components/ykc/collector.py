"""Has Python's full garbage collections come seldom where there are hundreds of piles.

A full collection looks at every object of the process, and all threads wait for it. With the entities of 500 piles that is
more than a second, and it comes twice a minute, whoever made the objects. The young generations, where nearly all
garbage is found, are collected as ever.
"""

import gc
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, LOGGER

LARGE: Final = 100
"""Piles of all listeners: with fewer, a collection is over before anybody notices it."""
SELDOM: Final = 2
"""Collections of the middle generation for one of all, at least, for each pile; Python's own is 10 for all of them.

What waits to be collected grows with the number: each state that Home Assistant writes leaves some. So it is in
proportion to the piles, and with it to the memory that is used anyway.
"""

_PILES: HassKey[dict[str, int]] = HassKey(f"{DOMAIN}_collector_piles")
"""By listener."""
_OWN: HassKey[tuple[int, int, int]] = HassKey(f"{DOMAIN}_collector_own")
"""The thresholds that the process had before; there while they are ours."""


@callback
def async_pace_collector(hass: HomeAssistant, listener: str, piles: int) -> None:
    """Learn how many piles a listener has, none when it is closed, and set the process's threshold for all of them."""
    counts = hass.data.setdefault(_PILES, {})
    counts[listener] = piles
    total = sum(counts.values())
    if total >= LARGE:
        if _OWN not in hass.data:
            hass.data[_OWN] = gc.get_threshold()
            LOGGER.info("There are %d piles or more: full garbage collections come seldom", LARGE)
        young, middle, full = hass.data[_OWN]
        gc.set_threshold(young, middle, max(full, SELDOM * total))
    elif _OWN in hass.data:
        gc.set_threshold(*hass.data.pop(_OWN))
