"""Home Assistant loads no config entry of an integration without a flow; nobody is led through this one."""

from homeassistant.config_entries import ConfigFlow


class BenchConfigFlow(ConfigFlow, domain="ykc_bench"):
    """Asks nothing."""
