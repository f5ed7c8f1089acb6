"""Virtual YKC charging piles that speak real bytes over TCP: for tests, demonstrations, and people without hardware.

async with VirtualPile("32010200000001", guns=2, port=27600, pace=50) as pile:
    await pile.wait_ready()
    await pile.plug(1)
    await pile.wait_for(lambda: pile.gun(1).charging)
"""

from .behaviour import Behaviour, GunByte, ModelQuestion, RecordDialect, SequenceScope, Wire
from .charge import Charge, Phase
from .gun import Gun
from .line import Line
from .parking import ParkingLock
from .pile import DEFAULT_PORT, VirtualPile
from .vehicle import Vehicle

__all__ = [
    "DEFAULT_PORT",
    "Behaviour",
    "Charge",
    "Gun",
    "GunByte",
    "Line",
    "ModelQuestion",
    "ParkingLock",
    "Phase",
    "RecordDialect",
    "SequenceScope",
    "Vehicle",
    "VirtualPile",
    "Wire",
]
