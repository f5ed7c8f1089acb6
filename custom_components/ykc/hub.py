"""A listener with its piles, kept as its config entry says: the entry's runtime data."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from decimal import Decimal
from typing import Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import area_registry as ar, device_registry as dr

from .accounts import Accounts
from .cards import Cards
from .const import CONF_AREA, DOMAIN, LOGGER, MANUFACTURER
from .coordinator import PileCoordinator, YkcConfigEntry
from .discovery import Discovery
from .driver import access
from .issues import async_forget_pile
from .ledger import shared_ledger
from .messages import TAPS, MessageEvents
from .network import bind_error
from .options import async_listener_settings
from .replacement import async_finish_replacements
from .server.access import Driver
from .server.accounts import Account, EntryKind
from .server.ledger import LedgerError
from .server.listener import Listener, ListenerSettings
from .server.pile import Pile
from .server.recent_frames import RecentFrames
from .server.start_requests import StartEvent
from .subentry import pile_data, pile_info, pile_settings, piles

MODELS: Final = {
    "en": {"ac": "AC charging pile", "dc": "DC charging pile"},
    "zh": {"ac": "交流充电桩", "dc": "直流充电桩"},
}
"""By language and type: Home Assistant shows a device's model as it is."""

type PileCallback = Callable[[PileCoordinator], None]


