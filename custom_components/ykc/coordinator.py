"""A pile between its connection and its entities."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
import logging
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.device_registry import AnyDeviceEntry
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util.signal_type import SignalType

from .const import CONF_PARKING_LOCKS, CONF_QR_DIALECT, DOMAIN, LOGGER
from .exceptions import translated_errors
from .happenings import Happening, PileWatch, card_presented
from .issues import (
    async_tell_billing_model,
    async_tell_contested,
    async_tell_firmware_update,
    async_tell_offline_cards,
    async_tell_uncontested,
)
from .pace import Pace
from .server.pile import Pile
from .server.qr_codes import QrDialect
from .server.start_requests import StartEvent
from .server.state import GunState, PileInfo, PileState
from .subentry import (
    chosen_limits,
    chosen_parameters,
    chosen_starts,
    limits_data,
    parameters_data,
    pile_data,
    pile_info,
    rated_power,
    start_data,
)

if TYPE_CHECKING:
    from .hub import Hub

type YkcConfigEntry = ConfigEntry[Hub]

SHOWN_AT_ONCE: Final = 60
"""Changes of one gun, its vehicle or the pile itself that are shown at once, while they come faster than `SHOW_INTERVAL`."""
SHOW_INTERVAL: Final = 1.0
"""Seconds after which one more is shown: what it has become meanwhile. A pile reports every 15 s and what changes at once."""
TOLD_AT_ONCE: Final = 300
"""Events of a pile that are told while they come faster than `TELL_INTERVAL`: 99 guns may lose their power at once."""
TELL_INTERVAL: Final = 1.0
"""Seconds after which one more is told."""
PILE: Final = 0
"""The context of listeners that show the pile itself, where those of a gun have its number."""


def vehicle_at(gun: int) -> int:
    """Return the context of listeners that show what the vehicle at a gun says, when nothing else has changed there."""
    return -gun


class PileCoordinator(DataUpdateCoordinator[PileState]):
    """Hands what a pile says to its entities, and their commands to the pile."""

    config_entry: YkcConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: YkcConfigEntry,
        subentry: ConfigSubentry,
        pile: Pile,
    ) -> None:
        """Listen to a pile that the listener knows."""
        super().__init__(hass, LOGGER, config_entry=entry, name=subentry.title)
        self.subentry = subentry
        self.pile = pile
        self.devices: dict[int | None, AnyDeviceEntry] = {}
        """The devices of the guns by number, and under None the pile's own."""
        self.applied: tuple[str, Mapping[str, Any]] | None = None
        """The subentry's title and data that devices and entities were made from."""
        self.data = pile.state
        self._watch = PileWatch(pile.state)
        self._updates: dict[int, dict[CALLBACK_TYPE, None]] = {}
        self._start_subscribers: list[Callable[[StartEvent], None]] = []
        self._show_pace = Pace(SHOWN_AT_ONCE, SHOW_INTERVAL)
        self._tell_pace = Pace(TOLD_AT_ONCE, TELL_INTERVAL)
        self._late: set[int] = set()
        """The parts that are shown at the next moment that they may be."""
        self._show_timer: asyncio.TimerHandle | None = None
        self._unsubscribe: CALLBACK_TYPE | None = self._listen()

    @property
    def info(self) -> PileInfo:
        """The pile as Home Assistant stores it, which its entities are made from."""
        return pile_info(self.subentry.data)

    @property
    def parking_locks(self) -> frozenset[int]:
        """The numbers of the guns that are known to have a parking lock."""
        return frozenset(self.subentry.data.get(CONF_PARKING_LOCKS, ()))

    @property
    def qr_dialect(self) -> QrDialect:
        """How the pile is told its QR code."""
        return QrDialect(self.subentry.data.get(CONF_QR_DIALECT, QrDialect.COMMON))

    @property
    def rated_power(self) -> float | None:
        """The pile's rated power in kW, where a person gave it."""
        return rated_power(self.subentry.data)

    def tariff_period(self, at: datetime) -> str:
        """Return the slug of the period of the pile's prices at a moment."""
        return self.pile.billing.model.period_at(at.astimezone(self.pile.site.time_zone))

    def _listen(self) -> CALLBACK_TYPE:
        """Listen to the pile, and return what ends that."""
        async_tell_offline_cards(self.hass, self.subentry.subentry_id, self.name, self.pile.state.offline_cards)
        self._tell_contested(self.pile.state)
        ends = self.pile.subscribe(self._handle_state), self.pile.start_requests.subscribe(self._handle_start_event)

        def end() -> None:
            async_tell_uncontested(self.hass, self.subentry.subentry_id)
            for unsubscribe in ends:
                unsubscribe()

        return end

    @callback
    @override
    def async_add_listener(self, update_callback: CALLBACK_TYPE, context: Any = None) -> Callable[[], None]:
        """Call back after each change, with a context only after those that may concern it.

        That is the number of a gun, `PILE`, or for what the vehicle at a gun says `vehicle_at` besides the number.

        Returns what ends that.
        """
        if context is None:
            return super().async_add_listener(update_callback)
        updates = self._updates.setdefault(context, {})
        updates[update_callback] = None
        return lambda: updates.pop(update_callback, None)

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Have all look at what the pile is."""
        super().async_update_listeners()
        self._update(self._updates)

    @callback
    def _show(self, parts: Collection[int]) -> None:
        """Have those look that show some parts of the pile, now or as soon as they may."""
        now = self.hass.loop.time()
        late = {part for part in parts if not self._show_pace.lets(part, now)}
        self._update(part for part in parts if part not in late)
        if late:
            self._late |= late
            self._show_timer = self._show_timer or self.hass.loop.call_later(SHOW_INTERVAL, self._show_late)

    @callback
    def _show_late(self) -> None:
        self._show_timer = None
        late, self._late = self._late, set()
        self._show(late)

    @callback
    def _update(self, parts: Iterable[int]) -> None:
        """Have those look that show some parts of the pile."""
        for part in [*parts]:
            for update in [*self._updates.get(part, ())]:
                try:
                    update()
                except Exception as err:  # noqa: BLE001
                    # As with Home Assistant's own: the fault of one is none of the others'. Its text may quote a VIN.
                    self.pile.site.trouble.note(
                        "fault", "Something of pile %s could not be shown", self.name, level=logging.ERROR, error=err
                    )

    @callback
    def async_subscribe_start_events(self, subscriber: Callable[[StartEvent], None]) -> CALLBACK_TYPE:
        """Tell what the requests of drivers at the pile come to; returns what ends that."""
        self._start_subscribers.append(subscriber)
        return lambda: self._start_subscribers.remove(subscriber)

    @callback
    def _handle_start_event(self, event: StartEvent) -> None:
        if not self._may_tell():
            return
        for subscriber in self._start_subscribers[:]:
            subscriber(event)
        if (presented := card_presented(event)) is not None:
            self._tell((presented,))

    @callback
    def _tell(self, happenings: Iterable[Happening]) -> None:
        """Tell what happened, to whoever listens."""
        for happening in happenings:
            if self._may_tell():
                async_dispatcher_send(self.hass, HAPPENED, self, happening)

    def _may_tell(self) -> bool:
        """Tell whether one more event is one that can have happened, and not a pile that runs wild."""
        if self._tell_pace.lets(PILE, self.hass.loop.time()):
            return True
        self.pile.site.trouble.note("too_many_events", "At pile %s more happens than is told", self.name)
        return False

    @callback
    def async_attach(self, pile: Pile) -> None:
        """Listen to the pile as it is known from now on."""
        self.pile = pile
        self._watch = PileWatch(pile.state)
        self._unsubscribe = self._listen()
        self.async_set_updated_data(pile.state)

    @callback
    def async_detach(self) -> None:
        """Listen no more: the pile is about to be closed."""
        if self._show_timer is not None:
            self._show_timer.cancel()
            self._show_timer = None
            self._update(self._late)
            self._late = set()
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    @override
    async def async_shutdown(self) -> None:
        """Listen no more."""
        self.async_detach()
        await super().async_shutdown()

    @override
    async def _async_update_data(self) -> PileState:
        """Return what the pile said last: it speaks when it has something to say."""
        return self.pile.state

    @property
    def is_approved(self) -> bool:
        """Whether the pile is still there: its removal or replacement may be under way."""
        subentry = self.subentry
        return subentry.subentry_id in self.config_entry.subentries and subentry.unique_id == self.pile.code

    @callback
    def _handle_state(self) -> None:
        """Pass on what the pile has become."""
        old, new = self.data, self.pile.state
        self._store(old, new)
        if (update := new.firmware_update) is not None and update is not old.firmware_update:
            async_tell_firmware_update(self.hass, self.subentry.subentry_id, self.name, update)
        if new.billing_model is not old.billing_model:
            number = self.pile.billing.model.number
            async_tell_billing_model(self.hass, self.subentry.subentry_id, self.name, new.billing_model, number)
        if new.offline_cards != old.offline_cards:
            async_tell_offline_cards(self.hass, self.subentry.subentry_id, self.name, new.offline_cards)
        if new.logins.contested_by != old.logins.contested_by:
            self._tell_contested(new)
        if new.online != old.online:
            LOGGER.info("Pile %s is %s", self.name, "online" if new.online else "offline")
        self.data = new
        super().async_update_listeners()
        self._show([*self._updates] if new.online != old.online else _changed_parts(old, new))
        self._tell(self._watch.take(new))

    @callback
    def _tell_contested(self, state: PileState) -> None:
        async_tell_contested(self.hass, self.subentry.subentry_id, self.name, state.logins)

    @callback
    def _store(self, old: PileState, new: PileState) -> None:
        """Keep what the pile says that it is and has, and what is wanted of it: they outlive a restart."""
        learnt: dict[str, Any] = pile_data(new.info) if new.info != old.info else {}
        locks = {number for number, gun in new.guns.items() if gun.parking_lock is not None}
        if not locks <= self.parking_locks:
            learnt[CONF_PARKING_LOCKS] = sorted(locks | self.parking_locks)
        if new.desired_parameters != chosen_parameters(self.subentry.data):
            learnt |= parameters_data(new.desired_parameters)
        if new.start_when_plugged != chosen_starts(self.subentry.data):
            learnt |= start_data(new.start_when_plugged)
        if new.session_limits != chosen_limits(self.subentry.data):
            learnt |= limits_data(new.session_limits)
        if learnt and self.is_approved:
            # The update listener then brings devices and entities up to date.
            self.hass.config_entries.async_update_subentry(
                self.config_entry,
                self.subentry,
                data={**self.subentry.data, **learnt},
            )

    @contextmanager
    def commanding(self) -> Iterator[Pile]:
        """Give the pile to whoever commands it: what that runs into is raised in the user's language."""
        with translated_errors(self.name):
            yield self.pile


def _changed_parts(old: PileState, new: PileState) -> list[int]:
    """Return the numbers of the guns that are not what they were, and `PILE` if anything else is not."""
    parts = [*(old.guns.keys() - new.guns.keys())]
    for number, gun in new.guns.items():
        was = old.guns.get(number)
        if was is gun:
            continue
        # Vehicles speak twice as often as their guns, and few entities listen to them.
        alone = was is not None and was.bms is not gun.bms and _of_gun(was) == _of_gun(gun)
        parts.append(vehicle_at(number) if alone else number)
    if any(was is not now for was, now in zip(_of_pile(old), _of_pile(new), strict=True)):
        parts.append(PILE)
    return parts


_of_gun: Final = attrgetter(*(part.name for part in fields(GunState) if part.name != "bms"))
_of_pile: Final = attrgetter(*(part.name for part in fields(PileState) if part.name != "guns"))

HAPPENED: SignalType[PileCoordinator, Happening] = SignalType(f"{DOMAIN}_happened")
"""What happens at any pile, as long as its listener runs."""
