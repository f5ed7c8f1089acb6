"""Tests of what the scripts do before there is a Python 3.14."""
