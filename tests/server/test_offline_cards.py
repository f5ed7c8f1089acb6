"""The pile's offline cards are kept in step with the drivers that are marked (8.11 to 8.16)."""

from dataclasses import replace

import pytest

from custom_components.ykc.protocol import OfflineCardsAdd, OfflineCardsQuery, OfflineCardsRemove, encode_frame
from custom_components.ykc.server.limits import MAX_CARD_SPLITS

from .cards import (
    ANNA,
    BEN,
    CARD,
    LOGICAL,
    SOON,
    crowd,
    drop_cards,
    find_cards,
    let_in,
    marked,
    settled,
    states,
    take_all,
    take_cards,
)
from .conftest import MakeHouse
from .house import House, eventually, hurried
from .peer import CODE


@pytest.fixture
async def house(make_house: MakeHouse) -> House:
    """Give a listener that tells changes of drivers at once."""
    return await make_house(SOON)


async def test_to_the_byte(house: House) -> None:
    """Cards go out after the login, and away when their driver may not charge any more, as the tables have it."""
    let_in(house, ANNA)
    pile, peer = await house.online()
    await peer.expect(OfflineCardsAdd, count=1)
    assert peer.frame.body.hex() == f"{CODE}01{LOGICAL}{CARD}"
    assert pile.state.offline_cards.status == "pending"
    peer.write(encode_frame(0x43, bytes.fromhex(f"{CODE}0100"), peer.frame.sequence))
    await settled(house, "in_step")
    (report,) = pile.state.offline_cards.cards
    assert (report.card, report.driver, report.state) == ("****0a54", "Anna", "stored")
    let_in(house, replace(ANNA, enabled=False))
    await peer.expect(OfflineCardsRemove, count=1)
    assert peer.frame.body.hex() == f"{CODE}01{CARD}"
    peer.write(encode_frame(0x45, bytes.fromhex(f"{CODE}{CARD}0100"), peer.frame.sequence))
    await eventually(lambda: states(house) == {})
    await settled(house, "in_step")
    assert pile.state.offline_cards.cards == ()
    await peer.silence()


async def test_who_is_not_meant(house: House) -> None:
    """Only cards that are marked, of drivers who may charge, at this pile."""
    let_in(
        house,
        replace(ANNA, offline=False),
        replace(BEN, enabled=False),
        replace(BEN, card="00" * 7 + "01", piles=frozenset({"32010200000002"})),
        replace(BEN, card=None, vin="LGXC16AF4K0123456"),
    )
    _, peer = await house.online()
    await peer.silence()
    let_in(house, replace(ANNA, piles=frozenset({CODE, "32010200000002"})))
    assert [card.card for card in await take_cards(peer)] == [CARD]


@pytest.mark.parametrize(
    ("changes", "removed", "added"),
    [
        ({"card": "00000000e14c0a54"}, [CARD], ["00000000e14c0a54"]),
        ({"logical_card": "0000000010000009"}, [], [CARD]),
        ({"piles": frozenset({"32010200000002"})}, [CARD], []),
        ({"offline": False}, [CARD], []),
        ({"name": "Anna B."}, [], []),
    ],
)
async def test_a_driver_is_edited(
    house: House, changes: dict[str, object], removed: list[str], added: list[str]
) -> None:
    """What a changed driver means for the pile, and no more, is told."""
    peer = await marked(house)
    let_in(house, replace(ANNA, **changes))  # type: ignore[arg-type]
    if removed:
        assert await drop_cards(peer) == removed
    if added:
        assert [card.card for card in await take_cards(peer)] == added
    await settled(house, "in_step")
    await peer.silence()


async def test_a_driver_is_deleted_while_the_pile_is_away(house: House) -> None:
    """It is told after its next login."""
    peer = await marked(house)
    await peer.hang_up()
    let_in(house)
    assert house.listener.piles[CODE].state.offline_cards.status == "pending"
    _, peer = await house.online()
    assert await drop_cards(peer) == [CARD]
    await settled(house, "in_step")


async def test_changes_are_told_together(make_house: MakeHouse) -> None:
    """Who adds several drivers one after the other causes one command."""
    house = await make_house(hurried(offline_cards=0.1))
    _, peer = await house.online()
    let_in(house, ANNA)
    let_in(house, ANNA, BEN)
    assert len(await take_cards(peer)) == 2
    await peer.silence()


