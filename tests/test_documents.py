"""The documents point at what is there, and say the same in both languages."""

from pathlib import Path
import re
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("doc/*.md"))]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"(?ms)^```.*?^```")
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def text_of(document: Path) -> str:
    """Return a document without its examples."""
    return _CODE.sub("", document.read_text(encoding="utf-8"))


def anchors(document: Path) -> set[str]:
    """Return what a link can name in a document, as GitHub makes it of the headings."""
    headings = re.findall(r"(?m)^#+ +(.+)$", text_of(document))
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links(document: Path) -> None:
    """Every file, picture and heading that a document names exists."""
    missing = []
    for link in _LINK.findall(text_of(document)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (document.parent / name) if name else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            missing.append(link)
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_tests(document: Path) -> None:
    """Every test that a document names as what shows something exists."""
    missing = []
    for name, test in _TEST.findall(text_of(document)):
        path = ROOT / name
        if not path.exists() or (test and not re.search(rf"(?m)^(async )?def {test}\(", path.read_text("utf-8"))):
            missing.append(f"{name}::{test}")
    assert not missing


def test_readmes_are_alike() -> None:
    """Both READMEs name every action, and neither has sections that the other one lacks."""
    english, chinese = (ROOT / name for name in ("README.md", "README.zh-Hans.md"))
    services = (ROOT / "custom_components/ykc/services.yaml").read_text(encoding="utf-8")
    actions = {f"ykc.{name}" for name in re.findall(r"(?m)^(\w+):", services)}
    for readme in (english, chinese):
        assert actions <= set(re.findall(r"ykc\.\w+", readme.read_text(encoding="utf-8")))
    sections = [len(re.findall(r"(?m)^## ", text_of(path))) for path in (english, chinese)]
    assert sections[0] == sections[1]
