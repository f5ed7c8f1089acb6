"""Bills that come three times, out of order, and a day late: each counts once, where it belongs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from custom_components.ykc.protocol import TransactionAck
from demo import flows
from demo.flows import Kind
from demo.waiting import until
from tests.server.peer import Peer

from .site import PATIENCE, Site

pytestmark = pytest.mark.asyncio(loop_scope="package")

PILE: Final = "32010997000001"
CARD: Final = "00000000d14b0a77"
ZONE: Final = ZoneInfo("Asia/Shanghai")
TOP_UP: Final = 100


async def test_each_counts_once(site: Site) -> None:
    """In ledger, totals, the statistics of its hour, its month, and the balance that pays it."""
    client = site.home.client
    form = await flows.start(client, [site.home.entry_id, "driver"], Kind.SUBENTRY)
    driver = {"name": "Rita", "card": CARD, "enabled": True, "payment": "prepaid"}
    assert (await flows.answer(client, form, driver, Kind.SUBENTRY))["type"] == "create_entry"
    await site.act("top_up", driver="Rita", amount=TOP_UP)
    async with site.pile(PILE):
        pass
    async with site.bystander_served():
        peer = await Peer.dial(site.home.port, PILE)
        await peer.log_in(gun_count=1)
        today = datetime.now(ZONE).replace(minute=0, second=0, microsecond=0)
        # Begun in this order; each lies within one hour of its own.
        begins = [today - timedelta(hours=hours) for hours in (49, 27, 26, 3, 2)]
        bills = [
            peer.record(
                f"{PILE}01{begin:%y%m%d%H%M%S}{number:04}",
                str(Decimal(number) + Decimal("0.0001")),
                f"{number}.5",
                start=(begin + timedelta(minutes=10)).replace(tzinfo=None),
                end=(begin + timedelta(minutes=50)).replace(tzinfo=None),
                card=CARD,
            )
            for number, begin in enumerate(begins, 1)
        ]
        for _ in range(3):
            # The newest one first, the others out of order, all without a pause.
            peer.send(*(bills[place] for place in (4, 0, 3, 2, 1)), peer.heartbeat())
        acknowledged: list[str] = []
        while len(acknowledged) < 3 * len(bills):
            message = await peer.receive()
            if isinstance(message, TransactionAck):
                assert message.result == 0
                acknowledged.append(message.transaction)
        assert sorted(acknowledged) == sorted(3 * [bill.transaction for bill in bills])
        await peer.hang_up()

    energy, amount = (sum((getattr(bill, name) for bill in bills), Decimal(0)) for name in ("energy", "amount"))
    assert sorted((row.transaction, row.energy, row.amount) for row in site.stored(PILE)) == [
        (bill.transaction, int(bill.energy.scaleb(4)), int(bill.amount.scaleb(4))) for bill in bills
    ]
    gun = site.gun(PILE)
    await gun.number("total_energy", float(energy), PATIENCE)
    await gun.number("last_session_energy", float(bills[-1].energy))
    sessions = (await site.act("get_sessions", gun, returns=True))["sessions"]
    assert {session["transaction"]: session["late"] for session in sessions} == {
        bill.transaction: True for bill in bills
    }
    months = (await site.act("get_totals", gun, returns=True))["totals"]
    due: dict[str, Decimal] = {}
    for begin, bill in zip(begins, bills, strict=True):
        due[f"{begin:%Y-%m}"] = due.get(f"{begin:%Y-%m}", Decimal(0)) + bill.energy
    assert {month["month"]: month["energy"] for month in months} == {month: float(kwh) for month, kwh in due.items()}
    (account,) = (await site.act("get_balances", returns=True, driver="Rita"))["balances"]
    assert account["balance"] == account["available"] == float(TOP_UP - amount)
    expected = {int(begin.timestamp()): float(bill.energy) for begin, bill in zip(begins, bills, strict=True)}
    await until("the statistics have the hours", _Statistics(site, expected).fit, PATIENCE)
    assert site.unexpected() == []


class _Statistics:
    """What the recorder has of the gun's sessions, by the hour, and should have."""

    def __init__(self, site: Site, expected: dict[int, float]) -> None:
        """Expect kWh by Unix time of the hour."""
        self._site, self._expected = site, expected

    async def fit(self) -> bool | None:
        """Whether each hour has its energy."""
        name = f"ykc:{PILE}_1_session_energy"
        found = await self._site.home.client.command(
            "recorder/statistics_during_period",
            start_time=(datetime.now(UTC) - timedelta(days=30)).isoformat(),
            statistic_ids=[name],
            period="hour",
            types=["state"],
        )
        hours = {row["start"] // 1000: round(row["state"], 4) for row in found.get(name, []) if row["state"]}
        return True if hours == self._expected else None
