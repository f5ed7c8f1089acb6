"""What a pile itself shows, beside its guns."""

from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfTime

from .sensor_description import PileSensorDescription
from .server.card_list import CardsStatus
from .server.state import PileState
from .server.tariff import ModelState

SHOWN_CARDS: Final = 50
"""Offline cards that are listed; the action that asks for them returns all."""


def _offline_cards(pile: PileState) -> dict[str, Any]:
    """Return the cards that may charge while the pile has no connection, those with a problem first."""
    known = pile.offline_cards
    return {
        "wanted": known.wanted,
        "stored": known.stored,
        "cards": [
            {"card": report.card, "driver": report.driver, "state": str(report.state)}
            for report in known.cards[:SHOWN_CARDS]
        ],
    }


PILE_DESCRIPTIONS: Final = (
    PileSensorDescription(
        key="billing_model",
        device_class=SensorDeviceClass.ENUM,
        options=list(ModelState),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda pile: pile.billing_model,
    ),
    PileSensorDescription(
        key="clock_offset",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda pile: pile.clock_offset,
    ),
    PileSensorDescription(
        key="offline_cards",
        device_class=SensorDeviceClass.ENUM,
        options=list(CardsStatus),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        always_available=True,
        value_fn=lambda pile: pile.offline_cards.status,
        attributes_fn=_offline_cards,
    ),
    PileSensorDescription(
        key="refused_logins",
        suggested_display_precision=0,
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        always_available=True,
        value_fn=lambda pile: pile.logins.refused,
        attributes_fn=lambda pile: {"last_address": pile.logins.refused_address},
    ),
)
