"""The port that piles dial in to: bind, accept, log in, limits, close."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
import errno
import logging
from sys import intern
import time
from types import MappingProxyType
from typing import Final

from ..protocol import Code, Login, LoginReply, LoginResult
from .access import Access
from .accounts import Account, EntryKind
from .booking import Booking
from .connection import Connection
from .errors import LedgerFailed
from .ledger import Ledger, LedgerError
from .limits import MAX_CONNECTIONS, MAX_GUNS, MAX_PILES_PER_CONNECTION, Timing
from .month import month_began
from .networks import Networks
from .pile import Pile
from .settings import PileSettings
from .state import PileInfo
from .strangers import Strangers
from .taps import Taps
from .tariff import BillingModel
from .trouble import Trouble
from .watch import Watch

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerSettings:
    """What may change while piles are connected."""

    time_zone: tzinfo
    """Where the piles are: their clocks are local."""
    billing_model: BillingModel
    access: Access = Access()
    """Who may start at the piles themselves."""
    networks: Networks = Networks()
    """Where connections may come from."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A pile that called and is not approved."""

    info: PileInfo
    address: str


_NO_SETTINGS: Final = PileSettings()
"""Of piles for which nobody chose."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _slug(code: int) -> str:
    return code.slug if isinstance(code, Code) else str(int(code))


def pile_info(login: Login) -> PileInfo:
    """Return what a login says (6.1), fit to be stored, shown and logged."""
    return PileInfo(
        code=login.pile,
        pile_type=_slug(login.pile_type),
        gun_count=min(max(login.gun_count, 1), MAX_GUNS),
        # All piles of a make say the same.
        protocol_version=intern(f"{login.protocol_version:.1f}"),
        software_version=intern("".join(filter(str.isprintable, login.software_version)).strip()) or None,
        network=_slug(login.network),
        operator=_slug(login.operator),
        sim=login.sim if login.sim.strip("0") else None,
    )


async def _bind(factory: Callable[[], asyncio.BaseProtocol], host: str, port: int) -> asyncio.Server:
    """Bind; raises OSError, also for what can be no address."""
    try:
        return await asyncio.get_running_loop().create_server(factory, host, port, backlog=1024)
    except (ValueError, OverflowError) as err:
        # Among them UnicodeError, of a name that IDNA cannot have.
        raise OSError(errno.EADDRNOTAVAIL, f"{host!r} port {port} is no address: {err}") from err


async def probe(host: str, port: int) -> None:
    """Try whether the port can be had; raises OSError."""
    server = await _bind(asyncio.Protocol, host, port)
    server.close()
    await server.wait_closed()


class Listener:
    """A bound port with the piles that are approved on it."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        ledger: Ledger,
        settings: ListenerSettings,
        on_stranger: Callable[[Stranger], None],
        taps: Taps | None = None,
        timing: Timing | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Prepare; `start` binds. Port 0 takes a free one."""
        self.ledger = ledger
        self.taps = taps or Taps()
        self.timing = timing or Timing()
        self.trouble = Trouble()
        self.now = now
        self.port = port
        self._host = host
        self._settings = settings
        self._on_stranger = on_stranger
        self._server: asyncio.Server | None = None
        self._utc_offset = self._local_offset()
        self._clock_base = self._clock_shift()
        self._month_began = month_began(now(), settings.time_zone)
        self._time_watch: asyncio.TimerHandle | None = None
        self._piles: dict[str, Pile] = {}
        self.watch = Watch(self._piles.values, self.trouble, self.timing.watch)
        self._connections: dict[Connection, None] = {}
        self._strangers = Strangers()

    # The piles

    @property
    def piles(self) -> Mapping[str, Pile]:
        """The approved piles, by code."""
        return MappingProxyType(self._piles)

    @property
    def connection_count(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    @property
    def stranger_count(self) -> int:
        """How many of them have not logged in."""
        return self._strangers.total()

    @property
    def time_zone(self) -> tzinfo:
        """Where the piles are."""
        return self._settings.time_zone

    @property
    def billing_model(self) -> BillingModel:
        """The model that is to be in force."""
        return self._settings.billing_model

    @property
    def access(self) -> Access:
        """Who may start at the piles themselves."""
        return self._settings.access

    @property
    def networks(self) -> Networks:
        """Where connections may come from."""
        return self._settings.networks

    def apply(self, settings: ListenerSettings) -> None:
        """Take new settings; no connection is dropped."""
        moved = settings.time_zone != self._settings.time_zone
        self._settings = settings
        for connection in [*self._connections]:
            if not settings.networks.allow(connection.address):
                self._turn_away(connection, "closed")
                connection.close("its address is not allowed any more")
        for pile in self._piles.values():
            pile.billing.apply()
            pile.offline_cards.apply()
        if moved:
            self._set_clocks()

    def _local_offset(self) -> timedelta | None:
        """Return what local time is ahead of UTC by, now."""
        return self.now().astimezone(self.time_zone).utcoffset()

    def _clock_shift(self) -> float:
        """Return what our clock is ahead of monotonic time by, in seconds: it stays, but where the clock is set."""
        return self.now().timestamp() - time.monotonic()

    def _set_clocks(self) -> None:
        """Set all clocks soon: local time is not what it was."""
        self._utc_offset = self._local_offset()
        self._clock_base = self._clock_shift()
        for pile in self._piles.values():
            pile.clock.set_soon()

    def _watch_local_time(self) -> None:
        """Notice when daylight saving time begins or ends, when our clock was set, and when a month begins."""
        was_set = abs(self._clock_shift() - self._clock_base) > self.timing.clock_jump
        if was_set or self._local_offset() != self._utc_offset:
            self._set_clocks()
        began = month_began(self.now(), self.time_zone)
        if began != self._month_began:
            self._month_began = began
            for pile in self._piles.values():
                pile.publish()
        self._time_watch = asyncio.get_running_loop().call_later(self.timing.time_zone, self._watch_local_time)

    async def add_pile(self, info: PileInfo, settings: PileSettings | None = None) -> Pile:
        """Approve a pile that is not yet; raises `LedgerError`."""
        (pile,) = await self.add_piles({info: settings or _NO_SETTINGS})
        return pile

    async def add_piles(self, piles: Mapping[PileInfo, PileSettings]) -> list[Pile]:
        """Approve piles that are not yet; raises `LedgerError`."""
        histories = await self.ledger.load_all([info.code for info in piles], self.now())
        added = []
        for (info, settings), history in zip(piles.items(), histories, strict=True):
            pile = self._piles[info.code] = Pile(info, self, history, settings)
            added.append(pile)
        return added

    async def remove_pile(self, code: str) -> None:
        """Let go of a pile and its connection; the ledger keeps what it knows."""
        pile = self._piles.pop(code)
        pile.close()
        await pile.closed()

    # Balances

    async def change_balance(self, booking: Booking, kind: EntryKind, amount: Decimal, note: str = "") -> Account:
        """Add CNY to a driver's balance, below zero to take some; the charges under way may cost accordingly.

        Raises `LedgerFailed`.
        """
        try:
            changed = await self.ledger.change_balance(booking, kind, amount, note, self.now())
        except LedgerError as err:
            raise LedgerFailed(error=str(err)) from err
        piles = {pile.ledger_id: pile for pile in self._piles.values()}
        for allowance in changed.allowances:
            if (pile := piles.get(allowance.pile_id)) is not None:
                pile.prepaid.allow(allowance)
        return changed.account

    async def settle_unpaid(self, booking: Booking) -> Account:
        """Take what was reported of a driver's sessions that have no bill; raises `LedgerFailed`."""
        try:
            piles = [pile.ledger_id for pile in self._piles.values()]
            return await self.ledger.settle_unpaid(booking, piles, self.now())
        except LedgerError as err:
            raise LedgerFailed(error=str(err)) from err

    # Bind and close

    async def start(self) -> None:
        """Bind; raises OSError when the port cannot be had."""
        self._server = await _bind(lambda: Connection(self), self._host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        self._watch_local_time()
        _LOGGER.info("Listening for piles on %s port %d", self._host, self.port)

    async def close(self) -> None:
        """Close every connection; on return the port is free and nothing runs."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        if self._time_watch is not None:
            self._time_watch.cancel()
            self._time_watch = None
        self.watch.close()
        for pile in self._piles.values():
            pile.close()
        for connection in [*self._connections]:
            connection.close("the listener closes")
        await asyncio.gather(*(pile.closed() for pile in self._piles.values()))
        if server is not None:
            # What was written has had its chance: a peer that reads nothing ends here.
            await asyncio.sleep(0)
            server.abort_clients()
            await server.wait_closed()

    # What connections ask

    def admit(self, connection: Connection) -> bool:
        """Say whether a connection may come from where it does, and whether there is room for it."""
        if not self._settings.networks.allow(connection.address):
            self._turn_away(connection, "refused")
            return False
        self._connections[connection] = None
        surplus = self._strangers.add(connection)
        if len(self._connections) > MAX_CONNECTIONS:
            surplus = connection
        if surplus is None:
            return True
        self.trouble.note(
            "refused_connection",
            "A connection from %s was refused: too many that have not logged in",
            surplus.address,
        )
        if surplus is not connection:
            surplus.close("too many connections")
        return surplus is not connection

    def _turn_away(self, connection: Connection, what: str) -> None:
        self.trouble.note(
            "foreign_connection",
            "A connection from %s was %s: no allowed network of this listener has that address. "
            "Add it to the allowed networks if a pile of yours is there",
            connection.address,
            what,
        )

    def login(self, connection: Connection, login: Login, sequence: bytes) -> None:
        """Accept or refuse a pile (6.2)."""
        info = pile_info(login)
        pile = self._piles.get(info.code)
        if pile is None:
            self._refuse(connection, info, sequence, "it is not approved")
            self._on_stranger(Stranger(info, connection.address))
        elif info.code not in connection.piles and len(connection.piles) >= MAX_PILES_PER_CONNECTION:
            pile.logins.refuse(connection.address)
            self._refuse(connection, info, sequence, "too many piles share its connection")
        elif not pile.settings.allow(connection.address):
            pile.logins.refuse(connection.address)
            self._refuse(connection, info, sequence, "it is pinned to another address", kind="foreign_login")
        else:
            if not connection.logged_in:
                self._strangers.remove(connection)
            _LOGGER.log(
                # A pile whose link drops often must not fill the log.
                logging.DEBUG if pile.state.online else logging.INFO,
                "Pile %s logged in from %s: %s, %d guns, V%s, software %s",
                info.code,
                connection.address,
                info.pile_type.upper(),
                info.gun_count,
                info.protocol_version,
                info.software_version,
            )
            # The connection first: should the reply end it, the pile is told.
            pile.connect(connection, info)
            connection.reply(LoginReply(pile=info.code, result=LoginResult.OK), sequence)

    def _refuse(
        self, connection: Connection, info: PileInfo, sequence: bytes, reason: str, kind: str = "refused_login"
    ) -> None:
        self.trouble.note(kind, "Pile %s at %s was refused: %s", info.code, connection.address, reason)
        connection.reply(LoginReply(pile=info.code, result=LoginResult.REFUSED), sequence)
        connection.refused()

    def forget(self, connection: Connection) -> None:
        """Learn that a connection is gone."""
        self._connections.pop(connection, None)
        self._strangers.remove(connection)
