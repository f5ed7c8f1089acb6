"""What was acknowledged is in the ledger once, whenever the server is killed."""

from pathlib import Path

from tests.server.durability import kill_repeatedly, seed_of_today

ROUNDS = 200


async def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Every bill with a 0x40 is stored once, every other one comes again and then is; the totals are equal."""
    tally = await kill_repeatedly(tmp_path / "ledger.db", ROUNDS, seed_of_today())
    assert tally.rounds == ROUNDS
    # It was about something: bills were stored, and bills were lost on the way.
    assert tally.listening > ROUNDS / 2
    assert 0 < tally.acknowledged <= tally.sent
    assert tally.repeats
