"""What every test needs first.

The test plugin of Home Assistant brings a `custom_components` package of its own,
which would hide ours: import ours before anything else does. Where Home Assistant
is not installed, the same import lets the integration's parts be used without it.
"""

import custom_components  # noqa: F401
