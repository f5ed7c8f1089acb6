"""Let the test plugin made for Home Assistant 2026.10 run on 2026.11.

pytest-homeassistant-custom-component pins the Home Assistant it was made for, and
no release of it for 2026.11 exists yet. Two things changed under it:

- Home Assistant aliases httpx to httpx2 and must be imported before any httpx;
  other plugins import httpx first. So this one, loaded with `-p` before the
  installed plugins, imports it.
- A private helper of the logger component moved. It is put back where the plugin
  imports it from.

Delete this module when a release of the plugin for 2026.11 is out.
"""

from homeassistant.components import logger
from homeassistant.components.logger import helpers

_MOVED = "_clear_logger_overwrites"

if not hasattr(logger, _MOVED):
    setattr(logger, _MOVED, getattr(helpers, _MOVED))
