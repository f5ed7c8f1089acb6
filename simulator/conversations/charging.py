"""Start, stop and bill of a charge (chapters 5.2 and 8)."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from custom_components.ykc.protocol import (
    NO_CARD,
    BalanceResult,
    BalanceUpdate,
    BalanceUpdateReply,
    CommandResult,
    Message,
    ReadRealtime,
    RemoteStart,
    RemoteStartReply,
    RemoteStop,
    RemoteStopReply,
    StartFailure,
    StopFailure,
    StopReason,
    TransactionAck,
    TransactionAckBody,
    TransactionAckV12,
)
from simulator import bms
from simulator.charge import Charge, Order, Phase
from simulator.gun import Gun, LatePlug
from simulator.records import bill

from . import Request, answers

if TYPE_CHECKING:
    from simulator.pile import VirtualPile

LATE_PLUG_SECONDS = 60.0
TICK = 0.2
"""How often, in real seconds, a charge looks whether it is at its end."""

TARIFF_INVALID = 0x07
UPDATING = 0x08
DISABLED = 0x09
"""Reasons of 0x33 that real piles have beside the specification's."""


@answers(RemoteStart)
def remote_start(request: Request[RemoteStart]) -> None:
    """Start a charge, or say why not; 'not plugged' stays open for a minute."""
    pile, message = request.pile, request.message
    order = Order(transaction=message.transaction, balance=message.balance, card=message.card)
    gun = pile.gun(message.gun)
    answer_start(request, gun, order, lambda reason: start_reply(pile, gun, order, reason))


@answers(RemoteStop)
def remote_stop(request: Request[RemoteStop]) -> None:
    """Stop a charge, and a start that waits for a car."""
    pile, gun = request.pile, request.pile.gun(request.message.gun)
    gun.waiting = None
    pile.plans.forget(gun)
    reason: int = StopFailure.NONE
    if gun.charge is None or gun.charge.phase is Phase.SETTLING:
        reason = StopFailure.NOT_CHARGING
    elif pile.behaviour.refuse_stop is not None:
        reason = pile.behaviour.refuse_stop
    result = CommandResult.FAILED if reason else CommandResult.OK
    request.reply(RemoteStopReply(pile=pile.code, gun=request.message.gun, result=result, reason=reason))
    if gun.charge is not None and not reason and not pile.behaviour.ignores_stop:
        for charge in charges_with(pile, gun.charge) if pile.behaviour.stops_together else (gun.charge,):
            charge.end(StopReason.STOPPED_REMOTELY)


def charges_with(pile: VirtualPile, charge: Charge) -> list[Charge]:
    """Return the charges of one car that go on together, of all guns of a parallel charge."""
    number = charge.order.parallel_id
    if number is None:
        return [charge]
    charges = (gun.charge for gun in pile.guns.values() if gun.charge is not None)
    return [each for each in charges if each.order.parallel_id == number]


@answers(ReadRealtime)
def read_realtime(request: Request[ReadRealtime]) -> None:
    """Report now."""
    request.pile.report(request.message.gun, sequence=request.sequence)


@answers(BalanceUpdate)
def balance_update(request: Request[BalanceUpdate]) -> None:
    """Change what the charge under way may cost."""
    message = request.message
    charge = request.pile.gun(message.gun).charge
    right_card = charge is not None and message.card in (NO_CARD, charge.order.card)
    if charge is not None and right_card:
        charge.balance = message.balance
    result = BalanceResult.OK if right_card else BalanceResult.WRONG_CARD
    request.reply(BalanceUpdateReply(pile=request.pile.code, card=message.card, result=result))


@answers(TransactionAck, TransactionAckV12)
def transaction_ack(request: Request[TransactionAckBody]) -> None:
    """Delete the record."""
    request.pile.records.acknowledge(request.message.transaction, request.message.result)


def start_reply(pile: VirtualPile, gun: Gun, order: Order, reason: int) -> RemoteStartReply:
    """Return the 0x33 for a start that was refused for a reason, or accepted without."""
    return RemoteStartReply(
        transaction=order.transaction,
        pile=pile.code,
        gun=pile.wire_gun(gun),
        result=CommandResult.FAILED if reason else CommandResult.OK,
        reason=reason,
    )


