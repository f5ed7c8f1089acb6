"""What the page asks for, and what it is told by itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser, async_fire_time_changed
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.ykc.const import DOMAIN
from custom_components.ykc.server.booking import Booking
from custom_components.ykc.server.state import PileInfo
from custom_components.ykc.subentry import new_pile
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, MakePile, device_id, entity_id, listener_entry, set_up, state, wait_for
from .test_sessions import CARD, store

TABLE = "/api/ykc/sessions.csv"


@pytest.fixture
def driver(hass: HomeAssistant, site: MockConfigEntry) -> ConfigSubentry:
    """Know the driver of the card with which sessions are stored."""
    subentry = ConfigSubentry(
        data=MappingProxyType(
            {
                "card": CARD,
                "logical_card": None,
                "vin": "LSVAA4182E2123456",
                "account": None,
                "password_hash": None,
                "enabled": True,
                "piles": [DC_PILE],
            }
        ),
        subentry_type="driver",
        title="Anna",
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(site, subentry)
    return subentry


@pytest.fixture
async def page(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> MockHAClientWebSocket:
    """Open the page as the owner."""
    return await hass_ws_client(hass)


@pytest.fixture
async def visitors_page(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> MockHAClientWebSocket:
    """Open the page as somebody who is no administrator."""
    return await hass_ws_client(hass, hass_read_only_access_token)


async def ask(page: MockHAClientWebSocket, command: str, **fields: Any) -> Any:
    """Send a command; return its result, or its error's code."""
    await page.send_json_auto_id({"type": f"{DOMAIN}/{command}", **fields})
    answer = await page.receive_json()
    return answer["result"] if answer["success"] else answer["error"]["code"]


async def follow(page: MockHAClientWebSocket) -> dict[str, Any]:
    """Subscribe, and return what there is."""
    await ask(page, "subscribe")
    overview: dict[str, Any] = (await page.receive_json())["event"]["overview"]
    return overview


async def news(page: MockHAClientWebSocket) -> list[dict[str, Any]]:
    """Return what the page is told next of piles."""
    piles: list[dict[str, Any]] = (await page.receive_json())["event"]["piles"]
    return piles


async def test_overview(hass: HomeAssistant, site: MockConfigEntry, page: MockHAClientWebSocket) -> None:
    """All that there is, also before any pile has called."""
    overview = await follow(page)
    (listener,) = overview["listeners"]
    assert (overview["admin"], overview["currency"]) == (True, "CNY")
    assert (listener["address"], listener["port"]) == ("127.0.0.1", site.data["port"])
    assert [(pile["code"], pile["type"], len(pile["guns"])) for pile in listener["piles"]] == [
        (DC_PILE, "dc", 2),
        (AC_PILE, "ac", 1),
    ]
    pile = listener["piles"][0]
    assert (pile["online"], pile["connected"]) == (False, False)
    assert pile["tariff"]["periods"] == ["flat"] * 48
    assert pile["tariff"]["prices"]["peak"] == {"energy": 1.0, "service": 0.0}
    gun = pile["guns"][1]
    assert gun["device_id"] == device_id(hass, site, gun=2)
    assert gun["entities"]["power"] == entity_id(hass, "sensor", "power", gun=2)
    assert (gun["status"], gun["power"], gun["transaction"], gun["last_session"]) == ("offline", None, None, None)


async def test_a_charge_is_followed(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, page: MockHAClientWebSocket
) -> None:
    """The page is told what changes of a gun, and nothing of the others."""
    await pile.plug(1)
    await follow(page)
    await hass.services.async_call(
        DOMAIN, "start_charging", {}, target={"device_id": device_id(hass, site, gun=1)}, blocking=True
    )
    gun: dict[str, Any] = {}
    while gun.get("status") != "charging" or not gun["energy"]:
        (told,) = await news(page)
        assert told["code"] == DC_PILE
        if told["guns"]:
            (gun,) = told["guns"]
            assert gun["number"] == 1
    assert gun["power"] > 0
    assert gun["soc"] > 0
    assert datetime.fromisoformat(gun["opened"]).tzinfo is UTC
    assert len(gun["transaction"]) == 32
    await hass.services.async_call(
        DOMAIN, "stop_charging", {}, target={"device_id": device_id(hass, site, gun=1)}, blocking=True
    )
    while gun["last_session"] is None:
        for told in await news(page):
            gun = next(iter(told["guns"]), gun)
    assert gun["last_session"]["energy"] > 0
    assert gun["last_session"]["stop_reason"] == "stopped_remotely"


