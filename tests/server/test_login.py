"""Who is let in, and what becomes of the connection that was there before."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from custom_components.ykc.protocol import (
    BillingModelCheck,
    BillingModelCheckReply,
    BillingModelReply,
    BillingModelRequest,
    HeartbeatReply,
    LoginReply,
    LoginResult,
    ReadRealtime,
    TimeSync,
    encode_frame,
)
from custom_components.ykc.server.limits import MAX_HARDWARE_CHANGES
from custom_components.ykc.server.listener import ListenerSettings
from custom_components.ykc.server.state import GunStatus, PileInfo
from tests.server.conftest import MakeHouse
from tests.server.house import SHANGHAI, House, billing_model, charging, eventually, hurried, requested
from tests.server.peer import CODE

OTHER = "32010200000002"


async def test_a_pile_that_is_not_approved_is_refused_reported_and_closed(house: House) -> None:
    """A pile that is not approved is refused reported and closed."""
    peer = await house.dial()
    peer.send(peer.login(pile_type=1, gun_count=1), sequence=b"\xab\xcd")
    await peer.expect(LoginReply, pile=CODE, result=LoginResult.REFUSED)
    assert peer.frame.sequence == b"\xab\xcd"
    assert await peer.closed() == []
    (stranger,) = house.strangers
    assert stranger.address == "127.0.0.1"
    assert stranger.info.code == CODE
    assert stranger.info.pile_type == "ac"
    assert stranger.info.gun_count == 1
    assert stranger.info.protocol_version == "1.6"
    assert stranger.info.software_version == "V1.0"


async def test_approving_lets_a_pile_in_at_its_next_login(house: House) -> None:
    """Approving lets a pile in at its next login."""
    _, other = await house.online(OTHER)
    peer = await house.dial()
    peer.send(peer.login())
    await peer.closed()
    pile = await house.approve()
    assert pile.state.guns[1].status is GunStatus.OFFLINE
    await house.online()
    assert pile.state.connected
    assert pile.state.online
    assert pile.state.address == "127.0.0.1"
    other.send(other.heartbeat())
    await other.expect(HeartbeatReply)


async def test_what_a_login_says_is_known(house: House) -> None:
    """What a login says is known."""
    pile, _ = await house.online(
        network=4, operator=0xFF, sim="89860452161970107196", software_version="", gun_count=1, pile_type=1
    )
    assert pile.state.info == PileInfo(
        code=CODE,
        pile_type="ac",
        gun_count=1,
        protocol_version="1.6",
        software_version=None,
        network="4",
        operator="255",
        sim="89860452161970107196",
    )


async def test_a_repeated_login_is_answered_each_time_and_changes_nothing(house: House) -> None:
    """A repeated login is answered each time and changes nothing."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    before = pile.state
    for _ in range(3):
        peer.send(peer.login())
        await peer.expect(LoginReply, result=LoginResult.OK)
    assert pile.state == before
    await peer.silence()
    await peer.bill(peer.record(transaction))


async def test_a_repeated_login_may_say_something_new(house: House) -> None:
    """A repeated login may say something new."""
    pile, peer = await house.online()
    peer.send(peer.login(gun_count=3, software_version="V2.0"))
    await peer.expect(LoginReply)
    assert pile.state.info.software_version == "V2.0"
    assert list(pile.state.guns) == [1, 2, 3]


async def test_ever_other_hardware_is_not_followed_at_each_login(make_house: MakeHouse) -> None:
    """Three changes are taken over at once; of those that come faster the newest is, after a while."""
    house = await make_house(hurried(hardware=2.0))
    pile, peer = await house.online()
    counts = [len(pile.state.guns)]
    pile.subscribe(lambda: counts.append(len(pile.state.guns)))
    for number in range(14):
        peer.send(peer.login(gun_count=3 + number % 2, sim=f"{number:020}"))
        await peer.expect(LoginReply, result=LoginResult.OK)
    changes = [now for was, now in pairwise(counts) if now != was]
    assert 1 <= len(changes) <= MAX_HARDWARE_CHANGES
    assert len(pile.state.guns) == 3
    await eventually(lambda: len(pile.state.guns) == 4)
    assert pile.state.info.sim == f"{13:020}"