def answer_start(request: Request[Any], gun: Gun, order: Order, reply: Callable[[int], Message]) -> None:
    """Answer a command to start, and do what was answered."""
    pile = request.pile
    reason = refusal(pile, gun, order)
    late = pile.behaviour.late_start if reason == StartFailure.NONE else None
    if late is not None:
        reason = StartFailure.NOT_PLUGGED
    request.reply(reply(reason))
    if reason == StartFailure.NONE:
        pile.say("gun %s starts", gun.number)
        pile.begin_charge(gun, order)
        return
    pile.say("gun %s refuses to start, reason %02X", gun.number, reason)
    if reason != StartFailure.NOT_PLUGGED:
        return
    until = pile.clock.elapsed() + pile.clock.wait_time(LATE_PLUG_SECONDS)
    gun.waiting = LatePlug(order, until, lambda: request.reply(reply(StartFailure.NONE)))
    if late is not None:
        pile.clock.call_later(late, lambda: plugged_late(pile, gun))


def refusal(pile: VirtualPile, gun: Gun, order: Order) -> int:
    """Return why a gun cannot start now, with the codes of 0x33; 0 when it can."""
    checks = (
        (pile.behaviour.refuse_start is not None, pile.behaviour.refuse_start or 0),
        (gun.number in pile.behaviour.refuse_guns, pile.behaviour.refuse_guns.get(gun.number, 0)),
        (pile.updating, UPDATING),
        (pile.out_of_use, DISABLED),
        (gun.faults, StartFailure.FAULT),
        (gun.charge is not None, StartFailure.ALREADY_CHARGING),
        (pile.tariff is None or not pile.tariff.usable, TARIFF_INVALID),
        (order.balance < pile.behaviour.minimum_balance, StopReason.START_FAILED_BALANCE_TOO_LOW),
        (not gun.plugged, StartFailure.NOT_PLUGGED),
    )
    return next((int(reason) for fails, reason in checks if fails), StartFailure.NONE)


def plugged_late(pile: VirtualPile, gun: Gun) -> None:
    """Start what waited for a car, if it is in time, the pile is online and nothing else is in the way."""
    waiting, gun.waiting = gun.waiting, None
    if waiting is None or not pile.online or pile.clock.elapsed() > waiting.until:
        return
    if refusal(pile, gun, waiting.order) == StartFailure.NONE:
        waiting.reply_ok()
        pile.say("gun %s starts after all", gun.number)
        pile.begin_charge(gun, waiting.order)


async def carry_out(pile: VirtualPile, gun: Gun, charge: Charge) -> None:
    """Live through a charge from the accepted start to the record."""
    await _get_going(pile, gun, charge)
    while charge.reason is None:
        await _unless_over(charge, TICK)
        charge.catch_up()
    if charge.dc:
        for message in bms.farewell(charge, pile.code, pile.wire_gun(gun)):
            pile.post.send(message)
    if gun.plugged:
        await pile.clock.sleep(pile.behaviour.settle_seconds)
    settle(pile, gun, charge)
    pile.report(gun.number)


def settle(pile: VirtualPile, gun: Gun, charge: Charge) -> None:
    """Make the bill of a charge that ended, and free the gun."""
    record = bill(pile.code, pile.wire_gun(gun), charge, pile.behaviour.record_dialect)
    pile.say(
        "gun %s is done: %s kWh, %s CNY, stop reason %02X", gun.number, record.energy, record.amount, record.stop_reason
    )
    pile.records.file(record)
    gun.settle()


async def _get_going(pile: VirtualPile, gun: Gun, charge: Charge) -> None:
    """Shake hands and close the contactor, unless the charge ends before."""
    half = pile.clock.wait_time(pile.behaviour.start_seconds) / 2
    for message in bms.greeting(charge, pile.code, pile.wire_gun(gun)) if charge.dc else (None, None):
        await _unless_over(charge, half)
        if charge.reason is not None:
            return
        if message is not None:
            pile.post.send(message)
    if pile.behaviour.fail_start is not None:
        charge.end(pile.behaviour.fail_start)
        return
    charge.close_contactor()
    pile.say("gun %s charges with %.1f kW", gun.number, gun.power / 1000)
    pile.report(gun.number, with_bms=True)


async def _unless_over(charge: Charge, seconds: float) -> None:
    """Wait some real seconds, or until the charge ends."""
    with suppress(TimeoutError):
        await asyncio.wait_for(charge.over.wait(), seconds)
