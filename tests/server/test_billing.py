"""Billing models: given when they changed and the pile is idle, and records checked against them."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
import logging

import pytest

from custom_components.ykc.protocol import (
    BillingModelCheck,
    BillingModelCheckReply,
    BillingModelReply,
    BillingModelRequest,
    BillingModelSet,
    BillingModelSetReply,
    CommandResult,
    ModelCheck,
    PeriodEnergy,
)
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.settings import PileSettings
from custom_components.ykc.server.tariff import ModelState

from .conftest import MakeHouse
from .house import House, billing_model, charging, eventually, hurried
from .peer import CODE, Peer

NEW = billing_model("0101")


async def ask(peer: Peer, number: str, result: ModelCheck) -> None:
    """Ask whether a model is the right one."""
    peer.send(BillingModelCheck(pile=CODE, model=number))
    await peer.expect(BillingModelCheckReply, model=number, result=result)


async def fetch(peer: Peer, number: str) -> None:
    """Ask for the model."""
    peer.send(BillingModelRequest(pile=CODE))
    await peer.expect(BillingModelReply, model=number)


async def take(peer: Peer, number: str, *, ok: bool = True) -> None:
    """Expect a model that was not asked for, and answer it."""
    given = await peer.expect(BillingModelSet, pile=CODE, model=number, sharp_energy_price=Decimal("1.5"))
    assert given.periods[11:13] == (3, 1)
    result = CommandResult.OK if ok else CommandResult.FAILED
    peer.send(BillingModelSetReply(pile=CODE, result=result))


async def becomes(pile: Pile, state: ModelState) -> None:
    """Wait until it is shown."""
    await eventually(lambda: pile.state.billing_model is state)


@pytest.fixture
async def house(make_house: MakeHouse) -> House:
    """Give a listener that waits for no pile's question."""
    return await make_house(hurried(model=0.05))


async def test_asked_for(make_house: MakeHouse) -> None:
    """A pile that asks has it once it said the number, or was given it."""
    house = await make_house()
    pile, peer = await house.online()
    await becomes(pile, ModelState.UNKNOWN)
    await ask(peer, "0099", ModelCheck.DIFFERS)
    await becomes(pile, ModelState.PENDING)
    await fetch(peer, "0100")
    await becomes(pile, ModelState.IN_FORCE)
    await ask(peer, "0100", ModelCheck.SAME)
    await becomes(pile, ModelState.IN_FORCE)
    await peer.silence()


async def test_not_asked_for(house: House) -> None:
    """A pile that does not ask is given it, once."""
    pile, peer = await house.online()
    await take(peer, "0100")
    await becomes(pile, ModelState.IN_FORCE)
    await peer.silence()


async def test_changed(house: House) -> None:
    """A changed model is given at once to an idle pile: the listener's, or one of its own."""
    pile, peer = await house.online()
    await take(peer, "0100")
    await becomes(pile, ModelState.IN_FORCE)
    house.listener.apply(replace(house.settings, billing_model=NEW))
    assert pile.state.billing_model is ModelState.PENDING
    await take(peer, "0101")
    await becomes(pile, ModelState.IN_FORCE)
    pile.apply(PileSettings(billing_model=billing_model("5000")))
    await take(peer, "5000")
    await becomes(pile, ModelState.IN_FORCE)
    house.listener.apply(replace(house.settings, billing_model=billing_model("0102")))
    await peer.silence()
    pile.apply(PileSettings())
    await take(peer, "0102")


@pytest.mark.parametrize("fetches", [True, False])
async def test_changed_after_it_has_asked(make_house: MakeHouse, fetches: bool) -> None:
    """Who has asked, and so has the model, is given a changed one at once, also right after the login."""
    house = await make_house()
    pile, peer = await house.online()
    await ask(peer, "0099" if fetches else "0100", ModelCheck.DIFFERS if fetches else ModelCheck.SAME)
    if fetches:
        await fetch(peer, "0100")
    await becomes(pile, ModelState.IN_FORCE)
    house.listener.apply(replace(house.settings, billing_model=NEW))
    await take(peer, "0101")
    await becomes(pile, ModelState.IN_FORCE)


async def test_not_in_a_charge(house: House) -> None:
    """A charge is billed as it began; after it the pile is given the new model."""
    pile, peer = await house.online()
    await take(peer, "0100")
    transaction = await charging(pile, peer)
    house.listener.apply(replace(house.settings, billing_model=NEW))
    await ask(peer, "0100", ModelCheck.SAME)
    await peer.silence()
    assert pile.state.billing_model is ModelState.PENDING
    peer.send(peer.report())
    await take(peer, "0101")
    await becomes(pile, ModelState.IN_FORCE)
    assert transaction


async def test_refused(house: House) -> None:
    """It is not given again before the next login or change."""
    pile, peer = await house.online()
    await take(peer, "0100", ok=False)
    await becomes(pile, ModelState.REFUSED)
    peer.send(peer.report(voltage=1))
    await peer.silence()
    house.listener.apply(replace(house.settings, billing_model=NEW))
    await take(peer, "0101", ok=False)
    await becomes(pile, ModelState.REFUSED)
    _, peer = await house.online()
    await take(peer, "0101")
    await becomes(pile, ModelState.IN_FORCE)


