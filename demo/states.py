"""The entities of a gun or pile, found by unique id, and their states."""

import asyncio
from collections.abc import Callable
from functools import partial
from operator import eq
from typing import Self

from .client import Client, Json
from .errors import Failed
from .waiting import until

PLATFORM = "ykc"


class States:
    """A mirror of Home Assistant's states, and a place to wait for them."""

    def __init__(self, client: Client) -> None:
        """Make an empty mirror; `open` fills it."""
        self._client = client
        self._states: dict[str, Json] = {}
        self._ids: dict[tuple[str, str], str] = {}
        self._changed = asyncio.Event()
        self._records: dict[str, list[str]] = {}

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
            self._note(entity_id, state["state"])
        self._changed.set()

    def record(self, entity_id: str) -> list[str]:
        """Return a list that every value of a state from now on is added to; gaps are left out."""
        return self._records.setdefault(entity_id, [])

    def _note(self, entity_id: str, value: str) -> None:
        """Add a value to a record."""
        record = self._records.get(entity_id)
        if record is not None and value not in ("unavailable", "unknown", *record[-1:]):
            record.append(value)

    async def _read_registry(self) -> None:
        """Read which entity has which unique id."""
        self._ids = {
            (entry["entity_id"].partition(".")[0], entry["unique_id"]): entry["entity_id"]
            for entry in await self._client.command("config/entity_registry/list")
            if entry["platform"] == PLATFORM
        }

    async def entity_id(self, domain: str, unique_id: str, seconds: float = 30) -> str:
        """Return the entity id that belongs to a unique id, once there is one."""

        async def probe() -> str | None:
            if (domain, unique_id) not in self._ids:
                await self._read_registry()
            return self._ids.get((domain, unique_id))

        return await until(f"a {domain} with the unique id {unique_id}", probe, seconds)

    def get(self, entity_id: str) -> str:
        """Return a state, 'missing' when there is none."""
        state = self._states.get(entity_id)
        return "missing" if state is None else state["state"]

    def attribute(self, entity_id: str, name: str) -> object:
        """Return an attribute of a state, None where it has none."""
        state = self._states.get(entity_id)
        return None if state is None else state["attributes"].get(name)

    def unit(self, entity_id: str) -> str:
        """Return the unit of a state, or nothing."""
        return str(self.attribute(entity_id, "unit_of_measurement") or "")

    async def until(self, entity_id: str, wanted: Callable[[str], bool] | str, seconds: float = 60) -> str:
        """Wait for a state (a value, or a test of it) and return it."""
        accepts = wanted if callable(wanted) else partial(eq, wanted)
        try:
            async with asyncio.timeout(seconds):
                while not accepts(state := self.get(entity_id)):
                    self._changed.clear()
                    await self._changed.wait()
                return state
        except TimeoutError:
            goal = "the state that was awaited" if callable(wanted) else f"'{wanted}'"
            raise Failed(
                f"{entity_id} did not reach {goal} within {seconds:g} s: it is '{self.get(entity_id)}'"
            ) from None


class Part:
    """The entities of a gun or a pile, each by the key that ends its unique id."""

    def __init__(self, states: States, *names: object) -> None:
        """Name the part: a pile's code, and for a gun its number."""
        self._states = states
        self._prefix = "_".join(map(str, names))

    async def id(self, key: str, domain: str = "sensor") -> str:
        """Return an entity's id."""
        return await self._states.entity_id(domain, f"{self._prefix}_{key}")

    async def state(
        self, key: str, wanted: Callable[[str], bool] | str, domain: str = "sensor", seconds: float = 60
    ) -> str:
        """Wait for an entity's state, and return it."""
        return await self._states.until(await self.id(key, domain), wanted, seconds)

    async def number(self, key: str, wanted: Callable[[float], bool] | float, seconds: float = 60) -> float:
        """Wait for a sensor's number, and return it."""
        accepts = wanted if callable(wanted) else partial(eq, wanted)

        def is_such_a_number(state: str) -> bool:
            try:
                return accepts(float(state))
            except ValueError:
                return False

        return float(await self.state(key, is_such_a_number, seconds=seconds))

    async def unit(self, key: str) -> str:
        """Return the unit of a sensor."""
        return self._states.unit(await self.id(key))
