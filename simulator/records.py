"""The pile's bills: made at the end of a charge, repeated until the platform says that it has them (8.7, 8.8)."""

import asyncio
from typing import TYPE_CHECKING

from custom_components.ykc.protocol import (
    GunNumber,
    PeriodEnergy,
    RecordResult,
    StopReason,
    TransactionRecord,
    TransactionRecordV12,
    TransactionRecordV14,
)

from .behaviour import RecordDialect
from .charge import Charge
from .tariff import ENERGY_UNIT, decimal

if TYPE_CHECKING:
    from .pile import VirtualPile

type Record = TransactionRecord | TransactionRecordV14 | TransactionRecordV12

PAUSES = (30.0, 30.0, 30.0, 300.0)
"""Seconds before each repetition; after the last one the pile gives up."""

DEEP_VALLEY_PRICE = decimal(30_000, 100_000)

KINDS: dict[RecordDialect, type[Record]] = {
    RecordDialect.V16: TransactionRecord,
    RecordDialect.DEEP_VALLEY: TransactionRecord,
    RecordDialect.V14: TransactionRecordV14,
    RecordDialect.V12: TransactionRecordV12,
}


def bill(pile: str, gun: GunNumber, charge: Charge, dialect: RecordDialect) -> Record:
    """Return the record of a charge that ended."""
    periods = charge.bill.periods()
    if dialect is RecordDialect.DEEP_VALLEY:
        nothing = decimal(0, ENERGY_UNIT)
        periods += (PeriodEnergy(price=DEEP_VALLEY_PRICE, energy=nothing, energy_with_loss=nothing, amount=nothing),)
    return KINDS[dialect](
        transaction=charge.order.transaction,
        pile=pile,
        gun=gun,
        start=charge.started,
        end=charge.ended,
        periods=periods,
        meter_start=decimal(charge.meter_start, ENERGY_UNIT),
        meter_end=decimal(charge.meter_start + charge.bill.units, ENERGY_UNIT),
        energy=charge.bill.energy,
        energy_with_loss=charge.bill.energy_with_loss,
        amount=charge.bill.amount,
        vin=charge.vehicle.vin if charge.dc else "",
        started_by=charge.order.started_by,
        time=charge.ended,
        stop_reason=charge.reason or StopReason.NONE,
        card=charge.order.card,
    )


class RecordBook:
    """The records that the platform has not acknowledged yet. They outlive the connection and the mains."""

    def __init__(self, pile: VirtualPile) -> None:
        """Begin with an empty book."""
        self._pile = pile
        self._deliveries: dict[str, asyncio.Task[None]] = {}
        self.made: list[Record] = []
        """Every record there ever was, oldest first."""
        self.open: dict[str, Record] = {}
        """By transaction number, oldest first."""
        self.acknowledged: list[Record] = []
        self.given_up: list[Record] = []
        """Sent in vain as often as the specification asks."""

    def knows(self, transaction: str) -> bool:
        """Tell whether there was ever a record of a transaction."""
        return transaction in self.open or any(
            record.transaction == transaction for record in (*self.acknowledged, *self.given_up)
        )

    def file(self, record: Record) -> None:
        """Take a new record, and send it when the pile is online."""
        self.made.append(record)
        self.open[record.transaction] = record
        if self._pile.online:
            self._deliver(record)

    def send_all(self) -> None:
        """Send what is open, after a login."""
        for record in tuple(self.open.values()):
            self._deliver(record)

    def acknowledge(self, transaction: str, result: int) -> None:
        """Delete a record. One that the platform calls invalid is kept and repeated, as some firmware does."""
        accepted = result == RecordResult.OK or self._pile.behaviour.deletes_on_any_ack
        if not accepted or transaction not in self.open:
            return
        self.acknowledged.append(self.open.pop(transaction))
        if delivery := self._deliveries.pop(transaction, None):
            delivery.cancel()

    def _deliver(self, record: Record) -> None:
        delivery = self._deliveries.get(record.transaction)
        if self._pile.behaviour.no_record or (delivery is not None and not delivery.done()):
            return
        for _ in range(self._pile.behaviour.record_copies):
            self._pile.post.send(record)
        if delivery := self._pile.handset.begin(self._repeat(record)):
            self._deliveries[record.transaction] = delivery

    async def _repeat(self, record: Record) -> None:
        for pause in PAUSES:
            await self._pile.clock.sleep(pause)
            self._pile.post.send(record)
        self._pile.say("the record %s is given up", record.transaction)
        self.given_up.append(self.open.pop(record.transaction))
