"""Reports that a pile stored while it was away carry no time: they are of no live value."""

from decimal import Decimal

import pytest

from custom_components.ykc.protocol import (
    NO_TRANSACTION,
    BillingModelCheckReply,
    BillingModelReply,
    HeartbeatReply,
    LoginReply,
    LoginResult,
    Message,
    ReadRealtime,
    StartedBy,
    TimeSync,
    TimeSyncReply,
    encode_frame,
)
from custom_components.ykc.server.errors import NoReply
from custom_components.ykc.server.state import GunStatus

from .conftest import MakeHouse
from .house import House, charging, eventually, hurried
from .peer import CODE, Peer

PILE = CODE
OFFLINE_CHARGE = CODE + "01" + "260301103000" + "0007"


def realtime(transaction: str, *, status: str, energy: str) -> bytes:
    """Return a 0x13 of gun 1: 400.0 V, 100.0 A, SOC 50, 10 CNY; `energy` in 1/10000 kWh, low byte first."""
    body = (
        f"{transaction} {PILE} 01 {status} 00 01 a00f e803 50 0000000000000000 32 51 0700 3700"
        f" {energy} {energy} a0860100 0000"
    )
    return encode_frame(0x13, bytes.fromhex(body), b"\x07\x00")


CHARGING_5_KWH = "50c30000"
CHARGING_6_KWH = "60ea0000"
CHECK = encode_frame(0x05, bytes.fromhex(f"{PILE} 0100"), b"\x08\x00")
REQUEST = encode_frame(0x09, bytes.fromhex(PILE), b"\x08\x00")
HEARTBEAT = encode_frame(0x03, bytes.fromhex(f"{PILE} 01 00"), b"\x08\x00")


async def returned(house: House) -> Peer:
    """Let the pile dial in again; it has said nothing after its login."""
    peer = await house.dial()
    peer.send(peer.login())
    await peer.expect(LoginReply, result=LoginResult.OK)
    return peer


async def taken(house: House, peer: Peer, *frames: bytes) -> None:
    """Send frames, and know from the acknowledgement of an old record that they were taken."""
    before = house.rows("SELECT count(*) FROM records")[0][0]
    old = peer.record(f"{CODE}0226010110000000{before:02}", "0", "0", gun=2)
    for frame in frames:
        peer.write(frame)
    peer.send(old)
    await eventually(lambda: house.rows("SELECT count(*) FROM records")[0][0] > before)


@pytest.mark.parametrize(
    ("sign", "reply"),
    [(CHECK, BillingModelCheckReply), (REQUEST, BillingModelReply), (HEARTBEAT, HeartbeatReply)],
    ids=["0x05", "0x09", "0x03"],
)
async def test_between_login_and_the_first_sign_of_the_present(house: House, sign: bytes, reply: type[Message]) -> None:
    """Stored reports change no live value; the same bytes do after 0x05, 0x09 or a heartbeat."""
    pile, first = await house.online()
    transaction = await charging(pile, first, energy="1.5")
    await first.hang_up()
    await eventually(lambda: not pile.state.connected)
    peer = await returned(house)
    before = house.gun()
    assert before.status is GunStatus.CHARGING
    stored = realtime(transaction, status="03", energy=CHARGING_5_KWH)
    await taken(house, peer, stored)
    assert house.gun() == before
    # The order knows it, and is where it was.
    assert [str(order.energy) for order in pile.guns[1].orders.values()] == ["5.0000"]
    assert house.rows("SELECT transaction_number, energy, phase FROM orders") == [(transaction, 50_000, "charging")]
    peer.write(sign)
    peer.write(realtime(transaction, status="03", energy=CHARGING_6_KWH))
    await eventually(lambda: house.gun().session_energy == Decimal(6))
    assert house.gun().total_energy == Decimal(6)
    assert [month and month.cost for month in (before.month, house.gun().month)] == [Decimal("2.5"), Decimal(10)]
    assert house.gun().power == 40_000
    assert any(isinstance(message, reply) for message in [await peer.receive() for _ in range(3)])


async def test_status_offline_at_any_time(house: House) -> None:
    """A report with status offline changes no live value, however late it comes."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer, energy="1.5")
    before = house.gun()
    await taken(house, peer, realtime(transaction, status="00", energy=CHARGING_5_KWH))
    assert house.gun() == before
    assert pile.guns[1].orders[transaction].energy == Decimal(5)
    # A live one follows, and says what it says.
    peer.write(realtime(transaction, status="03", energy=CHARGING_6_KWH))
    await eventually(lambda: house.gun().session_energy == Decimal(6))


async def test_the_energy_of_an_order_is_never_lowered(house: House) -> None:
    """Old reports come one after the other, each with less than is known."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer, energy="6")
    await taken(house, peer, realtime(transaction, status="00", energy=CHARGING_5_KWH))
    assert pile.guns[1].orders[transaction].energy == Decimal(6)
    assert house.gun().total_energy == Decimal(6)


