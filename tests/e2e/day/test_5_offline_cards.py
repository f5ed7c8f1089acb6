"""Evening: cards that may charge while a pile has no connection."""

import pytest

from custom_components.ykc.protocol import Realtime, StartedBy
from simulator import Vehicle

from .day import PATIENCE, Day, plays

pytestmark = pytest.mark.asyncio(loop_scope="package")

CARD, OTHER_CARD = "00000000d14b0a57", "00000000d14b0a58"


async def asked(day: Day, action: str, **data: object) -> dict[str, str]:
    """Perform an action for offline cards at the pile, and return what it said of each card."""
    (answer,) = (await day.whole.act(action, returns=True, **data))["piles"]
    return {card["card"]: card["result"] for card in answer["cards"]}


@plays(0x43, 0x44, serves=("driver.user", "sensor.offline_cards", "ykc.add_offline_cards"))
@plays(0x47, 0x48, serves=("ykc.query_offline_cards",))
@plays(0x45, 0x46, serves=("ykc.remove_offline_cards",))
async def test_cards_in_the_memory_of_the_pile(day: Day) -> None:
    """A driver's card is kept in step by itself, another one by hand; the pile says what it has."""
    await day.add("driver", name="Carla", card=CARD, enabled=True, offline_use=True)
    await day.pile.wait_for(lambda: day.pile.offline_cards.keys() == {CARD}, PATIENCE)
    await day.whole.state("offline_cards", "in_step", seconds=PATIENCE)
    assert await asked(day, "add_offline_cards", cards=[OTHER_CARD]) == {OTHER_CARD: "stored"}
    assert await asked(day, "query_offline_cards") == {CARD: "stored", OTHER_CARD: "stored"}
    assert await asked(day, "remove_offline_cards", cards=[OTHER_CARD]) == {OTHER_CARD: "removed"}
    assert await asked(day, "query_offline_cards", cards=[OTHER_CARD]) == {OTHER_CARD: "missing"}
    assert day.pile.offline_cards.keys() == {CARD}
    await day.whole.state("offline_cards", "in_step", seconds=PATIENCE)


@plays(serves=("sensor.status", "sensor.last_session_energy", "ykc.get_sessions"))
async def test_a_charge_without_the_platform(day: Day) -> None:
    """It begins and ends while the network is lost; its reports and its bill come later, and no live state knows it."""
    pile = day.pile
    await day.plug(1, Vehicle())
    await day.gun(1).state("status", "plugged", seconds=PATIENCE)
    seen = day.home.states.record(await day.gun(1).id("status"))
    await pile.drop()
    await pile.show_card(1, CARD)
    await pile.wait_for(lambda: pile.gun(1).energy > 2, PATIENCE)
    await pile.stop_locally(1)
    await pile.wait_for(lambda: pile.gun(1).charge is None, PATIENCE)
    await pile.come_back()
    record = await day.billed(1, "stopped_manually")
    assert (record.started_by, record.card) == (StartedBy.OFFLINE_CARD, CARD)
    assert record.transaction in {report.transaction for report in pile.all_sent(Realtime)}
    session = await day.session(record)
    assert (session["origin"], session["card"], session["mismatches"]) == ("offline", CARD, [])
    assert "charging" not in seen