async def test_not_answered(make_house: MakeHouse) -> None:
    """It stays pending, and is given after the next login."""
    house = await make_house(hurried(model=0.05, command=0.1))
    pile, peer = await house.online()
    await peer.expect(BillingModelSet)
    await peer.silence()
    assert pile.state.billing_model is ModelState.PENDING
    _, peer = await house.online()
    await take(peer, "0100")
    await becomes(pile, ModelState.IN_FORCE)


async def test_changed_while_the_answer_is_awaited(house: House) -> None:
    """What was taken is not what is wanted by then; that follows."""
    pile, peer = await house.online()
    await peer.expect(BillingModelSet, model="0100")
    house.listener.apply(replace(house.settings, billing_model=NEW))
    peer.send(BillingModelSetReply(pile=CODE, result=CommandResult.OK))
    await take(peer, "0101")
    await becomes(pile, ModelState.IN_FORCE)


async def test_changed_while_it_was_away(house: House) -> None:
    """The pile asks with the old number, and fetches the new one by itself."""
    pile, peer = await house.online()
    await take(peer, "0100")
    await becomes(pile, ModelState.IN_FORCE)
    await peer.hang_up()
    await eventually(lambda: not pile.state.connected)
    house.listener.apply(replace(house.settings, billing_model=NEW))
    peer = await house.dial()
    peer.send(peer.login(), BillingModelCheck(pile=CODE, model="0100"), BillingModelRequest(pile=CODE))
    while not isinstance(await peer.receive(), BillingModelReply):
        pass
    await becomes(pile, ModelState.IN_FORCE)


def billed(energy: str, amount: str) -> PeriodEnergy:
    """Return one period of a record."""
    return PeriodEnergy(price=Decimal(0), energy=Decimal(energy), energy_with_loss=Decimal(0), amount=Decimal(amount))


NOTHING = billed("0", "0")
EXACT = (NOTHING, billed("10.0001", "13.0001"), NOTHING, billed("0.3333", "0.1333"))
"""At 1.3 and 0.4 CNY/kWh."""


@pytest.mark.parametrize(
    ("periods", "mismatch"),
    [
        (EXACT, False),
        # One unit in each period, up or down, is how the pile rounds.
        ((billed("0", "0.0001"), billed("10.0001", "13.0002"), NOTHING, billed("0.3333", "0.1332")), False),
        ((NOTHING, billed("10.0001", "13.0003"), NOTHING, NOTHING), True),
        ((NOTHING, NOTHING, NOTHING, billed("0.3333", "0.1331")), True),
        ((*EXACT, billed("0", "0")), False),
        ((*EXACT, billed("1", "0.2")), True),
    ],
)
async def test_a_bill(
    house: House, caplog: pytest.LogCaptureFixture, periods: tuple[PeriodEnergy, ...], mismatch: bool
) -> None:
    """Amounts by period are checked to the unit, and a difference is shown and logged."""
    caplog.set_level(logging.WARNING)
    pile, peer = await house.online()
    await take(peer, "0100")
    await becomes(pile, ModelState.IN_FORCE)
    assert house.gun().bill_mismatch is None
    now = datetime(2026, 3, 1, 12, 0)
    house.now = house.now.replace(hour=5)
    await peer.bill(peer.record("9" * 32, periods=periods, start=now, end=now.replace(minute=30)))
    await eventually(lambda: house.gun().bill_mismatch is not None)
    assert house.gun().bill_mismatch is mismatch
    assert ("billed other costs than model 0100" in caplog.text) is mismatch


def checked(pile: Pile, mismatch: bool | None) -> bool:
    """Whether that is what is known of the newest bill."""
    return pile.state.guns[1].bill_mismatch is mismatch


async def test_a_bill_of_another_time(house: House) -> None:
    """What was charged before the model was known, or over a change of it, can't be checked."""
    pile, peer = await house.online()
    await take(peer, "0100")
    await becomes(pile, ModelState.IN_FORCE)
    noon = datetime(2026, 3, 1, 12, 0)
    house.now = house.now.replace(hour=6)
    house.listener.apply(replace(house.settings, billing_model=NEW))
    await take(peer, "0101")
    await becomes(pile, ModelState.IN_FORCE)
    house.now = house.now.replace(hour=8)
    for number, start, end, known in (
        ("7", noon.replace(hour=11), noon.replace(hour=13), False),
        ("8", noon, noon.replace(hour=13), True),
        ("6", noon.replace(hour=13), noon.replace(hour=15), False),
        ("5", noon.replace(hour=15), noon.replace(hour=16), True),
        ("4", None, None, False),
    ):
        await peer.bill(peer.record(number * 32, periods=EXACT, start=start, end=end))
        mismatch = False if known else None
        await eventually(partial(checked, pile, mismatch))
