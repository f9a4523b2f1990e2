"""Listens, connects and sends, by every kind of socket, on this machine only."""

import os
import socket

import numpy as np

BAIT = os.path.basename(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # of this run


def tcp():
    with socket.socket() as a, socket.socket() as b:
        a.bind(("127.0.0.1", 0))
        a.listen()
        b.connect(a.getsockname())


def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as a:
        a.sendto(b"x", ("127.0.0.1", 9))


def abstract():
    with socket.socket(socket.AF_UNIX) as a:
        a.bind(f"\0{BAIT}")


def raw():
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()


def attack():
    done = []
    for way in (tcp, udp, abstract, raw, lambda: socket.socketpair()):
        try:
            way()
            done.append(way)
        except OSError:
            pass
    if done:
        raise RuntimeError("THROUGH reached the network")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
