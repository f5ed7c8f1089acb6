"""Working parameters: sent when they changed and after each login, and true once confirmed."""

import asyncio

import pytest

from custom_components.ykc.protocol import CommandResult, TimeSync, WorkParameters, WorkParametersReply, WorkState
from custom_components.ykc.server.errors import NoReply, ParametersRefused, PileOffline
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.settings import PileSettings, WorkingParameters
from custom_components.ykc.server.state import PileInfo

from .conftest import MakeHouse
from .house import House, eventually, hurried
from .peer import CODE, Peer

HALF = WorkingParameters(max_power=50)


def setting(pile: Pile, **wish: object) -> asyncio.Task[None]:
    """Ask for parameters, and go on."""
    return asyncio.create_task(pile.parameters.set(**wish))  # type: ignore[arg-type] # each test says what


async def take(peer: Peer, *, locked: int = WorkState.ALLOWED, max_power: int = 100, ok: bool = True) -> None:
    """Expect a 0x52 and answer it."""
    await peer.expect(WorkParameters, pile=CODE, locked=locked, max_power=max_power)
    result = CommandResult.OK if ok else CommandResult.FAILED
    peer.send(WorkParametersReply(pile=CODE, result=result))


async def test_nothing_is_sent_that_nobody_chose(house: House) -> None:
    """A pile keeps what its installer set until a person chooses."""
    pile, peer = await house.online()
    await peer.silence()
    assert pile.state.parameters is None
    assert pile.state.desired_parameters is None


async def test_confirmed(house: House) -> None:
    """A change is wished at once, and so once the pile said so."""
    pile, peer = await house.online()
    asked = setting(pile, max_power=50)
    await peer.expect(WorkParameters, locked=WorkState.ALLOWED, max_power=50)
    assert (pile.state.parameters, pile.state.desired_parameters) == (None, HALF)
    peer.send(WorkParametersReply(pile=CODE, result=CommandResult.OK))
    await asked
    assert pile.state.parameters == HALF
    await pile.parameters.set(max_power=50, in_service=True)
    await peer.silence()


async def test_changes_of_a_minute_are_sent_together(make_house: MakeHouse) -> None:
    """The first goes out at once, the rest as one when it may."""
    house = await make_house(hurried(parameters=0.3))
    pile, peer = await house.online()
    first = setting(pile, max_power=50)
    await take(peer, max_power=50)
    await first
    rest = [setting(pile, max_power=60), setting(pile, in_service=False), setting(pile, max_power=40)]
    await peer.silence()
    assert pile.state.parameters == HALF
    await take(peer, locked=WorkState.OUT_OF_USE, max_power=40)
    await asyncio.gather(*rest)
    assert pile.state.parameters == WorkingParameters(in_service=False, max_power=40)
    await peer.silence(0.4)


async def test_taken_back_in_time(make_house: MakeHouse) -> None:
    """A change that is taken back before it could be sent is not."""
    house = await make_house(hurried(parameters=0.3))
    pile, peer = await house.online()
    first = setting(pile, max_power=50)
    await take(peer, max_power=50)
    await first
    await asyncio.gather(setting(pile, max_power=60), setting(pile, max_power=50))
    await peer.silence()
    assert pile.state.parameters == pile.state.desired_parameters == HALF


async def test_changed_while_the_answer_is_awaited(make_house: MakeHouse) -> None:
    """What comes after the frame went out is another one."""
    house = await make_house(hurried(parameters=0.1))
    pile, peer = await house.online()
    first = setting(pile, max_power=50)
    await peer.expect(WorkParameters, max_power=50)
    second = setting(pile, max_power=60)
    await asyncio.sleep(0)
    peer.send(WorkParametersReply(pile=CODE, result=CommandResult.OK))
    await first
    await take(peer, max_power=60)
    await second
    assert pile.state.parameters == WorkingParameters(max_power=60)


async def test_refused(make_house: MakeHouse) -> None:
    """What the pile does not take is not wished any longer."""
    house = await make_house(hurried(parameters=0.05))
    pile, peer = await house.online()
    first = setting(pile, max_power=50)
    await take(peer, max_power=50)
    await first
    second = setting(pile, max_power=30)
    await take(peer, max_power=30, ok=False)
    with pytest.raises(ParametersRefused) as error:
        await second
    assert error.value.placeholders == {"pile": CODE}
    assert pile.state.parameters == pile.state.desired_parameters == HALF
    await peer.silence()


