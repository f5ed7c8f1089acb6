"""Login, billing model and heartbeats, byte by byte."""

import asyncio

from simulator import ModelQuestion

from .conftest import PILE, MakePile
from .raw_platform import PRICES, RawPlatform, billing_model

SAME, DIFFERS = 0, 1


async def test_power_up(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check the login's bytes and what follows it, in the order of chapter 5.1."""
    pile = await make_pile()
    await platform.wait(0x03, 2)
    await platform.wait(0x13, 2)
    login = platform.all(0x01)[0]
    assert login.body.hex() == PILE + "00" + "02" + "10" + b"V1.6.0\0\0".hex() + "01" + "00" * 10 + "04"
    assert login.sequence == b"\0\0"
    assert platform.all(0x05)[0].body.hex() == PILE + "0000"
    assert platform.all(0x09)[0].body.hex() == PILE
    kinds = [raw.kind for raw in platform.frames]
    assert kinds[:5] == [0x01, 0x05, 0x09, 0x13, 0x13]
    assert [raw.sequence[0] for raw in platform.frames[:5]] == [0, 1, 2, 3, 4]
    assert pile.complaints == []


async def test_idle_report(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check the bytes of an idle gun's 0x13: zeros wherever the specification asks for them."""
    await make_pile()
    report = (await platform.wait(0x13))[0]
    assert report.body.hex() == "00" * 16 + PILE + "01" + "02" + "01" + "00" + "00" * 33


async def test_ac_login(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that an AC pile says so, and that its guns have no holster that notices them."""
    await make_pile(pile_type="ac", guns=1)
    assert platform.all(0x01)[0].body[7:9] == b"\x01\x01"
    assert (await platform.wait(0x13))[0].body[25] == 2


async def test_tariff(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that the pile takes over what 0x0A says."""
    pile = await make_pile()
    assert pile.tariff is not None
    assert pile.tariff.prices == tuple(round((energy + service) * 100_000) for energy, service in PRICES)
    assert pile.tariff.model == "0100"


async def test_heartbeats(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that every gun beats every ten seconds of the pile, and that a fault shows."""
    pile = await make_pile()
    loop = asyncio.get_running_loop()
    await platform.wait(0x03, 2)
    begin = loop.time()
    beats = await platform.wait(0x03, 10)
    assert 0.3 < loop.time() - begin < 2.0
    assert [raw.body.hex() for raw in beats[:4]] == [PILE + "0100", PILE + "0200"] * 2
    await pile.fault(2, 1)
    await platform.wait(0x03, 1, lambda raw: raw.body.hex() == PILE + "0201")


async def test_unanswered_heartbeats(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that the fourth unanswered heartbeat of one gun is the last, and the pile dials in again."""
    pile = await make_pile()
    platform.mute.add(0x03)
    await pile.wait_for(lambda: not pile.online)
    assert pile.unanswered_beats == {1: 4, 2: 4}
    platform.mute.clear()
    await platform.wait(0x01, 2)
    await pile.wait_ready()
    assert platform.connections == 2


async def test_silent(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that a silent pile stays connected and beats again when it is told to."""
    pile = await make_pile()
    await platform.wait(0x03, 2)
    pile.silent()
    beats = len(platform.all(0x03))
    await pile.plug(1)
    await asyncio.sleep(0.3)
    assert len(platform.all(0x03)) == beats
    pile.silent(False)
    await platform.wait(0x03, beats + 1)


async def test_login_is_repeated(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that three logins go unanswered on one connection before the pile drops it and dials again."""
    platform.mute.add(0x01)
    await make_pile(ready=False)
    await platform.wait(0x01, 4)
    assert [raw.connection for raw in platform.all(0x01)] == [1, 1, 1, 2]


async def test_login_refused(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that a refused pile calls again and is let in as soon as somebody approves it."""
    platform.login_result = 1
    pile = await make_pile(ready=False)
    await platform.wait(0x01, 2)
    assert not pile.online
    platform.login_result = 0
    await pile.wait_ready()


async def test_nobody_there(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that a pile keeps dialling until there is a platform."""
    await platform.close()
    pile = await make_pile(ready=False)
    async with platform:
        await pile.wait_ready()


async def test_stuttered_login(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that logins can come in bursts."""
    pile = await make_pile(ready=False)
    await pile.wait_ready()
    pile.behaviour.login_copies = 3
    await pile.drop()
    await pile.come_back()
    await pile.wait_ready()
    assert len(platform.all(0x01, lambda raw: raw.connection == 2)) == 3


async def test_known_model(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that after a return the pile names its model, and asks for no other when it has the right one."""
    pile = await make_pile()
    platform.model_result = SAME
    await pile.drop()
    await pile.come_back()
    await pile.wait_ready()
    again = platform.all(0x05, lambda raw: raw.connection == 2)
    assert [raw.body.hex() for raw in again] == [PILE + "0100"]
    assert len(platform.all(0x09)) == 1


async def test_model_is_asked_for_until_it_comes(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that the pile asks on, and lives without a model meanwhile."""
    platform.mute.add(0x09)
    pile = await make_pile()
    await platform.wait(0x09, 3)
    await platform.wait(0x03)
    assert pile.tariff is None
    platform.mute.clear()
    await pile.wait_for(lambda: pile.tariff)


async def test_questions(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check the firmware that asks otherwise than the specification."""
    platform.model_result = SAME
    expected = {
        ModelQuestion.CHECK_FIRST: [0x05],
        ModelQuestion.CHECK_PER_GUN: [0x05, 0x05],
        ModelQuestion.REQUEST_ONLY: [0x09],
        ModelQuestion.REQUEST_ANYWAY: [0x05, 0x09],
    }
    pile = await make_pile()
    for question, kinds in expected.items():
        pile.behaviour.model_question = question
        await pile.drop()
        before = len(platform.frames)
        await pile.come_back()
        await pile.wait_ready()
        assert [raw.kind for raw in platform.frames[before:] if raw.kind in (0x05, 0x09)] == kinds, question


async def test_new_model(platform: RawPlatform, make_pile: MakePile) -> None:
    """Check that 'differs' brings a new model."""
    pile = await make_pile()
    platform.model = billing_model("0200")
    platform.model_result = DIFFERS
    await pile.drop()
    await pile.come_back()
    await pile.wait_ready()
    assert pile.tariff is not None
    assert pile.tariff.model == "0200"
