"""What may be set for one pile, beside what holds for all piles of a listener."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from .charge_limits import ChargeLimits
from .networks import Network, Networks
from .tariff import PERIODS, BillingModel

LEAST_POWER: Final = 30
"""Percent; the protocol knows no stronger limit (9.1)."""
FULL_POWER: Final = 100

AT_ONCE: Final = "at_once"
START_PERIODS: Final = (AT_ONCE, *PERIODS)
"""When a vehicle that is plugged in is charged: at once, or in a period of the billing model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingParameters:
    """Whether a pile may be used, and with how much of its power (9.1)."""

    in_service: bool = True
    max_power: int = FULL_POWER
    """Percent of the rated power, 30 to 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartWhenPlugged:
    """Whether a gun charges each vehicle that is plugged in."""

    enabled: bool = False
    period: str = AT_ONCE
    """One of `START_PERIODS`."""


NOT_WHEN_PLUGGED: Final = StartWhenPlugged()
"""What holds for a gun where nobody chose."""


_NOTHING_CHOSEN: Final[Mapping[int, Any]] = MappingProxyType({})


def nothing_chosen() -> Mapping[int, Any]:
    """Return the one mapping that all piles share where nobody chose."""
    return _NOTHING_CHOSEN


@dataclass(frozen=True, slots=True, kw_only=True)
class PileSettings:
    """What a pile is to be like; kept over restarts by who made it."""

    parameters: WorkingParameters | None = None
    """None until a person chose some: a limit that an installer set in the pile stays."""
    billing_model: BillingModel | None = None
    """The pile's own; None for that of the listener."""
    start_when_plugged: Mapping[int, StartWhenPlugged] = field(default_factory=nothing_chosen)
    """By gun, where a person chose."""
    session_limits: Mapping[int, ChargeLimits] = field(default_factory=nothing_chosen)
    """By gun, where a person chose: what each of its charges may come to."""
    address: Network | None = None
    """Where the pile alone may log in from; None for everywhere that the listener allows."""

    def allow(self, address: str) -> bool:
        """Tell whether the pile may log in from an address, as `peer_address` gives it."""
        return self.address is None or Networks((self.address,)).allow(address)
