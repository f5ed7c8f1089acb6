"""Parallel charging: several guns on one car (chapter 12)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from custom_components.ykc.protocol import (
    ParallelRemoteStart,
    ParallelRemoteStartReply,
    ParallelStartRequest,
    ParallelStartRequestReply,
    Role,
    StartFailure,
    YesNo,
)
from simulator.behaviour import ParallelStyle
from simulator.charge import Order
from simulator.gun import Gun
from simulator.parallel import Part, Plan

from . import Request, answers
from .access import Driver, authorised_order, await_answer, driver_values
from .charging import LATE_PLUG_SECONDS, refusal, start_reply

if TYPE_CHECKING:
    from simulator.pile import VirtualPile

GATHERING_SECONDS = 10.0
"""How long the commands for the other guns of a car may take."""


# From afar


@answers(ParallelRemoteStart)
def parallel_remote_start(request: Request[ParallelRemoteStart]) -> None:
    """Start one gun of a parallel charge. The first one that comes is the main gun."""
    pile, message = request.pile, request.message
    number = message.parallel_id
    gun = pile.gun(message.gun)
    if number not in pile.plans.open:
        pile.handset.begin(_gather(pile, number))
    plan = pile.plans.begin(number)
    known = plan.parts.pop(gun.number, None)
    under_way = any(g.charge is not None and g.charge.order.parallel_id == number for g in pile.guns.values())
    order = Order(
        transaction=message.transaction,
        balance=message.balance,
        card=message.card,
        role=Role.AUXILIARY if plan.parts or under_way else Role.MAIN,
        parallel_id=number,
    )

    def answer(reason: int) -> None:
        plain = start_reply(pile, gun, order, reason)
        request.reply(
            ParallelRemoteStartReply(
                transaction=plain.transaction,
                pile=plain.pile,
                gun=message.gun,
                result=plain.result,
                reason=plain.reason,
                role=order.role or Role.MAIN,
                parallel_id=number,
            )
        )

    part = plan.parts[gun.number] = Part(gun, order, answer)
    if known is not None:
        pile.post.complain(f"gun {gun.number} was told twice to start the parallel charge {number}")
    if pile.behaviour.parallel is ParallelStyle.TOGETHER:
        _answer_alike(pile, number, plan)
    else:
        _answer_alone(pile, number, plan, part)


def _answer_alike(pile: VirtualPile, number: str, plan: Plan) -> None:
    """Answer for all guns alike, as soon as there is a command for each gun of the car, or something is in the way."""
    reasons = [refusal(pile, part.gun, part.order) for part in plan.parts.values()]
    reason = plan.refused or next((reason for reason in reasons if reason not in (0, StartFailure.NOT_PLUGGED)), 0)
    if not reason and not plan.alike:
        reason = int(StartFailure.WRONG_PILE)
    if reason:
        plan.refused = reason
        _answer(pile, plan, reason)
    elif any(reasons) or len(_guns_of(pile, plan)) < 2:
        _answer(pile, plan, StartFailure.NOT_PLUGGED)
        plan.until = pile.clock.elapsed() + pile.clock.wait_time(LATE_PLUG_SECONDS)
    elif _is_whole(pile, plan):
        _answer(pile, plan, StartFailure.NONE)
        _begin(pile, number, plan)


def _answer_alone(pile: VirtualPile, number: str, plan: Plan, part: Part) -> None:
    """Answer at once for one gun, as some firmware does."""
    reason = refusal(pile, part.gun, part.order) or (0 if plan.alike else int(StartFailure.WRONG_PILE))
    part.reply(reason)
    if pile.behaviour.parallel is ParallelStyle.ALONE:
        if not reason:
            pile.begin_charge(part.gun, part.order)
    elif reason:
        plan.refused = reason
    elif not plan.refused and _is_whole(pile, plan):
        _begin(pile, number, plan)


async def _gather(pile: VirtualPile, number: str) -> None:
    """Refuse a charge for which a gun's command does not come in time; forget one that was refused."""
    await pile.clock.sleep(GATHERING_SECONDS)
    plan = pile.plans.open.get(number)
    if plan is None:
        return
    if any(part.answered is None for part in plan.parts.values()):
        pile.say("the parallel charge %s lacks a gun", number)
        _answer(pile, plan, StartFailure.FAULT)
    if plan.until == float("inf"):
        pile.plans.drop(number)


