"""One Home Assistant for all faults: it has survived the ones before."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.conftest import Home, running_home

from .site import Site, open_site


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """Start Home Assistant."""
    async with running_home(tmp_path_factory.mktemp("faults")) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def site(home: Home) -> AsyncIterator[Site]:
    """Let piles call."""
    async with open_site(home) as opened:
        yield opened
