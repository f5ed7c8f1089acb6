"""Unpack Debian's own Python 3.14 into a private folder, installing nothing.

The last resort of scripts/setup, for Debian machines that reach their package
mirror but no site that has Python builds. Runs on the machine's own Python
(3.9 or newer) with nothing but the standard library, and does not need root.

    debian_python.py PREFIX PATCHELF

The packages come from the machine's own Debian mirror: its source entry is
copied with a newer suite. Everything down to libc is unpacked into PREFIX, and
the interpreter is told to load its libraries from there, so PREFIX must not be
moved afterwards.
"""

from __future__ import annotations

import os
from pathlib import Path
import re
import shutil
import subprocess
import sys

# The suites that may have Python 3.14, oldest first: the oldest that has it fits best.
SUITES = ("forky", "sid")
PACKAGES = ("python3.14-dev", "python3.14-venv")
# What a trial showed to be needed, with room: 35 MB of packages, 180 MB unpacked.
NEEDED_MIB = 400
# Debian's triplet and loader by the name that dpkg gives the architecture.
ARCHITECTURES = {
    "amd64": ("x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
    "arm64": ("aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
}


class Unmet(Exception):
    """A need of this way to Python that the machine does not meet."""


def run(*command: str | Path, **environment: str) -> str:
    """Run a command and return its output; raise Unmet with its last words."""
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C", **environment},
    )
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise Unmet(f"{command[0]} failed: {words[-1] if words else 'no message'}")
    return done.stdout


def os_release() -> dict[str, str]:
    """Return the fields of /etc/os-release."""
    try:
        text = Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return {}
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {key: value.strip("\"'") for key, value in pairs}


def list_files(folder: Path, ending: str) -> list[Path]:
    """Return the files of a folder with that ending, in apt's order."""
    return sorted(folder.glob(f"*{ending}")) if folder.is_dir() else []


def sources_with_suite(etc: Path, codename: str, suite: str) -> dict[str, str]:
    """Return {ending: text} of the machine's main Debian source, with its suite changed.

    The source is the first that offers the machine's own release by its plain
    name and has the component main: neither a third party's nor security's.
    """
    for path in list_files(etc / "sources.list.d", ".sources"):
        for stanza in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
            lines = [x for x in stanza.splitlines() if not x.startswith("#")]
            text = "\n".join(lines)
            fields = {
                match[1].lower(): " ".join(match[2].split())
                for match in re.finditer(r"(?m)^([\w-]+):((?:.*)(?:\n[ \t].*)*)", text)
            }
            if (
                "deb" in fields.get("types", "").split()
                and fields.get("enabled", "yes").lower() not in {"no", "false", "0"}
                and names_release(fields.get("suites", "").split(), codename)
                and "main" in fields.get("components", "").split()
            ):
                new = {**fields, "types": "deb", "suites": suite, "components": "main"}
                # A key block keeps its lines: it cannot be folded into one.
                key = re.search(r"(?mi)^signed-by:(?:.*)(?:\n[ \t].*)*", text)
                if key:
                    new.pop("signed-by")
                lines = [f"{name}: {value}" for name, value in new.items()]
                return {".sources": "\n".join([*lines, *([key[0]] if key else [])])}
    for path in [etc / "sources.list", *list_files(etc / "sources.list.d", ".list")]:
        if not path.is_file():
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            match = re.match(r"\s*deb\s+(\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)", line)
            if match and names_release([match[3]], codename) and "main" in match[4].split():
                return {".list": f"deb {match[1] or ''}{match[2]} {suite} main"}
    raise Unmet("no Debian package source was found among apt's sources")


def names_release(suites: list[str], codename: str) -> bool:
    """Say whether one of the suites is the machine's release itself."""
    return bool({codename, "stable", "oldstable", "testing", "unstable", "sid"} & set(suites))


def apt_options(home: Path, suite: str) -> list[str]:
    """Return apt's options for a private state that knows no installed package."""
    settings = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": home / "sources",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::State": home / "state",
        "Dir::State::Lists": home / "state/lists",
        "Dir::State::status": home / "status",
        "Dir::Cache": home / "cache",
        "Dir::Cache::archives": home / "cache/archives",
        "Dir::Log": home / "log",
        "APT::Default-Release": suite,
        "APT::Sandbox::User": run("id", "-un").strip(),
        "Acquire::Languages": "none",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "20",
        "Acquire::https::Timeout": "20",
    }
    return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]


