"""Who charges at the site: cards, an account and a vehicle; some pay from a balance, some may not charge at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from demo import flows
from demo.client import Client
from demo.flows import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """A driver as a person fills in the form."""

    name: str
    card: str = ""
    """16 hex digits."""
    vin: str = ""
    account: str = ""
    password: str = ""
    enabled: bool = True
    offline_use: bool = False
    prepaid: bool = False
    charge_limit: float | None = None
    """CNY."""

    @property
    def form(self) -> Mapping[str, Any]:
        """Return the answers."""
        answers = {"card": self.card, "vin": self.vin, "account": self.account, "password": self.password}
        return {
            "name": self.name,
            "enabled": self.enabled,
            "offline_use": self.offline_use,
            "payment": "prepaid" if self.prepaid else "unlimited",
            **{field: text for field, text in answers.items() if text},
            **({} if self.charge_limit is None else {"charge_limit": self.charge_limit}),
        }


UNKNOWN_CARD: Final = "00000000deadbe01"
ACCOUNT_DRIVER: Final = Driver(name="Fay", account="4711", password="open sesame")
VIN_DRIVER: Final = Driver(name="Van", vin="LSVAM4187C2184842")
BARRED: Final = Driver(name="Gus", card="00000000d14b0a07", enabled=False)
OPEN: Final = (
    Driver(name="Ann", card="00000000d14b0a01", offline_use=True),
    Driver(name="Ben", card="00000000d14b0a02", offline_use=True),
    Driver(name="Cho", card="1122334455667788"),
)
PREPAID: Final = (
    Driver(name="Dora", card="00000000d14b0a11", prepaid=True, charge_limit=40),
    Driver(name="Emil", card="00000000d14b0a12", prepaid=True, charge_limit=12.5),
    Driver(name="Ida", card="00000000d14b0a13", prepaid=True),
    # The pile asks nobody when it is offline, so the balance may go below nothing.
    Driver(name="Olaf", card="00000000d14b0a14", prepaid=True, offline_use=True, charge_limit=25),
)
WITH_CARD: Final = (*OPEN, *PREPAID)
EVERYBODY: Final = (*WITH_CARD, BARRED, ACCOUNT_DRIVER, VIN_DRIVER)


def written_alike(card: str) -> set[str]:
    """Return how firmware may write a card: as it is, with its bytes in reverse, or those behind the padding."""
    number = bytes.fromhex(card)
    significant = number.lstrip(b"\0")[::-1]
    return {card, number[::-1].hex(), significant.rjust(len(number), b"\0").hex()}


def whose(card: str) -> Driver | None:
    """Return whose card a record has."""
    return next((driver for driver in (*WITH_CARD, BARRED) if card in written_alike(driver.card)), None)


async def sign_up(client: Client, entry_id: str) -> None:
    """Fill in the form for each of them."""
    for driver in EVERYBODY:
        step = await flows.start(client, [entry_id, "driver"], Kind.SUBENTRY)
        result = await flows.answer(client, step, driver.form, Kind.SUBENTRY)
        assert result["type"] == "create_entry", result
