"""The server, killed again and again while piles send it their bills.

Each round is a process of its own with a real listener on a real ledger, forked
from one that has everything imported, and ended with SIGKILL at a random moment:
while it opens the ledger, while piles log in, or while it stores and acknowledges.
A pile keeps what was not acknowledged and sends it again in the next round.
"""

import asyncio
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path
import random
import signal
import sqlite3
from typing import Any, Final

from custom_components.ykc.protocol import RecordResult, TransactionAck
from custom_components.ykc.server.access import Access, Driver
from custom_components.ykc.server.accounts import Account
from custom_components.ykc.server.ledger import Ledger
from custom_components.ykc.server.listener import Listener, ListenerSettings
from custom_components.ykc.server.state import PileInfo

from .house import PATIENT, SHANGHAI, billing_model, eventually
from .peer import Peer

CODES: Final = ("32010200000001", "32010200000002", "32010200000003")
GUNS: Final = 2
PAULA: Final = Driver(id="paula", name="Paula", card="00000000d14b0a54", prepaid=True)
"""Whose balance pays every bill."""
PRICE: Final = Decimal(2)
"""CNY of every bill."""
PATIENCE: Final = 30.0
BACKLOG: Final = 8
"""Bills that a pile keeps at most; it charges no more before one is acknowledged."""
EARLY: Final = 0.15
"""Share of the processes that are killed before anyone could call them."""

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])


def _serve(path: Path, answer: Connection) -> None:
    """Be the server until killed."""
    asyncio.run(_listen(path, answer))


async def _listen(path: Path, answer: Connection) -> None:
    listener = Listener(
        host="127.0.0.1",
        port=0,
        ledger=await Ledger.open(path),
        settings=ListenerSettings(time_zone=SHANGHAI, billing_model=billing_model(), access=Access(drivers=(PAULA,))),
        on_stranger=lambda _: None,
        timing=PATIENT,
    )
    for code in CODES:
        await listener.add_pile(PileInfo(code=code, gun_count=GUNS))
    await listener.start()
    answer.send(listener.port)
    await asyncio.Event().wait()


class _Process:
    """A server in a process of its own."""

    def __init__(self, path: Path) -> None:
        self._answer, its_end = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_serve, args=(path, its_end), daemon=True)
        self._process.start()
        its_end.close()

    def port(self) -> int:
        """Wait until it listens."""
        if not self._answer.poll(PATIENCE):
            raise TimeoutError("the server does not listen")
        return int(self._answer.recv())

    def kill(self) -> None:
        """End it without a word, and see that this is what ended it."""
        self._process.kill()
        self._process.join(PATIENCE)
        assert self._process.exitcode == -signal.SIGKILL, self._process.exitcode
        self._process.close()
        self._answer.close()


