"""What is linked into the Home Assistant of a measurement, and is no part of the integration."""
