"""Faults that a real Home Assistant process must survive while piles charge at it."""
