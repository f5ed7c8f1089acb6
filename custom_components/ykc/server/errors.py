"""Why a command could not be done.

Every error has a `key`, a slug that the Home Assistant side translates, and the
`placeholders` of its sentence.
"""

from typing import ClassVar, override

from ..protocol import StartDenial


class CommandError(Exception):
    """A command to a pile was not done."""

    key = "command_failed"

    def __init__(self, **placeholders: str) -> None:
        """Keep what the translated sentence needs."""
        super().__init__(self.key, placeholders)
        self.placeholders = placeholders

    @override
    def __str__(self) -> str:
        """Return the key and what it is about, for the log."""
        about = ", ".join(f"{name} {value}" for name, value in self.placeholders.items())
        return f"{self.key} ({about})" if about else self.key


class PileOffline(CommandError):
    """The pile has no connection; placeholder `pile`."""

    key = "pile_offline"


class NoReply(CommandError):
    """The pile did not answer within the time limit; placeholders `pile`, `seconds`."""

    key = "no_reply"


class StartRefused(CommandError):
    """The pile refused to start (8.4); placeholders `pile`, `gun`, `reason` (slug)."""

    key = "start_refused"


class StartCancelled(CommandError):
    """The charge was stopped before the pile had answered; placeholders `pile`, `gun`."""

    key = "start_cancelled"


class StopRefused(CommandError):
    """The pile refused to stop (8.6); placeholders `pile`, `gun`, `reason` (slug)."""

    key = "stop_refused"


class OrderOpen(CommandError):
    """The gun already has an order that is not settled; placeholders `pile`, `gun`."""

    key = "order_open"


class ParallelNeedsGuns(CommandError):
    """A parallel charge takes at least two guns of one pile; placeholder `pile`."""

    key = "parallel_needs_guns"


class NoStateOfCharge(CommandError):
    """An AC pile knows nothing of the vehicle's battery; placeholders `pile`, `gun`."""

    key = "no_state_of_charge"


class UnknownGun(CommandError):
    """The pile has no such gun; placeholders `pile`, `gun`, `gun_count`."""

    key = "unknown_gun"


class NoStartRequest(CommandError):
    """No driver waits for an answer at the gun; placeholders `pile`, `gun`."""

    key = "no_start_request"


class ParkingSpaceOccupied(CommandError):
    """A car stands where the arm of the parking lock would rise; placeholders `pile`, `gun`."""

    key = "parking_space_occupied"


class ParkingSpaceUnknown(CommandError):
    """The pile has not said, on this connection, that the space is empty; placeholders `pile`, `gun`."""

    key = "parking_space_unknown"


class ParkingLockRefused(CommandError):
    """The parking lock does not obey (10.3); placeholders `pile`, `gun`."""

    key = "parking_lock_refused"


class ParametersRefused(CommandError):
    """The pile did not take its working parameters (9.2); placeholder `pile`."""

    key = "parameters_refused"


class NotCharging(CommandError):
    """The gun has no charge under way; placeholders `pile`, `gun`."""

    key = "not_charging"


class BalanceRefused(CommandError):
    """The pile did not take a balance (8.10); placeholders `pile`, `gun`, `reason` (slug)."""

    key = "balance_refused"


class RebootRefused(CommandError):
    """The pile will not reboot (11.2); placeholder `pile`."""

    key = "reboot_refused"


class UpdateFieldInvalid(CommandError):
    """A text of an update cannot be sent (11.3); placeholders `field`, and `limit` in ASCII characters."""

    key = "update_field_invalid"


class OfflineCardBarred(CommandError):
    """The card's driver may not charge at the pile; placeholders `pile`, `driver`."""

    key = "offline_card_barred"


class QrTextInvalid(CommandError):
    """The text of a QR code cannot be sent; placeholder `limit` in ASCII characters."""

    key = "qr_text_invalid"


class QrCodeOfPile(CommandError):
    """The pile's dialect has one QR code for all guns, not for one; placeholder `pile`."""

    key = "qr_code_of_pile"


class QrCodeRefused(CommandError):
    """The pile did not take a QR code; placeholders `pile`, `result` (its number)."""

    key = "qr_code_refused"


class LedgerFailed(CommandError):
    """The ledger could not be written, so no charge is begun; placeholder `error`."""

    key = "ledger_failed"


class DriverCannotPay(CommandError):
    """A prepaid driver may not start a charge."""

    denial: ClassVar[StartDenial]
    """What the driver is told at the pile (8.2)."""


class BalanceTooLow(DriverCannotPay):
    """Too little of the balance is available; placeholders `driver`, `available`, `minimum` (CNY)."""

    key = "balance_too_low"
    denial = StartDenial.BALANCE_TOO_LOW


class SessionUnpaid(DriverCannotPay):
    """The balance is negative, or a session has no bill yet; placeholders `driver`, `balance` (CNY)."""

    key = "session_unpaid"
    denial = StartDenial.CARD_HAS_UNPAID_SESSION


class PileNotRemoved(CommandError):
    """The data of a pile that is approved is not deleted; placeholder `pile`."""

    key = "pile_not_removed"


class PileNotInLedger(CommandError):
    """The ledger knows no such pile; placeholders `pile`, `known` (codes of those that were removed)."""

    key = "pile_not_in_ledger"


class PileUnpaid(CommandError):
    """Prepaid drivers have not paid for all sessions of a pile; placeholders `pile`, `drivers`."""

    key = "pile_unpaid"


class BillAwaited(CommandError):
    """A balance is not closed while a session may still cost some of it; placeholder `driver`."""

    key = "bill_awaited"


class NotErased(CommandError):
    """It was deleted, but the bytes of it are in the ledger's file yet; placeholder `error`."""

    key = "not_erased"


class FrameTypeUnknown(CommandError):
    """There is no such frame; placeholder `type` (as it was given)."""

    key = "frame_type_unknown"


class FrameNotSent(CommandError):
    """The platform sends no such frame; placeholder `type`."""

    key = "frame_not_sent"


class FrameNotAnswered(CommandError):
    """No pile sends the frame that is awaited; placeholder `type`."""

    key = "frame_not_answered"


class FrameNotByHand(CommandError):
    """A frame that does harm when it is sent without what goes with it; placeholder `type`."""

    key = "frame_not_by_hand"


class FrameBodyInvalid(CommandError):
    """The bytes of a frame made by hand do not fit its table; placeholders `type`, `length` (in bytes)."""

    key = "frame_body_invalid"


class FrameFieldInvalid(CommandError):
    """A field of a frame made by hand does not fit; placeholders `type`, `field`, `allowed`."""

    key = "frame_field_invalid"


class FrameOfAnotherPile(CommandError):
    """A frame made by hand names another pile; placeholders `type`, `pile`, `other`."""

    key = "frame_of_another_pile"
