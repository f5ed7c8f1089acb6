"""Parking locks: what they report, and when an arm may rise (chapter 10)."""

import asyncio
from typing import Any

import pytest

from custom_components.ykc.protocol import (
    GunNumber,
    LockAction,
    LockAlarm,
    LockResult,
    LockState,
    ParkingLockControl,
    ParkingLockReply,
    ParkingLockStatus,
    SpaceState,
)
from custom_components.ykc.server.errors import (
    NoReply,
    ParkingLockRefused,
    ParkingSpaceOccupied,
    ParkingSpaceUnknown,
    PileOffline,
    UnknownGun,
)
from custom_components.ykc.server.parking import ParkingLock
from custom_components.ykc.server.pile import Pile

from .conftest import MakeHouse
from .house import House, eventually, hurried
from .peer import CODE, Peer

FREE = ParkingLock(position="lowered", occupied=False, battery=80, alarm="none")


def status(gun: int = 1, **values: Any) -> ParkingLockStatus:
    """Make a 0x61: a lowered arm on a free space."""
    known = {"lock": LockState.LOWERED, "space": SpaceState.EMPTY, "battery": 80, "alarm": LockAlarm.NONE}
    return ParkingLockStatus(pile=CODE, gun=GunNumber(gun, gun), **known | values)


async def reported(pile: Pile, peer: Peer, gun: int = 1, **values: Any) -> None:
    """Let a lock report, and wait until that is known."""
    before = pile.state.guns[gun].parking_lock
    peer.send(status(gun, **values))
    await eventually(lambda: pile.state.guns[gun].parking_lock not in (None, before))


async def answered(peer: Peer, action: LockAction, result: int = LockResult.OK, gun: int = 1) -> None:
    """Expect a 0x62 and answer it."""
    await peer.expect(ParkingLockControl, pile=CODE, gun=gun, action=action)
    peer.send(ParkingLockReply(pile=CODE, gun=GunNumber(gun, gun), result=result))


async def test_report(house: House) -> None:
    """What a lock reports is its gun's state, and only that gun's; nothing is answered."""
    pile, peer = await house.online()
    assert house.gun(2).parking_lock is None
    await reported(pile, peer, 2)
    assert house.gun(2).parking_lock == FREE
    assert house.gun(1).parking_lock is None
    await reported(
        pile, peer, 2, lock=LockState.RAISED, space=SpaceState.OCCUPIED, battery=7, alarm=LockAlarm.ARM_STUCK
    )
    assert house.gun(2).parking_lock == ParkingLock(position="raised", occupied=True, battery=7, alarm="arm_stuck")
    await reported(pile, peer, 2, lock=LockState.BETWEEN, alarm=LockAlarm.ARM_DAMAGED)
    assert house.gun(2).parking_lock == ParkingLock(position="between", occupied=False, battery=80, alarm="arm_damaged")
    await peer.silence()


async def test_unknown_values(house: House) -> None:
    """What no table lists is not known; a gun that does not exist has no lock."""
    pile, peer = await house.online()
    await reported(pile, peer, 1, lock=1, space=1, battery=101, alarm=1)
    assert house.gun(1).parking_lock == ParkingLock(position=None, occupied=None, battery=None, alarm=None)
    peer.send(status(3))
    await eventually(lambda: house.counts["unknown_gun"] == 1)


async def test_guns_are_binary(house: House) -> None:
    """Gun 10 is 0Ah here, whatever the pile writes elsewhere, and stays 10h there."""
    await house.approve(gun_count=10)
    pile, peer = await house.online(gun_count=10)
    await reported(pile, peer, 10)
    assert house.gun(10).parking_lock == FREE
    lowering = asyncio.create_task(pile.parking.lower_arm(10))
    await peer.expect(ParkingLockControl, gun=10)
    assert peer.frame.body[7] == 0x0A
    peer.send(ParkingLockReply(pile=CODE, gun=GunNumber(10, 10), result=LockResult.OK))
    await lowering
    assert pile.gun(10).wire.wire == 0x10


