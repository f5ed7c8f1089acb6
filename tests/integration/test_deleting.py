"""The actions that delete: what they tell before, what they refuse, and what is gone afterwards."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.auth.models import User
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.statistics import get_metadata
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from custom_components.ykc.const import DOMAIN
from custom_components.ykc.ledger import LEDGER_FILE, shared_ledger
from custom_components.ykc.server.booking import Booking
from custom_components.ykc.server.ledger import Ledger, LedgerError
from custom_components.ykc.subentry import piles
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, is_loaded, state, wait_for
from .test_drivers import add, answered
from .test_prepaid import PREPAID, top_up
from .test_replacement import NEW, NEW_ENERGY, replace
from .test_sessions import CARD, ask, found, store
from .test_statistics import COST, ENERGY, lasting, rows, until_rows, written

ANNA = Booking(driver="anna", name="Anna")
CALLS: dict[str, dict[str, Any]] = {
    "delete_pile_data": {"pile": DC_PILE},
    "anonymise_sessions": {"end_time": "2026-04-01 00:00:00"},
    "close_balance": {"driver": "Anna"},
}


async def remove(hass: HomeAssistant, site: MockConfigEntry, code: str = DC_PILE) -> None:
    """Remove a pile."""
    hass.config_entries.async_remove_subentry(site, next(p for p in piles(site) if p.unique_id == code).subentry_id)
    await hass.async_block_till_done()
    await wait_for(lambda: all(pile.pile.code != code for pile in site.runtime_data.piles.values()))


async def refused(hass: HomeAssistant, action: str, **data: Any) -> tuple[str | None, dict[str, str] | None]:
    """Call an action that is refused, and return why."""
    with pytest.raises(ServiceValidationError) as error:
        await ask(hass, action, **data)
    return error.value.translation_key, error.value.translation_placeholders


async def names(hass: HomeAssistant) -> set[str]:
    """Return the statistics of sessions."""
    return set(await get_instance(hass).async_add_executor_job(lambda: get_metadata(hass, statistic_source="ykc")))


async def test_a_pile(recorder_mock: Recorder, hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A pile that was removed is deleted with its statistics; its neighbour has all that it had."""
    await store(hass, 10, booking=ANNA, **lasting(2, 10))
    await store(hass, 11, gun=2)
    await store(hass, 12, code=AC_PILE)
    await written(hass)
    others = {name.replace(DC_PILE, AC_PILE) for name in (ENERGY, COST)}
    assert len(await names(hass)) == 6
    assert await refused(hass, "delete_pile_data", pile=DC_PILE, confirm=True) == (
        "pile_not_removed",
        {"pile": DC_PILE},
    )
    await remove(hass, site)
    # What is asked first is only told.
    told = {"pile": DC_PILE, "sessions": 2, "energy": 4.0002, "amount": 6.0}
    assert await ask(hass, "delete_pile_data", pile=f" {DC_PILE} ") == {"confirmed": False} | told
    assert await found(hass) == [12, 11, 10]
    assert len(await names(hass)) == 6
    assert await ask(hass, "delete_pile_data", pile=DC_PILE, confirm=True) == {"confirmed": True} | told
    assert await found(hass) == [12]
    assert await names(hass) == others
    assert await rows(hass) == {}
    assert await refused(hass, "delete_pile_data", pile=DC_PILE) == (
        "pile_not_in_ledger",
        {"pile": DC_PILE, "known": "–"},
    )
    # Nothing makes them anew.
    await hass.config_entries.async_reload(site.entry_id)
    await store(hass, 13, code=AC_PILE)
    await written(hass)
    assert await names(hass) == others


