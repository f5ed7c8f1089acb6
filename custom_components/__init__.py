"""Let parts of the integration be imported where Home Assistant is not.

Importing `custom_components.ykc.protocol` runs `custom_components/ykc/__init__.py`
first, and that imports homeassistant. The protocol, the server and the simulator
need none of it, so in a process without Home Assistant this module puts a bare
package in that one's place: its submodules are found, its code is not run.
Home Assistant itself never sees this file: an installed integration lies in the
configuration's own custom_components.
"""

from importlib.machinery import ModuleSpec
from pathlib import Path
import sys
from types import ModuleType

_NAME = f"{__name__}.ykc"

if "homeassistant" not in sys.modules and _NAME not in sys.modules:
    _FOLDER = str(Path(__file__).parent / "ykc")
    _spec = ModuleSpec(_NAME, loader=None, is_package=True)
    _spec.submodule_search_locations = [_FOLDER]
    ykc = ModuleType(_NAME)
    ykc.__path__ = [_FOLDER]
    ykc.__package__ = _NAME
    ykc.__spec__ = _spec
    sys.modules[_NAME] = ykc
