"""Home Assistant finds the integration and accepts its manifest."""

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_custom_components, async_get_integration


async def test_is_found(hass: HomeAssistant) -> None:
    """It is a custom integration, and the only one here."""
    integration = await async_get_integration(hass, "ykc")
    assert not integration.is_built_in
    assert integration.config_flow
    assert integration.version is not None
    assert list(await async_get_custom_components(hass)) == ["ykc"]


async def test_is_found_beside_the_recorder(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    """The order of the fixtures is right when a test uses the recorder."""
    assert await async_get_integration(hass, "ykc")