async def test_the_removed_piles_are_named(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Who types another code learns which there are; without a recorder a pile is deleted, too."""
    await remove(hass, site)
    for code in (AC_PILE, "99999999999999"):
        key, told = await refused(hass, "delete_pile_data", pile=code)
        assert key == ("pile_not_removed" if code == AC_PILE else "pile_not_in_ledger")
    assert told == {"pile": "99999999999999", "known": DC_PILE}
    assert (await ask(hass, "delete_pile_data", pile=DC_PILE, confirm=True))["sessions"] == 0


async def test_a_pile_that_is_about_to_be_removed(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """As long as a listener listens to it, it may still be written."""
    with patch.object(site.runtime_data, "async_apply"):
        hass.config_entries.async_remove_subentry(site, piles(site)[0].subentry_id)
        await hass.async_block_till_done()
    assert (await refused(hass, "delete_pile_data", pile=DC_PILE))[0] == "pile_not_removed"


async def test_hardware_that_was_replaced(recorder_mock: Recorder, hass: HomeAssistant, site: MockConfigEntry) -> None:
    """New hardware was in its place: the statistics under the old code go, too, and under the new one it begins anew."""
    await store(hass, 10, **lasting(2, 10))
    await written(hass)
    await replace(hass, site, NEW)
    await wait_for(lambda: is_loaded(site))
    await until_rows(hass, {})
    # A code that was there before belongs to the pile that has the new one.
    assert (await refused(hass, "delete_pile_data", pile=NEW))[0] == "pile_not_removed"
    assert NEW_ENERGY in await names(hass)
    await remove(hass, site, NEW)
    assert (await ask(hass, "delete_pile_data", pile=NEW, confirm=True))["sessions"] == 1
    assert await names(hass) == set()
    await store(hass, 10, code=NEW, **lasting(1, 10))
    await written(hass)
    assert await rows(hass, NEW_ENERGY) == {9: (2.0001, 2.0001)}


async def test_a_ledger_that_fails(recorder_mock: Recorder, hass: HomeAssistant, site: MockConfigEntry) -> None:
    """What could not be deleted is there as before, with its statistics."""
    await store(hass, 10, **lasting(2, 10))
    await written(hass)
    expected = await rows(hass)
    await remove(hass, site)
    delete = Ledger.delete_pile

    async def fail(ledger: Ledger, *args: Any, rehearse: bool = False) -> Any:
        if rehearse:
            return await delete(ledger, *args, rehearse=True)
        assert await rows(hass) == {}
        raise LedgerError("disk full")

    with patch.object(Ledger, "delete_pile", fail), pytest.raises(HomeAssistantError) as error:
        await ask(hass, "delete_pile_data", pile=DC_PILE, confirm=True)
    assert error.value.translation_key == "ledger_failed"
    await until_rows(hass, expected)
    assert await found(hass) == [10]


async def test_people(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Sessions stay as they were, but for whose they are; no byte of the ledger's file tells it."""
    await store(hass, 1, booking=ANNA)
    await store(hass, 2, booking=ANNA, card="00000000000c0ffe")
    await store(hass, 20)
    before = (await ask(hass, "get_sessions"))["sessions"]
    when = "2026-03-01 03:00:00+00:00"
    for data, count in (
        ({"driver": "anna"}, 2),
        ({"driver": "Zoe"}, 0),
        ({"card": "C0FFEE"}, 0),
        ({"card": "0c0ffe"}, 1),
        ({}, 2),
    ):
        assert await ask(hass, "anonymise_sessions", end_time=when, **data) == {
            "confirmed": False,
            "sessions": count,
            "starts": 0,
            "unbilled": 0,
        }
    assert (await ask(hass, "get_sessions"))["sessions"] == before
    totals = (await ask(hass, "get_totals"))["totals"]
    assert (await ask(hass, "anonymise_sessions", end_time=when, confirm=True))["sessions"] == 2
    after = (await ask(hass, "get_sessions"))["sessions"]
    nobody = {"card": "", "vin": "", "driver": "", "driver_id": ""}
    assert after == [before[0], *(session | nobody for session in before[1:])]
    sums = (await ask(hass, "get_totals"))["totals"]
    for key in ("sessions", "energy", "amount"):
        assert round(sum(total[key] for total in sums), 4) == round(sum(total[key] for total in totals), 4)
    assert b"Anna" not in await hass.async_add_executor_job(read_files, hass)


def read_files(hass: HomeAssistant) -> bytes:
    """Return the bytes of the ledger, and of its WAL."""
    path = Path(hass.config.path(".storage", LEDGER_FILE))
    return path.read_bytes() + path.with_name(f"{path.name}-wal").read_bytes()


async def test_a_balance(
    hass: HomeAssistant, site: MockConfigEntry, hass_read_only_user: User, hass_admin_user: MockUser
) -> None:
    """Administrators see what deleted drivers have left, and close it; drivers who are there keep theirs."""
    driver = await add(hass, site, card=CARD, **PREPAID)
    await top_up(hass, 50, note="cash")
    assert (await refused(hass, "close_balance", driver="Anna", confirm=True))[0] == "driver_not_deleted"
    hass.config_entries.async_remove_subentry(site, driver.subentry_id)
    await hass.async_block_till_done()
    gone = {
        "driver": "Anna",
        "driver_id": driver.subentry_id,
        "balance": 50.0,
        "reserved": 0.0,
        "available": 50.0,
        "deleted": True,
    }
    again = await add(hass, site, card=CARD, **PREPAID)
    here = gone | {"driver_id": again.subentry_id, "balance": 0.0, "available": 0.0, "deleted": False}

    async def balances(user: User | None = None, **data: Any) -> list[dict[str, Any]]:
        response: Any = await hass.services.async_call(
            DOMAIN,
            "get_balances",
            data,
            blocking=True,
            return_response=True,
            context=Context(user_id=None if user is None else user.id),
        )
        return [{key: value for key, value in told.items() if key != "entries"} for told in response["balances"]]

    for user in (None, hass_admin_user):
        assert await balances(user) == [here, gone]
        assert await balances(user, driver="anna") == [here, gone]
        assert await balances(user, driver=driver.subentry_id) == [gone]
        assert await balances(user, driver=again.subentry_id) == [here]
    assert await balances(hass_read_only_user) == [here]
    assert await balances(hass_read_only_user, driver="Anna") == [here]
    for user, name in ((hass_read_only_user, driver.subentry_id), (None, "Zoe")):
        with pytest.raises(ServiceValidationError) as error:
            await balances(user, driver=name)
        assert error.value.translation_key == "unknown_driver"
    told = {"driver": "Anna", "driver_id": driver.subentry_id, "balance": 50.0}
    assert await ask(hass, "close_balance", driver="Anna") == {"confirmed": False} | told
    assert await balances() == [here, gone]
    assert await ask(hass, "close_balance", driver="Anna", confirm=True) == {"confirmed": True} | told
    assert await balances() == [here]
    assert (await refused(hass, "close_balance", driver="Anna"))[0] == "driver_not_deleted"
    assert (await refused(hass, "close_balance", driver="Zoe"))[0] == "unknown_driver"


async def test_several_of_one_name(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Of two deleted drivers who were called the same, one is named by the id."""
    ids = []
    for _ in range(2):
        driver = await add(hass, site, card=CARD, **PREPAID)
        await top_up(hass, 5)
        hass.config_entries.async_remove_subentry(site, driver.subentry_id)
        await hass.async_block_till_done()
        ids.append(driver.subentry_id)
    key, told = await refused(hass, "close_balance", driver="Anna")
    assert key == "several_deleted_drivers"
    assert told == {"driver": "Anna", "ids": ", ".join(sorted(ids))}
    for driver_id in ids:
        assert (await ask(hass, "close_balance", driver=driver_id, confirm=True))["balance"] == 5


async def test_a_charge_that_goes_on(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A driver who was deleted during a charge pays it; only then is the balance closed, and the pile's data deleted."""
    driver = await add(hass, site, card=CARD, **PREPAID)
    await top_up(hass, 50)
    await pile.plug(1)
    await pile.show_card(1, CARD)
    await answered(hass, pile)
    await wait_for(lambda: float(state(hass, "sensor", "session_cost", gun=1) or 0) > 0)
    hass.config_entries.async_remove_subentry(site, driver.subentry_id)
    await hass.async_block_till_done()
    assert await refused(hass, "close_balance", driver="Anna") == ("bill_awaited", {"driver": "Anna"})
    await remove(hass, site)
    assert await refused(hass, "delete_pile_data", pile=DC_PILE, confirm=True) == (
        "pile_unpaid",
        {"pile": DC_PILE, "drivers": "Anna"},
    )
    (session,) = (await ask(hass, "get_sessions"))["sessions"]
    left = (await ask(hass, "close_balance", driver="Anna", confirm=True))["balance"]
    assert left == float(50 - Decimal(str(session["amount"])))
    assert (await ask(hass, "delete_pile_data", pile=DC_PILE, confirm=True))["sessions"] == 1
    assert (await ask(hass, "get_sessions"))["sessions"] == []


@pytest.mark.parametrize(("action", "data"), CALLS.items())
async def test_who_may_delete(
    hass: HomeAssistant, site: MockConfigEntry, hass_read_only_user: User, action: str, data: dict[str, Any]
) -> None:
    """Only administrators and automations; who neither confirms nor listens to what would be is told so."""
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN, action, data, blocking=True, context=Context(user_id=hass_read_only_user.id)
        )
    with pytest.raises(ServiceValidationError) as error:
        await hass.services.async_call(DOMAIN, action, data, blocking=True)
    assert error.value.translation_key == "not_confirmed"
    with pytest.raises(vol.Invalid):
        await hass.services.async_call(DOMAIN, action, {}, blocking=True)


async def test_bytes_that_are_left(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """That the file could not be written anew is told in the user's language."""
    await store(hass, 1, booking=ANNA)
    async with shared_ledger(hass) as ledger:
        with (
            patch.object(ledger._file, "erase", side_effect=OSError("disk full")),
            pytest.raises(HomeAssistantError) as error,
        ):
            await ask(hass, "anonymise_sessions", end_time="2026-04-01 00:00:00", confirm=True)
    assert error.value.translation_key == "not_erased"
    assert error.value.translation_placeholders == {"error": "disk full"}
    assert (await ask(hass, "get_sessions"))["sessions"][0]["driver"] == ""
