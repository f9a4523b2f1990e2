"""What cosmic-ray runs for each mutant: asks warm.py. Standard library only, so that it starts at once."""

import socket
import sys


def main(address: str, *tests: str) -> int:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        line.sendall(" ".join(tests).encode())
        line.shutdown(socket.SHUT_WR)
        said = line.makefile().read()
    print(said)
    return 0 if said == "survived" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
