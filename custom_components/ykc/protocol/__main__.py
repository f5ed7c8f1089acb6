"""Show frames given in hex as tables: `scripts/decode HEX …`, or from standard input."""

import re
import sys

from .table import has_frame, tables

USAGE = "usage: scripts/decode HEX …   (frames in hex, spaces and 0x allowed; without arguments from standard input)\n"


def main(arguments: list[str]) -> int:
    """Print the frames; return 1 when there is none with a right CRC, 2 when it is not hex."""
    if arguments and arguments[0] in {"-h", "--help"}:
        sys.stdout.write(USAGE)
        return 0
    text = " ".join(arguments) if arguments else sys.stdin.read()
    # Samples of the specification explain their bytes in brackets.
    digits = re.sub(r"[(（][^)）]*[)）]|(?<![0-9a-fA-F])0[xX]|[\s,:]", "", text)
    try:
        data = bytes.fromhex(digits)
    except ValueError as error:
        sys.stderr.write(f"decode: that is not hex: {error}\n{USAGE}")
        return 2
    for line in tables(data):
        sys.stdout.write(f"{line}\n")
    if has_frame(data):
        return 0
    sys.stderr.write("decode: there is no frame with a right CRC\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
