"""The page in the sidebar and its cards: there while a listener wants them that is not disabled.

Everything comes from the files in `frontend`, which `scripts/frontend` builds; nothing is written
into dashboards, and nothing is loaded from elsewhere.
"""

import asyncio
from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.components import frontend, panel_custom
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.hass_dict import HassKey

from .const import CONF_SHOW_PAGE, DOMAIN
from .coordinator import YkcConfigEntry

FOLDER: Final = Path(__file__).parent / "frontend"
URL_BASE: Final = "/ykc_static"
PANEL: Final = "ykc-panel"
CARDS: Final = "ykc-cards"
ICON: Final = "mdi:ev-station"


class _Page:
    """The page of all listeners."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Show nothing yet."""
        self._hass = hass
        self._wanted_by: set[str] = set()
        self._urls: dict[str, str] = {}
        """Of the files, by name, once they are served."""
        self._shown: str | None = None
        """The title under which the page is in the sidebar."""
        self._changes = asyncio.Lock()

    async def async_want(self, entry_id: str, *, wanted: bool) -> None:
        """Note whether a listener wants the page, and show or remove it."""
        if "frontend" not in self._hass.config.components:
            return
        async with self._changes:
            (self._wanted_by.add if wanted else self._wanted_by.discard)(entry_id)
            title = await self._async_title() if self._wanted_by else None
            if title != self._shown:
                self._remove()
                if title is not None:
                    await self._async_show(title)

    async def _async_title(self) -> str:
        """Return the integration's name in Home Assistant's language."""
        texts = await async_get_translations(self._hass, self._hass.config.language, "title", {DOMAIN})
        return texts.get(f"component.{DOMAIN}.title", DOMAIN)

    async def _async_show(self, title: str) -> None:
        if not self._urls:
            await self._async_serve()
        await panel_custom.async_register_panel(
            self._hass,
            frontend_url_path=DOMAIN,
            webcomponent_name=PANEL,
            sidebar_title=title,
            sidebar_icon=ICON,
            module_url=self._urls[PANEL],
        )
        frontend.add_extra_js_url(self._hass, self._urls[CARDS])
        self._shown = title

    async def _async_serve(self) -> None:
        """Serve the files; what they hold is part of their addresses, since browsers keep them."""
        hashes = await self._hass.async_add_executor_job(_hashes)
        await self._hass.http.async_register_static_paths([StaticPathConfig(URL_BASE, str(FOLDER))])
        self._urls = {name: f"{URL_BASE}/{name}.js?{content}" for name, content in hashes.items()}

    def _remove(self) -> None:
        if self._shown is not None:
            frontend.async_remove_panel(self._hass, DOMAIN)
            frontend.remove_extra_js_url(self._hass, self._urls[CARDS])
            self._shown = None


def _hashes() -> dict[str, str]:
    return {name: sha256((FOLDER / f"{name}.js").read_bytes()).hexdigest()[:16] for name in (PANEL, CARDS)}


_PAGE: Final[HassKey[_Page]] = HassKey(f"{DOMAIN}_page")


def _page(hass: HomeAssistant) -> _Page:
    if (page := hass.data.get(_PAGE)) is None:
        page = hass.data[_PAGE] = _Page(hass)
    return page


async def async_apply_page(hass: HomeAssistant, entry: YkcConfigEntry) -> None:
    """Show the page if a loaded listener wants it, else remove it."""
    await _page(hass).async_want(entry.entry_id, wanted=entry.options.get(CONF_SHOW_PAGE, True))


async def async_leave_page(hass: HomeAssistant, entry: YkcConfigEntry) -> None:
    """Remove the page if the listener, which is disabled or removed, was the last that wanted it."""
    await _page(hass).async_want(entry.entry_id, wanted=False)
