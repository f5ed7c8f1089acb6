"""The floor's part of this platform."""

from homeassistant.const import Platform

from .floor import empty_entities

async_setup_entry = empty_entities(Platform.NUMBER)
