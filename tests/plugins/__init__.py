"""Plugins that pytest loads before all others."""
