"""Who may start a charge at a pile: the drivers that are known, and what holds for all others.

A driver shows a card, types an account with its password, or brings a vehicle
whose VIN the pile reads (8.1). `decide` says what the platform answers (8.2). It
asks nobody and remembers nothing.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from hashlib import md5
import re
from typing import Final

from ..protocol import NO_CARD, Record, StartDenial, StartMethod, StartRequestBody, YesNo
from .booking import Booking
from .limits import DEFAULT_BALANCE

_NO_PASSWORD: Final = bytes(16)
_CARD: Final = re.compile("[0-9a-f]{16}")


class Policy(StrEnum):
    """What becomes of a driver that nobody knows."""

    REFUSE = "refuse"
    ALLOW = "allow"
    ASK = "ask"
    """A person or an automation has a few seconds to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """Somebody who may charge, by whichever of the three ways are given."""

    name: str
    id: str = ""
    """What the ledger books on; "" books on nobody."""
    card: str | None = None
    """Physical card number, 16 hex digits; None for no card."""
    logical_card: str = NO_CARD
    """Shown on the pile's screen, 16 digits."""
    vin: str | None = None
    """17 characters, upper case."""
    account: str | None = None
    """16 digits."""
    password_hash: str | None = field(default=None, repr=False)
    """As `hash_password` makes it."""
    enabled: bool = True
    offline: bool = False
    """The card also charges at piles that have no connection."""
    piles: frozenset[str] | None = None
    """Codes of the piles that the driver may use; None for all."""
    prepaid: bool = False
    """Charges are paid from the driver's balance in the ledger."""
    charge_limit: Decimal | None = None
    """CNY of it that one charge may cost at most; None for all there is."""

    @property
    def booking(self) -> Booking:
        """How charges are booked on the driver."""
        return Booking(driver=self.id, name=self.name, prepaid=self.prepaid, limit=self.charge_limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may start at the piles of a listener."""

    drivers: tuple[Driver, ...] = ()
    policy: Policy = Policy.REFUSE

    def of_card(self, number: str) -> tuple[Driver | None, bool]:
        """Return whose card it is, 16 hex digits, and whether its bytes came in reverse."""
        if number == NO_CARD:
            return None, False
        cards = {driver.card: driver for driver in reversed(self.drivers) if driver.card is not None}
        if number in cards or not _CARD.fullmatch(number):
            # What is no number is nobody's card.
            return cards.get(number), False
        found = next((cards[card] for card in reversed_cards(number) if card in cards), None)
        return found, found is not None

    def of_account(self, number: str) -> Driver | None:
        """Return whose account it is, 16 digits."""
        return next((driver for driver in self.drivers if number != NO_CARD and driver.account == number), None)

    def of_vin(self, vin: str) -> Driver | None:
        """Return whose vehicle it is."""
        return next((driver for driver in self.drivers if vin and driver.vin == vin.upper()), None)

    def of_record(self, record: Record) -> tuple[Driver | None, bool]:
        """Return whose session a record bills, and whether its card says so; else its vehicle does."""
        driver, _ = self.of_card(record.card)
        if driver is not None or record.card != NO_CARD:
            return driver, driver is not None
        return self.of_vin(record.vin), False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the platform says to a request."""

    authorised: bool = False
    reason: StartDenial = StartDenial.NONE
    """Why not (8.2); `NONE` where it is authorised, or yet to be asked."""
    logical_card: str = NO_CARD
    balance: Decimal = Decimal(0)
    """CNY; the pile stops when it is used up."""
    driver: Driver | None = None
    reversed: bool = False
    """The card is the driver's with its bytes in reverse, as some firmware sends it."""

    @property
    def to_be_asked(self) -> bool:
        """Whether somebody else has to decide."""
        return not self.authorised and self.reason is StartDenial.NONE


def hash_password(password: str) -> str:
    """Return a password as piles send it: the middle 16 digits of its MD5, in lower case (8.1)."""
    return md5(password.encode(), usedforsecurity=False).hexdigest()[8:24]


def reversed_cards(card: str) -> tuple[str, ...]:
    """Return how firmware that reverses a card's bytes may write it: all eight, or those behind the padding."""
    number = bytes.fromhex(card)
    significant = number.lstrip(b"\0")
    return number[::-1].hex(), significant[::-1].rjust(len(number), b"\0").hex()


def masked(number: str) -> str:
    """Return a card, an account or a VIN as it may be shown and logged; "" where there is none."""
    return f"****{''.join(filter(str.isprintable, number[-4:]))}" if number.strip("0") else ""


def allow(driver: Driver | None = None, *, turned: bool = False) -> Decision:
    """Return the decision that a driver, known or not, may charge; some piles refuse a low balance."""
    return Decision(
        authorised=True,
        logical_card=NO_CARD if driver is None else driver.logical_card,
        balance=Decimal(DEFAULT_BALANCE),
        driver=driver,
        reversed=turned,
    )


def decide(request: StartRequestBody, pile: str, access: Access, *, in_service: bool = True) -> Decision:
    """Say whether a request at pile `pile` is authorised, refused, or to be asked."""
    driver, turned = _find(request, access)
    if not in_service:
        return Decision(reason=StartDenial.PILE_DISABLED, driver=driver, reversed=turned)
    if driver is None:
        return _unknown(request, access.policy)
    reason = _refusal(request, pile, driver)
    if reason is StartDenial.NONE:
        return allow(driver, turned=turned)
    return Decision(reason=reason, driver=driver, reversed=turned)


def _find(request: StartRequestBody, access: Access) -> tuple[Driver | None, bool]:
    """Return the driver of a request, and whether the card came in reverse."""
    match request.method:
        case StartMethod.CARD:
            return access.of_card(request.account_or_card)
        case StartMethod.ACCOUNT:
            return access.of_account(request.account_or_card), False
        case StartMethod.VIN:
            return access.of_vin(request.vin), False
    return None, False


def _unknown(request: StartRequestBody, policy: Policy) -> Decision:
    match policy:
        case Policy.ALLOW:
            return allow()
        case Policy.ASK:
            return Decision()
    by_vin = request.method == StartMethod.VIN
    return Decision(reason=StartDenial.VIN_UNKNOWN if by_vin else StartDenial.NO_ACCOUNT)


def _refusal(request: StartRequestBody, pile: str, driver: Driver) -> StartDenial:
    """Return why a known driver may not charge, `NONE` where nothing is against it."""
    asks_password = request.method == StartMethod.ACCOUNT or request.password_needed == YesNo.YES
    if asks_password and not _is_right(request.password, driver.password_hash):
        return StartDenial.WRONG_PASSWORD
    if not driver.enabled:
        return StartDenial.ACCOUNT_FROZEN
    if driver.piles is not None and pile not in driver.piles:
        return StartDenial.NOT_ALLOWED_HERE
    return StartDenial.NONE


def _is_right(password: str, wanted: str | None) -> bool:
    """Compare a password, 16 ASCII characters as hex, with what is kept of the right one."""
    sent = bytes.fromhex(password)
    return wanted is not None and sent != _NO_PASSWORD and sent.lower() == wanted.encode()
