"""Where a session comes from."""

from enum import StrEnum


class Origin(StrEnum):
    """Who gave a session its transaction number."""

    PLATFORM = "platform"
    FOREIGN = "foreign"
    """The pile: the ledger has no authorisation of ours for it."""
    OFFLINE = "offline"
    """The pile, for a card that it knew while it was offline."""
