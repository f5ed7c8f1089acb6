"""Commands to a pile that is there: balance, reboot, update and QR codes."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from custom_components.ykc.protocol import (
    BalanceUpdate,
    BalanceUpdateReply,
    GunNumber,
    GunQrCode,
    GunQrCodeReply,
    LocalQrCode,
    LocalQrCodeReply,
    QrCode,
    QrCodeReply,
    Reboot,
    RebootReply,
    Update,
    UpdateReply,
)
from custom_components.ykc.server.errors import (
    BalanceRefused,
    NotCharging,
    PileOffline,
    QrCodeOfPile,
    QrCodeRefused,
    QrTextInvalid,
    RebootRefused,
    UnknownGun,
    UpdateFieldInvalid,
)
from custom_components.ykc.server.maintenance import FirmwareSource, FirmwareUpdate
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.qr_codes import QrDialect

from .house import House, charging, eventually
from .peer import CODE

CARD = "00000000d14b0a54"
SOURCE = FirmwareSource(
    server="ftp.example.com",
    port=21,
    user="pile",
    password="opensesame",
    path="/v2/pile.bin",
    model="dc",
    power=60,
    timeout=30,
)


# Balance


@pytest.mark.parametrize(("card", "sent"), [(None, "0" * 16), (CARD, CARD)])
async def test_balance(house: House, card: str | None, sent: str) -> None:
    """A charge under way gets another balance, with its card or with none to check."""
    pile, peer = await house.online()
    await charging(pile, peer)
    updating = asyncio.create_task(pile.balance.update(1, Decimal("12.34"), card=card))
    await peer.expect(BalanceUpdate, pile=CODE, gun=1, card=sent, balance=Decimal("12.34"))
    peer.send(BalanceUpdateReply(pile=CODE, card=sent, result=0))
    await updating


async def test_balance_without_a_charge(house: House) -> None:
    """A gun that does not charge has no balance: nothing is sent."""
    pile, peer = await house.online()
    await charging(pile, peer)
    with pytest.raises(NotCharging) as raised:
        await pile.balance.update(2, Decimal(1))
    assert raised.value.placeholders == {"pile": CODE, "gun": "2"}
    with pytest.raises(UnknownGun):
        await pile.balance.update(3, Decimal(1))
    await peer.silence()
    await peer.hang_up()
    await eventually(lambda: not pile.state.connected)
    with pytest.raises(PileOffline):
        await pile.balance.update(1, Decimal(1))


@pytest.mark.parametrize(("result", "reason"), [(1, "wrong_pile"), (2, "wrong_card"), (9, "code_09")])
async def test_balance_refused(house: House, result: int, reason: str) -> None:
    """The pile's reason is the error's."""
    pile, peer = await house.online()
    await charging(pile, peer)
    updating = asyncio.create_task(pile.balance.update(1, Decimal(1), card=CARD))
    await peer.expect(BalanceUpdate)
    peer.send(BalanceUpdateReply(pile=CODE, card=CARD, result=result))
    with pytest.raises(BalanceRefused) as raised:
        await updating
    assert raised.value.placeholders == {"pile": CODE, "gun": "1", "reason": reason}


# Reboot and update


def ended(pile: Pile) -> FirmwareUpdate | None:
    """Return how the last update ended."""
    return pile.state.firmware_update


@pytest.mark.parametrize(("when_idle", "sent"), [(False, 1), (True, 2)])
async def test_reboot(house: House, when_idle: bool, sent: int) -> None:
    """A pile reboots at once or later, and may refuse."""
    pile, peer = await house.online()
    for result in (1, 0):
        rebooting = asyncio.create_task(pile.maintenance.reboot(when_idle=when_idle))
        await peer.expect(Reboot, pile=CODE, when=sent)
        peer.send(RebootReply(pile=CODE, result=result))
        if result:
            await rebooting
        else:
            with pytest.raises(RebootRefused):
                await rebooting


async def test_update(house: House) -> None:
    """An update is done when it is sent; how it ended comes later, also over another connection."""
    pile, peer = await house.online()
    await pile.maintenance.update(SOURCE, when_idle=True)
    sent = await peer.expect(Update, pile=CODE, model=1, power=60, when=2, timeout=30, port=21)
    assert (sent.server, sent.user, sent.password, sent.path) == (
        "ftp.example.com",
        "pile",
        "opensesame",
        "/v2/pile.bin",
    )
    await pile.maintenance.update(replace(SOURCE, model="ac"), when_idle=False)
    await peer.expect(Update, model=2, when=1)
    assert ended(pile) is None
    await peer.hang_up()
    _, peer = await house.online()
    peer.send(UpdateReply(pile=CODE, result=0))
    await eventually(lambda: ended(pile))
    assert ended(pile) == FirmwareUpdate(outcome="succeeded", code=0, received=house.now)
    await peer.silence()


@pytest.mark.parametrize(
    ("code", "outcome"), [(1, "wrong_pile"), (2, "wrong_model"), (3, "download_timeout"), (7, "unknown_code")]
)
async def test_update_failed(house: House, code: int, outcome: str) -> None:
    """What went wrong is named, or numbered where no table has it."""
    pile, peer = await house.online()
    peer.send(UpdateReply(pile=CODE, result=code))
    await eventually(lambda: ended(pile))
    known = ended(pile)
    assert known is not None
    assert (known.outcome, known.code) == (outcome, code)


@pytest.mark.parametrize(
    ("name", "value", "limit"),
    [
        ("server", "s" * 17, "16"),
        ("user", "u" * 17, "16"),
        ("password", "p" * 17, "16"),
        ("password", "口令", "16"),
        ("path", "p" * 33, "32"),
        ("path", "a\nb", "32"),
    ],
)
async def test_update_that_cannot_be_sent(house: House, name: str, value: str, limit: str) -> None:
    """A text that does not fit is named, and its value is not."""
    pile, peer = await house.online()
    changed: Any = {name: value}
    with pytest.raises(UpdateFieldInvalid) as raised:
        await pile.maintenance.update(replace(SOURCE, **changed), when_idle=True)
    assert raised.value.placeholders == {"field": name, "limit": limit}
    assert value not in str(raised.value)
    await peer.silence()


async def test_update_offline(house: House) -> None:
    """A pile that is not there gets no update."""
    pile = await house.approve()
    with pytest.raises(PileOffline):
        await pile.maintenance.update(SOURCE, when_idle=True)


def test_password_is_not_shown() -> None:
    """Neither the values nor the message show it."""
    message = Update(
        pile=CODE, model=1, power=1, server="s", port=1, user="u", password="opensesame", path="p", when=1, timeout=1
    )
    assert "opensesame" not in repr(SOURCE)
    assert "opensesame" not in repr(message)
    assert "server='s'" in repr(message)


# QR codes


async def show(pile: Pile, dialect: QrDialect, gun: int | None = None, *, text: str = "x", whole: bool = False) -> None:
    """Show a QR code."""
    await pile.qr_codes.show(text, gun=gun, dialect=dialect, whole=whole)


@pytest.mark.parametrize(("whole", "wire"), [(False, 0), (True, 1)])
async def test_common_qr_code(house: House, whole: bool, wire: int) -> None:
    """One text is for all guns; 0 is 'done' here, and any other number is told."""
    pile, peer = await house.online()
    for result in (0, 1, 5):
        showing = asyncio.create_task(show(pile, QrDialect.COMMON, text="https://x.cn/?n=", whole=whole))
        await peer.expect(QrCode, pile=CODE, format=wire, text="https://x.cn/?n=")
        peer.send(QrCodeReply(pile=CODE, result=result))
        if result == 0:
            await showing
            continue
        with pytest.raises(QrCodeRefused) as raised:
            await showing
        assert raised.value.placeholders == {"pile": CODE, "result": str(result)}


@pytest.mark.parametrize(
    ("dialect", "kind", "reply"),
    [(QrDialect.PER_GUN, GunQrCode, GunQrCodeReply), (QrDialect.LOCAL, LocalQrCode, LocalQrCodeReply)],
)
async def test_qr_code_of_a_gun(house: House, dialect: QrDialect, kind: Any, reply: Any) -> None:
    """Each gun has its text: one of them, or all one after the other; 1 is 'done' here."""
    pile, peer = await house.online()
    for gun, told in ((2, (2,)), (None, (1, 2))):
        showing = asyncio.create_task(show(pile, dialect, gun))
        for number in told:
            await peer.expect(kind, gun=number, text="x")
            peer.send(reply(pile=CODE, gun=GunNumber(number), result=1))
        await showing
    showing = asyncio.create_task(show(pile, dialect))
    await peer.expect(kind, gun=1)
    peer.send(reply(pile=CODE, gun=GunNumber(1), result=0))
    with pytest.raises(QrCodeRefused) as raised:
        await showing
    assert raised.value.placeholders == {"pile": CODE, "result": "0"}


async def test_common_qr_code_is_for_all(house: House) -> None:
    """The common dialect cannot speak of one gun, unless that is all there is."""
    pile, peer = await house.online()
    with pytest.raises(QrCodeOfPile):
        await show(pile, QrDialect.COMMON, 1)
    with pytest.raises(UnknownGun):
        await show(pile, QrDialect.PER_GUN, 3)
    await peer.silence()


@pytest.mark.parametrize("text", ["", "x" * 201, "码", "a\n"])
async def test_qr_text(house: House, text: str) -> None:
    """What cannot be sent is refused."""
    pile = await house.approve()
    with pytest.raises(QrTextInvalid):
        await show(pile, QrDialect.COMMON, text=text)
