"""What a prepaid driver's device shows."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .accounts import AccountCoordinator
from .const import CURRENCY
from .coordinator import YkcConfigEntry
from .server.accounts import Account


@dataclass(frozen=True, kw_only=True)
class AccountSensorDescription(SensorEntityDescription):
    """Describes a sensor of a driver's balance."""

    value_fn: Callable[[Account], Decimal]


ACCOUNT_DESCRIPTIONS: Final = (
    AccountSensorDescription(
        key="balance",
        device_class=SensorDeviceClass.MONETARY,
        native_unit_of_measurement=CURRENCY,
        suggested_display_precision=2,
        state_class=SensorStateClass.TOTAL,
        value_fn=lambda account: account.balance,
    ),
    AccountSensorDescription(
        key="available_balance",
        device_class=SensorDeviceClass.MONETARY,
        native_unit_of_measurement=CURRENCY,
        suggested_display_precision=2,
        value_fn=lambda account: account.available,
    ),
)


@callback
def async_add_accounts(entry: YkcConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback) -> None:
    """Add the sensors of all prepaid drivers, now and later."""

    @callback
    def show(account: AccountCoordinator) -> None:
        async_add_entities(
            [AccountSensor(account, description) for description in ACCOUNT_DESCRIPTIONS],
            config_subentry_id=account.driver.subentry_id,
        )

    entry.async_on_unload(entry.runtime_data.accounts.async_on_account(show))


class AccountSensor(CoordinatorEntity[AccountCoordinator], SensorEntity):
    """A figure of a driver's balance."""

    _attr_has_entity_name = True
    entity_description: AccountSensorDescription

    def __init__(self, account: AccountCoordinator, description: AccountSensorDescription) -> None:
        """Show a driver."""
        super().__init__(account)
        self.entity_description = description
        self._attr_unique_id = f"{account.driver.subentry_id}_{description.key}"
        self._attr_translation_key = description.key
        self.device_entry = account.device

    @property
    @override
    def native_value(self) -> Decimal:
        """Return CNY."""
        return self.entity_description.value_fn(self.coordinator.data)
