"""What HACS, hassfest and the scripts read agrees with each other."""

import json
from pathlib import Path
import re
import struct
import tomllib
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
INTEGRATION = ROOT / "custom_components/ykc"
REQUIREMENTS = [ROOT / f"requirements/{name}.txt" for name in ("core", "ha-2026.10", "ha-2026.11")]


def load(path: Path) -> dict[str, Any]:
    """Read a JSON file."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def pinned(path: Path) -> dict[str, str]:
    """Return {package: version} of a file of pins."""
    return dict(re.findall(r"(?m)^([\w.-]+)==(\S+)$", path.read_text(encoding="utf-8")))


def test_manifest_is_in_the_order_that_hassfest_asks() -> None:
    """Domain and name come first, the other keys by the alphabet."""
    first, second, *others = load(INTEGRATION / "manifest.json")
    assert (first, second) == ("domain", "name")
    assert others == sorted(others)


def test_one_version_and_one_list_of_requirements() -> None:
    """The manifest and pyproject.toml say the same."""
    manifest = load(INTEGRATION / "manifest.json")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert manifest["version"] == project["version"]
    assert manifest["requirements"] == project["dependencies"]


def test_every_environment_has_the_manifests_requirements() -> None:
    """What the tests run with is what Home Assistant will install."""
    for requirement in load(INTEGRATION / "manifest.json")["requirements"]:
        name, version = requirement.split("==")
        assert {path.stem: pinned(path).get(name) for path in REQUIREMENTS} == {
            path.stem: version for path in REQUIREMENTS
        }


def test_oldest_home_assistant_is_tested() -> None:
    """The version that HACS asks for is the one of the oldest environment."""
    oldest = load(ROOT / "hacs.json")["homeassistant"]
    tested = pinned(ROOT / "requirements/ha-2026.10.txt")["homeassistant"]
    assert oldest.split(".")[:2] == tested.split(".")[:2]


def test_requirements_name_no_place() -> None:
    """A pin is a package and a version: no address, no path."""
    for path in (ROOT / "requirements").iterdir():
        assert not re.search(r"://|--index|--find-links|@ |^/", path.read_text(encoding="utf-8"), re.MULTILINE), path


@pytest.mark.parametrize("prefix", ["", "dark_"])
@pytest.mark.parametrize(("scale", "side"), [("", 256), ("@2x", 512)])
def test_brand_images_have_the_sizes_that_are_asked(prefix: str, scale: str, side: int) -> None:
    """An icon is a square; a logo is as high as one."""

    def size(name: str) -> tuple[int, int]:
        head = (INTEGRATION / f"brand/{prefix}{name}{scale}.png").read_bytes()[:24]
        assert head.startswith(b"\x89PNG")
        width, height = struct.unpack(">II", head[16:])
        return width, height

    assert size("icon") == (side, side)
    width, height = size("logo")
    assert height == side < width
