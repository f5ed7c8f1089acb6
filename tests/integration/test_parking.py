"""Parking locks: what they show, and when an arm rises."""

from functools import partial
from typing import Any

from homeassistant.components.lock import LockState as State
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.const import CONF_ALLOW_RAISING_BY_LOCK, CONF_PARKING_LOCKS, DOMAIN
from custom_components.ykc.protocol import LockAction, LockAlarm, LockState, ParkingLockControl
from custom_components.ykc.subentry import piles
from simulator import ParkingLock, VirtualPile
from simulator.conversations.parking import report_lock

from .conftest import DC_PILE, MakePile, device_id, entity_id, state, wait_for
from .test_entities import ids

KEYS = {
    (Platform.LOCK, "parking_lock"),
    (Platform.BINARY_SENSOR, "parking_space"),
    (Platform.SENSOR, "parking_lock_battery"),
    (Platform.SENSOR, "parking_lock_alarm"),
}


@pytest.fixture
async def pile(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> VirtualPile:
    """Switch on the DC pile of the site, with a parking lock at each gun, and wait for their reports."""
    pile = await make_pile(DC_PILE, guns=2, parking_locks=True)
    await wait_for(lambda: locks_of(site) == [1, 2])
    await hass.async_block_till_done()
    await wait_for(lambda: state(hass, "lock", "parking_lock", gun=2) == State.UNLOCKED)
    return pile


def locks_of(entry: MockConfigEntry) -> list[int]:
    """Return the guns of the DC pile that are stored as having a parking lock."""
    stored = next(pile for pile in piles(entry) if pile.unique_id == DC_PILE)
    found: list[int] = stored.data.get(CONF_PARKING_LOCKS, [])
    return found


def shown(hass: HomeAssistant, gun: int = 1) -> tuple[str | None, ...]:
    """Return what the entities of a gun's lock show: position, space, battery, alarm."""
    return (
        state(hass, "lock", "parking_lock", gun=gun),
        state(hass, "binary_sensor", "parking_space", gun=gun),
        state(hass, "sensor", "parking_lock_battery", gun=gun),
        state(hass, "sensor", "parking_lock_alarm", gun=gun),
    )


def shows(hass: HomeAssistant, expected: tuple[str | None, ...]) -> bool:
    """Tell whether the entities of the first gun's lock show something."""
    return shown(hass) == expected


def has_lock(entry: MockConfigEntry, gun: int) -> bool:
    """Tell whether a gun is stored as having a parking lock."""
    return gun in locks_of(entry)


def is_locked(hass: HomeAssistant, gun: int) -> bool:
    """Tell whether a gun's lock is shown as locked."""
    return state(hass, "lock", "parking_lock", gun=gun) == State.LOCKED


async def lock(hass: HomeAssistant, action: str = "lock", **target: Any) -> None:
    """Lock or unlock."""
    await hass.services.async_call(
        "lock", action, target or {"entity_id": entity_id(hass, "lock", "parking_lock", gun=1)}, blocking=True
    )


async def raise_arm(hass: HomeAssistant, **target: Any) -> None:
    """Raise an arm with the action that is for nothing else."""
    await hass.services.async_call(DOMAIN, "raise_parking_lock", target, blocking=True)


def allow(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Let lock entities raise arms."""
    hass.config_entries.async_update_entry(entry, options={CONF_ALLOW_RAISING_BY_LOCK: True})


async def test_only_guns_that_have_one(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """A gun's lock is there as soon as it has reported, and not before."""
    before = ids(hass, site)
    pile = await make_pile(DC_PILE, guns=2)
    for gun in (2, 1):
        assert f"{DC_PILE}_{gun}_parking_lock" not in {unique_id for _, unique_id in ids(hass, site)}
        pile.locks[gun] = ParkingLock()
        report_lock(pile, gun)
        await wait_for(partial(has_lock, site, gun))
        await hass.async_block_till_done()
        there = ids(hass, site)
        assert there - before == {(platform, f"{DC_PILE}_{gun}_{key}") for platform, key in KEYS}
        before = there


async def test_after_a_restart(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The entities of a lock are there before the pile calls, and know nothing of it."""
    there = ids(hass, site)
    await pile.stop()
    assert await hass.config_entries.async_unload(site.entry_id)
    assert await hass.config_entries.async_setup(site.entry_id)
    await hass.async_block_till_done()
    assert ids(hass, site) == there
    assert shown(hass) == (STATE_UNAVAILABLE,) * 4


async def test_names_and_classes(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A lock has the usual classes, and is enabled: few guns have one."""
    registry = er.async_get(hass)
    found = {key: registry.async_get(entity_id(hass, platform, key, gun=1)) for platform, key in KEYS}
    assert {key: (e.original_name, e.original_device_class, e.disabled_by) for key, e in found.items() if e} == {
        "parking_lock": ("Parking lock", None, None),
        "parking_space": ("Parking space", "occupancy", None),
        "parking_lock_battery": ("Parking lock battery", "battery", None),
        "parking_lock_alarm": ("Parking lock alarm", "enum", None),
    }


async def test_states(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Raised is locked, stuck is jammed, and on its way the arm is neither."""
    assert shown(hass) == (State.UNLOCKED, "off", "90", "none")
    arm = pile.locks[1]
    for position, alarm, locked, alarm_shown in (
        (LockState.RAISED, LockAlarm.NONE, State.LOCKED, "none"),
        (LockState.BETWEEN, LockAlarm.NONE, STATE_UNKNOWN, "none"),
        (LockState.RAISED, LockAlarm.ARM_DAMAGED, State.LOCKED, "arm_damaged"),
        (LockState.LOWERED, LockAlarm.ARM_STUCK, State.JAMMED, "arm_stuck"),
    ):
        arm.state, arm.alarm = position, alarm
        report_lock(pile, 1)
        await wait_for(partial(shows, hass, (locked, "off", "90", alarm_shown)))
    assert shown(hass, 2) == (State.UNLOCKED, "off", "90", "none")
    await pile.arrive(1)
    await wait_for(lambda: state(hass, "binary_sensor", "parking_space", gun=1) == "on")


async def test_raise_and_lower(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The action raises the arm, unlocking lowers it; the arm itself says where it is."""
    await raise_arm(hass, device_id=device_id(hass, site, gun=1))
    await wait_for(lambda: state(hass, "lock", "parking_lock", gun=1) == State.LOCKED)
    assert pile.locks[1].state is LockState.RAISED
    assert pile.locks[2].state is LockState.LOWERED
    await lock(hass, "unlock")
    await wait_for(lambda: state(hass, "lock", "parking_lock", gun=1) == State.UNLOCKED)
    assert [int(m.action) for m in pile.all_received(ParkingLockControl)] == [LockAction.RAISE, LockAction.LOWER]


async def test_locking_raises_nothing(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Whatever way a lock is locked, no arm rises unless the options allow it."""
    yard = ar.async_get(hass).async_create("Yard")
    dr.async_get(hass).async_update_device(device_id(hass, site), area_id=yard.id)
    for target in (
        {"entity_id": entity_id(hass, "lock", "parking_lock", gun=1)},
        {"device_id": device_id(hass, site, gun=1)},
        {"area_id": yard.id},
        {"entity_id": "all"},
    ):
        with pytest.raises(ServiceValidationError) as raised:
            await lock(hass, **target)
        assert raised.value.translation_key == "raising_by_lock_not_allowed"
    assert "ykc.raise_parking_lock" in str(raised.value)
    assert not pile.all_received(ParkingLockControl)

    allow(hass, site)
    await lock(hass, area_id=yard.id)
    for gun in (1, 2):
        await wait_for(partial(is_locked, hass, gun))


async def test_never_under_a_car(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """No arm rises under a car, whoever asks; it may be lowered."""
    allow(hass, site)
    await pile.arrive(1)
    await wait_for(lambda: state(hass, "binary_sensor", "parking_space", gun=1) == "on")
    for attempt in (lock(hass), raise_arm(hass, device_id=device_id(hass, site, gun=1))):
        with pytest.raises(HomeAssistantError) as raised:
            await attempt
        assert raised.value.translation_key == "parking_space_occupied"
        assert raised.value.translation_placeholders == {"pile": DC_PILE, "gun": "1"}
    await lock(hass, "unlock")
    assert [int(m.action) for m in pile.all_received(ParkingLockControl)] == [LockAction.LOWER]


async def test_no_lock(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """Where no space was ever reported, nothing is raised."""
    pile = await make_pile(DC_PILE, guns=2)
    with pytest.raises(HomeAssistantError) as raised:
        await raise_arm(hass, device_id=device_id(hass, site, gun=1))
    assert raised.value.translation_key == "parking_space_unknown"
    assert not pile.all_received(ParkingLockControl)


async def test_refused(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A pile that refuses says so: here a car came, and the report of it was lost."""
    pile.locks[1].occupied = True
    with pytest.raises(HomeAssistantError) as raised:
        await raise_arm(hass, entity_id=entity_id(hass, "lock", "parking_lock", gun=1))
    assert raised.value.translation_key == "parking_lock_refused"


async def test_stuck(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """An arm that gets stuck on its way is jammed."""
    pile.locks[1].stuck = True
    await raise_arm(hass, device_id=device_id(hass, site, gun=1))
    await wait_for(lambda: shown(hass) == (State.JAMMED, "off", "90", "arm_stuck"))
