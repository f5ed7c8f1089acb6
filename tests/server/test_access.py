"""What the platform says to a driver at a pile (8.1, 8.2)."""

from dataclasses import replace
from hashlib import md5
from typing import Any

import pytest

from custom_components.ykc.protocol import NO_CARD, StartDenial, StartRequest
from custom_components.ykc.server.access import Access, Decision, Driver, Policy, decide, hash_password, masked

from .peer import CODE

CARD = "00000000d14b0a54"
OTHER = "00000000e14c0a54"
VIN = "LSVAM4187C2184841"
ACCOUNT = "0000013800138000"
ANNA = Driver(
    name="Anna",
    card=CARD,
    logical_card="0000001000000573",
    vin=VIN,
    account=ACCOUNT,
    password_hash=hash_password("123456"),
)
BEN = Driver(name="Ben", card=OTHER)
NOBODY = Driver(name="Nobody")


def request(method: int = 1, number: str = CARD, *, password: str | None = None, **values: Any) -> StartRequest:
    """Make a request; `password` is what the driver typed."""
    typed = {} if password is None else {"password": hash_password(password).encode().hex()}
    default: dict[str, Any] = {
        "pile": CODE,
        "gun": 1,
        "method": method,
        "password_needed": int(password is not None),
        "account_or_card": number,
        "vin": "",
    }
    return StartRequest(**default | typed | values)


def by_vin(vin: str) -> StartRequest:
    """Make the request of a vehicle."""
    return request(3, NO_CARD, vin=vin)


def told(message: StartRequest, *drivers: Driver, policy: Policy = Policy.REFUSE, **options: Any) -> Decision:
    """Decide on a request."""
    return decide(message, CODE, Access(drivers=drivers, policy=policy), **options)


@pytest.mark.parametrize("message", [request(), request(2, ACCOUNT, password="123456"), by_vin(VIN)])
def test_known(message: StartRequest) -> None:
    """A card, an account with its password and a VIN are authorised, with what the screen shows."""
    decision = told(message, BEN, ANNA)
    assert (decision.authorised, decision.reason, decision.driver) == (True, StartDenial.NONE, ANNA)
    assert decision.logical_card == ANNA.logical_card
    assert decision.balance > 0
    assert not decision.reversed


@pytest.mark.parametrize("turned", ["540a4bd100000000", "00000000540a4bd1"])
def test_reversed_card(turned: str) -> None:
    """A card whose bytes come in reverse is known, with or without its padding; one that is known as it came is itself."""
    decision = told(request(number=turned), ANNA)
    assert decision.driver is ANNA
    assert decision.reversed
    namesake = Driver(name="Carl", card=turned)
    assert told(request(number=turned), ANNA, namesake).driver is namesake


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (request(number=OTHER), StartDenial.NO_ACCOUNT),
        (request(2, "0000000000000001", password="123456"), StartDenial.NO_ACCOUNT),
        (by_vin("LSVAM4187C2184842"), StartDenial.VIN_UNKNOWN),
        (request(7), StartDenial.NO_ACCOUNT),
        (request(number=NO_CARD), StartDenial.NO_ACCOUNT),
        (by_vin(""), StartDenial.VIN_UNKNOWN),
    ],
)
def test_unknown(message: StartRequest, reason: StartDenial) -> None:
    """Who is unknown is refused, let in or asked about, as the policy says."""
    assert told(message, ANNA, NOBODY) == Decision(reason=reason)
    assert told(message, ANNA, NOBODY, policy=Policy.ALLOW).authorised
    asked = told(message, ANNA, NOBODY, policy=Policy.ASK)
    assert asked.to_be_asked
    assert not asked.authorised


@pytest.mark.parametrize("policy", Policy)
def test_refused(policy: Policy) -> None:
    """Who is known is never treated as unknown; every refusal has its reason."""
    frozen = replace(ANNA, enabled=False)
    elsewhere = replace(ANNA, piles=frozenset({"32010200000009"}))
    for message, driver, reason in (
        (request(), frozen, StartDenial.ACCOUNT_FROZEN),
        (request(), elsewhere, StartDenial.NOT_ALLOWED_HERE),
        (request(2, ACCOUNT, password="654321"), ANNA, StartDenial.WRONG_PASSWORD),
        (request(2, ACCOUNT), ANNA, StartDenial.WRONG_PASSWORD),
        (request(2, ACCOUNT, password="x"), replace(ANNA, password_hash=None), StartDenial.WRONG_PASSWORD),
        (request(password="654321"), ANNA, StartDenial.WRONG_PASSWORD),
    ):
        decision = told(message, driver, policy=policy)
        assert (decision.authorised, decision.reason, decision.driver) == (False, reason, driver)
        assert decision.balance == 0
    disabled = told(request(), ANNA, policy=policy, in_service=False)
    assert (disabled.authorised, disabled.reason) == (False, StartDenial.PILE_DISABLED)
    assert told(request(), replace(ANNA, piles=frozenset({CODE})), policy=policy).authorised


def test_password() -> None:
    """The middle 16 digits of the MD5 in lower case; the case does not matter, and nothing shows it."""
    digest = md5(b"123456", usedforsecurity=False).hexdigest()
    kept = hash_password("123456")
    assert kept == digest[8:24] == "49ba59abbe56e057"
    assert told(request(2, ACCOUNT, password_needed=1, password=None), ANNA).reason is StartDenial.WRONG_PASSWORD
    shouted = request(2, ACCOUNT).replace(password=kept.upper().encode().hex())
    assert told(shouted, ANNA).authorised
    assert kept not in repr(ANNA)
    assert kept.upper().encode().hex() not in repr(shouted)


def test_masked() -> None:
    """Four characters are enough to tell cards apart."""
    assert masked(CARD) == "****0a54"
    assert masked("LSVAM4187C21848\n1") == "****481"
    assert masked(NO_CARD) == masked("") == ""
