"""The cards that may charge at a pile while it has no connection (8.11 to 8.16).

A pile is to have the cards of the drivers that are marked for offline use and
may charge there, and those that a person added by hand. What it was told and
what it answered is in the ledger before and after each command, so that nothing
is sent again without need, and no card is in a pile that nobody knows of.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, override

from .access import Driver, masked
from .card_exchange import CARDS_PER_QUERY, look_for, remove, store
from .card_list import (
    NO_OFFLINE_CARDS,
    PROBLEMS,
    REFUSALS,
    ByHand,
    CardList,
    CardOrder,
    CardReport,
    CardsStatus,
    CardState,
    KnownCard,
    OfflineCardsState,
)
from .conversation import Conversation
from .errors import CommandError, OfflineCardBarred, PileOffline
from .history import LedgerError

if TYPE_CHECKING:
    from .pile import Pile

_NONE: Final[Mapping[str, Any]] = MappingProxyType({})
_SETTLED = REFUSALS - {CardState.NO_SPACE} | {CardState.STORED}
"""What a pile said to a card and would say again."""


class OfflineCards(Conversation):
    """What is said of offline cards."""

    __slots__ = ("_busy", "_due", "_known", "_left", "_order", "_wanted_before", "state")

    PARTS: ClassVar = {"_busy": lambda _: asyncio.Lock()}

    _busy: asyncio.Lock
    """Who has it changes the pile's cards."""

    def __init__(self, pile: Pile, known: CardList) -> None:
        """Take up what the pile said before."""
        super().__init__(pile)
        self._known: Mapping[str, KnownCard] = known.cards or _NONE
        """By card as its driver has it, what the pile was told, or a person decided."""
        self._order = known.order
        self._due: asyncio.TimerHandle | None = None
        self._left: float | None = None
        """When the connection was lost, in monotonic time."""
        self._wanted_before: Mapping[str, str] = self._wanted() or _NONE
        """As it was shown last."""
        self.state = self._new_state()

    # What is wanted

    def _drivers(self) -> dict[str, Driver]:
        """Return the drivers with a card, by card."""
        return {driver.card: driver for driver in self.site.access.drivers if driver.card is not None}

    def _may_charge(self, driver: Driver) -> bool:
        return driver.enabled and (driver.piles is None or self.pile.code in driver.piles)

    def _marked(self) -> dict[str, str]:
        """Return the logical cards of the drivers marked for offline use who may charge here, by card."""
        drivers = self._drivers().items()
        return {card: d.logical_card for card, d in drivers if d.offline and self._may_charge(d)}

    def _wanted(self) -> dict[str, str]:
        """Return the cards that the pile is to have, with their logical numbers."""
        drivers, marked = self._drivers(), self._marked()
        added = {
            card: known.logical_card
            for card, known in self._known.items()
            if known.by_hand is ByHand.ADDED and (card not in drivers or self._may_charge(drivers[card]))
        }
        left_out = {card for card, known in self._known.items() if known.by_hand is ByHand.REMOVED}
        return added | {card: logical for card, logical in marked.items() if card not in left_out}

    def _missing(self) -> dict[str, str]:
        """Return what is wanted and the pile has not taken, nor refused for good."""
        return {card: logical for card, logical in self._wanted().items() if not self._is_settled(card, logical)}

    def _is_settled(self, card: str, logical: str) -> bool:
        known = self._known.get(card)
        return (
            known is not None
            and known.state in _SETTLED
            and (known.sent, known.logical_card) == (self._order.turn(card), logical)
        )

    def _refused(self) -> dict[str, str]:
        """Return what is wanted and the pile refuses."""
        return {card: logical for card, logical in self._wanted().items() if self._of(card).state in REFUSALS}

    def _surplus(self) -> list[str]:
        """Return what the pile may have and is not wanted, or no longer in this form."""
        wanted = self._wanted()
        return [
            card
            for card, known in self._known.items()
            if known.sent and (card not in wanted or known.sent != self._order.turn(card))
        ]

    def _new_state(self) -> OfflineCardsState:
        drivers, wanted, surplus = self._drivers(), self._wanted(), self._surplus()
        if not wanted and not surplus:
            return NO_OFFLINE_CARDS
        nothing = KnownCard(card="", state=CardState.MISSING)
        states = {card: self._known.get(card, nothing).state for card in (*wanted, *surplus)}
        problems = {card for card, state in states.items() if state in PROBLEMS}
        stored = sum(self._is_settled(card, wanted[card]) and states[card] is CardState.STORED for card in wanted)
        status = CardsStatus.PROBLEM if problems else CardsStatus.IN_STEP
        if not problems and (surplus or stored < len(wanted)):
            status = CardsStatus.PENDING
        return OfflineCardsState(
            status=status,
            wanted=len(wanted),
            stored=stored,
            cards=tuple(
                CardReport(card=masked(card), driver=drivers[card].name if card in drivers else None, state=state)
                for card, state in sorted(states.items(), key=lambda item: (item[0] not in problems, item[0]))
            ),
        )

    # When it is done

    @override
    async def greet(self) -> None:
        if not self._known and not self._wanted():
            return
        now = asyncio.get_running_loop().time()
        # Another pile may answer now, or one that was reset.
        in_doubt = self._left is None or now - self._left > self.site.timing.short_absence
        await asyncio.shield(self.pile.spawn(self.pile.quietly(self._synchronise(in_doubt=in_doubt))))

    @override
    def suspend(self) -> None:
        self._left = asyncio.get_running_loop().time()
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def apply(self) -> None:
        """Take the drivers as they are now; the pile is told soon, when no more changes come."""
        marked, wanted = self._marked(), self._wanted()
        # Who takes a mark off and sets it again wants the card back.
        outlived = [
            replace(known, by_hand=None)
            for card, known in self._known.items()
            if known.by_hand is ByHand.REMOVED and card not in marked
        ]
        if outlived:
            self._known = {**self._known, **{known.card: known for known in outlived}}
        gone = [c for c, known in self._known.items() if not known.sent and known.by_hand is None and c not in wanted]
        self._forget(gone)
        if outlived or gone:
            self.pile.spawn(self._write(outlived, gone))
        if wanted == self._wanted_before:
            self._show()
        else:
            self._tell_soon()

    def see(self, card: str, shown: str) -> None:
        """Learn from a driver's card, as the pile shows it, how its firmware writes cards."""
        if self._order.turn(card) == shown:
            return
        self._order = next((order for order in CardOrder if order.turn(card) == shown), self._order)
        self.pile.spawn(self._write(order=self._order))
        self._tell_soon()

    def _tell_soon(self) -> None:
        """Show how things are, and have the pile told if there is something to tell."""
        self._show()
        if self.pile.line.connection is not None and (self._missing() or self._surplus()):
            self._stop_timer()
            delay = self.site.timing.offline_cards
            self._due = asyncio.get_running_loop().call_later(delay, self._synchronise_now)

    def _synchronise_now(self) -> None:
        self._due = None
        self.pile.spawn(self.pile.quietly(self._synchronise()))

    async def _synchronise(self, *, in_doubt: bool = False) -> None:
        """Make the pile's cards those that are wanted; raises `CommandError`."""
        patience = self.site.timing.background
        async with self._busy:
            if in_doubt:
                await self.pile.quietly(self._verify(patience))
            # A pile that answers no removal may take cards all the same.
            await self.pile.quietly(_all_of(self._remove(self._surplus(), patience)))
            await _all_of(self._add(self._missing(), patience))

    async def _verify(self, patience: float) -> None:
        """Ask for some of the cards that the pile has taken, and for all when one of them is missing."""
        stored = [card for card in self._wanted() if self._of(card).state is CardState.STORED]
        first, others = stored[:CARDS_PER_QUERY], stored[CARDS_PER_QUERY:]
        states = await _all_of(self._query(first, patience))
        if CardState.MISSING in states.values():
            await _all_of(self._query(others, patience))

    # What people want

    async def add(self, cards: Mapping[str, str]) -> dict[str, CardState]:
        """Store cards, with their logical numbers, and return what became of each.

        They stay until they are removed by hand; what the pile does not answer is
        sent again after its next login, what it refuses is not kept. Raises
        `OfflineCardBarred`, `PileOffline`, and `NoReply` where nothing was answered.
        """
        drivers = self._drivers()
        for card in cards:
            if card in drivers and not self._may_charge(drivers[card]):
                raise OfflineCardBarred(pile=self.pile.code, driver=drivers[card].name)
        self._check_connected()
        async with self._busy:
            wanted = (replace(self._of(card), logical_card=cards[card], by_hand=ByHand.ADDED) for card in cards)
            await self._keep([replace(known, state=CardState.NO_REPLY) for known in wanted])
            states = await _answered(cards, self._add(cards, self.site.timing.command))
            marked = self._marked()
            refused = [card for card in cards if states[card] in REFUSALS]
            await self._keep(
                [replace(self._of(card), by_hand=None) for card in refused if card in marked],
                forget=[card for card in refused if card not in marked],
            )
        return states

    async def remove(self, cards: Iterable[str]) -> dict[str, CardState]:
        """Remove cards and return what became of each; that of a driver who is marked then stays away.

        What the pile does not answer is sent again after its next login. Raises
        `PileOffline`, and `NoReply` where nothing was answered.
        """
        cards = [*cards]
        self._check_connected()
        async with self._busy:
            marked = self._marked()
            await self._keep(
                [
                    replace(
                        self._of(card),
                        sent=self._sent(card),
                        state=CardState.NO_REPLY,
                        by_hand=ByHand.REMOVED if card in marked else None,
                    )
                    for card in cards
                ]
            )
            return await _answered(cards, self._remove(cards, self.site.timing.command))

    async def query(self, cards: Iterable[str] | None = None) -> dict[str, CardState]:
        """Ask whether the pile has cards: `STORED`, `MISSING`, `NO_REPLY`; without `cards` all it is to have.

        Raises `PileOffline`, and `NoReply` where nothing was answered.
        """
        self._check_connected()
        async with self._busy:
            cards = [*(self._wanted() if cards is None else cards)]
            states = await _answered(cards, self._query(cards, self.site.timing.command))
        if CardState.MISSING in states.values():
            self._tell_soon()
        return states

    async def tell_again(self) -> bool:
        """Have the pile told everything, also what it refused for good; tell whether there is no problem any more.

        Raises `PileOffline` and `NoReply`.
        """
        self._check_connected()
        patience = self.site.timing.command
        async with self._busy:
            await _all_of(self._remove(self._surplus(), patience))
            await _all_of(self._add(self._missing() | self._refused(), patience))
        return self.state.status is not CardsStatus.PROBLEM

    async def leave_out_refused(self) -> bool:
        """Give up the cards that the pile refuses, as if they were removed by hand; returns and raises as `tell_again`."""
        await self.remove(self._refused())
        return self.state.status is not CardsStatus.PROBLEM

    def _check_connected(self) -> None:
        if self.pile.line.connection is None:
            raise PileOffline(pile=self.pile.code)

    # How it is done

    def _of(self, card: str) -> KnownCard:
        return self._known.get(card, KnownCard(card=card))

    def _sent(self, card: str) -> str:
        """Return a card as the pile has it, or would."""
        return self._of(card).sent or self._order.turn(card)

    async def _add(self, cards: Mapping[str, str], patience: float) -> AsyncIterator[dict[str, CardState]]:
        turned = {self._order.turn(card): card for card in cards}
        async for states in store(self.pile, {sent: cards[card] for sent, card in turned.items()}, patience):
            await self._keep(
                [
                    replace(self._of(turned[sent]), logical_card=cards[turned[sent]], sent=sent, state=state)
                    for sent, state in states.items()
                ]
            )
            yield {turned[sent]: state for sent, state in states.items()}

    async def _remove(self, cards: Iterable[str], patience: float) -> AsyncIterator[dict[str, CardState]]:
        turned = {self._sent(card): card for card in cards}
        async for states in remove(self.pile, turned, patience):
            told = [(self._of(turned[sent]), sent, state) for sent, state in states.items()]
            gone = [known.card for known, _, state in told if state is CardState.REMOVED and known.by_hand is None]
            await self._keep(
                [
                    replace(known, sent="" if state is CardState.REMOVED else sent, state=state)
                    for known, sent, state in told
                    if known.card not in gone
                ],
                forget=gone,
            )
            yield {turned[sent]: state for sent, state in states.items()}

    async def _query(self, cards: Iterable[str], patience: float) -> AsyncIterator[dict[str, CardState]]:
        turned = {self._sent(card): card for card in cards}
        async for states in look_for(self.pile, turned, patience):
            wanted = self._wanted()
            missing = [self._of(turned[sent]) for sent, state in states.items() if state is CardState.MISSING]
            await self._keep(
                [
                    replace(known, sent="", state=CardState.MISSING)
                    for known in missing
                    if known.state is CardState.STORED and known.card in wanted
                ]
            )
            yield {turned[sent]: state for sent, state in states.items()}

    # What is kept

    async def _keep(self, known: list[KnownCard], forget: list[str] | None = None) -> None:
        """Remember what is known of cards, forget those that are nothing any more, and write it down."""
        forgotten = [card for card in forget or () if card in self._known]
        if known or forgotten:
            self._forget(forgotten)
            self._known = {**self._known, **{item.card: item for item in known}}
            self._show()
            await self._write(known, forgotten)

    def _forget(self, cards: Iterable[str]) -> None:
        if gone := frozenset(cards):
            self._known = {card: known for card, known in self._known.items() if card not in gone}

    def _show(self) -> None:
        self._wanted_before = self._wanted() or _NONE
        self.state = self._new_state()
        self.pile.publish()

    async def _write(
        self, known: Iterable[KnownCard] = (), forgotten: Iterable[str] = (), order: CardOrder | None = None
    ) -> None:
        try:
            await self.site.ledger.keep_cards(self.pile.ledger_id, known, forgotten, order)
        except LedgerError as err:
            self.site.trouble.note("ledger", "Offline cards of %s could not be written: %s", self.pile.code, err)


async def _all_of(answers: AsyncIterator[dict[str, CardState]]) -> dict[str, CardState]:
    """Return what a pile said of each card last; raises `CommandError`."""
    states: dict[str, CardState] = {}
    async for some in answers:
        states |= some
    return states


async def _answered(cards: Iterable[str], answers: AsyncIterator[dict[str, CardState]]) -> dict[str, CardState]:
    """Return what a pile said of each card; raises `CommandError` if it was of none."""
    states = dict.fromkeys(cards, CardState.NO_REPLY)
    try:
        async for some in answers:
            states |= some
    except CommandError:
        if set(states.values()) <= {CardState.NO_REPLY}:
            raise
    return states
