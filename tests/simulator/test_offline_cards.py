"""The virtual pile's offline cards, and the charges that they begin without a platform (5.4, 8.11 to 8.16)."""

from custom_components.ykc.protocol import Heartbeat, Login, Realtime, StartedBy, StartRequest, TransactionRecord
from simulator import VirtualPile
from simulator.actions import ACTIONS, perform

from .conftest import CARD, PILE, MakePile
from .raw_platform import RawPlatform

LOGICAL = "0000000010000001"
OTHER_CARD = "00000000e14c0a54"


async def hold(pile: VirtualPile, card: str, gun: int = 1) -> None:
    """Hold a card to the reader, in words as a script has them."""
    action = ACTIONS["card"]
    await perform(action, pile, action.bind({"gun": str(gun), "card": card}, pile))


async def test_a_card_that_exists_is_overwritten(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a full memory takes another logical number for a card that it has."""
    pile.behaviour.card_space = 1
    platform.send(0x44, PILE + "01" + LOGICAL + CARD)
    platform.send(0x44, PILE + "01" + "0000000010000009" + CARD)
    replies = await platform.wait(0x43, 2)
    assert [reply.body[7:].hex() for reply in replies] == ["0100", "0100"]
    assert pile.offline_cards == {CARD: "0000000010000009"}


async def test_bad_cards(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that one bad number fails a whole list."""
    pile.behaviour.bad_cards = {OTHER_CARD}
    platform.send(0x44, PILE + "02" + LOGICAL + CARD + LOGICAL + OTHER_CARD)
    (reply,) = await platform.wait(0x43)
    assert reply.body[7:].hex() == "0001"
    assert pile.offline_cards == {}


async def test_a_pile_that_keeps_cards(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a card may stay although it was to be removed, and a reply name cards that nobody asked about."""
    pile.offline_cards[CARD] = LOGICAL
    pile.behaviour.keeps_cards = True
    platform.send(0x46, PILE + "01" + CARD)
    (reply,) = await platform.wait(0x45)
    assert reply.body[7:].hex() == CARD + "0001"
    assert CARD in pile.offline_cards
    pile.behaviour.answers_other_cards = True
    platform.send(0x48, PILE + "01" + CARD)
    (found,) = await platform.wait(0x47)
    assert found.body[7:].hex() == "00000000deadbeef" + "01"


async def test_a_charge_offline(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a card in memory charges without a platform, and what is sent afterwards, in which order."""
    pile.offline_cards[CARD] = LOGICAL
    await pile.plug(1)
    await pile.drop()
    await hold(pile, CARD)
    await pile.wait_for(lambda: pile.gun(1).charging)
    charge = pile.gun(1).charge
    assert charge is not None
    number = charge.order.transaction
    assert number.startswith(PILE + "01" + f"{charge.started:%y%m%d%H%M}")
    assert number.endswith("0001")
    await pile.wait_for(lambda: pile.gun(1).energy > 1)
    await pile.stop_locally(1)
    await pile.wait_for(lambda: pile.records.open)
    pile.sent.clear()
    await pile.come_back()
    await pile.wait_ready()
    await pile.wait_for(lambda: pile.all_sent(Heartbeat))
    sent = [message for message in pile.sent if isinstance(message, Login | Realtime | TransactionRecord | Heartbeat)]
    record = next(message for message in sent if isinstance(message, TransactionRecord))
    assert (record.transaction, record.started_by, record.card) == (number, StartedBy.OFFLINE_CARD, CARD)
    before = sent[: sent.index(record)]
    assert isinstance(before[0], Login)
    stored = [message for message in before[1:] if isinstance(message, Realtime)]
    assert stored == before[1:]
    assert {report.transaction for report in stored} == {number}
    assert not pile.all_sent(StartRequest)


async def test_a_charge_that_outlasts_the_absence(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that it goes on under its number when the platform is back."""
    pile.offline_cards[CARD] = LOGICAL
    await pile.plug(1)
    await pile.drop()
    await hold(pile, CARD)
    await pile.wait_for(lambda: pile.gun(1).charging)
    await pile.come_back()
    await pile.wait_ready()
    report = await pile.next_sent(Realtime, lambda report: report.gun == 1)
    charge = pile.gun(1).charge
    assert charge is not None
    assert report.transaction == charge.order.transaction
    assert charge.order.card == CARD


async def test_a_card_that_is_not_in_memory(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that it is refused offline, as are accounts and cars."""
    pile.offline_cards[CARD] = LOGICAL
    await pile.plug(1)
    await pile.drop()
    await hold(pile, OTHER_CARD)
    await pile.type_account(1, CARD, "secret")
    await pile.show_vin(1, "LGXC16AF4K0123456")
    assert pile.gun(1).charge is None


async def test_what_else_keeps_an_offline_charge_from_beginning(make_pile: MakePile, platform: RawPlatform) -> None:
    """Check that a card in memory needs a car and a gun without a fault, too."""
    pile = await make_pile()
    pile.offline_cards[CARD] = LOGICAL
    await pile.drop()
    await hold(pile, CARD)
    assert pile.gun(1).charge is None
    await pile.plug(2)
    await pile.fault(2, 1)
    await hold(pile, CARD, gun=2)
    assert pile.gun(2).charge is None


async def test_cards_in_reverse(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that firmware which turns cards round compares them so, too."""
    pile.behaviour.reversed_cards = True
    pile.offline_cards[bytes.fromhex(CARD)[::-1].hex()] = LOGICAL
    await pile.plug(1)
    await pile.drop()
    await hold(pile, CARD)
    await pile.wait_for(lambda: pile.gun(1).charging)


async def test_reset(platform: RawPlatform, pile: VirtualPile) -> None:
    """Check that a reset forgets the cards, and the mains do not."""
    pile.offline_cards[CARD] = LOGICAL
    await pile.power_cycle(1)
    assert CARD in pile.offline_cards
    action = ACTIONS["reset"]
    await perform(action, pile, action.bind({}, pile))
    assert pile.offline_cards == {}
