"""What every test inside Home Assistant needs."""

import pytest


@pytest.fixture(autouse=True)
def find_our_integration(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant load the integration from this repository.

    The recorder, where a test asks for it, must be made before Home Assistant is.
    """
    if "recorder_mock" in request.fixturenames:
        request.getfixturevalue("recorder_mock")
    request.getfixturevalue("enable_custom_integrations")
