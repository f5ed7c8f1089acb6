"""Imports run one way: Home Assistant's side -> server -> protocol; the simulator uses the protocol alone."""

import ast
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "custom_components.ykc"
PROTOCOL = f"{PACKAGE}.protocol"
SERVER = f"{PACKAGE}.server"

# What each layer may not import, by the first words of a module's name …
FORBIDDEN = {
    PROTOCOL: ("homeassistant", "probatio", "voluptuous", "asyncio", "socket", "sqlite3", PACKAGE, "simulator"),
    SERVER: ("homeassistant", "probatio", "voluptuous", PACKAGE, "simulator"),
    "simulator": ("homeassistant", "probatio", "voluptuous", PACKAGE),
}
# … but for these.
ALLOWED = {
    PROTOCOL: (PROTOCOL,),
    SERVER: (PROTOCOL, SERVER),
    "simulator": (PROTOCOL,),
}


def is_in(module: str, package: str) -> bool:
    """Say whether a module is a package or lies in it."""
    return module == package or module.startswith(f"{package}.")


def imports_of(path: Path) -> Iterator[str]:
    """Yield the absolute name of every module that a file imports, wherever in it."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            # `from package import module` imports the module.
            yield from (f"{base}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_layer_imports_only_what_lies_below(layer: str) -> None:
    """No file of the layer imports upwards."""
    files = sorted((ROOT / layer.replace(".", "/")).rglob("*.py"))
    assert files, f"{layer} has no files: has it moved?"
    upwards = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in files
        for module in imports_of(path)
        if any(is_in(module, name) for name in FORBIDDEN[layer])
        and not any(is_in(module, name) for name in ALLOWED[layer])
    ]
    assert not upwards
