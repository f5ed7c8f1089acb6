"""The guns' total energy as Home Assistant shows it, over all its lives: it never goes back.

There is one exception. What a pile reported in the last moment before a SIGKILL was shown, and was on its way to the
ledger: it comes again with the next report.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from demo.client import Client, Json

LAST_MOMENT: Final = Decimal("7.5")
"""KWh that a gun with 60 kW delivers, 60 times compressed, in two pauses between reports (of 3.75 s)."""


@dataclass(slots=True)
class Meters:
    """Follows the sensors."""

    ids: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Pile and gun, by the sensor's entity id."""
    shown: dict[str, Decimal] = field(default_factory=dict)
    """KWh, by entity id."""
    changes: int = 0
    lowered: list[str] = field(default_factory=list)
    """Where it went back, in plain words."""
    last_moments: list[Decimal] = field(default_factory=list)
    """KWh that were shown before a SIGKILL and not after it."""
    _after_kill: set[str] = field(default_factory=set)
    """Entity ids of sensors that have not been seen since then."""

    def killed(self) -> None:
        """Learn that Home Assistant was killed."""
        self._after_kill = {*self.ids}

    async def follow(self, client: Client) -> None:
        """Look at a Home Assistant that has started."""
        await client.subscribe(self._on_event, "subscribe_entities", entity_ids=[*self.ids])

    def _on_event(self, event: Json) -> None:
        for entity_id, added in event.get("a", {}).items():
            self._take(entity_id, added["s"])
        for entity_id, changed in event.get("c", {}).items():
            if "s" in (new := changed.get("+", {})):
                self._take(entity_id, new["s"])

    def _take(self, entity_id: str, state: str) -> None:
        try:
            now = Decimal(state)
        except InvalidOperation:
            return
        before = self.shown.get(entity_id)
        may_lack = LAST_MOMENT if entity_id in self._after_kill else Decimal(0)
        self._after_kill.discard(entity_id)
        if before is not None and before - may_lack <= now < before:
            self.last_moments.append(before - now)
        elif before is not None and now < before:
            code, gun = self.ids[entity_id]
            self.lowered.append(f"total energy of {code} gun {gun} went from {before} to {now} kWh")
        self.changes += now != before
        self.shown[entity_id] = now
