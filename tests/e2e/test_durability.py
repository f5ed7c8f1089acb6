"""What was acknowledged is in the ledger once, whenever Home Assistant is killed."""

from pathlib import Path

from tests.server.durability import seed_of_today

from .killing import kill_hass_repeatedly

ROUNDS = 3


async def test_killed_while_piles_charge_and_bill(tmp_path: Path) -> None:
    """Every bill with a 0x40 is stored once, every other one comes again and then is; the totals are equal."""
    tally = await kill_hass_repeatedly(tmp_path, ROUNDS, seed_of_today())
    assert tally.rounds == ROUNDS
    assert tally.starting < ROUNDS
    assert 0 < tally.acknowledged <= tally.sent
    assert tally.charges > 0
