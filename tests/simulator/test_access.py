"""Drivers who ask at the pile: 0x31, and what a pile makes of 0x32."""

import pytest

from simulator import VirtualPile
from simulator.actions import ACTIONS, BadWords
from simulator.console import Console

from .conftest import CARD, PILE, TRANSACTION, MakePile
from .raw_platform import RawPlatform

VIN = "LSVAM4187C2184841"
DIGEST = b"49ba59abbe56e057"
"""Of 123456."""
NOTHING = "00" * 16


def answer(gun: str = "01", *, reason: int = 0, balance: int = 100_00) -> str:
    """Make the body of 0x32."""
    return (
        (NOTHING if reason else TRANSACTION)
        + PILE
        + gun
        + "0000001000000573"
        + balance.to_bytes(4, "little").hex()
        + f"{int(not reason):02x}{reason:02x}"
    )


async def test_card(platform: RawPlatform, pile: VirtualPile) -> None:
    """A card is sent as it is, and charges under the number that it is given."""
    await pile.plug(1)
    assert await Console({PILE: pile}).do("card 1 D14B0A54") == "ok"
    (raw,) = await platform.wait(0x31)
    assert raw.body.hex() == PILE + "01" + "01" + "00" + CARD + NOTHING + "00" * 17
    platform.send(0x32, answer())
    await pile.wait_for(lambda: pile.gun(1).charging)
    charge = pile.gun(1).charge
    assert charge is not None
    assert (charge.order.transaction, charge.order.card, charge.order.started_by) == (TRANSACTION, CARD, 2)
    assert pile.complaints == []


async def test_account_and_vin(platform: RawPlatform, pile: VirtualPile) -> None:
    """A password goes as its digest, a VIN back to front."""
    console = Console({PILE: pile})
    assert await console.do("account 1 13800138000 123456") == "ok"
    assert await console.do(f"vin 2 {VIN}") == "ok"
    account, vin = await platform.wait(0x31, 2)
    assert account.body.hex() == PILE + "01" + "02" + "01" + "0000013800138000" + DIGEST.hex() + "00" * 17
    assert vin.body.hex() == PILE + "02" + "03" + "00" + "00" * 8 + NOTHING + VIN[::-1].encode().hex()


async def test_refused(platform: RawPlatform, pile: VirtualPile) -> None:
    """Who is refused does not charge, and an answer that nobody waits for is noticed."""
    await pile.plug(1)
    await pile.show_card(1, CARD)
    await platform.wait(0x31)
    platform.send(0x32, answer(reason=1))
    await pile.wait_for(lambda: pile.gun(1).asking is None)
    assert pile.idle
    platform.send(0x32, answer())
    await pile.wait_for(lambda: pile.complaints)
    assert pile.idle


async def test_no_car(platform: RawPlatform, pile: VirtualPile) -> None:
    """What is authorised and cannot begin does not."""
    await pile.show_card(1, CARD)
    await platform.wait(0x31)
    platform.send(0x32, answer())
    await pile.wait_for(lambda: pile.gun(1).asking is None)
    assert pile.idle
    assert pile.complaints == []


async def test_no_answer(platform: RawPlatform, pile: VirtualPile) -> None:
    """Nobody waits for ever."""
    await pile.show_card(1, CARD)
    assert pile.gun(1).asking is not None
    await pile.wait_for(lambda: pile.gun(1).asking is None)


async def test_odd_firmware(platform: RawPlatform, make_pile: MakePile) -> None:
    """Some firmware reverses the card's bytes, some asks twice."""
    pile = await make_pile()
    pile.behaviour.reversed_cards = True
    pile.behaviour.start_request_copies = 2
    await pile.show_card(1, CARD)
    first, second = await platform.wait(0x31, 2)
    assert first.body == second.body
    assert first.text(10, 8) == "540a4bd100000000"


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("card", {"gun": "1", "card": "xyz"}),
        ("card", {"gun": "1"}),
        ("vin", {"gun": "1", "vin": "123"}),
        ("account", {"gun": "1", "account": "1"}),
    ],
)
async def test_bad_words(pile: VirtualPile, word: str, words: dict[str, str]) -> None:
    """What is no card and no VIN is said."""
    with pytest.raises(BadWords):
        ACTIONS[word].bind(words, pile)
