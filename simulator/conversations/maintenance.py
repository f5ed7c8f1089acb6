"""Reboot and update (chapter 11)."""

from typing import TYPE_CHECKING

from custom_components.ykc.protocol import (
    CommandResult,
    PileType,
    Reboot,
    RebootReply,
    Update,
    UpdateModel,
    UpdateReply,
    UpdateResult,
    When,
)

from . import Request, answers

if TYPE_CHECKING:
    from simulator.pile import VirtualPile

REBOOT_SECONDS = 5.0
UPDATE_SECONDS = 10.0
IDLE_LOOK_SECONDS = 1.0


@answers(Reboot)
def reboot(request: Request[Reboot]) -> None:
    """Reboot now, or when the last charge is over."""
    pile = request.pile
    refused = pile.behaviour.refuse_reboot or request.message.when not in (When.NOW, When.WHEN_IDLE)
    request.reply(RebootReply(pile=pile.code, result=CommandResult.FAILED if refused else CommandResult.OK))
    if not refused:
        pile.chore(_reboot(pile, when_idle=request.message.when == When.WHEN_IDLE))


@answers(Update)
def update(request: Request[Update]) -> None:
    """Pretend to fetch new software and tell how it went; then reboot with it."""
    right = UpdateModel.DC if request.pile.type is PileType.DC else UpdateModel.AC
    if request.message.model != right:
        request.reply(UpdateReply(pile=request.pile.code, result=UpdateResult.WRONG_MODEL))
        return
    request.pile.chore(_update(request))


async def _reboot(pile: VirtualPile, *, when_idle: bool) -> None:
    if when_idle:
        await _idle(pile)
    await pile.power_cycle(REBOOT_SECONDS)


async def _update(request: Request[Update]) -> None:
    pile = request.pile
    if request.message.when == When.WHEN_IDLE:
        await _idle(pile)
    pile.updating = True
    await pile.clock.sleep(UPDATE_SECONDS)
    pile.updating = False
    result = pile.behaviour.update_result
    request.reply(UpdateReply(pile=pile.code, result=result))
    if result == UpdateResult.OK:
        await pile.power_cycle(REBOOT_SECONDS)


async def _idle(pile: VirtualPile) -> None:
    while not pile.idle:
        await pile.clock.sleep(IDLE_LOOK_SECONDS)
