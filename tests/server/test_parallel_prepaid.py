"""A prepaid driver who charges one car with several guns: the balance is shared."""

from decimal import Decimal

import pytest

from custom_components.ykc.protocol import ParallelStartRequestReply, StartDenial
from custom_components.ykc.server.errors import BalanceTooLow

from .house import House, eventually
from .parallel import asks, both_accepted, commanded, refused, reply, starting_both
from .test_access import CARD
from .test_prepaid import PAULA, figures, top_up
from .test_start_requests import let_in


async def test_from_here(house: House) -> None:
    """Both guns are told alike, together no more than there is, and each record frees what its gun reserved."""
    let_in(house, PAULA)
    pile, peer = await house.online()
    await top_up(house, "100.01")
    task = starting_both(pile, card=CARD)
    first = await commanded(peer, 1)
    peer.send(reply(first))
    second = await commanded(peer, 2)
    peer.send(reply(second))
    await task
    assert first.balance == second.balance == Decimal(50)
    assert (await figures(house))[1] <= Decimal("100.01")
    await peer.bill(peer.record(first.transaction, "5", "10", card=CARD))
    await peer.bill(peer.record(second.transaction, "5", "20.5", gun=2, card=CARD))
    assert await figures(house) == (Decimal("69.51"), Decimal(0))


async def test_limit_of_each_gun(house: House) -> None:
    """A balance that is named is for each gun."""
    let_in(house, PAULA)
    pile, peer = await house.online()
    await top_up(house, "100")
    await both_accepted(pile, peer, card=CARD, balance=Decimal(30))
    assert await figures(house) == (Decimal(100), Decimal(60))


async def test_too_little_for_two(house: House) -> None:
    """Where there is enough for one gun only, none starts, and nothing stays reserved."""
    let_in(house, PAULA)
    pile, peer = await house.online()
    await top_up(house, "1.5")
    with pytest.raises(BalanceTooLow):
        await pile.parallel.start((1, 2), card=CARD)
    await peer.silence()
    assert await figures(house) == (Decimal("1.5"), Decimal(0))


async def test_at_the_pile(house: House) -> None:
    """A card's balance is shared among the guns that may join; when the charge is refused it is free again."""
    let_in(house, PAULA)
    _, peer = await house.online()
    await top_up(house, "80")
    peer.send(asks(1), asks(2))
    for gun in (1, 2):
        await peer.expect(ParallelStartRequestReply, gun=gun, authorised=1, balance=Decimal(40))
    assert await figures(house) == (Decimal(80), Decimal(80))


async def test_too_little_at_the_pile(house: House) -> None:
    """Both guns are told that the balance is too low."""
    let_in(house, PAULA)
    _, peer = await house.online()
    await top_up(house, "1.5")
    peer.send(asks(1), asks(2))
    await refused(peer, 1, StartDenial.BALANCE_TOO_LOW)
    await refused(peer, 2, StartDenial.BALANCE_TOO_LOW)
    await eventually(lambda: house.rows("SELECT count(*) FROM orders WHERE reserved > 0") == [(0,)])