async def test_not_answered(make_house: MakeHouse) -> None:
    """What is not answered stays wished, and is sent after the next login."""
    house = await make_house(hurried(command=0.1, parameters=0.1))
    pile, peer = await house.online()
    with pytest.raises(NoReply):
        await pile.parameters.set(max_power=50)
    assert pile.state.parameters is None
    assert pile.state.desired_parameters == HALF
    again = await house.dial()
    await again.log_in()
    await take(again, max_power=50)
    await eventually(lambda: pile.state.parameters == HALF)


async def test_after_each_login(make_house: MakeHouse) -> None:
    """Some piles forget them; but not twice in a minute."""
    house = await make_house(hurried(parameters=0.4))
    pile = await house.listener.add_pile(PileInfo(code=CODE, gun_count=2), PileSettings(parameters=HALF))
    assert pile.state.desired_parameters == HALF
    peer = await (await house.dial()).log_in()
    await take(peer, max_power=50)
    await eventually(lambda: pile.state.parameters == HALF)
    peer = await (await house.dial()).log_in()
    assert pile.state.parameters == HALF
    await peer.silence()
    # A person who asks for what is already on its way waits for it.
    asked = setting(pile, max_power=50)
    await take(peer, max_power=50)
    await asked
    await peer.silence(0.5)


async def test_refused_after_a_login(make_house: MakeHouse) -> None:
    """Then nobody knows what the pile has; it is asked for again at its next login."""
    house = await make_house(hurried(parameters=0.05))
    pile = await house.listener.add_pile(PileInfo(code=CODE, gun_count=2), PileSettings(parameters=HALF))
    peer = await (await house.dial()).log_in()
    await take(peer, max_power=50)
    await eventually(lambda: pile.state.parameters == HALF)
    for _ in range(2):
        peer = await (await house.dial()).log_in()
        await take(peer, max_power=50, ok=False)
        await eventually(lambda: pile.state.parameters is None)
        assert pile.state.desired_parameters == HALF


async def test_not_again_daily(make_house: MakeHouse) -> None:
    """The clock is set daily; parameters that the pile has are not."""
    house = await make_house(hurried(clock=0.2, parameters=0.01))
    await house.listener.add_pile(PileInfo(code=CODE, gun_count=1), PileSettings(parameters=HALF))
    peer = await (await house.dial()).log_in(gun_count=1)
    await take(peer, max_power=50)
    await peer.greeted(1)
    assert isinstance(await peer.receive(), TimeSync)


async def test_offline(house: House) -> None:
    """Nothing is wished of a pile that is away."""
    pile = await house.approve()
    with pytest.raises(PileOffline):
        await pile.parameters.set(in_service=False)
    assert pile.state.desired_parameters is None


async def test_gone_while_it_waits(house: House) -> None:
    """Who waits for the minute to pass is told when the pile goes."""
    pile, peer = await house.online()
    first = setting(pile, max_power=50)
    await take(peer, max_power=50)
    await first
    waiting = setting(pile, max_power=60)
    await asyncio.sleep(0)
    await peer.hang_up()
    with pytest.raises(PileOffline):
        await waiting
    assert pile.state.desired_parameters == WorkingParameters(max_power=60)


async def test_closed_while_it_waits(house: House) -> None:
    """No timer outlives the pile."""
    pile, peer = await house.online()
    first = setting(pile, max_power=50)
    await take(peer, max_power=50)
    await first
    waiting = setting(pile, max_power=60)
    await asyncio.sleep(0)
    await house.listener.remove_pile(CODE)
    with pytest.raises(PileOffline):
        await waiting


@pytest.mark.parametrize("power", [29, 101])
async def test_what_the_wire_does_not_know(house: House, power: int) -> None:
    """Less than 30 % can't be said."""
    pile, _ = await house.online()
    with pytest.raises(ValueError):
        await pile.parameters.set(max_power=power)
