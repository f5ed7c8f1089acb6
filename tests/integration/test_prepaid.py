"""Drivers who charge on a balance: the form, the sensors, the actions, and what is told of sessions."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.const import CONF_CHARGE_LIMIT, CONF_PAYMENT, DOMAIN
from custom_components.ykc.driver import drivers
from custom_components.ykc.protocol import BalanceUpdate, RemoteStart, StartDenial
from custom_components.ykc.server.history import LedgerError
from custom_components.ykc.server.ledger import Ledger
from simulator import VirtualPile

from .conftest import DC_PILE, MakePile, device_id, listener_entry, set_up, state, wait_for
from .test_drivers import CARD, add, answered, change, open_form, suggested

PREPAID = {CONF_PAYMENT: "prepaid"}


async def ask(hass: HomeAssistant, action: str, **data: Any) -> Any:
    """Call an action and return its response."""
    return await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)


async def top_up(hass: HomeAssistant, amount: float, **data: Any) -> dict[str, Any]:
    """Add to Anna's balance, and return what it has come to."""
    response: dict[str, Any] = await ask(hass, "top_up", driver="Anna", amount=amount, **data)
    return response


def sensor(hass: HomeAssistant, driver: ConfigSubentry, key: str = "balance") -> str | None:
    """Return what a driver's sensor shows."""
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{driver.subentry_id}_{key}")
    shown = None if entity_id is None else hass.states.get(entity_id)
    return None if shown is None else shown.state


async def settled(hass: HomeAssistant, pile: VirtualPile) -> dict[str, Any]:
    """End the charge of gun 1, and return its session."""
    await pile.unplug(1)
    await wait_for(lambda: state(hass, "sensor", "last_session_stop_reason", gun=1) not in (None, "unknown"))
    session: dict[str, Any] = (await ask(hass, "get_sessions"))["sessions"][0]
    return session


