"""What a gun's sessions came to in the month: bills by their end, what charges, and anew by itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import inf
from zoneinfo import ZoneInfo

from custom_components.ykc.server.ledger_reader import LedgerReader
from custom_components.ykc.server.month import NO_MONTHS, add_session
from custom_components.ykc.server.sessions import SessionFilter
from custom_components.ykc.server.state import LastSession, MonthToDate
from tests.server.conftest import MakeHouse
from tests.server.house import SHANGHAI, House, charging, eventually, hurried
from tests.server.peer import CODE, Peer

MARCH = datetime(2026, 3, 1, tzinfo=SHANGHAI)
APRIL = datetime(2026, 4, 1, tzinfo=SHANGHAI)


def month(house: House, gun: int = 1) -> tuple[str, str]:
    """Return energy and cost of the month, as text."""
    known = house.gun(gun).month
    assert known is not None
    return f"{known.energy:f}", f"{known.cost:f}"


def unbilled(house: House) -> tuple[str, str]:
    """Return the same of what has no bill yet."""
    known = house.gun().month
    assert known is not None
    return f"{known.unbilled_energy:f}", f"{known.unbilled_cost:f}"


def test_a_session_without_an_end() -> None:
    """It belongs to no month."""
    session = LastSession(transaction="0" * 32, energy=Decimal(5), cost=Decimal(3), stop_reason="stopped_remotely")
    assert add_session(NO_MONTHS, session) == NO_MONTHS


async def bill(peer: Peer, number: int, end: datetime, energy: str = "1", amount: str = "2", gun: int = 1) -> None:
    """Send the bill of a session that ended at a local time."""
    end = end.replace(tzinfo=None)
    await peer.bill(peer.record(f"{number:032}", energy, amount, start=end - timedelta(hours=1), end=end, gun=gun))


async def test_bills_count_in_the_month_of_their_end(house: House) -> None:
    """Bills of the month count, at their gun, also late ones; those of another month do not; repeats never."""
    _, peer = await house.online()
    house.now = datetime(2026, 3, 20, tzinfo=UTC)
    assert house.gun().month == MonthToDate(MARCH, Decimal(0), Decimal(0))
    await bill(peer, 1, MARCH + timedelta(days=19), "1.0001", "2.0002")
    await bill(peer, 2, MARCH + timedelta(minutes=1), "10", "20")
    await bill(peer, 2, MARCH + timedelta(minutes=1), "10", "20")
    await bill(peer, 3, MARCH - timedelta(minutes=1), "100", "200")
    await bill(peer, 4, MARCH + timedelta(days=3), "7", "8", gun=2)
    assert month(house) == ("11.0001", "22.0002")
    assert month(house, 2) == ("7.0000", "8.0000")

    def of_march(reader: LedgerReader) -> tuple[Decimal, Decimal]:
        totals = [total for total in reader.totals(SessionFilter(guns=[(CODE, 1)])) if total.month == "2026-03"]
        return sum((t.energy for t in totals), Decimal(0)), sum((t.amount for t in totals), Decimal(0))

    assert await house.ledger.read(of_march) == (Decimal("11.0001"), Decimal("22.0002"))
    later = await house.restart()
    later.now = house.now
    _, peer = await later.online()
    assert month(later) == ("11.0001", "22.0002")
    await bill(peer, 5, MARCH + timedelta(days=19), "1", "1")
    assert month(later) == ("12.0001", "23.0002")


async def test_running_session(house: House) -> None:
    """What charges now counts as far as it is reported, and its bill takes the place of that."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer, energy="1.5", amount="2.5")
    assert month(house) == ("1.5000", "2.5000")
    assert unbilled(house) == ("1.5000", "2.5000")
    await peer.bill(peer.record(transaction, "1.4", "2.4", end=house.now.astimezone(SHANGHAI).replace(tzinfo=None)))
    await eventually(lambda: month(house) == ("1.4000", "2.4000"))
    assert unbilled(house) == ("0", "0")


async def test_a_pile_that_is_away(make_house: MakeHouse) -> None:
    """What a session has come to stays known while its pile is offline, also over a restart."""
    house = await make_house(hurried(short_absence=0.05))
    pile, peer = await house.online()
    await charging(pile, peer, energy="1.5", amount="2.5")
    await peer.hang_up()
    await eventually(lambda: not pile.state.online)
    assert unbilled(house) == month(house) == ("1.5000", "2.5000")
    later = await house.restart()
    assert unbilled(later) == month(later) == ("1.5000", "2.5000")


async def test_begins_anew_by_itself(make_house: MakeHouse) -> None:
    """When a month begins at the piles, their guns begin at zero, though no pile says a word."""
    house = await make_house(hurried(time_zone=0.01, clock_jump=inf))
    _, peer = await house.online()
    house.now = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)
    await bill(peer, 1, APRIL - timedelta(hours=2))
    assert month(house) == ("1.0000", "2.0000")
    house.now = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
    await eventually(lambda: house.gun().month == MonthToDate(APRIL, Decimal(0), Decimal(0)))
    # One that ended before and is told of now still belongs to March.
    await bill(peer, 2, APRIL - timedelta(minutes=5))
    assert month(house) == ("0", "0")
    await bill(peer, 3, APRIL, "3", "4")
    assert month(house) == ("3.0000", "4.0000")


async def test_zone_of_the_piles_counts(house: House) -> None:
    """A month begins when it begins where the piles are."""
    assert ZoneInfo("Asia/Shanghai") == SHANGHAI
    pile = await house.approve()
    house.now = datetime(2026, 3, 31, 15, 59, tzinfo=UTC)
    pile.publish()
    assert house.gun().month == MonthToDate(MARCH, Decimal(0), Decimal(0))
    house.now = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
    pile.publish()
    assert house.gun().month == MonthToDate(APRIL, Decimal(0), Decimal(0))