class Hub:
    """What a loaded listener consists of."""

    def __init__(self, hass: HomeAssistant, entry: YkcConfigEntry) -> None:
        """Open nothing yet."""
        self.discovery = Discovery(hass, entry)
        self.cards = Cards(hass, entry)
        self.accounts = Accounts(hass, entry)
        self.messages = MessageEvents(hass, entry)
        self.recent_frames = RecentFrames()
        self.piles: dict[str, PileCoordinator] = {}
        """By the id of their subentry."""
        self._models = MODELS.get(hass.config.language.partition("-")[0], MODELS["en"])
        self._hass = hass
        self._entry = entry
        self._address = entry.data[CONF_HOST], entry.data[CONF_PORT]
        self._listener: Listener
        self._platforms: list[PileCallback] = []
        self._changes = asyncio.Lock()
        self._resources = AsyncExitStack()
        self._closed = False

    async def async_open(self) -> None:
        """Listen, with every approved pile known before the first one calls.

        Raises `ConfigEntryNotReady`; nothing stays open then.
        """
        host, port = self._address
        try:
            async with AsyncExitStack() as resources:
                await self._async_open(resources)
                self._resources = resources.pop_all()
        except LedgerError as error:
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN,
                translation_key="ledger_failed",
                translation_placeholders={"error": str(error)},
            ) from error
        except OSError as error:
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN,
                translation_key=bind_error(error).reason,
                translation_placeholders={"host": host, "port": str(port)},
            ) from error

    async def _async_open(self, resources: AsyncExitStack) -> None:
        host, port = self._address
        ledger = await resources.enter_async_context(shared_ledger(self._hass))
        await async_finish_replacements(self._hass, self._entry, ledger)
        self._listener = Listener(
            host=host,
            port=port,
            ledger=ledger,
            settings=await self._async_settings(),
            on_stranger=self.discovery.async_handle_stranger,
            taps=self._hass.data[TAPS],
        )
        resources.callback(self._hass.data[TAPS].subscribe(self.recent_frames.take))
        resources.push_async_callback(self._listener.close)
        resources.push_async_callback(self._async_let_go)
        resources.callback(ledger.on_account(self.accounts.async_handle_change))
        await self.accounts.async_apply(ledger)
        await self._async_add(piles(self._entry))
        self.messages.async_apply()
        await self._listener.start()

    async def _async_settings(self) -> ListenerSettings:
        """Return what the entry says that holds for all its piles."""
        settings = await async_listener_settings(self._hass, self._entry.options)
        return replace(settings, access=access(self._entry))

    async def async_close(self) -> None:
        """Let go of everything; the port is free when this returns."""
        async with self._changes:
            self._closed = True
            await self._resources.aclose()

    async def _async_let_go(self) -> None:
        """Listen to no pile, and show no card."""
        self.messages.async_close()
        self.discovery.async_close()
        await self.accounts.async_close()
        for coordinator in self.piles.values():
            await coordinator.async_shutdown()

    @property
    def listener(self) -> Listener:
        """The listener; only while the entry is loaded."""
        return self._listener

    async def async_change_balance(self, driver: Driver, kind: EntryKind, amount: Decimal, note: str) -> Account:
        """Add CNY to a prepaid driver's balance, and let the charges under way cost accordingly."""
        return await self._listener.change_balance(driver.booking, kind, amount, note)

    async def async_settle_unpaid(self, driver: Driver) -> Account:
        """Take what was reported of a prepaid driver's sessions that have no bill."""
        return await self._listener.settle_unpaid(driver.booking)

    async def async_apply(self) -> None:
        """Make the listener and its piles what the entry says now, dropping nothing else."""
        if self._needs_reload():
            self._hass.config_entries.async_schedule_reload(self._entry.entry_id)
            return
        async with self._changes:
            if self._closed:
                return
            self._listener.apply(await self._async_settings())
            self.messages.async_apply()
            try:
                await self.accounts.async_apply(self._listener.ledger)
                await self._async_apply_piles()
            except LedgerError:
                LOGGER.exception("The ledger failed; opening it anew")
                self._hass.config_entries.async_schedule_reload(self._entry.entry_id)

    def _needs_reload(self) -> bool:
        """Tell whether the listener moves, or a pile has become another one."""
        return self._address != (self._entry.data[CONF_HOST], self._entry.data[CONF_PORT]) or any(
            coordinator.pile.code != coordinator.subentry.unique_id for coordinator in self.piles.values()
        )

    async def _async_apply_piles(self) -> None:
        approved = {subentry.subentry_id: subentry for subentry in piles(self._entry)}
        for subentry_id in self.piles.keys() - approved.keys():
            await self._async_remove(subentry_id)
        new: list[ConfigSubentry] = []
        for subentry_id, subentry in approved.items():
            if (coordinator := self.piles.get(subentry_id)) is None:
                new.append(subentry)
            elif coordinator.applied != (subentry.title, subentry.data):
                await self._async_update(coordinator)
        if new:
            await self._async_add(new)
        self.discovery.async_forget_approved()

    async def _async_add(self, subentries: Sequence[ConfigSubentry]) -> None:
        known = {pile_info(subentry.data): pile_settings(subentry.data) for subentry in subentries}
        for subentry, pile in zip(subentries, await self._listener.add_piles(known), strict=True):
            self._add(subentry, pile)

    def _add(self, subentry: ConfigSubentry, pile: Pile) -> None:
        coordinator = PileCoordinator(self._hass, self._entry, subentry, pile)
        self.piles[subentry.subentry_id] = coordinator
        self.recent_frames.watch(pile.code)

        @callback
        def shown(event: StartEvent) -> None:
            self.cards.async_handle(coordinator.pile.code, coordinator.devices.get(event.gun), event)

        coordinator.async_subscribe_start_events(shown)
        self._show(coordinator)

    async def _async_remove(self, subentry_id: str) -> None:
        """Let go of a pile; Home Assistant has removed its devices and entities."""
        coordinator = self.piles.pop(subentry_id)
        await coordinator.async_shutdown()
        await self._listener.remove_pile(coordinator.pile.code)
        self.recent_frames.forget(coordinator.pile.code)
        async_forget_pile(self._hass, subentry_id)

    async def _async_update(self, coordinator: PileCoordinator) -> None:
        info, pile = coordinator.info, coordinator.pile
        settings = pile_settings(coordinator.subentry.data)
        coordinator.name = coordinator.subentry.title
        if pile_data(info) != pile_data(pile.state.info):
            # A person knows better what a pile is that has never said it itself.
            coordinator.async_detach()
            await self._listener.remove_pile(pile.code)
            coordinator.async_attach(await self._listener.add_pile(info, settings))
        else:
            pile.apply(settings)
        self._show(coordinator)
        # Some entities count with what a person says of the pile.
        coordinator.async_update_listeners()

    @callback
    def async_on_pile(self, show: PileCallback) -> CALLBACK_TYPE:
        """Call `show` for each pile, and again whenever what a pile has may have changed.

        Returns what ends that.
        """
        self._platforms.append(show)
        for coordinator in self.piles.values():
            show(coordinator)
        return lambda: self._platforms.remove(show)

    def _show(self, coordinator: PileCoordinator) -> None:
        """Bring devices and entities up to date, unless the pile is about to be removed."""
        if not coordinator.is_approved:
            return
        subentry = coordinator.subentry
        coordinator.applied = subentry.title, subentry.data
        self._register_devices(coordinator)
        for show in self._platforms:
            show(coordinator)

    def _register_devices(self, coordinator: PileCoordinator) -> None:
        """Register the pile and its guns, and drop the guns that it no longer has."""
        registry = dr.async_get(self._hass)
        entry_id = self._entry.entry_id
        subentry = coordinator.subentry
        info = coordinator.info
        pile = registry.async_get_or_create(
            config_entry_id=entry_id,
            config_subentry_id=subentry.subentry_id,
            identifiers={(DOMAIN, info.code)},
            manufacturer=MANUFACTURER,
            model=self._models.get(info.pile_type),
            name=subentry.title,
            serial_number=info.code,
            suggested_area=self._area_name(subentry.data[CONF_AREA]),
            sw_version=info.software_version,
        )
        guns: dict[int | None, dr.AnyDeviceEntry] = {
            number: registry.async_get_or_create_child(
                config_entry_id=entry_id,
                config_subentry_id=subentry.subentry_id,
                identifiers={(DOMAIN, f"{info.code}_{number}")},
                parent_device_id=pile.id,
                translation_key="gun",
                translation_placeholders={"number": str(number)},
            )
            for number in range(1, info.gun_count + 1)
        }
        there = {gun.id for gun in guns.values()}
        for gun in dr.async_entries_for_parent_device(registry, pile.id):
            if gun.id not in there:
                registry.async_remove_device(gun.id)
        coordinator.devices = {None: pile, **guns}

    def _area_name(self, area_id: str | None) -> str | None:
        """Return the name of the area that was chosen when the pile was approved."""
        if area_id is None:
            return None
        area = ar.async_get(self._hass).async_get_area(area_id)
        return None if area is None else area.name
