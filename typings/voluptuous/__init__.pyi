# Home Assistant serves the name voluptuous from probatio; so does this stub.
from probatio import *
