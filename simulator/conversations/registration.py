"""Login, billing model and heartbeats (chapters 5.1 and 6)."""

import asyncio
from typing import TYPE_CHECKING

from custom_components.ykc.protocol import (
    BillingModelCheck,
    BillingModelCheckReply,
    BillingModelReply,
    BillingModelRequest,
    GunHealth,
    Heartbeat,
    HeartbeatReply,
    Login,
    LoginReply,
    LoginResult,
    ModelCheck,
    Network,
    Operator,
)
from simulator.behaviour import ModelQuestion
from simulator.line import LinkLost
from simulator.tariff import Tariff

from . import Request, answers
from .parking import report_locks

if TYPE_CHECKING:
    from simulator.pile import VirtualPile

REPLY_SECONDS = 10.0
"""How long a pile waits for the reply to what it asked, before it asks again."""

HEARTBEAT_SECONDS = 10.0
UNANSWERED_BEATS = 3
"""With more heartbeats of one gun unanswered the pile gives the connection up."""

PROTOCOL_VERSION = 1.6
NO_MODEL = "0000"
NO_SIM = "0" * 20


async def power_up(pile: VirtualPile) -> None:
    """Talk as a pile does on every new connection, for as long as it lasts."""
    await _login(pile)
    if not pile.behaviour.stored_after_check:
        _send_stored(pile)
    if tariff := pile.handset.begin(_agree_on_tariff(pile)):
        await asyncio.wait([tariff], timeout=pile.clock.wait_time(REPLY_SECONDS))
    if pile.behaviour.stored_after_check:
        _send_stored(pile)
    pile.handset.ready = True
    for number in pile.guns:
        pile.report(number)
    pile.handset.begin(report_locks(pile))
    await _keep_alive(pile)


async def _login(pile: VirtualPile) -> None:
    login = Login(
        pile=pile.code,
        pile_type=pile.type,
        gun_count=len(pile.guns),
        protocol_version=PROTOCOL_VERSION,
        software_version=pile.software_version,
        network=Network.LAN,
        sim=NO_SIM,
        operator=Operator.OTHER,
    )
    for _ in range(pile.behaviour.login_attempts):
        for _ in range(pile.behaviour.login_copies - 1):
            pile.post.send(login)
        reply = await pile.post.ask(login, LoginReply, seconds=REPLY_SECONDS)
        if reply is None:
            continue
        if reply.result != LoginResult.OK:
            pile.say("the platform refused the login")
            raise LinkLost("the login was refused")
        pile.say("online")
        return
    raise LinkLost("the login was not answered")


def _send_stored(pile: VirtualPile) -> None:
    pile.reporter.send_stored()
    pile.records.send_all()


async def _agree_on_tariff(pile: VirtualPile) -> None:
    """Ask until the platform has answered."""
    question = pile.behaviour.model_question
    differs = True
    if question is not ModelQuestion.REQUEST_ONLY:
        differs = await _check_model(pile) is not ModelCheck.SAME
    if not differs and question is not ModelQuestion.REQUEST_ANYWAY and pile.tariff is not None:
        return
    while True:
        reply = await pile.post.ask(BillingModelRequest(pile=pile.code), BillingModelReply, seconds=REPLY_SECONDS)
        if reply is not None:
            pile.tariff = Tariff.of(reply)
            pile.say("billing model %s taken over", reply.model)
            return


async def _check_model(pile: VirtualPile) -> int:
    model = pile.tariff.model if pile.tariff else NO_MODEL
    check = BillingModelCheck(pile=pile.code, model=model)
    per_gun = pile.behaviour.model_question is ModelQuestion.CHECK_PER_GUN
    while True:
        for _ in range(len(pile.guns) - 1 if per_gun else 0):
            await pile.post.ask(check, BillingModelCheckReply, seconds=REPLY_SECONDS)
        reply = await pile.post.ask(check, BillingModelCheckReply, seconds=REPLY_SECONDS)
        if reply is not None:
            return reply.result


async def _keep_alive(pile: VirtualPile) -> None:
    pile.unanswered_beats = dict.fromkeys(pile.guns, 0)
    while True:
        for gun in pile.guns.values():
            if not pile.beating:
                break
            if pile.unanswered_beats[gun.number] > UNANSWERED_BEATS:
                raise LinkLost(f"the heartbeats of gun {gun.number} are not answered")
            pile.unanswered_beats[gun.number] += 1
            health = GunHealth.FAULT if gun.faults else GunHealth.OK
            pile.post.send(Heartbeat(pile=pile.code, gun=pile.wire_gun(gun), gun_state=health))
        await pile.clock.sleep(HEARTBEAT_SECONDS)


@answers(HeartbeatReply)
def heartbeat_reply(request: Request[HeartbeatReply]) -> None:
    """Note that a gun's heartbeats are heard."""
    request.pile.unanswered_beats[int(request.message.gun)] = 0