async def test_raise_and_lower(house: House) -> None:
    """An arm rises over a free space, and sinks at any time."""
    pile, peer = await house.online()
    await reported(pile, peer)
    raising = asyncio.create_task(pile.parking.raise_arm(1))
    await answered(peer, LockAction.RAISE)
    await raising
    assert house.gun(1).parking_lock == FREE, "only a report says where the arm is"
    await reported(pile, peer, lock=LockState.RAISED, space=SpaceState.OCCUPIED)
    lowering = asyncio.create_task(pile.parking.lower_arm(1))
    await answered(peer, LockAction.LOWER)
    await lowering


async def test_never_under_a_car(house: House) -> None:
    """An arm is not raised where a car stands, or may stand."""
    pile, peer = await house.online()
    with pytest.raises(ParkingSpaceUnknown):
        await pile.parking.raise_arm(1)
    await reported(pile, peer, space=SpaceState.OCCUPIED)
    with pytest.raises(ParkingSpaceOccupied) as raised:
        await pile.parking.raise_arm(1)
    assert raised.value.placeholders == {"pile": CODE, "gun": "1"}
    await reported(pile, peer, space=0x11)
    with pytest.raises(ParkingSpaceUnknown):
        await pile.parking.raise_arm(1)
    await reported(pile, peer)
    peer.send(peer.report(plugged=1))
    await eventually(lambda: house.gun(1).plugged)
    with pytest.raises(ParkingSpaceOccupied):
        await pile.parking.raise_arm(1)
    with pytest.raises(ParkingSpaceUnknown):
        await pile.parking.raise_arm(2)
    with pytest.raises(UnknownGun):
        await pile.parking.raise_arm(3)
    await peer.silence()


async def test_a_car_comes_meanwhile(house: House) -> None:
    """What counts is what is known when the command's turn comes."""
    pile, peer = await house.online()
    await reported(pile, peer)
    first = asyncio.create_task(pile.parking.lower_arm(1))
    second = asyncio.create_task(pile.parking.raise_arm(1))
    await peer.expect(ParkingLockControl, action=LockAction.LOWER)
    peer.send(status(space=SpaceState.OCCUPIED), ParkingLockReply(pile=CODE, gun=GunNumber(1, 1), result=LockResult.OK))
    await first
    with pytest.raises(ParkingSpaceOccupied):
        await second
    await peer.silence()


async def test_a_short_absence(house: House) -> None:
    """A pile that was away for a moment still shows its lock, but raises it only after it reported again."""
    pile, peer = await house.online()
    await reported(pile, peer)
    await peer.hang_up()
    await eventually(lambda: not pile.state.connected)
    with pytest.raises(PileOffline):
        await pile.parking.raise_arm(1)
    _, peer = await house.online()
    assert house.gun(1).parking_lock == FREE
    with pytest.raises(ParkingSpaceUnknown):
        await pile.parking.raise_arm(1)
    peer.send(status())
    await eventually(lambda: 1 in pile.parking._heard and pile.parking._heard[1] is pile.line.connection)
    raising = asyncio.create_task(pile.parking.raise_arm(1))
    await answered(peer, LockAction.RAISE)
    await raising


async def test_a_long_absence(make_house: MakeHouse) -> None:
    """A pile that was away for long has said nothing of its lock."""
    house = await make_house(hurried(short_absence=0.05))
    pile, peer = await house.online()
    await reported(pile, peer)
    await peer.hang_up()
    await eventually(lambda: not pile.state.online)
    assert house.gun(1).parking_lock is None


async def test_refused(house: House) -> None:
    """A lock that does not obey is an error, and so is one that does not answer."""
    pile, peer = await house.online()
    await reported(pile, peer)
    for command, action in (
        (pile.parking.raise_arm, LockAction.RAISE),
        (pile.parking.lower_arm, LockAction.LOWER),
    ):
        moving = asyncio.create_task(command(1))
        await answered(peer, action, LockResult.REFUSED)
        with pytest.raises(ParkingLockRefused) as raised:
            await moving
        assert raised.value.placeholders == {"pile": CODE, "gun": "1"}


async def test_no_reply(make_house: MakeHouse) -> None:
    """Another gun's answer is none."""
    house = await make_house(hurried(command=0.1))
    pile, peer = await house.online()
    lowering = asyncio.create_task(pile.parking.lower_arm(1))
    await peer.expect(ParkingLockControl, gun=1)
    peer.send(ParkingLockReply(pile=CODE, gun=GunNumber(2, 2), result=LockResult.OK))
    with pytest.raises(NoReply):
        await lowering