async def test_another_gun_is_told(
    hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile, page: MockHAClientWebSocket
) -> None:
    """A pile that has more guns than it was known to have is shown with them."""
    assert [len(pile["guns"]) for pile in (await follow(page))["listeners"][0]["piles"]] == [2, 1]
    await make_pile(DC_PILE, guns=3)
    guns = 2
    while guns != 3:
        told = (await page.receive_json())["event"]
        if "overview" in told:
            guns = len(told["overview"]["listeners"][0]["piles"][0]["guns"])


async def test_other_piles_and_names_are_told(
    hass: HomeAssistant, site: MockConfigEntry, page: MockHAClientWebSocket
) -> None:
    """A pile that comes or goes, or is renamed, is on the page without loading it anew."""
    await follow(page)

    async def codes() -> list[str]:
        (listener,) = (await page.receive_json())["event"]["overview"]["listeners"]
        return [pile["code"] for pile in listener["piles"]]

    added = new_pile(PileInfo(code="32010200000009"))
    hass.config_entries.async_add_subentry(site, added)
    while "32010200000009" not in await codes():
        pass
    hass.config_entries.async_remove_subentry(site, added.subentry_id)
    while "32010200000009" in await codes():
        pass
    dr.async_get(hass).async_update_device(device_id(hass, site), name_by_user="Car port")
    overview = (await page.receive_json())["event"]["overview"]
    assert "Car port" in [pile["name"] for pile in overview["listeners"][0]["piles"]]
    await hass.config_entries.async_unload(site.entry_id)
    while (await page.receive_json())["event"]["overview"]["listeners"]:
        pass
    await hass.config_entries.async_setup(site.entry_id)
    while not (await page.receive_json())["event"]["overview"]["listeners"]:
        pass


async def test_piles_that_wait_are_told(
    hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile, page: MockHAClientWebSocket
) -> None:
    """A pile that nobody has approved shows on the page as soon as it calls."""
    assert (await follow(page))["listeners"][0]["waiting"] == 0
    await make_pile("32010200000009", ready=False)
    assert (await page.receive_json())["event"]["overview"]["listeners"][0]["waiting"] == 1


async def test_a_closed_page_is_told_nothing(
    hass: HomeAssistant, site: MockConfigEntry, page: MockHAClientWebSocket
) -> None:
    """Nothing listens any more."""
    await page.send_json({"id": 77, "type": f"{DOMAIN}/subscribe"})
    assert (await page.receive_json())["success"]
    await page.receive_json()
    pile = next(iter(site.runtime_data.piles.values()))
    assert len(pile._listeners) > 0
    listeners = len(pile._listeners)
    await page.send_json({"id": 78, "type": "unsubscribe_events", "subscription": 77})
    assert (await page.receive_json())["success"]
    assert len(pile._listeners) == listeners - 1