async def test_hardware_that_is_what_it_was_again_changes_nothing_later(make_house: MakeHouse) -> None:
    """A pile that took back what it said too often is not made that after a while."""
    house = await make_house(hurried(hardware=0.3))
    pile, peer = await house.online()
    for count in (3, 4, 5, 6, 4):
        peer.send(peer.login(gun_count=count))
        await peer.expect(LoginReply)
    known = len(pile.state.guns)
    peer.send(peer.login(gun_count=known))
    await peer.expect(LoginReply)
    await peer.silence(0.5)
    assert len(pile.state.guns) == known


async def test_a_gun_that_is_denied_for_a_while_loses_nothing(house: House) -> None:
    """A gun that is denied for a while loses nothing."""
    pile, peer = await house.online()
    await peer.bill(peer.record("1" * 32, "7", gun=2))
    transaction = await charging(pile, peer, gun=2)
    peer.send(peer.login(gun_count=1))
    await peer.expect(LoginReply)
    assert list(pile.state.guns) == [1]
    await peer.bill(peer.record(transaction, "2", gun=2))
    assert list(pile.state.guns) == [1]
    peer.send(peer.login(gun_count=2))
    await peer.expect(LoginReply)
    assert str(house.gun(2).total_energy) == "9.0000"


async def test_after_the_login_come_clock_and_reports(house: House) -> None:
    """After the login come clock and reports."""
    house.now = datetime(2026, 7, 1, 20, 30, 5, tzinfo=UTC)
    await house.approve()
    peer = await house.dial()
    peer.send(peer.login())
    await peer.expect(LoginReply)
    assert await peer.answer_clock() == datetime(2026, 7, 2, 4, 30, 5)
    await peer.expect(ReadRealtime, pile=CODE, gun=1)
    peer.send(peer.report(gun=1))
    await peer.expect(ReadRealtime, gun=2)
    peer.send(peer.report(gun=2, plugged=1))
    await eventually(lambda: house.gun(2).status is GunStatus.PLUGGED)
    assert house.gun(1).status is GunStatus.IDLE
    await peer.silence()


async def test_a_pile_that_answers_nothing_is_greeted_all_the_same(make_house: MakeHouse) -> None:
    """A pile that answers nothing is greeted all the same."""
    house = await make_house(hurried(background=0.05))
    await house.approve()
    peer = await house.dial()
    peer.send(peer.login(), peer.heartbeat())
    await peer.expect(LoginReply)
    await peer.expect(HeartbeatReply)
    await peer.expect(TimeSync)
    await peer.expect(ReadRealtime, gun=1)
    await peer.expect(ReadRealtime, gun=2)
    assert house.gun().status is None


async def test_the_clock_is_set_daily(make_house: MakeHouse) -> None:
    """The clock is set daily."""
    house = await make_house(hurried(clock=0.05))
    _, peer = await house.online()
    await peer.greeted()
    await peer.greeted()


async def test_a_new_time_zone_sets_the_clocks(house: House) -> None:
    """A new time zone sets the clocks."""
    _, peer = await house.online()
    await house.approve(OTHER)
    house.listener.apply(ListenerSettings(time_zone=ZoneInfo("Europe/Berlin"), billing_model=billing_model()))
    assert await peer.answer_clock() == datetime(2026, 3, 1, 5, 0)
    house.listener.apply(ListenerSettings(time_zone=ZoneInfo("Europe/Berlin"), billing_model=billing_model("0200")))
    await peer.silence()


