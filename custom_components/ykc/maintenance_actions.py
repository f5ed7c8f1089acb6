"""The actions that maintain a pile: reboot, new software, QR codes."""

from typing import Any, Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .coordinator import PileCoordinator
from .permissions import controls_piles
from .server.maintenance import FirmwareSource
from .targets import TargetPlace, async_on_each, targeted_piles, targeted_places

ATTR_FORMAT: Final = "format"
ATTR_MODEL: Final = "model"
ATTR_PASSWORD: Final = "password"
ATTR_PATH: Final = "path"
ATTR_PORT: Final = "port"
ATTR_POWER: Final = "power"
ATTR_SERVER: Final = "server"
ATTR_TEXT: Final = "text"
ATTR_TIMEOUT: Final = "timeout"
ATTR_USER: Final = "user"
ATTR_WHEN: Final = "when"

NOW: Final = "now"
WHEN_IDLE: Final = "when_idle"
PREFIX: Final = "prefix"
WHOLE: Final = "whole"
FTP_PORT: Final = 21


def _whole_number(low: int, high: int) -> vol.All[Any]:
    return vol.All(vol.Coerce(int), vol.Range(min=low, max=high))


REBOOT_SCHEMA: Final = vol.Schema(
    {**cv.TARGET_SERVICE_FIELDS, vol.Optional(ATTR_WHEN, default=WHEN_IDLE): vol.In([NOW, WHEN_IDLE])}
)

# How long the texts may be is checked later: an error of a schema would show the password.
UPDATE_FIRMWARE_SCHEMA: Final = REBOOT_SCHEMA.extend(
    {
        vol.Required(ATTR_SERVER): cv.string,
        vol.Optional(ATTR_PORT, default=FTP_PORT): _whole_number(1, 65535),
        vol.Optional(ATTR_USER, default=""): cv.string,
        vol.Optional(ATTR_PASSWORD, default=""): cv.string,
        vol.Required(ATTR_PATH): cv.string,
        vol.Optional(ATTR_MODEL): vol.In(["dc", "ac"]),
        vol.Required(ATTR_POWER): _whole_number(1, 65535),
        vol.Optional(ATTR_TIMEOUT, default=30): _whole_number(1, 255),
    }
)

QR_CODE_SCHEMA: Final = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Required(ATTR_TEXT): cv.string,
        vol.Optional(ATTR_FORMAT, default=PREFIX): vol.In([PREFIX, WHOLE]),
    }
)


@controls_piles
async def async_reboot(call: ServiceCall) -> None:
    """Reboot each pile that is named."""
    when_idle = call.data[ATTR_WHEN] == WHEN_IDLE

    async def reboot(pile: PileCoordinator) -> None:
        with pile.commanding() as commanded:
            await commanded.maintenance.reboot(when_idle=when_idle)

    await async_on_each(call.hass, targeted_piles(call), reboot)


@controls_piles
async def async_update_firmware(call: ServiceCall) -> None:
    """Have each pile that is named fetch new software; how that went comes later, as an event."""
    data = call.data

    async def update(pile: PileCoordinator) -> None:
        model = data.get(ATTR_MODEL, pile.info.pile_type)
        source = FirmwareSource(
            server=data[ATTR_SERVER],
            port=data[ATTR_PORT],
            user=data[ATTR_USER],
            password=data[ATTR_PASSWORD],
            path=data[ATTR_PATH],
            model="ac" if model == "ac" else "dc",
            power=data[ATTR_POWER],
            timeout=data[ATTR_TIMEOUT],
        )
        with pile.commanding() as commanded:
            await commanded.maintenance.update(source, when_idle=data[ATTR_WHEN] == WHEN_IDLE)

    await async_on_each(call.hass, targeted_piles(call), update)


@controls_piles
async def async_set_qr_code(call: ServiceCall) -> None:
    """Show a QR code at each gun that is named, and at all guns of each pile that is."""
    text, whole = call.data[ATTR_TEXT], call.data[ATTR_FORMAT] == WHOLE

    async def show(place: TargetPlace) -> None:
        with place.pile.commanding() as pile:
            await pile.qr_codes.show(text, gun=place.number, dialect=place.pile.qr_dialect, whole=whole)

    await async_on_each(call.hass, targeted_places(call), show)
