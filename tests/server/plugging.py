"""Vehicles that are plugged in at a scripted pile, and guns that charge them by themselves."""

from typing import Any

from custom_components.ykc.protocol import GunStatus as Reported, LoginReply, Realtime, RemoteStart
from custom_components.ykc.server.limits import Timing
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.settings import AT_ONCE, PileSettings, StartWhenPlugged
from custom_components.ykc.server.state import PileInfo, PlugProgress, PlugStart

from .house import House, eventually, hurried
from .peer import CODE, Peer


def settled(**times: float) -> Timing:
    """Return a timing in which nothing bounces and no pile needs time to settle."""
    return hurried(**{"plug_flicker": 0.0, "plug_hold": 0.0} | times)


def settings(period: str = AT_ONCE, *, enabled: bool = True, **others: Any) -> PileSettings:
    """Return settings in which gun 1 starts by itself."""
    return PileSettings(start_when_plugged={1: StartWhenPlugged(enabled=enabled, period=period)}, **others)


async def automatic(house: House, period: str = AT_ONCE, **others: Any) -> tuple[Pile, Peer]:
    """Return a pile with its peer; gun 1 starts by itself, and both guns are free."""
    await house.listener.add_pile(PileInfo(code=CODE, gun_count=2), settings(period, **others))
    pile, peer = await house.online()
    await eventually(lambda: pile.plug_starts._ready is not None)
    return pile, peer


async def back(house: House, pile: Pile, report: Realtime | None = None) -> Peer:
    """Return a peer of a pile that logs in again; gun 1 reports a vehicle, or what is given."""
    peer = await house.dial()
    peer.send(peer.login())
    await peer.expect(LoginReply)
    await peer.greeted(gun_1=report or peer.report(plugged=1, status=Reported.IDLE))
    await eventually(lambda: pile.plug_starts._ready is not None)
    return peer


async def reopened(house: House, period: str = AT_ONCE, *, kill: bool = False) -> tuple[House, Pile]:
    """Return the house and its pile after a restart, or as a kill leaves it."""
    house = await (house.killed() if kill else house.restart())
    pile = house.listener.piles[CODE]
    pile.apply(settings(period))
    return house, pile


def plug(peer: Peer, **changes: Any) -> None:
    """Report that gun 1 is in a vehicle, and idle."""
    peer.send(peer.report(**{"plugged": 1, "status": Reported.IDLE} | changes))


def unplug(peer: Peer) -> None:
    """Report that gun 1 is free."""
    peer.send(peer.report())


def shown(pile: Pile) -> PlugStart:
    """Return what is shown of gun 1."""
    return pile.state.guns[1].plug_start


async def shows(pile: Pile, progress: PlugProgress, reason: str | None = None) -> None:
    """Wait until something is shown."""
    await eventually(lambda: (shown(pile).progress, shown(pile).reason) == (progress, reason))


async def started(pile: Pile, peer: Peer, energy: str = "1.5") -> str:
    """Take the start that comes by itself as far as the first report; return its transaction number."""
    start = await peer.expect(RemoteStart, gun=1)
    peer.answer_start(start)
    peer.send(peer.report(start.transaction, energy))
    await eventually(lambda: pile.state.guns[1].charging)
    await shows(pile, PlugProgress.STARTED)
    return start.transaction
