"""Starts that are called off, lose their connection or are not written down."""

import asyncio

import pytest

from custom_components.ykc.protocol import LoginReply, ReadRealtime
from custom_components.ykc.server import charges as charges_module, ledger as ledger_module
from custom_components.ykc.server.errors import LedgerFailed, PileOffline
from custom_components.ykc.server.state import GunStatus
from tests.server.house import House, accepted, eventually, hold_pace, requested, starting


async def test_a_start_that_is_called_off_runs_its_course(house: House) -> None:
    """A start that is called off runs its course."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    task.cancel()
    await asyncio.sleep(0)
    peer.answer_start(start)
    peer.send(peer.report(start.transaction, "1"))
    await eventually(lambda: house.gun().status is GunStatus.CHARGING)


@pytest.mark.parametrize("call", ["draw_counter", "open_order"])
async def test_a_start_that_is_called_off_before_it_is_sent_leaves_no_order(house: House, call: str) -> None:
    """A start that is called off before it is sent leaves no order."""
    pile, peer = await house.online()
    house.disk.hold(call)
    task = starting(pile)
    await eventually(lambda: call in house.disk.calls)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    house.disk.release()
    await eventually(lambda: not pile._tasks - {pile._greeting})
    assert house.rows("SELECT phase, outcome FROM orders") == [("closed", "no_reply")] * (call == "open_order")
    assert house.gun().status is GunStatus.IDLE
    await accepted(pile, peer)


async def test_a_start_that_is_called_off_while_the_line_is_paced(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start that is called off while the line is paced."""
    pile, peer = await house.online()
    paced = hold_pace(pile, monkeypatch)
    task = starting(pile)
    await eventually(lambda: pile.guns[1].orders)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not pile.guns[1].orders
    paced.set()
    await accepted(pile, peer)


async def test_a_start_while_the_connection_is_lost(house: House) -> None:
    """A start while the connection is lost."""
    pile, peer = await house.online()
    house.disk.hold()
    task = starting(pile)
    await eventually(pile.line.held.locked)
    await peer.hang_up()
    await eventually(lambda: not pile.state.connected)
    house.disk.release()
    with pytest.raises(PileOffline):
        await task
    await eventually(lambda: house.rows("SELECT phase, outcome FROM orders") == [("closed", "no_reply")])
    _, peer = await house.online()
    await peer.silence()


async def test_a_start_whose_connection_is_lost_before_the_answer(house: House) -> None:
    """A start whose connection is lost before the answer."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    await peer.vanish()
    with pytest.raises(PileOffline):
        await task
    # Whoever asked was told that it failed: the pile must not charge.
    peer = await house.dial()
    peer.send(peer.login())
    await peer.expect(LoginReply)
    await peer.answer_clock()
    await peer.expect(ReadRealtime, gun=1)
    peer.send(peer.report(start.transaction, "1"))
    await peer.answer_stop()
    await peer.expect(ReadRealtime, gun=2)


async def test_an_answer_and_the_end_of_the_connection_at_once(house: House) -> None:
    """An answer and the end of the connection at once."""
    pile, peer = await house.online()
    task, start = await requested(pile, peer)
    peer.answer_start(start)
    await peer.hang_up()
    assert (await task).outcome == "started"
    peer = await house.dial()
    peer.send(peer.login())
    await peer.expect(LoginReply)
    await peer.greeted(gun_1=peer.report(start.transaction, "1"))
    await eventually(lambda: house.gun().status is GunStatus.CHARGING)
    await peer.silence()


async def test_a_start_that_is_not_written_down_is_not_sent(house: House) -> None:
    """A start that is not written down is not sent."""
    pile, peer = await house.online()
    for call in ("draw_counter", "open_order"):
        house.disk.fails = {call}
        with pytest.raises(LedgerFailed) as error:
            await pile.start_charging(1)
        assert error.value.placeholders == {"error": "database or disk is full"}
    await peer.silence()
    assert house.gun().status is GunStatus.IDLE
    house.disk.fails = set()
    await accepted(pile, peer)


async def test_a_number_that_was_given_before_is_not_given_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, and the counter begins anew."""
    pile, peer = await house.online()
    first = await accepted(pile, peer)
    monkeypatch.setattr(house.disk._file, "draw_counter", iter([1, 1, 2]).__next__)
    monkeypatch.setattr(ledger_module.Ledger, "draw_counter", _counter([int(first[-4:]), 4711]))
    second = await accepted(pile, peer, 2)
    assert second[-4:] == "4711" or second[:16] != first[:16]
    await peer.bill(peer.record(first))
    monkeypatch.setattr(ledger_module.Ledger, "draw_counter", _counter([int(first[-4:]), 4712]))
    assert (await accepted(pile, peer))[-4:] == "4712"
    monkeypatch.setattr(charges_module, "NUMBER_TRIES", 1)
    await peer.bill(peer.record(pile.guns[1].order.transaction))  # type: ignore[union-attr] # it is open
    monkeypatch.setattr(ledger_module.Ledger, "draw_counter", _counter([int(first[-4:])]))
    with pytest.raises(LedgerFailed):
        await pile.start_charging(1)


def _counter(numbers: list[int]) -> object:
    async def draw(*_: object) -> int:
        return numbers.pop(0)

    return draw
