"""The ledger as Home Assistant shows it: sessions, tables, sums, repairs, backups."""

import asyncio
import csv
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import area_registry as ar, device_registry as dr, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from custom_components.ykc import backup
from custom_components.ykc.const import DOMAIN
from custom_components.ykc.ledger import ISSUE_FAILING, LEDGER_FILE, shared_ledger
from custom_components.ykc.protocol import PeriodEnergy, TransactionRecord
from custom_components.ykc.server.bills import session_of
from custom_components.ykc.server.booking import Booking
from custom_components.ykc.server.ledger import LedgerError
from custom_components.ykc.server.sessions import Bill
from custom_components.ykc.server.state import PileInfo
from custom_components.ykc.server.tariff import BillingModel, Price
from custom_components.ykc.session_export import COLUMNS
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, device_id, entity_id, is_loaded, listener_entry, set_up

CARD = "00000000d14b0a54"
ZONE = timezone(timedelta(hours=8))
MODEL = BillingModel(
    prices={period: Price(Decimal("1.2"), Decimal("0.3")) for period in ("sharp", "peak", "flat", "valley")},
    periods=("flat",) * 48,
)


async def store(
    hass: HomeAssistant,
    number: int,
    *,
    code: str = DC_PILE,
    gun: int = 1,
    booking: Booking | None = None,
    **values: Any,
) -> None:
    """Put a session into the ledger that ended at hour `number` of 2026-03-01, UTC."""
    end = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=number)
    price = PeriodEnergy(price=Decimal("1.5"), energy=Decimal(2), energy_with_loss=Decimal(0), amount=Decimal(3))
    nothing = price.replace(energy=Decimal(0), amount=Decimal(0))
    told: dict[str, Any] = {
        "transaction": f"{number:032}",
        "start": datetime(2026, 3, 1, 8),
        "card": CARD,
        "vin": "LSVAA4182E2123456",
        "started_by": 2,
        "stop_reason": 0x41,
        "periods": (price, nothing, nothing, nothing),
    }
    record = TransactionRecord(
        pile=code,
        gun=gun,
        end=end.astimezone(ZONE).replace(tzinfo=None),
        time=None,
        energy=Decimal("2.0001"),
        energy_with_loss=Decimal(0),
        amount=Decimal(3),
        meter_start=Decimal("109951162.7774"),
        meter_end=Decimal("109951162.7775"),
        **told | values,
    )
    async with shared_ledger(hass) as ledger:
        pile = await ledger.load(code)
        bill = Bill(record=record, session=session_of(record, ZONE, end), received=end, model=MODEL, booking=booking)
        await ledger.store_record(pile.pile_id, bill)


async def ask(hass: HomeAssistant, action: str, **data: Any) -> Any:
    """Call an action, and return the response as a browser gets it."""
    response = await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)
    return json.loads(json.dumps(response))


async def found(hass: HomeAssistant, **data: Any) -> list[int]:
    """Return the numbers of the sessions that are found."""
    return [int(session["transaction"]) for session in (await ask(hass, "get_sessions", **data))["sessions"]]


