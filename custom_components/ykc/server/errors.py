"""Why a command could not be done.

Every error has a `key`, a slug that the Home Assistant side translates, and the
`placeholders` of its sentence.
"""


class CommandError(Exception):
    """A command to a pile was not done."""

    key = "command_failed"

    def __init__(self, **placeholders: str) -> None:
        """Keep what the translated sentence needs."""
        super().__init__(self.key, placeholders)
        self.placeholders = placeholders


class PileOffline(CommandError):
    """The pile has no connection; placeholder `pile`."""

    key = "pile_offline"


class NoReply(CommandError):
    """The pile did not answer within the time limit; placeholders `pile`, `seconds`."""

    key = "no_reply"


class StartRefused(CommandError):
    """The pile refused to start (8.4); placeholders `pile`, `gun`, `reason` (slug)."""

    key = "start_refused"


class StopRefused(CommandError):
    """The pile refused to stop (8.6); placeholders `pile`, `gun`, `reason` (slug)."""

    key = "stop_refused"


class OrderOpen(CommandError):
    """The gun already has an order that is not settled; placeholders `pile`, `gun`."""

    key = "order_open"


class UnknownGun(CommandError):
    """The pile has no such gun; placeholders `pile`, `gun`, `gun_count`."""

    key = "unknown_gun"


class ParametersRefused(CommandError):
    """The pile did not take its working parameters (9.2); placeholder `pile`."""

    key = "parameters_refused"


class LedgerFailed(CommandError):
    """The ledger could not be written, so no charge is begun; placeholder `error`."""

    key = "ledger_failed"