async def test_forty_cards(house: House) -> None:
    """Lists are cut into what a frame and its reply can hold; each is one command."""
    let_in(house, *crowd(40))
    _, peer = await house.online()
    assert [len(await take_cards(peer)) for _ in range(3)] == [15, 15, 10]
    await settled(house, "in_step")
    assert house.listener.piles[CODE].state.offline_cards.stored == 40
    let_in(house)
    assert [len(await drop_cards(peer)) for _ in range(2)] == [24, 16]
    await settled(house, "in_step")
    assert states(house) == {}


async def test_a_restart_sends_nothing_again(house: House) -> None:
    """What the pile confirmed is in the ledger; after a restart it is only asked whether it still has the cards."""
    await marked(house, 40)
    restarted = await house.restart()
    let_in(restarted, *crowd(40))
    _, peer = await restarted.online()
    assert len(await find_cards(peer)) == 26
    await settled(restarted, "in_step")
    await peer.silence()


async def test_a_pile_that_was_replaced(house: House) -> None:
    """A pile that has not the cards it had is asked for all of them, and given those that are missing."""
    peer = await marked(house, 40)
    cards = [driver.card or "" for driver in crowd(40)]
    await peer.hang_up()
    restarted = await house.restart()
    let_in(restarted, *crowd(40))
    _, peer = await restarted.online()
    assert await find_cards(peer, without=cards) == cards[:26]
    assert await find_cards(peer, without=cards[30:]) == cards[26:]
    given = [card.card for _ in range(3) for card in await take_cards(peer)]
    assert sorted(given) == sorted(cards[:26] + cards[30:])
    await settled(restarted, "in_step")


async def test_a_short_absence_needs_no_question(house: House) -> None:
    """It is the same pile that is back after some seconds."""
    peer = await marked(house)
    await peer.hang_up()
    _, peer = await house.online()
    await peer.silence()


async def test_a_long_absence_does(make_house: MakeHouse) -> None:
    """Another pile may have been put in its place, and a reset one has no cards."""
    house = await make_house(hurried(offline_cards=0.02, short_absence=0.01))
    peer = await marked(house)
    await peer.hang_up()
    await eventually(lambda: not house.listener.piles[CODE].state.online)
    _, peer = await house.online()
    assert await find_cards(peer, without=[CARD]) == [CARD]
    assert [card.card for card in await take_cards(peer)] == [CARD]
    await settled(house, "in_step")


async def test_a_pile_that_knows_no_query(make_house: MakeHouse) -> None:
    """Without an answer to 0x48 what was confirmed counts, and what changed is told."""
    house = await make_house(hurried(offline_cards=0.02, background=0.05, short_absence=0.01))
    peer = await marked(house)
    await peer.hang_up()
    await eventually(lambda: not house.listener.piles[CODE].state.online)
    let_in(house, ANNA, BEN)
    _, peer = await house.online()
    await peer.expect(OfflineCardsQuery)
    assert [card.card for card in await take_cards(peer)] == [BEN.card]


async def test_a_bad_card_among_forty(house: House) -> None:
    """The 0x43 speaks for the whole list: it is halved until the bad card is found; the others are stored."""
    let_in(house, *crowd(40))
    pile, peer = await house.online()
    bad = [f"{7:016x}", f"{8:016x}", f"{33:016x}"]
    assert await take_all(house, peer, "problem", refuse=bad) <= 25
    assert {card: state for card, state in states(house).items() if state != "stored"} == dict.fromkeys(
        bad, "bad_card_number"
    )
    assert [report.state for report in pile.state.offline_cards.cards[:4]] == ["bad_card_number"] * 3 + ["stored"]
    # It would say so again: nothing more is sent, now and after the next login.
    let_in(house, *crowd(40))
    await peer.silence()
    await peer.hang_up()
    _, peer = await house.online()
    await peer.silence()
    # The driver gets another card.
    others = [driver for driver in crowd(40) if driver.card not in bad]
    let_in(house, *others, BEN)
    assert sorted(await drop_cards(peer, keep=bad)) == bad
    assert sorted(await find_cards(peer, without=bad)) == bad
    assert [card.card for card in await take_cards(peer)] == [BEN.card]
    await settled(house, "in_step")


