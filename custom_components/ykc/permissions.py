"""What a user may see and do at a gun: what they may with its entities, also with disabled ones."""

from collections.abc import Callable, Coroutine, Iterable
from functools import wraps
from typing import Any, Final

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .coordinator import PileCoordinator
from .targets import reached_guns, reached_piles

CONTROLS: Final = {
    "charging": Platform.SWITCH,
    "start_when_plugged": Platform.SWITCH,
    "start_period": Platform.SELECT,
    "limit_energy": Platform.NUMBER,
    "limit_amount": Platform.NUMBER,
    "limit_minutes": Platform.NUMBER,
    "limit_soc": Platform.NUMBER,
}
"""Platforms of the entities that control a gun, by their key."""

type Action[T] = Callable[[ServiceCall], Coroutine[Any, Any, T]]
type Gun = tuple[PileCoordinator, int]


def gun_entity_id(
    hass: HomeAssistant, code: str, gun: int, key: str, platform: Platform = Platform.SENSOR
) -> str | None:
    """Return an entity of a gun, also a disabled one."""
    return er.async_get(hass).async_get_entity_id(platform, DOMAIN, f"{code}_{gun}_{key}")


def may_see(hass: HomeAssistant, user: User, code: str, gun: int) -> bool:
    """Tell whether a user may read the status of a gun, and so the rest."""
    if user.permissions.access_all_entities(POLICY_READ):
        return True
    entity_id = gun_entity_id(hass, code, gun, "status")
    return entity_id is not None and user.permissions.check_entity(entity_id, POLICY_READ)


def may_control(hass: HomeAssistant, user: User, code: str, gun: int, key: str) -> bool:
    """Tell whether a user may control one of `CONTROLS`, and so do the same in another way."""
    if user.permissions.access_all_entities(POLICY_CONTROL):
        return True
    entity_id = gun_entity_id(hass, code, gun, key, CONTROLS[key])
    return entity_id is not None and user.permissions.check_entity(entity_id, POLICY_CONTROL)


def controls_guns[T](action: Action[T]) -> Action[T]:
    """Let an action be called by who may start and stop charges at the guns of its target."""
    return _controls(action, lambda call: ((gun.pile, gun.number) for gun in reached_guns(call.hass, call.data)))


def controls_piles[T](action: Action[T]) -> Action[T]:
    """Let an action be called by who may start and stop charges at every gun of the piles of its target."""
    return _controls(
        action,
        lambda call: (
            (pile, number)
            for pile in reached_piles(call.hass, call.data)
            for number in range(1, pile.info.gun_count + 1)
        ),
    )


def _controls[T](action: Action[T], guns: Callable[[ServiceCall], Iterable[Gun]]) -> Action[T]:
    @wraps(action)
    async def checked(call: ServiceCall) -> T:
        if (user_id := call.context.user_id) is not None:
            user = await call.hass.auth.async_get_user(user_id)
            if user is None:
                raise UnknownUser(context=call.context)
            for pile, number in guns(call):
                if not may_control(call.hass, user, pile.pile.code, number, "charging"):
                    raise Unauthorized(context=call.context, permission=POLICY_CONTROL)
        return await action(call)

    return checked
