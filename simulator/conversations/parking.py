"""Parking locks (chapter 10)."""

import asyncio
from typing import TYPE_CHECKING

from custom_components.ykc.protocol import (
    LockAction,
    LockAlarm,
    LockResult,
    LockState,
    ParkingLockControl,
    ParkingLockReply,
)
from simulator.parking import ParkingLock

from . import Request, answers

if TYPE_CHECKING:
    from simulator.pile import VirtualPile

MOVE_SECONDS = 5.0
REPORT_SECONDS = 300.0

TARGETS = {LockAction.RAISE: LockState.RAISED, LockAction.LOWER: LockState.LOWERED}


@answers(ParkingLockControl)
def control(request: Request[ParkingLockControl]) -> None:
    """Move the arm; it is refused where there is none, for an unknown action, and up under a car."""
    pile, message = request.pile, request.message
    number = int(message.gun)
    lock = pile.locks.get(number)
    target = TARGETS.get(LockAction(message.action)) if message.action in TARGETS else None
    obeys = lock is not None and target is not None and not (lock.occupied and target is LockState.RAISED)
    result = LockResult.OK if obeys else LockResult.REFUSED
    request.reply(ParkingLockReply(pile=pile.code, gun=message.gun, result=result))
    if lock is not None and target is not None and obeys:
        pile.handset.begin(_move(pile, number, lock, target))


def report_lock(pile: VirtualPile, number: int) -> None:
    """Send what a lock's state is."""
    pile.post.send(pile.locks[number].status(pile.code, number))


async def report_locks(pile: VirtualPile) -> None:
    """Report every lock now and every five minutes."""
    while pile.locks:
        for number in pile.locks:
            report_lock(pile, number)
        await pile.clock.sleep(REPORT_SECONDS)


async def _move(pile: VirtualPile, number: int, lock: ParkingLock, target: LockState) -> None:
    if lock.stuck:
        lock.alarm = LockAlarm.ARM_STUCK
    elif lock.state is not target:
        lock.state = LockState.BETWEEN
        report_lock(pile, number)
        await asyncio.sleep(pile.clock.wait_time(MOVE_SECONDS))
        lock.state, lock.alarm = target, LockAlarm.NONE
    report_lock(pile, number)