async def test_a_charge_on_a_balance(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """From the form over the top-up and the card to the bill: sensors and actions say the same."""
    driver = await add(hass, site, card=CARD, charge_limit=30, **PREPAID)
    assert driver.data[CONF_CHARGE_LIMIT] == 30
    assert sensor(hass, driver) == "0.0000"
    await pile.plug(1)
    await pile.show_card(1, CARD)
    assert (await answered(hass, pile)).reason == StartDenial.BALANCE_TOO_LOW
    assert await top_up(hass, 50, note="cash") == {
        "driver": "Anna",
        "driver_id": driver.subentry_id,
        "balance": 50.0,
        "reserved": 0.0,
        "available": 50.0,
    }
    await pile.show_card(1, CARD)
    assert float((await answered(hass, pile, 2)).balance) == 30
    await wait_for(lambda: sensor(hass, driver, "available_balance") == "20.0000")
    assert sensor(hass, driver) == "50.0000"
    await wait_for(lambda: float(state(hass, "sensor", "session_cost", gun=1) or 0) > 0)
    session = await settled(hass, pile)
    assert (session["driver"], session["driver_id"]) == ("Anna", driver.subentry_id)
    left = f"{50 - session['amount']:.4f}"
    await wait_for(lambda: sensor(hass, driver) == sensor(hass, driver, "available_balance") == left)
    (account,) = (await ask(hass, "get_balances"))["balances"]
    assert [(entry["kind"], entry["amount"], entry["note"]) for entry in account["entries"]] == [
        ("charge", -session["amount"], ""),
        ("top_up", 50.0, "cash"),
    ]
    assert account["entries"][0]["transaction"] == session["transaction"]
    assert pile.complaints == []


async def test_top_up_while_charging(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """A charge goes on with what was added, where it would have ended."""
    await add(hass, site, card=CARD, **PREPAID)
    pile = await make_pile(DC_PILE, guns=2, charge_speed=60.0)
    await top_up(hass, 1.5)
    await pile.plug(1)
    await pile.show_card(1, CARD)
    assert float((await answered(hass, pile)).balance) == 1.5
    await wait_for(lambda: pile.gun(1).charging)
    assert (await top_up(hass, 1))["reserved"] == 2.5
    await pile.wait_for(lambda: pile.all_received(BalanceUpdate))
    assert float(pile.all_received(BalanceUpdate)[0].balance) == 2.5
    await pile.wait_for(lambda: pile.gun(1).charge is None, 60)
    await wait_for(lambda: state(hass, "sensor", "last_session_stop_reason", gun=1) == "amount_limit")
    session = (await ask(hass, "get_sessions"))["sessions"][0]
    assert 1.5 < session["amount"] <= 2.5
    assert pile.complaints == []


async def test_start_from_here(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A start may name the driver: the card and the balance are the driver's, and so is the session."""
    gun = device_id(hass, site, gun=1)
    driver = await add(hass, site, card=CARD, logical_card="573", **PREPAID)
    await pile.plug(1)
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass, "start_charging", device_id=gun, driver="anna ")
    assert error.value.translation_key == "balance_too_low"
    await top_up(hass, 20)
    await ask(hass, "start_charging", device_id=gun, driver=driver.subentry_id, balance=12.5)
    start = pile.all_received(RemoteStart)[-1]
    assert (start.card, start.logical_card, float(start.balance)) == (CARD, "573".zfill(16), 12.5)
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "charging")
    session = await settled(hass, pile)
    assert (session["driver"], session["card"]) == ("Anna", CARD)
    with pytest.raises(ServiceValidationError) as error:
        await ask(hass, "start_charging", device_id=gun, driver="Zoe")
    assert error.value.translation_key == "unknown_driver"
    assert error.value.translation_placeholders == {"driver": "Zoe"}


async def test_wrong_requests(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """What can't be done is refused with a reason, and changes nothing."""
    await add(hass, site, card=CARD, **PREPAID)
    await add(hass, site, card="1", name="Ben")
    for amount, correction, name, key in (
        (0, False, "Anna", "top_up_not_positive"),
        (0, True, "Anna", "top_up_not_positive"),
        (-1, False, "Anna", "top_up_not_positive"),
        (5, False, "Ben", "driver_not_prepaid"),
        (5, False, "Zoe", "unknown_driver"),
    ):
        with pytest.raises(ServiceValidationError) as error:
            await ask(hass, "top_up", driver=name, amount=amount, correction=correction)
        assert error.value.translation_key == key
    assert (await top_up(hass, -2.5, correction=True))["balance"] == -2.5
    await add(hass, site, card="2")
    with pytest.raises(ServiceValidationError) as error:
        await top_up(hass, 5)
    assert error.value.translation_key == "several_drivers"
    await hass.config_entries.async_unload(site.entry_id)
    with pytest.raises(ServiceValidationError) as error:
        await ask(hass, "settle_unpaid", driver=drivers(site)[0].subentry_id)
    assert error.value.translation_key == "listener_not_loaded"


async def test_who_may_move_money(hass: HomeAssistant, site: MockConfigEntry, hass_read_only_user: User) -> None:
    """Only administrators and automations add to a balance."""
    await add(hass, site, card=CARD, **PREPAID)
    for action, data in (("top_up", {"amount": 5}), ("settle_unpaid", {})):
        with pytest.raises(Unauthorized):
            await hass.services.async_call(
                DOMAIN,
                action,
                {"driver": "Anna", **data},
                blocking=True,
                context=Context(user_id=hass_read_only_user.id),
            )


async def test_settle_unpaid(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A charge whose bill never came blocks its driver until a person settles it."""
    driver = await add(hass, site, card=CARD, **PREPAID)
    await top_up(hass, 50)
    pile.behaviour.no_record = True
    await pile.plug(1)
    await pile.show_card(1, CARD)
    await answered(hass, pile)
    await wait_for(lambda: float(state(hass, "sensor", "session_cost", gun=1) or 0) > 0)
    await pile.unplug(1)
    await wait_for(
        lambda: state(hass, "sensor", "last_session_stop_reason", gun=1) in ("no_record", "idle_during_order")
    )
    await pile.show_card(2, CARD)
    assert (await answered(hass, pile, 2)).reason == StartDenial.CARD_HAS_UNPAID_SESSION
    (before,) = (await ask(hass, "get_balances", driver="Anna", entries=1))["balances"]
    assert before["balance"] == 50
    assert before["reserved"] > 0
    after = await ask(hass, "settle_unpaid", driver="Anna")
    assert (after["balance"], after["reserved"]) == (before["available"], 0)
    await wait_for(lambda: float(sensor(hass, driver) or 0) == after["balance"])
    await pile.plug(2)
    await pile.show_card(2, CARD)
    assert (await answered(hass, pile, 3)).authorised


async def test_devices_come_and_go(hass: HomeAssistant, site: MockConfigEntry, port: int) -> None:
    """Only prepaid drivers have a device; the balance outlives it, a restart too, and a new driver begins anew."""
    registry = dr.async_get(hass)

    def there(driver: ConfigSubentry) -> bool:
        return registry.async_get_device_by_identifier((DOMAIN, driver.subentry_id), site.entry_id) is not None

    driver = await add(hass, site, card=CARD)
    assert not there(driver)
    assert sensor(hass, driver) is None
    await change(hass, site, driver, card=CARD, **PREPAID)
    assert there(driver)
    await top_up(hass, 5)
    await wait_for(lambda: sensor(hass, driver) == "5.0000")
    await change(hass, site, driver, card=CARD, payment="unlimited")
    assert not there(driver)
    assert sensor(hass, driver) is None
    await change(hass, site, driver, card=CARD, **PREPAID)
    await hass.config_entries.async_reload(site.entry_id)
    await hass.async_block_till_done()
    assert sensor(hass, driver) == "5.0000"
    hass.config_entries.async_remove_subentry(site, driver.subentry_id)
    await hass.async_block_till_done()
    assert not there(driver)
    again = await add(hass, site, card=CARD, **PREPAID)
    assert sensor(hass, again) == "0.0000"
    balances = (await ask(hass, "get_balances"))["balances"]
    assert [(account["balance"], account["deleted"]) for account in balances] == [(0.0, False), (5.0, True)]


async def test_a_driver_is_no_pile(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Actions for guns and piles take no driver's device."""
    driver = await add(hass, site, card=CARD, **PREPAID)
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, driver.subentry_id), site.entry_id)
    assert device is not None
    for action in ("start_charging", "get_sessions", "reboot"):
        with pytest.raises(ServiceValidationError) as error:
            await hass.services.async_call(
                DOMAIN,
                action,
                {"device_id": device.id},
                blocking=True,
                return_response=action != "reboot",
            )
        assert error.value.translation_key == "no_pile_targeted"


async def test_sessions_of_a_driver(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Sessions and sums are found by the driver's name of then and of now."""
    driver = await add(hass, site, card=CARD)
    await add(hass, site, card="1", name="Ben")
    pile.behaviour.reversed_cards = True
    await pile.plug(1)
    await pile.show_card(1, CARD)
    await wait_for(lambda: float(state(hass, "sensor", "session_cost", gun=1) or 0) > 0)
    session = await settled(hass, pile)
    assert session["card"] == CARD
    await change(hass, site, driver, card=CARD, name="Anne")
    for name, count in (("Anna", 1), ("anne", 1), ("Ben", 0), ("", 0), ("Zoe", 0)):
        found = (await ask(hass, "get_sessions", driver=name))["sessions"]
        assert [(s["driver"], s["driver_id"]) for s in found] == [("Anna", driver.subentry_id)] * count
    sums = await ask(hass, "get_totals")
    (month,) = sums["drivers"]
    assert (month["driver"], month["driver_id"], month["amount"]) == ("Anna", driver.subentry_id, session["amount"])
    assert month["energy_amount"] + month["service_amount"] == pytest.approx(session["amount"])
    (of_card,) = sums["totals"]
    assert of_card["card"] == CARD
    assert (await ask(hass, "get_totals", driver="Ben")) == {"totals": [], "drivers": []}
    assert (await ask(hass, "export_sessions", driver="Ben"))["sessions"] == 0
    path = Path((await ask(hass, "export_sessions", driver="Anne", filename="anne.csv"))["path"])
    header, row = (await hass.async_add_executor_job(path.read_text, "utf-8-sig")).splitlines()
    assert row.split(",")[header.split(",").index("Driver")] == "Anna"


async def test_a_driver_of_before(hass: HomeAssistant, port: int) -> None:
    """A driver from before there were balances is unlimited, and the form says so."""
    entry = listener_entry(port)
    await set_up(hass, entry)
    driver = await add(hass, entry, card=CARD)
    hass.config_entries.async_update_subentry(
        entry, driver, data={k: v for k, v in driver.data.items() if k not in (CONF_PAYMENT, CONF_CHARGE_LIMIT)}
    )
    await hass.async_block_till_done()
    assert sensor(hass, driver) is None
    assert suggested(await open_form(hass, entry))[CONF_CHARGE_LIMIT] is None
    await change(hass, entry, driver, card=CARD, payment="prepaid")
    assert sensor(hass, driver) == "0.0000"
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_balance_that_cannot_be_read(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """It is unavailable rather than old, and back with the next change."""
    driver = await add(hass, site, card=CARD, **PREPAID)
    accounts = site.runtime_data.accounts
    with patch.object(Ledger, "account", side_effect=LedgerError("disk I/O error")):
        accounts.async_handle_change(driver.subentry_id)
        await wait_for(lambda: sensor(hass, driver) == "unavailable")
    await top_up(hass, 5)
    await wait_for(lambda: sensor(hass, driver) == "5.0000")
