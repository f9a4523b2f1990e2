"""The test command of cosmic-ray: ask the mutation server about one mutant. Standard library only: starts at once."""

import socket
import sys


def main(address: str, module: str, *tests: str) -> int:
    """Send the names of the changed module and of its tests, print the verdict; return 0 if it survived, else 1."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        line.sendall(" ".join((module, *tests)).encode())
        line.shutdown(socket.SHUT_WR)
        said = line.makefile().read()
    print(said)
    return 0 if said == "survived" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