async def test_a_pile_that_refuses_everything(house: House) -> None:
    """The search for bad cards has an end."""
    let_in(house, *crowd(150))
    pile, peer = await house.online()
    assert await take_all(house, peer, "problem", reason=9) == 10 + 2 * MAX_CARD_SPLITS
    assert {report.state for report in pile.state.offline_cards.cards} == {"refused"}


async def test_no_space(house: House) -> None:
    """The pile is filled, no more is sent, and that is told; it is tried again after each login and each removal."""
    let_in(house, *crowd(40))
    pile, peer = await house.online()
    no_room = [f"{n:016x}" for n in range(19, 41)]
    # 15 fit, 15 do not, nor do 7, 3 do, 4 do not, nor do 2, nor does 1.
    assert await take_all(house, peer, "problem", refuse=no_room, reason=2) == 7
    await peer.silence()
    assert pile.state.offline_cards.stored == 18
    assert sum(report.state == "no_space" for report in pile.state.offline_cards.cards) == 22
    await peer.hang_up()
    _, peer = await house.online()
    for cards in (15, 7, 3, 1):
        assert len(await take_cards(peer, reason=2)) == cards
    await settled(house, "problem")
    let_in(house, *crowd(19))
    assert len(await drop_cards(peer)) == 21
    assert [card.card for card in await take_cards(peer)] == [f"{19:016x}"]
    await settled(house, "in_step")


async def test_a_pile_that_knows_no_removal(make_house: MakeHouse) -> None:
    """It is given new cards all the same."""
    house = await make_house(hurried(background=0.2, offline_cards=0.02))
    peer = await marked(house)
    let_in(house, BEN)
    await peer.expect(OfflineCardsRemove)
    assert [card.card for card in await take_cards(peer)] == [BEN.card]
    await settled(house, "pending")
    assert states(house) == {CARD: "no_reply", BEN.card: "stored"}


async def test_no_answer(make_house: MakeHouse) -> None:
    """What was not answered stays pending, is not repeated on this connection, and is sent after the next login."""
    house = await make_house(hurried(background=0.05, offline_cards=0.02))
    let_in(house, ANNA)
    pile, peer = await house.online()
    await peer.expect(OfflineCardsAdd)
    await eventually(lambda: states(house) == {CARD: "no_reply"})
    await settled(house, "pending")
    # Something else was changed.
    let_in(house, ANNA)
    await peer.silence()
    assert pile.state.connected
    await peer.hang_up()
    _, peer = await house.online()
    assert [card.card for card in await take_cards(peer)] == [CARD]
    await settled(house, "in_step")


async def test_a_disconnect_in_the_middle(house: House) -> None:
    """What was confirmed is; the list under way and what is behind it are sent again."""
    let_in(house, *crowd(40))
    _, peer = await house.online()
    first = await take_cards(peer)
    await peer.expect(OfflineCardsAdd)
    await peer.hang_up()
    await settled(house, "pending")
    _, peer = await house.online()
    rest = [card.card for _ in range(2) for card in await take_cards(peer)]
    assert not {card.card for card in first} & set(rest)
    await settled(house, "in_step")


async def test_killed_in_the_middle(house: House) -> None:
    """No card is in a pile that the ledger does not know of: it is written down before it is sent."""
    let_in(house, ANNA)
    _, peer = await house.online()
    await peer.expect(OfflineCardsAdd)
    after = await house.killed()
    assert states(after) == {CARD: "no_reply"}
    _, peer = await after.online()
    # Nobody is marked any more.
    assert await drop_cards(peer) == [CARD]
    await eventually(lambda: states(after) == {})


async def test_a_removal_without_an_answer(make_house: MakeHouse) -> None:
    """A card whose removal was not answered may be gone: should it be wanted again, it is sent again."""
    house = await make_house(hurried(background=0.05, offline_cards=0.02))
    peer = await marked(house)
    let_in(house)
    await peer.expect(OfflineCardsRemove)
    await settled(house, "pending")
    let_in(house, ANNA)
    assert [card.card for card in await take_cards(peer)] == [CARD]
    await settled(house, "in_step")


async def test_a_full_disk(house: House) -> None:
    """The pile gets its cards all the same; that they could not be written down is noted."""
    let_in(house, ANNA)
    house.disk.fails.add("transact")
    _, peer = await house.online()
    await take_cards(peer)
    await settled(house, "in_step")
    assert house.counts["ledger"]
