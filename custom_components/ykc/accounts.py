"""The balances of a listener's prepaid drivers: each has a device of its own."""

from collections.abc import Callable
from typing import TYPE_CHECKING, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .const import DOMAIN, LOGGER
from .driver import drivers, is_prepaid
from .server.accounts import Account
from .server.ledger import Ledger, LedgerError

if TYPE_CHECKING:
    from .coordinator import YkcConfigEntry


class AccountCoordinator(DataUpdateCoordinator[Account]):
    """Hands a driver's balance to its sensors."""

    config_entry: ConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, driver: ConfigSubentry, device: dr.AnyDeviceEntry, ledger: Ledger
    ) -> None:
        """Show what the ledger has."""
        super().__init__(hass, LOGGER, config_entry=entry, name=f"balance of {driver.title}")
        self.driver = driver
        self.device = device
        self._ledger = ledger

    @override
    async def _async_update_data(self) -> Account:
        """Return the balance as it is now."""
        try:
            return await self._ledger.account(self.driver.subentry_id)
        except LedgerError as error:
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="ledger_failed",
                translation_placeholders={"error": str(error)},
            ) from error


class Accounts:
    """The prepaid drivers of a listener that is loaded."""

    def __init__(self, hass: HomeAssistant, entry: YkcConfigEntry) -> None:
        """Know of none."""
        self._hass = hass
        self._entry = entry
        self._coordinators: dict[str, AccountCoordinator] = {}
        """By the id of the driver's subentry."""
        self._platforms: list[Callable[[AccountCoordinator], None]] = []

    async def async_apply(self, ledger: Ledger) -> None:
        """Make devices and sensors what the entry says now."""
        prepaid = {driver.subentry_id: driver for driver in drivers(self._entry) if is_prepaid(driver.data)}
        registry = dr.async_get(self._hass)
        for driver_id in self._coordinators.keys() - prepaid.keys():
            gone = self._coordinators.pop(driver_id)
            await gone.async_shutdown()
            # A driver who was deleted took the device along.
            if registry.async_get(gone.device.id) is not None:
                registry.async_remove_device(gone.device.id)
        for driver_id, driver in prepaid.items():
            device = registry.async_get_or_create(
                config_entry_id=self._entry.entry_id,
                config_subentry_id=driver_id,
                identifiers={(DOMAIN, driver_id)},
                entry_type=dr.DeviceEntryType.SERVICE,
                name=driver.title,
            )
            if driver_id not in self._coordinators:
                coordinator = AccountCoordinator(self._hass, self._entry, driver, device, ledger)
                self._coordinators[driver_id] = coordinator
                await coordinator.async_refresh()
                for show in self._platforms:
                    show(coordinator)

    def account(self, driver_id: str) -> Account | None:
        """Return the balance of a driver, None for one who is not prepaid."""
        coordinator = self._coordinators.get(driver_id)
        return None if coordinator is None else coordinator.data

    async def async_close(self) -> None:
        """Show nothing any more."""
        for coordinator in self._coordinators.values():
            await coordinator.async_shutdown()

    @callback
    def async_handle_change(self, driver_id: str) -> None:
        """Read a balance again: it may have changed."""
        if (coordinator := self._coordinators.get(driver_id)) is not None:
            self._entry.async_create_task(self._hass, coordinator.async_refresh(), coordinator.name)

    @callback
    def async_on_account(self, show: Callable[[AccountCoordinator], None]) -> CALLBACK_TYPE:
        """Call `show` for each prepaid driver, now and later; returns what ends that."""
        self._platforms.append(show)
        for coordinator in self._coordinators.values():
            show(coordinator)
        return lambda: self._platforms.remove(show)