async def test_sessions(
    hass: HomeAssistant, site: MockConfigEntry, driver: ConfigSubentry, page: MockHAClientWebSocket
) -> None:
    """Sessions are found by place, time and driver, with the sums of all that fit; numbers are masked."""
    await store(hass, 1, booking=Booking(driver=driver.subentry_id, name="Anna, as she was called"))
    await store(hass, 2, gun=2, card="0" * 16)
    await store(hass, 3, code=AC_PILE, booking=Booking(driver="an older one", name="Anna"))

    async def found(**wanted: Any) -> list[int]:
        return [int(each["transaction"]) for each in (await ask(page, "sessions", **wanted))["sessions"]]

    assert await found() == [3, 2, 1]
    assert await found(pile=DC_PILE) == [2, 1]
    assert await found(pile=DC_PILE, gun=1) == [1]
    assert await found(since="2026-03-01T02:00:00Z", until="2026-03-01T03:00:00Z") == [2]
    assert await found(driver=driver.subentry_id) == [3, 1]
    assert await found(driver="nobody") == []
    answer = await ask(page, "sessions", limit=1)
    assert len(answer["sessions"]) == 1
    assert answer["sums"] == [
        {"pile": DC_PILE, "gun": 1, "sessions": 1, "energy": 2.0001, "amount": 3.0},
        {"pile": DC_PILE, "gun": 2, "sessions": 1, "energy": 2.0001, "amount": 3.0},
        {"pile": AC_PILE, "gun": 1, "sessions": 1, "energy": 2.0001, "amount": 3.0},
    ]
    session = answer["sessions"][0]
    assert CARD not in str(answer)
    assert (session["driver"], session["card"]) == ("Anna", f"****{CARD[-4:]}")
    assert await ask(page, "sessions", pile="xyz") == "invalid_format"


async def test_sums_of_today_and_this_month(
    hass: HomeAssistant, site: MockConfigEntry, page: MockHAClientWebSocket, freezer: Any
) -> None:
    """A session counts on the day and in the month in which it ended, as Home Assistant's clock has them."""
    freezer.move_to("2026-04-01T20:00:00Z")
    await hass.config.async_set_time_zone("Asia/Shanghai")
    march = 31 * 24
    await store(hass, march - 9)
    # The second of April begins at 16:00 UTC.
    await store(hass, march + 15)
    await store(hass, march + 17, gun=2)
    sums = await ask(page, "sums")
    assert [(each["gun"], each["sessions"]) for each in sums["today"]] == [(2, 1)]
    assert [(each["gun"], each["sessions"]) for each in sums["month"]] == [(1, 1), (2, 1)]


async def test_drivers(
    hass: HomeAssistant, driver: ConfigSubentry, page: MockHAClientWebSocket, visitors_page: MockHAClientWebSocket
) -> None:
    """Administrators see who may charge, with nobody's numbers in full; others do not."""
    (told,) = (await ask(page, "drivers"))["drivers"]
    assert told == {
        "id": driver.subentry_id,
        "name": "Anna",
        "card": f"****{CARD[-4:]}",
        "vin": "****3456",
        "account": "",
        "enabled": True,
        "piles": [DC_PILE],
        "listener": None,
        "balance": None,
        "available": None,
        "charge_limit": None,
        "offline": False,
        "offline_cards": [],
    }
    assert await ask(visitors_page, "drivers") == "unauthorized"
    assert await ask(visitors_page, "sessions", driver=driver.subentry_id) == "unauthorized"


async def test_a_driver_belongs_to_a_listener(
    hass: HomeAssistant,
    driver: ConfigSubentry,
    site: MockConfigEntry,
    page: MockHAClientWebSocket,
    unused_tcp_port_factory: Callable[[], int],
) -> None:
    """Where there are several listeners, a driver's own is told: elsewhere the driver may not charge."""
    await set_up(hass, listener_entry(unused_tcp_port_factory()))
    (told,) = (await ask(page, "drivers"))["drivers"]
    assert told["listener"] == site.title


async def test_who_charged_is_for_administrators(
    hass: HomeAssistant, driver: ConfigSubentry, visitors_page: MockHAClientWebSocket
) -> None:
    """Everybody may see what was charged, not by whom."""
    await store(hass, 1)
    (session,) = (await ask(visitors_page, "sessions"))["sessions"]
    assert session["energy"] == 2.0001
    assert not {"driver", "card", "vin"} & session.keys()


