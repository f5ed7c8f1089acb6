"""What a Home Assistant that lives tells of the bills: lists, sums, balances, sensors and statistics."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from demo.client import Client, Json
from demo.errors import Failed
from demo.waiting import until

from .books import Books
from .drivers import PREPAID
from .fleet import Fleet
from .meters import Meters
from .office import Office

PATIENCE: Final = 60.0


def exact(figure: float | str) -> Decimal:
    """Return a figure of JSON: it prints as exactly what was meant."""
    return Decimal(str(figure))


async def compare(client: Client, fleet: Fleet, office: Office, meters: Meters, books: Books) -> list[str]:
    """Return what differs, in plain words."""
    return [
        *await _sessions(client, fleet, office, books),
        *await _totals(client, books),
        *await _balances(client),
        *await _sensors(fleet, meters, books),
        *await _statistics(client, fleet, books),
    ]


async def _sessions(client: Client, fleet: Fleet, office: Office, books: Books) -> list[str]:
    """Compare the lists of each gun."""
    found: list[str] = []
    for (code, gun), bills in books.by_gun(fleet).items():
        answer = await client.call(
            "ykc.get_sessions", target={"entity_id": office.ids[code, gun]}, returns=True, limit=10_000
        )
        sessions = {session["transaction"]: session for session in answer["sessions"]}
        settled = {number: session for number, session in sessions.items() if session["state"] == "settled"}
        expected = {bill.transaction: (bill.energy, bill.amount) for bill in bills}
        told = {number: (exact(each["energy"]), exact(each["amount"])) for number, each in settled.items()}
        if len(sessions) != len(answer["sessions"]) or told != expected:
            wrong = [n for n in told.keys() | expected.keys() if told.get(n) != expected.get(n)]
            found.append(f"get_sessions of {code} gun {gun} differs from the bills in {wrong}")
        found += _unsettled(sessions.values())
    return found


def _unsettled(sessions: Iterable[Json]) -> Iterator[str]:
    for session in sessions:
        if session["state"] == "open" or (session["state"] == "unbilled" and session["energy"]):
            yield f"{session['transaction']} is {session['state']} with {session['energy']} kWh"


async def _totals(client: Client, books: Books) -> list[str]:
    answer = await client.call("ykc.get_totals", returns=True)
    found = []
    for what, months in answer.items():
        sums = {
            name: sum((exact(month[name]) for month in months), Decimal(0)) for name in ("sessions", "energy", "amount")
        }
        expected = {"sessions": Decimal(len(books.bills)), "energy": books.energy, "amount": books.amount}
        if sums != expected:
            found.append(f"get_totals has {sums} as {what}, billed were {expected}")
        for month in months:
            parts = [exact(month[name]) for name in ("energy_amount", "service_amount", "unsplit_amount")]
            if sum(parts) != exact(month["amount"]):
                found.append(f"the parts of a month's amount do not add up in get_totals: {month}")
    by_driver = books.by_driver()
    for driver in {month["driver"] for month in answer["drivers"]} & by_driver.keys():
        amount = sum((exact(m["amount"]) for m in answer["drivers"] if m["driver"] == driver), Decimal(0))
        billed = sum((bill.amount for bill in by_driver[driver]), Decimal(0))
        if amount != billed:
            found.append(f"get_totals has {amount} CNY of {driver}, billed were {billed}")
    return found


async def _balances(client: Client) -> list[str]:
    answer = await client.call("ykc.get_balances", returns=True, entries=1000)
    found = []
    accounts: Mapping[str, Json] = {account["driver"]: account for account in answer["balances"]}
    for driver in PREPAID:
        account = accounts[driver.name]
        if account["reserved"]:
            found.append(f"{account['reserved']} CNY of {driver.name} are still reserved")
        entries: list[Any] = account["entries"]
        if len(entries) < 1000:
            total = sum((exact(entry["amount"]) for entry in entries), Decimal(0))
            if total != exact(account["balance"]):
                found.append(f"the balance of {driver.name} is {account['balance']}, its entries come to {total}")
    return found


async def _sensors(fleet: Fleet, meters: Meters, books: Books) -> list[str]:
    """Wait until all sensors show what was billed."""
    expected = {gun: sum((bill.energy for bill in bills), Decimal(0)) for gun, bills in books.by_gun(fleet).items()}

    def wrong() -> list[str]:
        return [
            f"total energy of {code} gun {gun} is {meters.shown.get(entity)} kWh, billed were {expected[code, gun]}"
            for entity, (code, gun) in meters.ids.items()
            if meters.shown.get(entity) != expected[code, gun]
        ]

    async def right() -> bool | None:
        return None if wrong() else True

    try:
        await until("the sensors show what was billed", right, PATIENCE)
    except Failed:
        return wrong()
    return []


async def _statistics(client: Client, fleet: Fleet, books: Books) -> list[str]:
    """Wait until the statistics of the sessions have what was billed."""
    expected = {
        f"ykc:{code}_{gun}_session_{kind}": sum((getattr(bill, field) for bill in bills), Decimal(0))
        for (code, gun), bills in books.by_gun(fleet).items()
        for kind, field in (("energy", "energy"), ("cost", "amount"))
    }
    sums: dict[str, Decimal] = {}

    async def right() -> bool | None:
        rows = await client.command(
            "recorder/statistics_during_period",
            start_time=(datetime.now(UTC) - timedelta(days=2)).isoformat(),
            statistic_ids=[*expected],
            period="hour",
            types=["sum"],
        )
        sums.update({name: exact(round(of[-1]["sum"], 4)) for name, of in rows.items() if of})
        return True if all(sums.get(name, Decimal(0)) == total for name, total in expected.items()) else None

    try:
        await until("the statistics have what was billed", right, PATIENCE)
    except Failed:
        return [
            f"{name} has a sum of {sums.get(name)}, billed were {total}"
            for name, total in expected.items()
            if sums.get(name, Decimal(0)) != total
        ]
    return []