@dataclass(slots=True)
class Biller:
    """A pile that charges for ever, and keeps each bill until it is acknowledged."""

    code: str
    chance: random.Random
    sent: dict[str, Decimal] = field(default_factory=dict)
    """kWh of every bill, by transaction number."""
    waiting: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    repeats: int = 0

    async def talk(self, port: int, *, fresh: bool = True) -> None:
        """Send bills until the connection ends: those that wait, then `fresh` ones."""
        with suppress(ConnectionError):
            peer = await Peer.dial(port, self.code)
            hearing = asyncio.create_task(self._hear(peer))
            try:
                peer.send(peer.login())
                for number in sorted(self.waiting):
                    self.repeats += 1
                    self._bill(peer, number)
                while fresh and not hearing.done():
                    await asyncio.sleep(self.chance.uniform(0, 0.004))
                    for _ in range(self.chance.randint(1, 4)):
                        if len(self.waiting) < BACKLOG:
                            self._bill(peer, self._new())
                await hearing
            finally:
                hearing.cancel()
                await peer.hang_up()

    def _new(self) -> str:
        count = len(self.sent) + 1
        number = f"{self.code}{count % GUNS + 1:02}{count:016}"
        self.sent[number] = Decimal(count).scaleb(-4)
        self.waiting.add(number)
        return number

    def _bill(self, peer: Peer, number: str) -> None:
        peer.send(peer.record(number, str(self.sent[number]), str(PRICE), gun=int(number[14:16]), card=PAULA.card))

    async def _hear(self, peer: Peer) -> None:
        """Take acknowledgements until the connection ends, also those that were under way at its end."""
        with suppress(ConnectionError):
            while True:
                message = await peer.receive()
                if isinstance(message, TransactionAck):
                    assert message.result == RecordResult.OK
                    assert message.transaction in self.sent
                    self.waiting.discard(message.transaction)
                    self.acknowledged.add(message.transaction)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a number of rounds came to."""

    rounds: int
    listening: int
    """Rounds in which the server was killed after it had begun to listen."""
    sent: int
    acknowledged: int
    """Bills acknowledged before the last round, in which none was killed."""
    repeats: int
    """How often a bill was sent again."""


async def kill_repeatedly(path: Path, rounds: int, seed: int) -> Tally:
    """Kill the server so often, and hold after each time that what it acknowledged is there, once."""
    chance = random.Random(seed)
    piles = [Biller(code, random.Random(seed + number)) for number, code in enumerate(CODES)]
    listening = 0
    for _ in range(rounds):
        before = {number for pile in piles for number in pile.acknowledged}
        process = await asyncio.to_thread(_Process, path)
        if chance.random() < EARLY:
            await asyncio.sleep(chance.uniform(0, 0.03))
            await asyncio.to_thread(process.kill)
        else:
            port = await asyncio.to_thread(process.port)
            talks = [asyncio.create_task(pile.talk(port)) for pile in piles]
            await asyncio.sleep(chance.uniform(0, 0.08))
            await asyncio.to_thread(process.kill)
            await asyncio.gather(*talks)
            listening += 1
        acknowledged = {number for pile in piles for number in pile.acknowledged} - before
        stored = await asyncio.to_thread(_stored, path, acknowledged)
        assert stored == dict.fromkeys(acknowledged, 1)
    acknowledged_so_far = sum(len(pile.acknowledged) for pile in piles)
    await _settle(path, piles)
    return Tally(
        rounds=rounds,
        listening=listening,
        sent=sum(len(pile.sent) for pile in piles),
        acknowledged=acknowledged_so_far,
        repeats=sum(pile.repeats for pile in piles),
    )


def _stored(path: Path, numbers: set[str]) -> dict[str, int]:
    """Return how often each record is in the ledger, which is left as the kill left it."""
    if not numbers:
        return {}
    with closing(sqlite3.connect(path)) as db:
        db.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
        return {
            number: db.execute(
                "SELECT count(*) FROM records WHERE pile = (SELECT id FROM piles WHERE code = ?) AND key = ?",
                (number[:14], number),
            ).fetchone()[0]
            for number in numbers
        }


async def _settle(path: Path, piles: Sequence[Biller]) -> None:
    """Let the piles send what is left to a server that lives, and hold that all is there as it was sent, and paid once."""
    process = await asyncio.to_thread(_Process, path)
    port = await asyncio.to_thread(process.port)
    talks = [asyncio.create_task(pile.talk(port, fresh=False)) for pile in piles]
    await eventually(lambda: not any(pile.waiting for pile in piles))
    await asyncio.to_thread(process.kill)
    await asyncio.gather(*talks)
    ledger = await Ledger.open(path)
    try:
        assert ledger.set_aside is None
        for pile in piles:
            assert pile.acknowledged == pile.sent.keys()
            history = await ledger.load(pile.code)
            assert history.orders == []
            for gun, known in history.guns.items():
                bills = [energy for number, energy in pile.sent.items() if int(number[14:16]) == gun]
                assert known.counted == sum(bills, Decimal(0))
        spent = [PRICE for pile in piles for _ in pile.sent]
        entries = await ledger.account_entries(PAULA.id, len(spent) + 1)
        assert [-entry.amount for entry in entries] == spent
        assert await ledger.account(PAULA.id) == Account(driver=PAULA.id, balance=-sum(spent, Decimal(0)))
    finally:
        await ledger.close()
    _compare(path, {number: energy for pile in piles for number, energy in pile.sent.items()})


def _compare(path: Path, sent: dict[str, Decimal]) -> None:
    rows: list[tuple[Any, ...]]
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT transaction_number, energy FROM records ORDER BY transaction_number").fetchall()
        (periods,) = db.execute("SELECT count(*) FROM record_periods").fetchone()
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert rows == [(number, int(energy.scaleb(4))) for number, energy in sorted(sent.items())]
    assert periods == 4 * len(sent)


def seed_of_today() -> int:
    """Return a seed that is another one every day, and can be given again."""
    return int(f"{datetime.now(UTC):%Y%m%d}")
