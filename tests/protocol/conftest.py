"""Settings of the tests of the protocol."""

from hypothesis import HealthCheck, settings

# A busy machine is no failure.
settings.register_profile("protocol", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("protocol")
