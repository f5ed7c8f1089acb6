"""Everything that a pile and the platform talk about, each subject begun when it is first spoken of."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Final

from ..protocol import Message
from .balance import Balance
from .billing import Billing
from .bills import Bills
from .bms import Vehicle
from .charges import Charges
from .clock import Clock
from .conversation import Conversation
from .lazy import Lazy
from .maintenance import Maintenance
from .offline_cards import OfflineCards
from .parallel import Parallel
from .parameters import Parameters
from .parking import Parking
from .plug_start import PlugStarts
from .prepaid import Prepaid
from .qr_codes import QrCodes
from .reports import Reports
from .session_limits import SessionLimits
from .start_requests import StartRequests

CONVERSATIONS: Final[Mapping[str, type[Conversation]]] = {
    "charges": Charges,
    "parallel": Parallel,
    "bills": Bills,
    "clock": Clock,
    "reports": Reports,
    "billing": Billing,
    "vehicle": Vehicle,
    "parameters": Parameters,
    "parking": Parking,
    "start_requests": StartRequests,
    "balance": Balance,
    "prepaid": Prepaid,
    "maintenance": Maintenance,
    "qr_codes": QrCodes,
    "offline_cards": OfflineCards,
    "plug_starts": PlugStarts,
    "session_limits": SessionLimits,
}
"""By the pile's attribute, in the order in which they greet."""

ROUTES: Final = {
    message: (subject, take) for subject, kind in CONVERSATIONS.items() for message, take in kind.TAKES.items()
}
"""Which conversation takes a message."""


class Subjects(Lazy):
    """The conversations of one pile."""

    __slots__ = tuple(CONVERSATIONS)

    PARTS: ClassVar[Mapping[str, Callable[[Any], object]]] = CONVERSATIONS

    charges: Charges
    parallel: Parallel
    bills: Bills
    clock: Clock
    reports: Reports
    billing: Billing
    vehicle: Vehicle
    parameters: Parameters
    parking: Parking
    start_requests: StartRequests
    balance: Balance
    prepaid: Prepaid
    maintenance: Maintenance
    qr_codes: QrCodes
    offline_cards: OfflineCards
    plug_starts: PlugStarts
    session_limits: SessionLimits

    def begun(self) -> Iterator[Conversation]:
        """Give the conversations that there are, in the order in which they greet."""
        for subject in CONVERSATIONS:
            if (conversation := self.made(subject)) is not None:
                yield conversation

    def take(self, message: Message, sequence: bytes) -> bool:
        """Give a message to the conversation that it belongs to; False where there is none."""
        route = ROUTES.get(type(message))
        if route is None:
            return False
        subject, take = route
        take(getattr(self, subject), message, sequence)
        return True
