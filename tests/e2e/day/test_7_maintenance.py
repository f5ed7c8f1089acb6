"""Night: the pile is maintained."""

from typing import Any, Final

import pytest

from custom_components.ykc.protocol import Login, Reboot, UpdateResult, When

from .day import PATIENCE, Day, plays

pytestmark = pytest.mark.asyncio(loop_scope="package")

SOURCE: Final[dict[str, Any]] = {
    "server": "127.0.0.1",
    "user": "pile",
    "password": "a secret",
    "path": "/v2/pile.bin",
    "power": 60,
}


async def logged_in_again(day: Day, logins: int) -> None:
    """Wait until the pile has logged in once more since."""
    await day.pile.wait_for(lambda: len(day.pile.all_sent(Login)) > logins, PATIENCE)
    await day.pile.wait_ready(PATIENCE)
    await day.whole.state("connection", "on", "binary_sensor", PATIENCE)


@plays(0x91, 0x92, serves=("button.reboot", "ykc.reboot", "binary_sensor.connection"))
async def test_a_reboot_when_idle_and_at_once(day: Day) -> None:
    """By a button after the charge that runs, and by an action in the midst of one, which is billed all the same."""
    gun, pile = day.gun(1), day.pile
    logins = len(pile.all_sent(Login))
    await gun.use("start", "button.press")
    await day.charging(1)
    await day.whole.use("reboot", "button.press")
    assert pile.gun(1).charging
    await gun.use("stop", "button.press")
    await day.billed(1, "stopped_remotely")
    await logged_in_again(day, logins)
    await gun.use("start", "button.press")
    await day.charging(1)
    await day.whole.act("reboot", when="now")
    await day.billed(1, "aborted_pile_power_lost")
    await logged_in_again(day, logins + 1)
    assert [reboot.when for reboot in pile.all_received(Reboot)] == [When.WHEN_IDLE, When.NOW]


@plays(
    *(0x93, 0x94),
    serves=("ykc.update_firmware", "event.firmware_update", "issue.firmware_update_download_timeout"),
)
async def test_an_update_that_fails_and_one_that_succeeds(day: Day) -> None:
    """A failure is an event and an issue, which the next success settles; the pile comes back with its new software."""
    pile, issue = day.pile, "firmware_update_download_timeout"

    async def update() -> None:
        await day.whole.act("update_firmware", **SOURCE)

    pile.behaviour.update_result = UpdateResult.DOWNLOAD_TIMEOUT
    told = await day.whole.event("firmware_update", "download_timeout", update)
    assert told("code") == UpdateResult.DOWNLOAD_TIMEOUT
    await day.issue(issue, there=True)
    pile.behaviour.update_result = UpdateResult.OK
    logins = len(pile.all_sent(Login))
    pile.software_version = "V2.0.0"
    await day.whole.event("firmware_update", "succeeded", update)
    await day.issue(issue, there=False)
    await logged_in_again(day, logins)
    await day.software_is("V2.0.0")
