"""Tests of the platform side: real sockets, a real ledger, no Home Assistant."""
