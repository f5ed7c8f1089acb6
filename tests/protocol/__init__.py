"""Tests of the protocol; they run without Home Assistant."""