async def test_guns_that_a_user_may_not_see(
    hass: HomeAssistant,
    site: MockConfigEntry,
    hass_read_only_user: MockUser,
    visitors_page: MockHAClientWebSocket,
    pile: VirtualPile,
) -> None:
    """Who may read one gun's entities sees that gun alone, and its sessions."""
    hass_read_only_user.groups[:] = []
    hass_read_only_user.mock_policy(
        {"entities": {"entity_ids": {entity_id(hass, "sensor", "status", gun=2): {POLICY_READ: True}}}}
    )
    await store(hass, 1, gun=1)
    await store(hass, 2, gun=2)
    overview = await follow(visitors_page)
    guns = [(pile["code"], gun["number"]) for pile in overview["listeners"][0]["piles"] for gun in pile["guns"]]
    assert guns == [(DC_PILE, 2)]
    sessions = (await ask(visitors_page, "sessions"))["sessions"]
    assert [session["gun"] for session in sessions] == [2]
    assert (await ask(visitors_page, "sessions", pile=DC_PILE, gun=1))["sessions"] == []
    await pile.plug(1)
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "plugged")
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=1))
    await hass.async_block_till_done()
    await pile.plug(2)
    (told,) = await news(visitors_page)
    assert [gun["number"] for gun in told["guns"]] == [2]


async def test_table(
    hass: HomeAssistant, site: MockConfigEntry, driver: ConfigSubentry, hass_client: ClientSessionGenerator
) -> None:
    """The table to download is the one that the action writes, of what the filter fits."""
    await store(hass, 1)
    await store(hass, 2, gun=2, booking=Booking(driver=driver.subentry_id, name="Anna"))
    client = await hass_client()
    response = await client.get(TABLE, params={"pile": DC_PILE, "gun": "2", "driver": driver.subentry_id})
    assert response.status == HTTPStatus.OK
    assert response.headers["Content-Disposition"].startswith('attachment; filename="sessions_')
    body = await response.read()
    assert body.startswith(b"\xef\xbb\xbfEnded,Started,")
    rows = body.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert f"\t{2:032}" in rows[1]
    for wrong in ({"gun": "many"}, {"since": "0001-01-01T00:00:00+14:00"}, {"until": "9999-12-31T23:59:59-12:00"}):
        assert (await client.get(TABLE, params=wrong)).status == HTTPStatus.BAD_REQUEST


async def test_table_is_for_administrators(
    hass: HomeAssistant, site: MockConfigEntry, hass_client: ClientSessionGenerator, hass_read_only_access_token: str
) -> None:
    """It has all numbers in full."""
    client = await hass_client(hass_read_only_access_token)
    assert (await client.get(TABLE)).status == HTTPStatus.UNAUTHORIZED
    await wait_for(lambda: hass.states.get(entity_id(hass, "sensor", "status", gun=1)))


async def test_limits_are_set(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, page: MockHAClientWebSocket
) -> None:
    """The limits of a gun are set and removed without an entity, and a charge shows those that hold for it."""
    await follow(page)

    async def told(key: str) -> Any:
        await page.send_json_auto_id({"type": f"{DOMAIN}/subscribe"})
        while "overview" not in (answer := await page.receive_json()).get("event", {}):
            pass
        return answer["event"]["overview"]["listeners"][0]["piles"][0]["guns"][0][key]

    none = {"energy": None, "amount": None, "minutes": None, "soc": None}
    assert await told("limits") == none
    await set_gun(page, limit_energy=20.5, limit_minutes=90)
    assert await told("limits") == {**none, "energy": 20.5, "minutes": 90}
    await pile.plug(1)
    await hass.services.async_call(
        DOMAIN,
        "start_charging",
        {"limit_soc": 80, "limit_minutes": 0},
        target={"device_id": device_id(hass, site, gun=1)},
        blocking=True,
    )
    assert await told("charge_limits") == {**none, "energy": 20.5, "soc": 80}
    await set_gun(page, limit_energy=0)
    assert await told("limits") == {**none, "minutes": 90}
    assert await told("charge_limits") == {**none, "soc": 80}
    await hass.services.async_call(
        DOMAIN, "stop_charging", {}, target={"device_id": device_id(hass, site, gun=1)}, blocking=True
    )