async def test_a_live_report_with_less_counts_what_was_stored(house: House) -> None:
    """What the pile stored was delivered: with the first live report it is in the total."""
    pile, first = await house.online()
    transaction = await charging(pile, first, energy="1.5")
    await first.hang_up()
    peer = await returned(house)
    await taken(house, peer, realtime(transaction, status="03", energy=CHARGING_5_KWH))
    assert house.gun().total_energy == Decimal("1.5")
    peer.write(HEARTBEAT)
    peer.send(peer.report(plugged=1))
    await eventually(lambda: house.gun().status is GunStatus.FINISHED)
    assert house.gun().total_energy == Decimal(5)


async def test_idle_reports_that_were_stored_end_no_charge(house: House) -> None:
    """Two idle reports end an order; stored ones are of another time."""
    pile, first = await house.online()
    transaction = await charging(pile, first, energy="1.5")
    await first.hang_up()
    peer = await returned(house)
    before = house.gun()
    idle = realtime(NO_TRANSACTION, status="02", energy="00000000")
    await taken(house, peer, idle, idle)
    assert house.gun() == before
    assert pile.guns[1].orders[transaction].deadline is not None
    peer.write(HEARTBEAT)
    peer.write(realtime(transaction, status="03", energy=CHARGING_6_KWH))
    await eventually(lambda: house.gun().session_energy == Decimal(6))
    assert house.gun().status is GunStatus.CHARGING


async def test_a_charge_nobody_knows(house: House) -> None:
    """A charge that began and ended offline opens no order, shows on no gun, and is billed by its record."""
    pile, first = await house.online()
    await first.hang_up()
    peer = await returned(house)
    before = house.gun()
    for _ in range(3):
        await taken(house, peer, realtime(OFFLINE_CHARGE, status="03", energy=CHARGING_5_KWH))
    assert house.gun() == before
    assert not pile.guns[1].orders
    peer.send(peer.record(OFFLINE_CHARGE, "5", "6", started_by=StartedBy.OFFLINE_CARD))
    await eventually(lambda: house.gun().last_session is not None)
    assert house.gun().total_energy == Decimal(5)
    assert (OFFLINE_CHARGE, "offline") in house.rows("SELECT transaction_number, origin FROM records")
    assert not house.rows("SELECT 1 FROM orders")


async def test_after_a_restart_too(house: House) -> None:
    """A platform that knew nothing of a gun knows nothing after stored reports either."""
    pile, first = await house.online()
    transaction = await charging(pile, first, energy="1.5")
    await first.hang_up()
    restarted = await house.restart()
    peer = await returned(restarted)
    await taken(restarted, peer, realtime(transaction, status="03", energy=CHARGING_5_KWH))
    gun = restarted.gun()
    assert (gun.power, gun.session_energy, gun.charging, gun.plugged) == (None, None, None, None)
    assert gun.total_energy == Decimal("1.5")


async def test_another_login_on_the_connection_begins_anew(house: House) -> None:
    """A pile that logs in again on its connection may send what it stored."""
    pile, peer = await house.online()
    transaction = await charging(pile, peer, energy="1.5")
    before = house.gun()
    peer.send(peer.login())
    await peer.expect(LoginReply)
    await taken(house, peer, realtime(transaction, status="03", energy=CHARGING_5_KWH))
    assert house.gun() == before


async def test_a_stored_report_answers_nobody(make_house: MakeHouse) -> None:
    """Who asks for a report gets one of now, and none that happens to come in between."""
    house = await make_house(hurried(command=0.2))
    pile, peer = await house.online()
    peer.write(realtime(OFFLINE_CHARGE, status="00", energy=CHARGING_5_KWH))
    with pytest.raises(NoReply):
        await pile.read_realtime(1)


async def test_the_first_reports_are_asked_for_when_nothing_stored_is_to_come(house: House) -> None:
    """An answer to 0x12 among stored reports would pass for one of them."""
    await house.approve()
    peer = await returned(house)
    peer.write(realtime(OFFLINE_CHARGE, status="03", energy=CHARGING_5_KWH))
    await peer.greeted()
    assert house.gun().status is GunStatus.IDLE


async def test_the_first_reports_are_asked_for_as_soon_as_the_pile_lives(house: House) -> None:
    """The greeting waits for the first heartbeat, and asks for nothing before."""
    await house.approve()
    peer = await returned(house)
    sync = await peer.expect(TimeSync)
    peer.send(TimeSyncReply(pile=CODE, time=sync.time))
    await peer.silence(0.2)
    peer.write(HEARTBEAT)
    await peer.expect(HeartbeatReply, gun=1)
    for gun in (1, 2):
        await peer.expect(ReadRealtime, gun=gun)
        peer.send(peer.report(gun=gun))
    await eventually(lambda: house.gun().status is GunStatus.IDLE)


async def test_a_pile_that_never_says_so_is_not_asked(make_house: MakeHouse) -> None:
    """Without a heartbeat the greeting goes on after a while, and what the pile reports stays of the past."""
    house = await make_house(hurried(silence=0.3))
    pile = await house.approve()
    peer = await returned(house)
    sync = await peer.expect(TimeSync)
    peer.send(TimeSyncReply(pile=CODE, time=sync.time))
    for _ in range(12):
        peer.send(peer.report(OFFLINE_CHARGE, "5"))
        await peer.silence(0.05)
    assert pile.state.connected
    assert house.gun().power is None