async def test_a_session(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A session is told in full, and exactly."""
    await store(hass, 1)
    answer = await ask(hass, "get_sessions")
    assert answer["parallel_charges"] == []
    (session,) = answer["sessions"]
    assert session == {
        "transaction": f"{1:032}",
        "pile": DC_PILE,
        "gun": 1,
        "parallel": None,
        "role": None,
        "state": "settled",
        "origin": "foreign",
        "started": "2026-03-01T08:00:00+08:00",
        "ended": "2026-03-01T09:00:00+08:00",
        "received": "2026-03-01T01:00:00+00:00",
        "stop_reason": "soc_full",
        "limit": None,
        "started_by": "card",
        "card": CARD,
        "driver": "",
        "driver_id": "",
        "vin": "LSVAA4182E2123456",
        "energy": 2.0001,
        "energy_with_loss": 0.0,
        "amount": 3.0,
        "energy_amount": 2.4,
        "service_amount": 0.6,
        "meter_start": 109951162.7774,
        "meter_end": 109951162.7775,
        "late": False,
        "repeats": 0,
        "mismatches": [],
        "periods": [
            {
                "name": name,
                "price": 1.5,
                "service_price": 0.3,
                "energy": energy,
                "energy_with_loss": 0.0,
                "amount": amount,
            }
            for name, energy, amount in (
                ("sharp", 2.0, 3.0),
                ("peak", 0.0, 0.0),
                ("flat", 0.0, 0.0),
                ("valley", 0.0, 0.0),
            )
        ],
    }


async def test_filters(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Sessions are found by target, time, card, reason; of piles that are gone too."""
    await store(hass, 1, gun=1)
    await store(hass, 2, gun=2, card="0" * 16)
    await store(hass, 3, code=AC_PILE, stop_reason=0x40)
    await store(hass, 4, code="32010200000099")
    assert await found(hass) == [4, 3, 2, 1]
    assert await found(hass, limit=2) == [4, 3]
    assert await found(hass, device_id=device_id(hass, site)) == [2, 1]
    assert await found(hass, device_id=device_id(hass, site, gun=2)) == [2]
    assert await found(hass, entity_id=entity_id(hass, "sensor", "status", code=AC_PILE, gun=1)) == [3]
    yard = ar.async_get(hass).async_create("Yard")
    for code in (DC_PILE, AC_PILE):
        dr.async_get(hass).async_update_device(device_id(hass, site, code), area_id=yard.id)
    assert await found(hass, area_id=yard.id) == [3, 2, 1]
    assert await found(hass, card="D14B0A54") == [4, 3, 1]
    assert await found(hass, card="") == [2]
    assert await found(hass, stop_reason="stopped_remotely") == [3]
    assert await found(hass, start_time="2026-03-01T02:00:00+00:00", end_time="2026-03-01T04:00:00+00:00") == [3, 2]
    await hass.config.async_set_time_zone("Asia/Shanghai")
    assert await found(hass, start_time="2026-03-01 11:00:00") == [4, 3]
    with pytest.raises(ServiceValidationError) as raised:
        await found(hass, area_id="nowhere")
    assert raised.value.translation_key == "no_pile_targeted"
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    foreign = dr.async_get(hass).async_get_or_create(config_entry_id=other.entry_id, identifiers={("other", "thing")})
    with pytest.raises(ServiceValidationError):
        await found(hass, device_id=foreign.id)
    # What is on disk can be read while no listener runs.
    await hass.config_entries.async_unload(site.entry_id)
    assert await found(hass, device_id=device_id(hass, site, gun=2)) == [2]
    await hass.config_entries.async_setup(site.entry_id)


@pytest.mark.parametrize(
    "data",
    [{"limit": 0}, {"limit": 10_001}, {"stop_reason": "tired"}, {"start_time": "0001-01-01T00:00:00+14:00"}],
)
async def test_wrong_data(hass: HomeAssistant, site: MockConfigEntry, data: dict[str, Any]) -> None:
    """What cannot be found is refused."""
    with pytest.raises(vol.Invalid):
        await found(hass, **data)


async def test_a_card_that_is_none(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A card is found however it is written; what is no card number is refused by name."""
    assert await found(hass, card="d1:4b:0a:54") == await found(hass, card="00000000D14B0A54")
    with pytest.raises(ServiceValidationError) as raised:
        await found(hass, card="xyz")
    assert raised.value.translation_placeholders == {"field": "card"}


async def test_totals(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Bills are summed by card and month."""
    for number in (1, 2):
        await store(hass, number)
    await store(hass, 3, card="0" * 16)
    totals = {
        "month": "2026-03",
        "sessions": 2,
        "energy": 4.0002,
        "amount": 6.0,
        "energy_amount": 4.8,
        "service_amount": 1.2,
        "unsplit_amount": 0.0,
    }
    assert (await ask(hass, "get_totals", card=CARD))["totals"] == [{"card": CARD, **totals}]
    assert [month["card"] for month in (await ask(hass, "get_totals"))["totals"]] == ["", CARD]


def table(path: str | Path) -> list[dict[str, str]]:
    """Return a table's rows, by the slugs of their columns."""
    data = Path(path).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = csv.reader(data.decode("utf-8-sig").splitlines())
    next(rows)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


async def test_export(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A table has every session in full, and no cell that a spreadsheet runs or rounds."""
    hass.config.language = "zh-Hans"
    (pile,) = (pile for pile in site.subentries.values() if pile.unique_id == DC_PILE)
    hass.config_entries.async_update_subentry(site, pile, title="=车库")
    await hass.async_block_till_done()
    await store(hass, 1)
    await store(hass, 2, code="32010200000099", vin="@SUM(A1:A9)")
    response = await ask(hass, "export_sessions", filename="三月.csv")
    path = Path(hass.config.path("ykc_export", "三月.csv"))
    assert response == {"path": str(path), "sessions": 2}
    text = await asyncio.to_thread(path.read_text, encoding="utf-8-sig")
    assert text.startswith("结束时间,开始时间,名称,桩编码,枪号,")
    gone, here = await asyncio.to_thread(table, path)
    assert (gone["name"], gone["vin"]) == ("", "'@SUM(A1:A9)")
    assert here["name"] == "'=车库"
    assert (here["card"], here["transaction"], here["pile"]) == (f"\t{CARD}", f"\t{1:032}", f"\t{DC_PILE}")
    assert (here["energy"], here["amount"], here["service_amount"]) == ("2.0001", "3.0000", "0.6000")
    assert (here["meter_start"], here["sharp_price"], here["valley_energy"]) == ("109951162.7774", "1.50000", "0.0000")
    assert (here["started"], here["ended"]) == ("2026-03-01 08:00:00", "2026-03-01 09:00:00")
    assert here["deep_valley_energy"] == ""
    # It is replaced as a whole, and named by the time where no name is given.
    assert (await ask(hass, "export_sessions", filename="三月.csv", card=""))["sessions"] == 0
    assert await asyncio.to_thread(table, path) == []
    assert Path((await ask(hass, "export_sessions"))["path"]).parent == path.parent
    assert len(await asyncio.to_thread(lambda: list(path.parent.iterdir()))) == 2


async def test_where_tables_may_go(hass: HomeAssistant, site: MockConfigEntry, tmp_path: Path) -> None:
    """A table goes into its folder, or where Home Assistant may write; nowhere else."""
    outside = tmp_path / "tables" / "a.csv"
    await asyncio.to_thread(outside.parent.mkdir)
    for name, key in (
        (str(outside), "path_not_allowed"),
        ("../a.csv", "not_a_file_name"),
        ("a/b.csv", "not_a_file_name"),
        ("configuration.yaml", "not_a_table"),
    ):
        with pytest.raises(ServiceValidationError) as raised:
            await ask(hass, "export_sessions", filename=name)
        assert raised.value.translation_key == key
    hass.config.allowlist_external_dirs = {str(outside.parent)}
    assert (await ask(hass, "export_sessions", filename=str(outside)))["path"] == str(outside)
    with (
        patch("pathlib.Path.replace", side_effect=OSError("no space left")),
        pytest.raises(HomeAssistantError) as failed,
    ):
        await ask(hass, "export_sessions", filename=str(outside))
    assert failed.value.translation_key == "ledger_failed"
    assert await asyncio.to_thread(lambda: list(outside.parent.glob(".*"))) == []


async def test_a_table_is_for_those_who_administrate(
    hass: HomeAssistant, site: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    """Who may not write files may not have one written."""
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN, "export_sessions", {}, blocking=True, context=Context(user_id=hass_read_only_user.id)
        )


# Repairs


async def test_a_damaged_ledger(hass: HomeAssistant, port: int) -> None:
    """The listener starts with a new one, and an issue tells where the old one is until that was read."""
    path = Path(hass.config.path(".storage", LEDGER_FILE))

    def spoil() -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"no ledger " * 1000)

    await asyncio.to_thread(spoil)
    entry = await set_up(hass, listener_entry(port, PileInfo(code=DC_PILE)))
    assert is_loaded(entry)
    (issue,) = (issue for issue in ir.async_get(hass).issues.values() if issue.domain == DOMAIN)
    assert issue.translation_key == "ledger_damaged"
    assert issue.is_fixable
    assert issue.is_persistent
    assert issue.translation_placeholders is not None
    aside = Path(issue.translation_placeholders["file"])
    assert await asyncio.to_thread(aside.read_bytes) == b"no ledger " * 1000
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_full_disk(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """An issue stands while nothing can be written, and goes with the first success."""
    issues = ir.async_get(hass)
    async with shared_ledger(hass) as ledger:
        number = (await ledger.load(DC_PILE)).pile_id
        db = ledger._file._db
        await ledger._run(lambda: db.execute("PRAGMA query_only = ON"))
        with pytest.raises(LedgerError):
            await ledger.draw_counter(number)
        issue = issues.async_get_issue(DOMAIN, ISSUE_FAILING)
        assert issue is not None
        assert issue.translation_placeholders is not None
        assert issue.translation_placeholders["error"] == "attempt to write a readonly database"
        await ledger._run(lambda: db.execute("PRAGMA query_only = OFF"))
        await ledger.draw_counter(number)
        assert issues.async_get_issue(DOMAIN, ISSUE_FAILING) is None


# Backups


async def test_backup(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """The ledger's file is whole and stays as it is while it is copied; nothing is lost meanwhile."""
    path = Path(hass.config.path(".storage", LEDGER_FILE))
    await store(hass, 1)
    await backup.async_pre_backup(hass)
    before = await asyncio.to_thread(path.read_bytes)
    await store(hass, 2)
    # A listener that is loaded anew meanwhile leaves the file alone too.
    await hass.config_entries.async_reload(site.entry_id)
    await store(hass, 3)
    assert await asyncio.to_thread(path.read_bytes) == before
    assert await found(hass) == [3, 2, 1]
    await backup.async_post_backup(hass)
    await hass.config_entries.async_reload(site.entry_id)
    assert await asyncio.to_thread(path.read_bytes) != before
    assert await found(hass) == [3, 2, 1]


async def test_a_backup_waits_for_no_ledger(
    hass: HomeAssistant, site: MockConfigEntry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a ledger that hangs nor one that fails ends a backup."""
    for hook in (backup.async_pre_backup, backup.async_post_backup):
        with patch("custom_components.ykc.server.ledger.Ledger._run", side_effect=LedgerError("no disk")):
            await hook(hass)
        assert "no disk" in caplog.text
        caplog.clear()
    monkeypatch.setattr(backup, "PATIENCE", 0.01)
    async with shared_ledger(hass) as ledger:
        go_on = asyncio.Event()
        with patch.object(ledger, "begin_backup", go_on.wait):
            await backup.async_pre_backup(hass)
    assert "TimeoutError" in caplog.text
    await backup.async_post_backup(hass)


async def test_a_backup_without_listeners(hass: HomeAssistant) -> None:
    """There may be nothing to do."""
    await backup.async_pre_backup(hass)
    await backup.async_post_backup(hass)
