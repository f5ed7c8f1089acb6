"""What piles answer to the commands about offline cards that is not quite what they were asked (8.12, 8.14, 8.16)."""

import pytest

from custom_components.ykc.protocol import (
    CardNumber,
    CardPresence,
    CardRemoval,
    OfflineCardsAddReply,
    OfflineCardsQuery,
    OfflineCardsQueryReply,
    OfflineCardsRemove,
    OfflineCardsRemoveReply,
    StartRequestReply,
    encode_frame,
)

from .cards import ANNA, BEN, CARD, SOON, drop_cards, find_cards, let_in, marked, settled, states, take_cards
from .conftest import MakeHouse
from .house import House, eventually
from .peer import CODE
from .test_access import request


@pytest.fixture
async def house(make_house: MakeHouse) -> House:
    """Give a listener that tells changes of drivers at once."""
    return await make_house(SOON)


@pytest.mark.parametrize("there", [True, False])
async def test_a_removal_that_is_refused(house: House, there: bool) -> None:
    """A pile may refuse since it has no such card: it is asked, and what it has stays a problem."""
    peer = await marked(house)
    let_in(house)
    await drop_cards(peer, keep=[CARD])
    await find_cards(peer, without=[] if there else [CARD])
    await settled(house, "problem" if there else "in_step")
    assert states(house) == ({CARD: "not_removed"} if there else {})


async def test_a_reply_that_lists_other_cards(house: House) -> None:
    """Cards that nobody asked about count for nothing; for the one that is not answered the pile is asked."""
    peer = await marked(house)
    let_in(house)
    await peer.expect(OfflineCardsRemove)
    other = CardRemoval(card=BEN.card or "", result=1, reason=0)
    peer.send(OfflineCardsRemoveReply(pile=CODE, cards=(other,)))
    await peer.expect(OfflineCardsQuery)
    peer.send(OfflineCardsQueryReply(pile=CODE, cards=(CardPresence(card=BEN.card or "", present=0),)))
    await settled(house, "pending")
    assert states(house) == {CARD: "no_reply"}
    assert house.counts["other_cards"] == 2
    assert house.listener.piles[CODE].state.connected


async def test_a_reply_as_in_the_sample(house: House) -> None:
    """The sample of 0x45 lacks the result of each card: what it means is asked."""
    peer = await marked(house)
    let_in(house)
    await peer.expect(OfflineCardsRemove)
    peer.write(encode_frame(0x45, bytes.fromhex(f"{CODE}{CARD}00")))
    await find_cards(peer, without=[CARD])
    await eventually(lambda: states(house) == {})


@pytest.mark.parametrize("count", [2, 10])
async def test_refusals_as_in_the_sample(house: House, count: int) -> None:
    """Without the results a list may look like one with fewer cards, and a refusal like a success: all are asked for."""
    peer = await marked(house, count)
    let_in(house)
    command = await peer.expect(OfflineCardsRemove)
    peer.write(encode_frame(0x45, bytes.fromhex(CODE + "".join(f"{item.card}01" for item in command.cards))))
    assert len(await find_cards(peer)) == count
    await settled(house, "problem")
    assert set(states(house).values()) == {"not_removed"}
    assert len(states(house)) == count


async def test_neither_there_nor_missing(house: House) -> None:
    """What the table has no word for is no answer."""
    peer = await marked(house)
    let_in(house)
    await drop_cards(peer, keep=[CARD])
    await peer.expect(OfflineCardsQuery)
    peer.write(encode_frame(0x47, bytes.fromhex(f"{CODE}{CARD}ff")))
    await settled(house, "problem")
    assert states(house) == {CARD: "not_removed"}


async def test_success_in_the_tables_other_word(house: House) -> None:
    """The first item of the table calls the reason 2 success."""
    peer = await marked(house)
    let_in(house)
    await peer.expect(OfflineCardsRemove, cards=(CardNumber(card=CARD),))
    peer.write(encode_frame(0x45, bytes.fromhex(f"{CODE}{CARD}0002")))
    await eventually(lambda: states(house) == {})


async def test_a_reply_in_reverse(house: House) -> None:
    """Some firmware answers with the card's bytes in reverse."""
    peer = await marked(house)
    let_in(house)
    await peer.expect(OfflineCardsRemove)
    peer.write(encode_frame(0x45, bytes.fromhex(f"{CODE}00000000540a4bd10100")))
    await eventually(lambda: states(house) == {})
    assert not house.counts["other_cards"]


@pytest.mark.parametrize("turned", ["540a4bd100000000", "00000000540a4bd1"])
async def test_a_pile_that_writes_cards_in_reverse(house: House, turned: str) -> None:
    """A pile that showed a driver's card in reverse compares it with what it has in reverse, too."""
    peer = await marked(house)
    let_in(house, ANNA, BEN)
    await take_cards(peer)
    # It is known by its card, and refused at once for want of a password.
    peer.send(request(number=turned, password_needed=1))
    await peer.expect(StartRequestReply, authorised=0)
    assert sorted(await drop_cards(peer)) == [CARD, BEN.card]
    assert {card.card for card in await take_cards(peer)} == {turned, turned.replace("d1", "e1").replace("4b", "4c")}
    await settled(house, "in_step")
    # It is known after a restart, and the next card is sent so at once.
    restarted = await house.restart()
    let_in(restarted, ANNA)
    _, peer = await restarted.online()
    assert await find_cards(peer) == [turned]
    assert await drop_cards(peer) == [turned.replace("d1", "e1").replace("4b", "4c")]


async def test_a_reply_that_nobody_awaits(house: House) -> None:
    """It changes nothing."""
    peer = await marked(house)
    peer.send(OfflineCardsAddReply(pile=CODE, result=0, reason=2), OfflineCardsRemoveReply(pile=CODE, cards=()))
    peer.send(peer.heartbeat())
    await peer.receive()
    assert house.listener.piles[CODE].state.offline_cards.status == "in_step"
