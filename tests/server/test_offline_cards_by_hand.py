"""Offline cards that a person adds, removes and looks for (8.11 to 8.16)."""

import asyncio
from dataclasses import replace

import pytest

from custom_components.ykc.protocol import OfflineCardsAdd, OfflineCardsQuery, OfflineCardsRemove
from custom_components.ykc.server.errors import NoReply, OfflineCardBarred, PileOffline

from .cards import ANNA, BEN, CARD, LOGICAL, SOON, crowd, drop_cards, find_cards, let_in, settled, states, take_cards
from .conftest import MakeHouse
from .house import House, hurried
from .peer import CODE

GUEST = "00000000000c0ffe"


@pytest.fixture
async def house(make_house: MakeHouse) -> House:
    """Give a listener that tells changes of drivers at once."""
    return await make_house(SOON)


async def test_added_by_hand_stays(house: House) -> None:
    """No synchronisation takes it away: not when drivers change, not after a login, not after a restart."""
    pile, peer = await house.online()
    adding = asyncio.create_task(pile.offline_cards.add({GUEST: LOGICAL}))
    (card,) = await take_cards(peer)
    assert (card.card, card.logical_card) == (GUEST, LOGICAL)
    assert await adding == {GUEST: "stored"}
    let_in(house, ANNA)
    assert [card.card for card in await take_cards(peer)] == [CARD]
    let_in(house)
    assert await drop_cards(peer) == [CARD]
    await settled(house, "in_step")
    restarted = await house.restart()
    _, peer = await restarted.online()
    # A pile that lost it gets it again.
    assert await find_cards(peer, without=[GUEST]) == [GUEST]
    assert [card.card for card in await take_cards(peer)] == [GUEST]
    await settled(restarted, "in_step")


async def test_removed_by_hand(house: House) -> None:
    """What was added by hand goes by hand."""
    pile, peer = await house.online()
    adding = asyncio.create_task(pile.offline_cards.add({GUEST: LOGICAL}))
    await take_cards(peer)
    await adding
    removing = asyncio.create_task(pile.offline_cards.remove([GUEST]))
    assert await drop_cards(peer) == [GUEST]
    assert await removing == {GUEST: "removed"}
    assert states(house) == {}


async def test_a_marked_drivers_card_removed_by_hand_stays_away(house: House) -> None:
    """Until it is added by hand, or its driver is marked anew."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    await take_cards(peer)
    removing = asyncio.create_task(pile.offline_cards.remove([CARD]))
    await drop_cards(peer)
    assert await removing == {CARD: "removed"}
    let_in(house, replace(ANNA, name="Anna B."))
    await peer.silence()
    await peer.hang_up()
    _, peer = await house.online()
    await peer.silence()
    assert pile.state.offline_cards.status == "in_step"
    let_in(house, replace(ANNA, offline=False))
    let_in(house, ANNA)
    assert [card.card for card in await take_cards(peer)] == [CARD]


async def test_a_marked_drivers_card_added_again_by_hand(house: House) -> None:
    """The last word counts."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    await take_cards(peer)
    removing = asyncio.create_task(pile.offline_cards.remove([CARD]))
    await drop_cards(peer)
    await removing
    adding = asyncio.create_task(pile.offline_cards.add({CARD: LOGICAL}))
    await take_cards(peer)
    assert await adding == {CARD: "stored"}
    # It is there by hand now: no mark is needed.
    let_in(house, replace(ANNA, offline=False))
    await peer.silence()


async def test_a_driver_who_may_not_charge(house: House) -> None:
    """A card that is lost is added by nobody, and taken away although it was added by hand."""
    let_in(house, replace(BEN, enabled=False), replace(ANNA, offline=False))
    pile, peer = await house.online()
    with pytest.raises(OfflineCardBarred) as error:
        await pile.offline_cards.add({CARD: LOGICAL, BEN.card or "": LOGICAL})
    assert error.value.placeholders == {"pile": CODE, "driver": "Ben"}
    await peer.silence()
    adding = asyncio.create_task(pile.offline_cards.add({CARD: LOGICAL}))
    await take_cards(peer)
    await adding
    let_in(house, replace(ANNA, offline=False, enabled=False))
    assert await drop_cards(peer) == [CARD]
    await settled(house, "in_step")


