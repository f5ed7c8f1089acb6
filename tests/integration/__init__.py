"""Tests with Home Assistant in the same process, on the oldest and the newest supported version."""