def plugged(pile: VirtualPile) -> None:
    """Start what waited for a car, if all its guns are in it in time."""
    for number, plan in tuple(pile.plans.open.items()):
        waited = any(part.answered == StartFailure.NOT_PLUGGED for part in plan.parts.values())
        if not waited or not pile.online or pile.clock.elapsed() > plan.until:
            continue
        ready = not any(refusal(pile, part.gun, part.order) for part in plan.parts.values())
        if ready and _is_whole(pile, plan):
            _answer(pile, plan, StartFailure.NONE)
            _begin(pile, number, plan)


def _guns_of(pile: VirtualPile, plan: Plan) -> set[int]:
    """Return the guns that are in the car of a plan; none if its guns are in different ones."""
    car = plan.car
    return {gun.number for gun in pile.guns.values() if car is not None and gun.vehicle is car}


def _is_whole(pile: VirtualPile, plan: Plan) -> bool:
    """Tell whether all guns of one car have their commands, and no others."""
    return len(plan.parts) > 1 and _guns_of(pile, plan) == plan.parts.keys()


def _answer(pile: VirtualPile, plan: Plan, reason: int) -> None:
    for part in plan.parts.values():
        part.reply(reason)
    if reason:
        pile.say("guns %s refuse to start, reason %02X", ", ".join(map(str, plan.parts)), reason)


def _begin(pile: VirtualPile, number: str, plan: Plan) -> None:
    pile.plans.drop(number)
    pile.say("guns %s start together", ", ".join(map(str, plan.parts)))
    for part in plan.parts.values():
        pile.begin_charge(part.gun, part.order)


# At the pile


def ask_for_all(pile: VirtualPile, guns: Sequence[Gun], driver: Driver) -> None:
    """Ask the platform whether a driver may charge one car with several guns; the first one is the main gun."""
    number = f"{pile.clock.now():%y%m%d%H%M%S}"
    requests = [
        ParallelStartRequest(
            **driver_values(pile, gun, driver),
            role=Role.MAIN if gun is guns[0] else Role.AUXILIARY,
            parallel_id=number,
        )
        for gun in guns
    ]
    if not pile.online:
        pile.say("offline, the driver may not charge")
        return
    pile.plans.begin(number, (gun.number for gun in guns))
    for gun, request in zip(guns, requests, strict=True):
        gun.asking = request
    together = pile.behaviour.parallel is ParallelStyle.TOGETHER
    for gun in guns if together else guns[:1]:
        _ask(pile, gun)


def _ask(pile: VirtualPile, gun: Gun) -> None:
    if gun.asking is not None and pile.handset.begin(await_answer(pile, gun, gun.asking)) is not None:
        for _ in range(pile.behaviour.start_request_copies):
            pile.post.send(gun.asking)


@answers(ParallelStartRequestReply)
def parallel_start_request_reply(request: Request[ParallelStartRequestReply]) -> None:
    """Start all guns when the last one is authorised; none if one is not."""
    pile, message = request.pile, request.message
    gun, number = pile.gun(message.gun), message.parallel_id
    plan, asked = pile.plans.open.get(number), gun.asking
    if plan is None or not isinstance(asked, ParallelStartRequest) or asked.parallel_id != number:
        if not pile.behaviour.start_request_copies > 1:
            pile.post.complain("an answer to a parallel start request came that nobody waits for")
        return
    gun.asking = None
    if message.authorised != YesNo.YES:
        pile.say("gun %s: the driver may not charge, reason %02X", gun.number, message.reason)
        plan.refused = int(message.reason)
    else:
        order = authorised_order(message, asked, role=int(asked.role), parallel_id=number)
        plan.parts[gun.number] = Part(gun, order, lambda _: None)
        if pile.behaviour.parallel is ParallelStyle.ALONE and not refusal(pile, gun, order):
            pile.begin_charge(gun, order)
    waiting = [pile.gun(other) for other in sorted(plan.guns) if pile.gun(other).asking is not None]
    if waiting and pile.behaviour.parallel is not ParallelStyle.TOGETHER:
        _ask(pile, waiting[0])
    elif not waiting and pile.behaviour.parallel is not ParallelStyle.ALONE:
        _start_authorised(pile, number, plan)


def _start_authorised(pile: VirtualPile, number: str, plan: Plan) -> None:
    """Start what was authorised for all guns, if they can."""
    reason = plan.refused or next((r for p in plan.parts.values() if (r := refusal(pile, p.gun, p.order))), 0)
    if not reason and (plan.parts.keys() != plan.guns or plan.car is None):
        reason = int(StartFailure.NOT_PLUGGED)
    if reason:
        pile.plans.drop(number)
        pile.say("the parallel charge %s does not start, reason %02X", number, reason)
    else:
        _begin(pile, number, plan)