async def test_the_model_is_handed_out_in_any_order_and_at_any_time(house: House) -> None:
    """The model is handed out in any order and at any time."""
    _, peer = await house.online()
    for _ in range(2):
        peer.send(BillingModelRequest(pile=CODE), sequence=b"\x01\x02")
        reply = await peer.expect(BillingModelReply, pile=CODE, model="0100", loss_ratio=0)
        assert peer.frame.sequence == b"\x01\x02"
        assert reply.periods == (3,) * 12 + (1,) * 32 + (3,) * 4
        assert str(reply.peak_energy_price) == "1.20000"
        peer.send(BillingModelCheck(pile=CODE, model="0000"), sequence=b"\x03\x04")
        await peer.expect(BillingModelCheckReply, pile=CODE, model="0000", result=1)
        assert peer.frame.sequence == b"\x03\x04"
        peer.send(BillingModelCheck(pile=CODE, model="0100"))
        await peer.expect(BillingModelCheckReply, model="0100", result=0)
        peer.send(BillingModelCheck(pile=CODE, model="f002"))
        await peer.expect(BillingModelCheckReply, model="f002", result=1)


async def test_a_new_model_waits_for_the_end_of_a_charge(house: House) -> None:
    """A new model waits for the end of a charge."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer)
    house.listener.apply(ListenerSettings(time_zone=SHANGHAI, billing_model=billing_model("0200")))
    peer.send(BillingModelCheck(pile=CODE, model="0100"))
    await peer.expect(BillingModelCheckReply, result=0)
    # A pile without a model can't charge: it gets one.
    peer.send(BillingModelCheck(pile=CODE, model="0000"))
    await peer.expect(BillingModelCheckReply, result=1)
    peer.send(peer.report())
    await peer.bill(peer.record(transaction))
    peer.send(BillingModelCheck(pile=CODE, model="0100"))
    await peer.expect(BillingModelCheckReply, result=1)
    peer.send(BillingModelRequest(pile=CODE))
    await peer.expect(BillingModelReply, model="0200")


@pytest.mark.parametrize("byte", [0x01, 0x0A, 0x10, 0x00, 0xFF])
async def test_a_heartbeat_is_answered_with_its_own_gun_byte(house: House, byte: int) -> None:
    """A heartbeat is answered with its own gun byte."""
    _, peer = await house.online(gun_count=10)
    peer.write(encode_frame(0x03, bytes.fromhex(CODE) + bytes([byte, 0])))
    await peer.expect(HeartbeatReply)
    assert peer.frame.body == bytes.fromhex(CODE) + bytes([byte, 0])
    assert house.counts["unknown_gun"] == (byte in (0x00, 0xFF))


@pytest.mark.parametrize("byte", [0x0A, 0x10])
async def test_gun_ten_is_commanded_as_it_writes_itself(house: House, byte: int) -> None:
    """Gun ten is commanded as it writes itself."""
    pile, peer = await house.online(gun_count=10)
    peer.write(encode_frame(0x03, bytes.fromhex(CODE) + bytes([byte, 0])))
    await peer.expect(HeartbeatReply)
    task, start = await requested(pile, peer, gun=10)
    assert peer.frame.body[23] == byte
    peer.answer_start(start)
    assert (await task).transaction[14:16] == "10"


async def test_a_heartbeat_tells_of_a_fault(house: House) -> None:
    """A heartbeat tells of a fault."""
    pile, peer = await house.online()
    peer.send(peer.heartbeat(2, fault=True))
    await eventually(lambda: house.gun(2).status is GunStatus.FAULT)
    assert house.gun(2).problem is True
    assert house.gun(1).problem is False
    peer.send(peer.heartbeat(2))
    await eventually(lambda: house.gun(2).status is GunStatus.IDLE)
    assert pile.state.guns[2].problem is False


async def test_a_fault_is_told_before_the_first_report(make_house: MakeHouse) -> None:
    """A fault is told before the first report."""
    house = await make_house(hurried(background=0.01))
    await house.approve()
    peer = await house.dial()
    peer.send(peer.login(), peer.heartbeat(1, fault=True))
    await eventually(lambda: house.gun().status is GunStatus.FAULT)
    assert house.gun().problem is True
    assert house.gun(2).problem is None
