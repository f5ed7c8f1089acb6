"""Both sides of a parallel charge (chapter 12), as tests play them."""

import asyncio
from typing import Any

from custom_components.ykc.protocol import (
    NO_TRANSACTION,
    CommandResult,
    ParallelRemoteStart,
    ParallelRemoteStartReply,
    ParallelStartRequest,
    ParallelStartRequestReply,
    StartDenial,
)
from custom_components.ykc.server.parallel import ParallelCharge
from custom_components.ykc.server.parallel_sessions import ParallelSession, parallel_sessions
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.sessions import SessionFilter

from .house import House, eventually
from .peer import CODE, Peer
from .test_access import CARD

NUMBER = "260301120000"
"""The pile's local time at which a house begins."""
ASKED = "260301115959"


def starting_both(pile: Pile, *guns: int, **options: Any) -> asyncio.Task[ParallelCharge]:
    """Ask for a charge with two guns, and go on."""
    return asyncio.create_task(pile.parallel.start(guns or (1, 2), **options))


async def commanded(peer: Peer, gun: int, number: str = NUMBER) -> ParallelRemoteStart:
    """Return the 0xA4 that must come now."""
    return await peer.expect(ParallelRemoteStart, pile=CODE, gun=gun, parallel_id=number)


def reply(start: ParallelRemoteStart, *, reason: int = 0, role: int | None = None) -> ParallelRemoteStartReply:
    """Answer a 0xA4: gun 1 is the main gun."""
    return ParallelRemoteStartReply(
        transaction=start.transaction,
        pile=start.pile,
        gun=start.gun,
        result=CommandResult.FAILED if reason else CommandResult.OK,
        reason=reason,
        role=int(start.gun != 1) if role is None else role,
        parallel_id=start.parallel_id,
    )


async def both_accepted(pile: Pile, peer: Peer, **options: Any) -> tuple[str, str]:
    """Bring a charge as far as both 0xA3 'ok'; return the transaction numbers."""
    task = starting_both(pile, **options)
    first = await commanded(peer, 1)
    peer.send(reply(first))
    second = await commanded(peer, 2)
    peer.send(reply(second))
    charge = await task
    assert charge.number == NUMBER
    assert [(gun, c.transaction, c.outcome) for gun, c in charge.charges.items()] == [
        (1, first.transaction, "started"),
        (2, second.transaction, "started"),
    ]
    return first.transaction, second.transaction


async def both_charging(house: House, pile: Pile, peer: Peer, **options: Any) -> tuple[str, str]:
    """Bring a charge as far as the first reports of both guns."""
    transactions = await both_accepted(pile, peer, **options)
    for gun, transaction in enumerate(transactions, 1):
        peer.send(peer.report(transaction, f"{gun}.5", "1", gun=gun))
    await eventually(lambda: house.gun(1).charging and house.gun(2).charging)
    return transactions


def asks(gun: int, *, card: str = CARD, number: str = ASKED, **changes: Any) -> ParallelStartRequest:
    """Make a 0xA1: gun 1 is the main gun."""
    values: dict[str, Any] = {
        "pile": CODE,
        "gun": gun,
        "method": 1,
        "password_needed": 0,
        "account_or_card": card,
        "vin": "",
        "role": int(gun != 1),
        "parallel_id": number,
    }
    return ParallelStartRequest(**values | changes)


async def authorised(peer: Peer, gun: int, number: str = ASKED) -> str:
    """Expect a 0xA2 that authorises a gun; return its transaction number."""
    answer = await peer.expect(ParallelStartRequestReply, gun=gun, authorised=1, reason=0, parallel_id=number)
    assert answer.transaction.startswith(f"{CODE}{gun:02}")
    return answer.transaction


async def refused(peer: Peer, gun: int, reason: StartDenial, number: str = ASKED) -> None:
    """Expect a 0xA2 that refuses a gun."""
    await peer.expect(
        ParallelStartRequestReply,
        gun=gun,
        authorised=0,
        reason=reason,
        parallel_id=number,
        transaction=NO_TRANSACTION,
        balance=0,
    )


async def one_charge(house: House) -> ParallelSession:
    """Return the only parallel charge that the ledger has."""
    (charge,) = await charges(house)
    return charge


async def charges(house: House, limit: int = -1) -> list[ParallelSession]:
    """Return the parallel charges of the newest sessions in the ledger."""
    return await house.ledger.read(lambda reader: parallel_sessions(reader, [*reader.sessions(SessionFilter(), limit)]))


def orders(house: House) -> list[tuple[Any, ...]]:
    """Return what the ledger has of the orders."""
    return house.rows("SELECT gun, parallel, role, phase, outcome FROM orders ORDER BY id")
