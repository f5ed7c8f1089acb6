"""The machine's own Debian source is found in every form that apt allows."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DEB822 = """\
Types: deb
# a remark between the fields
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
"""

KEY_INSIDE = """\
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBGPL0BUBEADmW5NdOOHwPIJlgPu6JDcKw/NZJPR8lsD3K87ZM18gzyQZJD+w
 -----END PGP PUBLIC KEY BLOCK-----
"""

ONE_LINE = """\
# deb http://other.example/debian bookworm main
deb http://security.example/debian-security bookworm-security main
deb [signed-by=/k.gpg arch=amd64] http://mirror.example/debian bookworm main contrib
"""


@pytest.fixture(scope="module", name="debian")
def load_script() -> ModuleType:
    """Load the script, which is no module of a package."""
    path = Path(__file__).parents[2] / "scripts/lib/debian_python.py"
    spec = importlib.util.spec_from_file_location("debian_python", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(etc: Path, name: str, text: str) -> None:
    """Write one of apt's files."""
    path = etc / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_deb822_source_keeps_all_but_its_suite(debian: ModuleType, tmp_path: Path) -> None:
    """The main archive is taken, not security's, and its key stays with it."""
    write(tmp_path, "sources.list.d/debian.sources", DEB822)
    (ending, text), *rest = debian.sources_with_suite(tmp_path, "bookworm", "forky").items()
    assert not rest
    assert ending == ".sources"
    assert sorted(text.splitlines()) == [
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg",
        "components: main",
        "suites: forky",
        "types: deb",
        "uris: http://mirror.example/debian",
    ]


def test_deb822_source_with_its_key_inside(debian: ModuleType, tmp_path: Path) -> None:
    """A key block keeps its lines."""
    write(tmp_path, "sources.list.d/debian.sources", KEY_INSIDE)
    text = debian.sources_with_suite(tmp_path, "bookworm", "sid")[".sources"]
    assert text.endswith(KEY_INSIDE[KEY_INSIDE.index("Signed-By") :].rstrip())
    assert "suites: sid" in text.splitlines()


@pytest.mark.parametrize("name", ["sources.list", "sources.list.d/main.list"])
def test_one_line_source(debian: ModuleType, tmp_path: Path, name: str) -> None:
    """The old form keeps its options."""
    write(tmp_path, name, ONE_LINE)
    assert debian.sources_with_suite(tmp_path, "bookworm", "forky") == {
        ".list": "deb [signed-by=/k.gpg arch=amd64] http://mirror.example/debian forky main"
    }


@pytest.mark.parametrize(
    "text",
    [
        DEB822.replace("Types: deb\n", "Types: deb\nEnabled: no\n"),
        "Types: deb\nURIs: http://packages.example/tool\nSuites: stable\nComponents: extra\n",
        "",
    ],
    ids=["disabled", "third party", "empty"],
)
def test_no_debian_source(debian: ModuleType, tmp_path: Path, text: str) -> None:
    """Without one there is a sentence, not a guess at a mirror."""
    write(tmp_path, "sources.list.d/debian.sources", text)
    with pytest.raises(debian.Unmet, match="no Debian package source"):
        debian.sources_with_suite(tmp_path, "bookworm", "forky")
