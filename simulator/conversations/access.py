"""Drivers who ask at the pile itself: card, account and VIN (8.1, 8.2)."""

from dataclasses import dataclass
from hashlib import md5
from typing import TYPE_CHECKING, Any

from custom_components.ykc.protocol import (
    NO_CARD,
    StartedBy,
    StartMethod,
    StartRequest,
    StartRequestBody,
    StartRequestReply,
    StartRequestReplyBody,
    YesNo,
)
from simulator.charge import Order
from simulator.gun import Gun
from simulator.offline import start_offline

from . import Request, answers
from .charging import refusal

if TYPE_CHECKING:
    from simulator.pile import VirtualPile

PATIENCE_SECONDS = 15.0
"""How long a driver stands there for the answer."""

STARTED_BY = {StartMethod.CARD: StartedBy.CARD, StartMethod.VIN: StartedBy.VIN}


@dataclass(frozen=True, slots=True)
class Driver:
    """What a driver shows or types, or what the pile reads from the car."""

    method: StartMethod
    number: str = NO_CARD
    """Card or account, 16 hex digits."""
    vin: str = ""
    password: str | None = None


def ask_to_start(pile: VirtualPile, gun: Gun, driver: Driver) -> None:
    """Ask the platform whether a driver may charge, and wait a while for the answer; offline the pile decides."""
    request = StartRequest(**driver_values(pile, gun, driver))
    if not pile.online or pile.handset.begin(await_answer(pile, gun, request)) is None:
        start_offline(pile, gun, request.account_or_card if driver.method == StartMethod.CARD else NO_CARD)
        return
    gun.asking = request
    for _ in range(pile.behaviour.start_request_copies):
        pile.post.send(request)


def driver_values(pile: VirtualPile, gun: Gun, driver: Driver) -> dict[str, Any]:
    """Return what a request says of a driver at a gun."""
    number = driver.number
    if pile.behaviour.reversed_cards and driver.method == StartMethod.CARD:
        number = bytes.fromhex(number)[::-1].hex()
    typed = driver.password is not None
    return {
        "pile": pile.code,
        "gun": pile.wire_gun(gun),
        "method": driver.method,
        "password_needed": YesNo.YES if typed else YesNo.NO,
        "account_or_card": number,
        "password": _digest(driver.password).hex() if driver.password is not None else "0" * 32,
        "vin": driver.vin,
    }


def authorised_order(
    message: StartRequestReplyBody, asked: StartRequestBody, *, role: int | None = None, parallel_id: str | None = None
) -> Order:
    """Return what the platform authorised of what was asked."""
    return Order(
        transaction=message.transaction,
        balance=message.balance,
        card=asked.account_or_card if asked.method == StartMethod.CARD else NO_CARD,
        started_by=STARTED_BY.get(StartMethod(asked.method), StartedBy.APP),
        role=role,
        parallel_id=parallel_id,
    )


@answers(StartRequestReply)
def start_request_reply(request: Request[StartRequestReply]) -> None:
    """Start what was authorised, if the gun can; else nothing happens."""
    pile, message = request.pile, request.message
    gun = pile.gun(message.gun)
    asked, gun.asking = gun.asking, None
    if asked is None:
        pile.post.complain("an answer to a start request came that nobody waits for")
        return
    if message.authorised != YesNo.YES:
        pile.say("gun %s: the driver may not charge, reason %02X", gun.number, message.reason)
        return
    order = authorised_order(message, asked)
    if reason := refusal(pile, gun, order):
        pile.say("gun %s cannot start, reason %02X", gun.number, reason)
        return
    pile.say("gun %s starts for a driver", gun.number)
    pile.begin_charge(gun, order)


async def await_answer(pile: VirtualPile, gun: Gun, request: StartRequestBody) -> None:
    """Walk away when the answer takes too long."""
    await pile.clock.sleep(PATIENCE_SECONDS)
    if gun.asking is request:
        gun.asking = None
        pile.say("gun %s: no answer, the driver walks away", gun.number)


def _digest(password: str) -> bytes:
    """Return the 16-digit MD5 of a password, in lower case."""
    return md5(password.encode(), usedforsecurity=False).hexdigest()[8:24].encode()
