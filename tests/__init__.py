"""The tests; scripts/test says which folder runs where."""