async def test_what_is_refused_is_not_kept(house: House) -> None:
    """A pile's refusal is the answer for each card, and the end of it."""
    pile, peer = await house.online()
    adding = asyncio.create_task(pile.offline_cards.add({GUEST: LOGICAL, CARD: LOGICAL}))
    await take_cards(peer, refuse=[GUEST])
    await take_cards(peer, refuse=[GUEST])
    await take_cards(peer, refuse=[GUEST])
    assert await adding == {GUEST: "bad_card_number", CARD: "stored"}
    assert states(house) == {CARD: "stored"}
    adding = asyncio.create_task(pile.offline_cards.add({GUEST: LOGICAL}))
    await take_cards(peer, reason=2)
    assert await adding == {GUEST: "no_space"}
    assert pile.state.offline_cards.status == "in_step"


async def test_no_answer(make_house: MakeHouse) -> None:
    """Who waited is told; what was wanted is sent again after the next login."""
    house = await make_house(hurried(command=0.05))
    pile, peer = await house.online()
    with pytest.raises(NoReply):
        await pile.offline_cards.add({GUEST: LOGICAL})
    await peer.expect(OfflineCardsAdd)
    assert pile.state.offline_cards.status == "pending"
    await peer.hang_up()
    _, peer = await house.online()
    assert [card.card for card in await take_cards(peer)] == [GUEST]
    await settled(house, "in_step")
    with pytest.raises(NoReply):
        await pile.offline_cards.remove([GUEST])
    await peer.expect(OfflineCardsRemove)
    await peer.hang_up()
    _, peer = await house.online()
    assert await drop_cards(peer) == [GUEST]


async def test_no_answer_for_some(make_house: MakeHouse) -> None:
    """What was answered is told, and which cards were not."""
    house = await make_house(hurried(command=0.2))
    pile, peer = await house.online()
    cards = {driver.card or "": driver.logical_card for driver in crowd(40)}
    adding = asyncio.create_task(pile.offline_cards.add(cards))
    stored = {card.card for card in await take_cards(peer)}
    await peer.expect(OfflineCardsAdd)
    assert await adding == {card: "stored" if card in stored else "no_reply" for card in cards}


async def test_query(house: House) -> None:
    """It asks for what is named, else for all the pile is to have, and what is missing is given."""
    let_in(house, ANNA, BEN)
    pile, peer = await house.online()
    await take_cards(peer)
    asking = asyncio.create_task(pile.offline_cards.query([GUEST, CARD]))
    assert await find_cards(peer, without=[GUEST]) == [GUEST, CARD]
    assert await asking == {GUEST: "missing", CARD: "stored"}
    asking = asyncio.create_task(pile.offline_cards.query())
    assert await find_cards(peer, without=[CARD]) == [CARD, BEN.card]
    assert await asking == {CARD: "missing", BEN.card: "stored"}
    assert [card.card for card in await take_cards(peer)] == [CARD]
    await settled(house, "in_step")


async def test_query_of_forty(house: House) -> None:
    """It is cut as the specification has it; a pile that has none is asked nothing."""
    pile, peer = await house.online()
    assert await pile.offline_cards.query() == {}
    cards = [driver.card or "" for driver in crowd(40)]
    asking = asyncio.create_task(pile.offline_cards.query(cards))
    assert [len(await find_cards(peer)) for _ in range(2)] == [26, 14]
    assert await asking == dict.fromkeys(cards, "stored")
    assert states(house) == {}


async def test_offline(house: House) -> None:
    """A pile without a connection is told nothing, and nothing is kept for it."""
    pile = await house.approve()
    with pytest.raises(PileOffline):
        await pile.offline_cards.add({GUEST: LOGICAL})
    with pytest.raises(PileOffline):
        await pile.offline_cards.remove([GUEST])
    with pytest.raises(PileOffline):
        await pile.offline_cards.query([GUEST])
    _, peer = await house.online()
    await peer.silence()


async def test_the_connection_is_lost_meanwhile(house: House) -> None:
    """Who waits is told so."""
    pile, peer = await house.online()
    asking = asyncio.create_task(pile.offline_cards.query([GUEST]))
    await peer.expect(OfflineCardsQuery)
    await peer.hang_up()
    with pytest.raises(PileOffline):
        await asking
