"""The entities of a gun or pile, found by unique id, and their states."""

import asyncio
from collections.abc import Callable
from typing import Self

from .client import Client, Json
from .errors import Failed

PLATFORM = "ykc"


class States:
    """A mirror of Home Assistant's states, and a place to wait for them."""

    def __init__(self, client: Client) -> None:
        """Make an empty mirror; `open` fills it."""
        self._client = client
        self._states: dict[str, Json] = {}
        self._ids: dict[tuple[str, str], str] = {}
        self._changed = asyncio.Event()

    @classmethod
    async def open(cls, client: Client) -> Self:
        """Take all states and follow them from now on."""
        states = cls(client)
        await client.subscribe(states._on_state, "subscribe_events", event_type="state_changed")
        for state in await client.command("get_states"):
            states._states.setdefault(state["entity_id"], state)
        return states

    def _on_state(self, event: Json) -> None:
        """Take a new state and wake those who wait."""
        entity_id, state = event["data"]["entity_id"], event["data"]["new_state"]
        if state is None:
            self._states.pop(entity_id, None)
        else:
            self._states[entity_id] = state
        self._changed.set()

    async def find(self) -> None:
        """Read the entity registry again."""
        self._ids = {
            (entry["entity_id"].partition(".")[0], entry["unique_id"]): entry["entity_id"]
            for entry in await self._client.command("config/entity_registry/list")
            if entry["platform"] == PLATFORM
        }

    async def entity_id(self, domain: str, unique_id: str) -> str:
        """Return the entity id that belongs to a unique id."""
        if (domain, unique_id) not in self._ids:
            await self.find()
        try:
            return self._ids[domain, unique_id]
        except KeyError:
            raise Failed(f"there is no {domain} with unique id {unique_id}") from None

    def get(self, entity_id: str) -> str:
        """Return a state, 'missing' when there is none."""
        state = self._states.get(entity_id)
        return "missing" if state is None else state["state"]

    def unit(self, entity_id: str) -> str:
        """Return the unit of a state, or nothing."""
        return str(self._states[entity_id]["attributes"].get("unit_of_measurement", ""))

    def number(self, entity_id: str) -> float:
        """Return a numeric state, NaN when the state is no number."""
        try:
            return float(self.get(entity_id))
        except ValueError:
            return float("nan")

    async def until(self, entity_id: str, wanted: Callable[[str], bool] | str, seconds: float = 60) -> str:
        """Wait for a state (a value, or a test of it) and return it."""
        accepts = wanted if callable(wanted) else wanted.__eq__
        try:
            async with asyncio.timeout(seconds):
                while not accepts(state := self.get(entity_id)):
                    self._changed.clear()
                    await self._changed.wait()
                return state
        except TimeoutError:
            goal = "what was expected" if callable(wanted) else f"'{wanted}'"
            raise Failed(
                f"{entity_id} did not become {goal} within {seconds:g} s: it is '{self.get(entity_id)}'"
            ) from None

    async def until_number(self, entity_id: str, accepts: Callable[[float], bool], seconds: float = 60) -> float:
        """Wait for a numeric state that passes a test, and return it."""

        def is_such_a_number(state: str) -> bool:
            try:
                return accepts(float(state))
            except ValueError:
                return False

        return float(await self.until(entity_id, is_such_a_number, seconds))
