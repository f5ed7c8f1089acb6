"""A charge from the command to the record, seen from the wire."""

from simulator import VirtualPile

from .raw_platform import RawPlatform

PILE = "32010200000001"
TRANSACTION = PILE + "01" + "261122180000" + "0001"
CARD = "00000000d14b0a54"


def start(transaction: str = TRANSACTION, gun: str = "01", balance: int = 100_00) -> str:
    """Make the body of 0x34."""
    return transaction + PILE + gun + "0000001000000573" + CARD + balance.to_bytes(4, "little").hex()


async def test_a_whole_charge(platform: RawPlatform, pile: VirtualPile) -> None:
    """Start, charge, stop, record."""
    await pile.plug(1)
    platform.send(0x34, start(), b"\x12\x34")
    (reply,) = await platform.wait(0x33)
    assert reply.sequence == b"\x12\x34"
    assert reply.body.hex() == TRANSACTION + PILE + "01" + "01" + "00"
    charging = await platform.wait(0x13, 3, lambda raw: raw.body[24] == 3)
    assert all(raw.text(0, 16) == TRANSACTION for raw in charging)
    platform.send(0x36, PILE + "01", b"\xab\xcd")
    (stopped,) = await platform.wait(0x35)
    assert stopped.sequence == b"\xab\xcd"
    assert stopped.body.hex() == PILE + "01" + "01" + "00"
    (record,) = await platform.wait(0x3B)
    assert len(record.body) == 158
    await pile.wait_for(lambda: not pile.records.open)
