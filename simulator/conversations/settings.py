"""Clock, working parameters, billing model and QR codes (chapter 9 and the dialects)."""

from typing import TYPE_CHECKING

from custom_components.ykc.protocol import (
    BillingModelSet,
    BillingModelSetReply,
    CommandResult,
    GunQrCode,
    GunQrCodeReply,
    LocalQrCode,
    LocalQrCodeReply,
    QrCode,
    QrCodeReply,
    QrResult,
    TimeSync,
    TimeSyncReply,
    WorkParameters,
    WorkParametersReply,
    WorkState,
)
from simulator.tariff import Tariff

from . import Request, answers

if TYPE_CHECKING:
    from simulator.pile import VirtualPile

LEAST_POWER, FULL_POWER = 30, 100


@answers(TimeSync)
def time_sync(request: Request[TimeSync]) -> None:
    """Set the clock, and tell what it shows."""
    pile = request.pile
    old = pile.clock.now()
    if request.message.time is not None:
        pile.clock.set(request.message.time)
    time = old if pile.behaviour.tells_old_time else pile.clock.now()
    request.reply(TimeSyncReply(pile=pile.code, time=time))


@answers(WorkParameters)
def work_parameters(request: Request[WorkParameters]) -> None:
    """Take the pile in or out of use, and limit its power, also in a charge."""
    pile, message = request.pile, request.message
    valid = LEAST_POWER <= message.max_power <= FULL_POWER and not pile.behaviour.refuses_parameters
    if valid:
        pile.power_percent = message.max_power
        pile.out_of_use = message.locked != WorkState.ALLOWED and not pile.behaviour.ignores_lock
        for gun in pile.guns.values():
            if gun.charge is not None:
                gun.charge.catch_up()
                gun.charge.max_power = gun.max_power * pile.power_percent / FULL_POWER
        pile.say("power limited to %s %%%s", message.max_power, ", out of use" if pile.out_of_use else "")
    request.reply(WorkParametersReply(pile=pile.code, result=CommandResult.OK if valid else CommandResult.FAILED))


@answers(BillingModelSet)
def billing_model_set(request: Request[BillingModelSet]) -> None:
    """Take over a billing model, but not in a charge."""
    pile = request.pile
    tariff = Tariff.of(request.message)
    accepted = pile.idle and tariff.usable and not pile.behaviour.refuses_model
    if accepted:
        pile.tariff = tariff
        pile.say("billing model %s taken over", tariff.model)
    result = CommandResult.OK if accepted else CommandResult.FAILED
    request.reply(BillingModelSetReply(pile=pile.code, result=result))


@answers(QrCode)
def qr_code(request: Request[QrCode]) -> None:
    """Show a QR code at every gun."""
    pile, message = request.pile, request.message
    refused = pile.behaviour.refuse_qr
    if message.TYPE in pile.behaviour.qr_dialects:
        if not refused:
            pile.qr_codes.update(dict.fromkeys(pile.guns, message.text))
        request.reply(QrCodeReply(pile=pile.code, result=QrResult.FAILED if refused else QrResult.OK))


def _shown(pile: VirtualPile, message: GunQrCode | LocalQrCode) -> CommandResult:
    """Show what a message says at its gun, unless that is refused."""
    if pile.behaviour.refuse_qr:
        return CommandResult.FAILED
    pile.qr_codes[message.gun] = message.text
    return CommandResult.OK


@answers(GunQrCode)
def gun_qr_code(request: Request[GunQrCode]) -> None:
    """Show a QR code at one gun."""
    pile, message = request.pile, request.message
    if message.TYPE in pile.behaviour.qr_dialects:
        request.reply(GunQrCodeReply(pile=pile.code, gun=message.gun, result=_shown(pile, message)))


@answers(LocalQrCode)
def local_qr_code(request: Request[LocalQrCode]) -> None:
    """Show a QR code at one gun."""
    pile, message = request.pile, request.message
    if message.TYPE in pile.behaviour.qr_dialects:
        request.reply(LocalQrCodeReply(pile=pile.code, gun=message.gun, result=_shown(pile, message)))
