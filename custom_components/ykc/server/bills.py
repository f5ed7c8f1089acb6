"""The bills of one pile: each transaction record stored, and only then acknowledged (8.7, 8.8)."""

import asyncio
from dataclasses import replace
from datetime import datetime, tzinfo
import logging
from typing import TYPE_CHECKING, ClassVar

from ..protocol import (
    Record,
    TransactionRecord,
    TransactionRecordV12,
    TransactionRecordV14,
    TransactionRecordV17,
    stop_reason_slug,
)
from .connection import Connection
from .conversation import Conversation
from .history import LedgerError
from .hours import MAX_AGE
from .limits import CLOCK_PATIENCE, MAX_RECORDS
from .sessions import Bill
from .state import LastSession

if TYPE_CHECKING:
    from .pile import Pile

_LOGGER = logging.getLogger(__name__)


def session_of(record: Record, zone: tzinfo, now: datetime, seen: datetime | None = None) -> LastSession:
    """Return the session that a record bills, of a pile in `zone`; charging was `seen` first then, in UTC.

    A pile whose clock was never set, or runs ahead, ended it `now` for all we know.
    """
    ended = record.end and _moment(record.end, zone, now)
    started = record.start and _moment(record.start, zone, seen or ended or now)
    if ended is not None and (now - ended).total_seconds() > MAX_AGE:
        # Some clocks that were never set show the year in which they were made.
        started = ended = None
    return LastSession(
        transaction=record.transaction,
        energy=record.energy,
        cost=record.amount,
        stop_reason=stop_reason_slug(record.stop_reason),
        started=started,
        ended=min(ended or now, now, key=datetime.timestamp).astimezone(zone),
    )


def _moment(shown: datetime, zone: tzinfo, until: datetime) -> datetime:
    """Return when a pile's clock showed a time: where it did so twice, the later one that is not after `until`."""
    first, second = (shown.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    patience = until.timestamp() + CLOCK_PATIENCE
    return second if first.timestamp() < second.timestamp() <= patience else first


class Bills(Conversation):
    """What is said of sessions that are over."""

    __slots__ = ("_under_way",)

    def __init__(self, pile: Pile) -> None:
        """Begin with none under way."""
        super().__init__(pile)
        self._under_way = 0

    def _take(self, record: Record, sequence: bytes) -> None:
        """Store a record, and acknowledge it when it is on disk."""
        connection = self.pile.line.connection
        if connection is None:
            return
        if self._under_way >= MAX_RECORDS:
            self.site.trouble.note(
                "too_many_records", "Pile %s sends records faster than they can be stored", self.pile.code
            )
            return
        self._compare_clock(record)
        self._under_way += 1
        self.pile.spawn(self._settle(record, sequence, connection))

    def _compare_clock(self, record: Record) -> None:
        """Take the time from the first record of a charge that just ended, and from no stored one."""
        gun = self.pile.known_guns.get(record.gun)
        order = None if gun is None else gun.orders.get(record.transaction)
        if order is not None and order.heard is not None:
            if asyncio.get_running_loop().time() - order.heard <= self.site.timing.fresh:
                self.pile.clock.compare(record.end)
            order.heard = None

    def _charging_since(self, record: Record) -> datetime | None:
        gun = self.pile.known_guns.get(record.gun)
        order = None if gun is None else gun.orders.get(record.transaction)
        return None if order is None else order.charging_since

    async def _settle(self, record: Record, sequence: bytes, connection: Connection) -> None:
        pile, site = self.pile, self.site
        now = site.now()
        session = session_of(record, site.time_zone, now, self._charging_since(record))
        owner, by_card = site.access.of_record(record)
        bill = Bill(
            record=record,
            session=session,
            received=now,
            model=pile.billing.model_of(session) or pile.billing.model,
            booking=None if owner is None else owner.booking,
            driver_card=owner.card if owner is not None and by_card else None,
        )
        try:
            stored = await site.ledger.store_record(pile.ledger_id, bill)
        except LedgerError as err:
            # No 0x40: the pile keeps the record and sends it again.
            site.trouble.note(
                "ledger",
                "The record of %s could not be stored: %s",
                pile.code,
                err,
                level=logging.ERROR,
            )
            return
        finally:
            self._under_way -= 1
        connection.reply(record.acknowledgement(), sequence)
        if stored.new:
            _LOGGER.info(
                "Pile %s gun %d: %s kWh, %s CNY, %s",
                pile.code,
                stored.gun,
                session.energy,
                session.cost,
                session.stop_reason,
            )
            pile.billing.check(stored.gun, record, session)
            pile.charges.settle(stored, replace(session, limit=stored.limit))

    TAKES: ClassVar = dict.fromkeys(
        (TransactionRecord, TransactionRecordV17, TransactionRecordV14, TransactionRecordV12), _take
    )
