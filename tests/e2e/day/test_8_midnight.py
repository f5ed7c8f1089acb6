"""Midnight: nothing was left out, nothing is lost, and nobody complained."""

import pytest

from custom_components.ykc.protocol import MESSAGES
from simulator.gun import Gun

from .day import GUNS, PATIENCE, Day, plays
from .test_7_maintenance import SOURCE

pytestmark = pytest.mark.asyncio(loop_scope="package")


NEW_METER = Gun(1, max_power=0, holster=True).meter_kwh
"""What the meter of a gun shows that never charged."""


async def test_every_frame_went_over_the_wire(day: Day) -> None:
    """All of the specification's, in both directions; Home Assistant told them all to who listens, but no secret."""
    wanted = {f"0x{message.TYPE:02X}" for message in MESSAGES.values() if message.SECTION}
    assert wanted - {f"0x{frame_type:02X}" for frame_type in day.frames()} == set()
    assert wanted - {frame["type"] for frame in day.heard} == set()
    assert SOURCE["password"] not in str(day.heard)


@plays(serves=("ykc.get_sessions", "ykc.get_totals", "sensor.total_energy"))
async def test_every_bill_is_in_the_ledger_as_the_pile_made_it(day: Day) -> None:
    """Session by session, gun by gun and in all, to the last digit."""
    pile = day.pile
    records = {record.transaction: record for record in pile.records.acknowledged}
    assert (pile.records.open, pile.records.given_up) == ({}, [])
    sessions = await day.sessions()
    billed = {number: session for number, session in sessions.items() if session["state"] == "settled"}
    assert {number: (session["energy"], session["amount"]) for number, session in billed.items()} == {
        number: (float(record.energy), float(record.amount)) for number, record in records.items()
    }
    others = [sessions[number] for number in sessions.keys() - billed.keys()]
    assert [(session["stop_reason"], session["energy"]) for session in others] == [("cancelled", 0)]
    for number in range(1, GUNS + 1):
        energy = sum(record.energy for record in records.values() if int(record.gun) == number)
        assert pile.gun(number).meter_kwh - NEW_METER == energy
        await day.gun(number).number("total_energy", float(energy), PATIENCE)
    totals = (await day.act("get_totals", returns=True))["totals"]
    assert sum(month["sessions"] for month in totals) == len(records)
    for what in ("energy", "amount"):
        in_all = float(sum(getattr(record, what) for record in records.values()))
        assert sum(month[what] for month in totals) == pytest.approx(in_all, abs=1e-6)
    await day.gun(1).state("bill_mismatch", "off", "binary_sensor", PATIENCE)


async def test_nobody_complained(day: Day) -> None:
    """Neither a strict firmware nor Home Assistant's log; what was refused was the user's to read."""
    assert (day.pile.complaints, day.pile.overlaps) == ([], 0)
    warnings = [
        line
        for line in day.home.hass.child.log.read_text(encoding="utf-8").splitlines()
        if "ykc" in line and (" WARNING " in line or " ERROR " in line)
    ]
    assert [
        line for line in warnings if not any(text in line for text in (*day.home.expected, "it is not approved"))
    ] == []
