"""The sessions of several guns on one car, shown as the one charge that they are (chapter 12)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from .ledger_reader import LedgerReader
from .sessions import Session, SessionFilter, SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelSession:
    """A parallel charge as the ledger has it: the sums of its guns' sessions."""

    parallel: str
    """The charge's number, 12 hex digits."""
    pile: str
    """Code of the hardware that is there now."""
    guns: tuple[int, ...]
    main_gun: int | None
    """None where the pile has not said which one it is."""
    transactions: tuple[str, ...]
    """Of the guns, in their order."""
    state: SessionState
    """`open` while any gun's is, `unbilled` while any gun's record is missing."""
    started: datetime | None
    """When the first gun began."""
    ended: datetime | None
    """When the last gun had ended; None while any is open."""
    energy: Decimal
    """kWh of all guns."""
    amount: Decimal
    """CNY of all guns, service included."""
    energy_amount: Decimal | None
    service_amount: Decimal | None
    """CNY of the amount; None where it is not known of a gun."""


def parallel_sessions(reader: LedgerReader, sessions: Iterable[Session]) -> list[ParallelSession]:
    """Return the parallel charges that sessions belong to, each with all of its guns, in the same order."""
    parts = {session.transaction: (session.pile, session.parallel) for session in sessions if session.parallel}
    return [
        _together(charge)
        for pile, number in dict.fromkeys(parts.values())
        for charge in _charges(reader.sessions(SessionFilter(guns=[(pile, None)], parallel=number)))
        if any(part.transaction in parts for part in charge)
    ]


def _charges(sessions: Iterable[Session]) -> Iterator[Sequence[Session]]:
    """Part the sessions with one number: a pile without a clock may number all charges alike, but no gun is in one twice."""
    charge: dict[int, Session] = {}
    for session in sessions:
        if session.gun in charge:
            yield [*charge.values()]
            charge = {}
        charge[session.gun] = session
    if charge:
        yield [*charge.values()]


def _together(sessions: Sequence[Session]) -> ParallelSession:
    parts = sorted(sessions, key=lambda session: session.gun)
    states = {part.state for part in parts}
    ended = [part.ended for part in parts if part.ended is not None]
    return ParallelSession(
        parallel=parts[0].parallel or "",
        pile=parts[0].pile,
        guns=tuple(part.gun for part in parts),
        main_gun=next((part.gun for part in parts if part.role == "main"), None),
        transactions=tuple(part.transaction for part in parts),
        state=next(state for state in SessionState if state in states),
        started=min((part.started for part in parts if part.started is not None), default=None),
        ended=max(ended) if len(ended) == len(parts) else None,
        energy=sum((part.energy for part in parts), Decimal(0)),
        amount=sum((part.amount for part in parts), Decimal(0)),
        energy_amount=_sum([part.energy_amount for part in parts]),
        service_amount=_sum([part.service_amount for part in parts]),
    )


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None
