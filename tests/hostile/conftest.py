"""The listener of the server's tests, and their proof that it leaves nothing behind."""

from tests.server.conftest import house, make_house, nothing_left

__all__ = ["house", "make_house", "nothing_left"]