async def set_gun(page: MockHAClientWebSocket, pile: str = DC_PILE, **fields: Any) -> Any:
    """Set something of the first gun; return the error, None where it was set."""
    await page.send_json_auto_id({"type": f"{DOMAIN}/set_gun", "pile": pile, "gun": 1, **fields})
    while (answer := await page.receive_json())["type"] != "result":
        pass
    return answer.get("error")


async def test_a_limit_that_was_reached_is_told(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, page: MockHAClientWebSocket
) -> None:
    """Which limit ended a charge is with the gun, with its last session, and in the history."""
    await set_gun(page, limit_energy=0.05)
    await pile.plug(1)
    await hass.services.async_call(
        DOMAIN, "start_charging", {}, target={"device_id": device_id(hass, site, gun=1)}, blocking=True
    )
    await wait_for(lambda: site.runtime_data.piles and _gun(site).last_session is not None)
    gun = (await follow(page))["listeners"][0]["piles"][0]["guns"][0]
    assert (gun["limit_reached"], gun["last_session"]["limit"]) == ("energy", "energy")
    (session,) = (await ask_through_news(page, "sessions"))["sessions"]
    assert session["limit"] == "energy"


def _gun(site: MockConfigEntry) -> Any:
    return next(iter(site.runtime_data.piles.values())).data.guns[1]


async def ask_through_news(page: MockHAClientWebSocket, command: str) -> Any:
    """Send a command on a connection that is told news, too."""
    await page.send_json_auto_id({"type": f"{DOMAIN}/{command}"})
    while (answer := await page.receive_json())["type"] != "result":
        pass
    return answer["result"]


async def test_starting_when_plugged_is_set(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, page: MockHAClientWebSocket
) -> None:
    """It is turned on without an entity, and the page tells what a vehicle waits for."""
    await set_gun(page, start_when_plugged=True, start_period="valley")
    gun = (await follow(page))["listeners"][0]["piles"][0]["guns"][0]
    start = gun["plug_start"]
    assert (start["enabled"], start["period"]) == (True, "valley")
    await pile.plug(1)
    while start["progress"] != "waiting" or start["reason"] != "no_period":
        (told,) = await news(page)
        for each in told["guns"]:
            start = each["plug_start"]


async def test_what_may_not_be_set(
    hass: HomeAssistant,
    site: MockConfigEntry,
    hass_read_only_user: MockUser,
    page: MockHAClientWebSocket,
    visitors_page: MockHAClientWebSocket,
) -> None:
    """A user sets what the entities would let that user set; what a gun cannot know is refused in words."""
    for fields in ({"limit_energy": 1}, {"start_when_plugged": True}, {"start_period": "flat"}):
        assert (await set_gun(visitors_page, **fields))["code"] == "unauthorized"
    assert not (await follow(visitors_page))["listeners"][0]["piles"][0]["guns"][0]["may_control"]
    assert (await follow(page))["listeners"][0]["piles"][0]["guns"][0]["may_control"]
    assert (await set_gun(page, pile="32019900000001", limit_energy=1))["code"] == "unauthorized"
    error = await set_gun(page, pile=AC_PILE, limit_soc=80)
    assert (error["code"], error["translation_key"]) == ("home_assistant_error", "no_state_of_charge")
    assert (await set_gun(page, limit_energy=1001))["code"] == "invalid_format"
    assert (await set_gun(page, start_period="dawn"))["code"] == "invalid_format"
    hass_read_only_user.groups[:] = []
    limit = er.async_get(hass).async_get_entity_id("number", DOMAIN, f"{DC_PILE}_1_limit_energy")
    hass_read_only_user.mock_policy({"entities": {"entity_ids": {limit: True}}})
    assert await set_gun(visitors_page, limit_energy=5) is None
    assert (await set_gun(visitors_page, limit_energy=5, limit_minutes=5))["code"] == "unauthorized"
