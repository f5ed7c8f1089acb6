"""What a process uses, seen from outside."""

import os
from pathlib import Path
import resource


def cpu(pid: int) -> float:
    """Return the seconds of the processor that a process has taken with all its threads."""
    # The name, in parentheses, may hold anything: count from behind it.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Return how many bytes of it are resident."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE")


def descriptors(pid: int) -> int:
    """Return how many files and sockets it has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def raise_file_limit() -> None:
    """Let this process have as many sockets as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
