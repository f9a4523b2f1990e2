"""Asks the kernel through the door of 32-bit programs, whose numbers mean other things."""

import ctypes
import mmap
import os

import numpy as np


def attack():
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(b"\x53\xb8\x14\x00\x00\x00\xcd\x80\x5b\xc3")  # push rbx; mov eax, 20 (getpid); int 0x80; pop rbx; ret
    at = ctypes.addressof(ctypes.c_char.from_buffer(page))
    if ctypes.CFUNCTYPE(ctypes.c_int)(at)() == os.getpid():
        raise RuntimeError("THROUGH asked the kernel in 32 bits")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
