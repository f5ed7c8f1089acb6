"""Parallel charging: several guns on one car (chapter 12)."""

from custom_components.ykc.protocol import ParallelRemoteStart, ParallelRemoteStartReply, Role
from simulator.charge import Order

from . import Request, answers
from .charging import answer_start, start_reply


@answers(ParallelRemoteStart)
def parallel_remote_start(request: Request[ParallelRemoteStart]) -> None:
    """Start one gun of a parallel charge. The first one that comes is the main gun."""
    pile, message = request.pile, request.message
    gun = pile.gun(message.gun)
    charges = [other.charge for other in pile.guns.values() if other.charge is not None]
    together = any(charge.order.parallel_id == message.parallel_id for charge in charges)
    order = Order(
        transaction=message.transaction,
        balance=message.balance,
        card=message.card,
        role=Role.AUXILIARY if together else Role.MAIN,
        parallel_id=message.parallel_id,
    )

    def reply(reason: int) -> ParallelRemoteStartReply:
        plain = start_reply(pile, gun, order, reason)
        return ParallelRemoteStartReply(
            transaction=plain.transaction,
            pile=plain.pile,
            gun=message.gun,
            result=plain.result,
            reason=plain.reason,
            role=order.role or Role.MAIN,
            parallel_id=message.parallel_id,
        )

    answer_start(request, gun, order, reply)
