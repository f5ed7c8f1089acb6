"""Names and limits of the Home Assistant side."""

from datetime import timedelta
import logging
from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "ykc"
DOCUMENTS: Final = "https://github.com/ykc-ha/ykc/blob/main"
LOGGER = logging.getLogger(__package__)
MANUFACTURER: Final = "YKC"
CURRENCY: Final = "CNY"
"""Of all prices: the protocol knows no other."""

PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.LOCK,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
)

DEFAULT_HOST: Final = "0.0.0.0"
DEFAULT_PORT: Final = 27600
"""Where piles expect their platform."""

SUBENTRY_TYPE_DRIVER: Final = "driver"
SUBENTRY_TYPE_PILE: Final = "pile"

# Options of a listener
CONF_ALLOW_RAISING_BY_LOCK: Final = "allow_raising_by_lock"
CONF_ALLOWED_NETWORKS: Final = "allowed_networks"
"""Where connections may come from; none for everywhere."""
CONF_APPROVE_AUTOMATICALLY: Final = "approve_automatically"
CONF_BILLING_MODEL: Final = "billing_model"
CONF_SHOW_PAGE: Final = "show_page"
CONF_MESSAGE_PILES: Final = "message_piles"
"""Codes of the piles whose messages become events; none for all."""
CONF_MESSAGE_TYPES: Final = "message_types"
"""Names of the messages that become events."""
CONF_UNKNOWN_DRIVERS: Final = "unknown_drivers"

# Data of a pile
CONF_AREA: Final = "area"
CONF_CODE: Final = "code"
CONF_GUN_COUNT: Final = "gun_count"
CONF_IN_SERVICE: Final = "in_service"
CONF_MAX_POWER: Final = "max_power"
CONF_LAST_MODEL: Final = "last_model"
"""Number of the last billing model of its own that the pile was to have."""
CONF_OWN_MODEL: Final = "own_billing_model"
"""Whether the pile has a billing model of its own; the model itself is kept as an option is."""
CONF_PARAMETERS: Final = "parameters"
"""The working parameters that a person chose."""
CONF_PARKING_LOCKS: Final = "parking_locks"
"""Numbers of the guns that have ever reported a parking lock."""
CONF_PERIOD: Final = "period"
CONF_PILE_TYPE: Final = "pile_type"
CONF_PINNED_ADDRESS: Final = "pinned_address"
"""The address or network that the pile may log in from, None for every one."""
CONF_PROTOCOL_VERSION: Final = "protocol_version"
CONF_QR_DIALECT: Final = "qr_dialect"
CONF_REPLACED_CODE: Final = "replaced_code"
"""The code that the pile had before, until ledger and registries have the new one."""
CONF_RATED_POWER: Final = "rated_power"
"""KW, where a person gave it."""
CONF_SESSION_LIMITS: Final = "session_limits"
"""By the number of a gun, where a person chose."""
CONF_SOFTWARE_VERSION: Final = "software_version"
CONF_START_WHEN_PLUGGED: Final = "start_when_plugged"
"""By the number of a gun, where a person chose."""

# Data of a driver, and of a gun that starts by itself
CONF_ACCOUNT: Final = "account"
CONF_CARD: Final = "card"
CONF_CHARGE_LIMIT: Final = "charge_limit"
"""CNY that one charge may cost at most, None for all that is available."""
CONF_ENABLED: Final = "enabled"
CONF_LOGICAL_CARD: Final = "logical_card"
CONF_OFFLINE_USE: Final = "offline_use"
"""Whether the card also charges at piles that have no connection."""
CONF_PASSWORD_HASH: Final = "password_hash"
CONF_PAYMENT: Final = "payment"
PAYMENT_PREPAID: Final = "prepaid"
PAYMENT_UNLIMITED: Final = "unlimited"
CONF_PILES: Final = "piles"
"""Codes of the piles that the driver may use; none for all."""
CONF_VIN: Final = "vin"

SIGNAL_WAITING: Final = f"{DOMAIN}_waiting"
"""Sent when other piles than before wait for approval."""

LEARNING_TIME: Final = timedelta(minutes=2)
"""How long a pile waits for the card that is to be learnt."""

MAX_GUNS: Final = 99
"""A gun's number is one byte of packed decimal."""

MAX_CARDS: Final = 20
"""Discovery cards of one listener: a port open to the world must not flood the page."""
CARD_SILENCE: Final = timedelta(minutes=10)
"""A pile that has not called for so long has no card."""

MAX_AUTOMATIC_PILES: Final = 100
"""Piles of a listener up to which others are approved automatically: whoever reaches the port can make up codes."""
MAX_AUTOMATIC_GUNS: Final = 400
"""Guns likewise: with some 16 entities each, well before the 10,000 that Home Assistant allows an entry."""
