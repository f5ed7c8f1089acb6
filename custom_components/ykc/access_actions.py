"""The actions for who may start at a pile."""

from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .const import DOMAIN
from .driver import ATTR_DRIVER, find_driver
from .permissions import controls_guns, controls_piles
from .protocol import StartDenial
from .targets import TargetGun, async_on_each, targeted_guns, targeted_piles

ANSWER_START_REQUEST: Final = "answer_start_request"
LEARN_CARD: Final = "learn_card"

ATTR_AUTHORISED: Final = "authorised"
ATTR_REASON: Final = "reason"

DENIALS: Final = {reason.slug: reason for reason in StartDenial if reason is not StartDenial.NONE}
"""Why a driver may be refused; the pile shows it."""

LEARN_SCHEMA: Final = vol.Schema(cv.TARGET_SERVICE_FIELDS)
ANSWER_SCHEMA: Final = LEARN_SCHEMA.extend(
    {
        vol.Required(ATTR_AUTHORISED): cv.boolean,
        vol.Optional(ATTR_DRIVER): cv.string,
        vol.Optional(ATTR_REASON, default=StartDenial.NOT_ALLOWED_HERE.slug): vol.In(DENIALS),
    }
)


@callback
def async_setup_access_actions(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(DOMAIN, LEARN_CARD, _async_learn_card, schema=LEARN_SCHEMA)
    hass.services.async_register(DOMAIN, ANSWER_START_REQUEST, _async_answer, schema=ANSWER_SCHEMA)


@controls_piles
async def _async_learn_card(call: ServiceCall) -> None:
    """Learn the next unknown card at each pile that is named."""
    for pile in targeted_piles(call):
        pile.config_entry.runtime_data.cards.async_learn(pile.pile.code)


@controls_guns
async def _async_answer(call: ServiceCall) -> None:
    """Let the driver who waits at each gun that is named charge, or not."""

    name = call.data.get(ATTR_DRIVER)

    async def answer(gun: TargetGun) -> None:
        with gun.pile.commanding() as pile:
            pile.start_requests.answer(
                gun.number,
                authorised=call.data[ATTR_AUTHORISED],
                driver=None if name is None else find_driver(call.hass, name, gun.pile.config_entry)[1],
                reason=DENIALS[call.data[ATTR_REASON]],
            )

    await async_on_each(call.hass, targeted_guns(call), answer)