def download(home: Path, release: dict[str, str]) -> list[Path]:
    """Download Python and all it needs; return the packages' files."""
    codename = release.get("VERSION_CODENAME", "")
    problem = Unmet("no suite has Python 3.14")
    for suite in SUITES:
        shutil.rmtree(home, ignore_errors=True)
        for name in ("sources", "state/lists/partial", "cache/archives/partial", "log"):
            (home / name).mkdir(parents=True)
        (home / "status").touch()
        for ending, text in sources_with_suite(Path("/etc/apt"), codename, suite).items():
            (home / f"sources/debian{ending}").write_text(text + "\n", encoding="utf-8")
        options = apt_options(home, suite)
        try:
            print(f"  reading the package list of Debian {suite}", flush=True)
            run("apt-get", *options, "update", "--error-on=any")
            print("  downloading Python 3.14 and its libraries (35 MB)", flush=True)
            run(
                "apt-get", *options, "install", "--download-only", "--yes",
                "--no-install-recommends", *PACKAGES,
            )  # fmt: skip
        except Unmet as err:
            problem = err
            continue
        return sorted((home / "cache/archives").glob("*.deb"))
    raise problem


def unpack(archives: list[Path], prefix: Path, patchelf: Path) -> Path:
    """Unpack the packages and make the interpreter load its libraries from there."""
    architecture = run("dpkg", "--print-architecture").strip()
    triplet, loader = ARCHITECTURES[architecture]
    # Packages of a merged /usr may still ship /lib or /bin: both must be the same folder.
    (prefix / "usr").mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (prefix / "usr" / name).mkdir()
        (prefix / name).symlink_to(f"usr/{name}")
    print(f"  unpacking {len(archives)} packages", flush=True)
    for archive in archives:
        run("dpkg-deb", "--extract", archive, prefix)
    # Python.h asks for its triplet's headers, which a compiler only seeks in /usr/include.
    include = prefix / "usr/include"
    (include / "python3.14" / triplet).symlink_to(f"../{triplet}")
    python = prefix / "usr/bin/python3.14"
    libraries = prefix / "usr/lib" / triplet
    run(patchelf, "--force-rpath", "--set-rpath", libraries, python)
    run(patchelf, "--set-interpreter", libraries / loader, python)
    run(python, "-c", "import ssl, sqlite3, ctypes, lzma, zlib")
    return python


def main(prefix: Path, patchelf: Path) -> None:
    """Build the folder beside its final place's name, so that a broken one is never found."""
    release = os_release()
    if release.get("ID") != "debian":
        raise Unmet("this is not Debian")
    for tool in ("apt-get", "dpkg", "dpkg-deb"):
        if not shutil.which(tool):
            raise Unmet(f"{tool} is missing")
    architecture = run("dpkg", "--print-architecture").strip()
    if architecture not in ARCHITECTURES:
        raise Unmet(f"the architecture {architecture} is not supported")
    prefix.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(prefix.parent).free // 2**20
    if free < NEEDED_MIB:
        raise Unmet(f"{NEEDED_MIB} MiB of disk are needed and {free} are free")
    shutil.rmtree(prefix, ignore_errors=True)
    home = prefix.with_name(prefix.name + ".apt")
    try:
        unpack(download(home, release), prefix, patchelf)
    except BaseException:
        shutil.rmtree(prefix, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]))
    except (Unmet, OSError) as err:
        print(f"Debian's Python 3.14: {err}", file=sys.stderr)
        sys.exit(1)
