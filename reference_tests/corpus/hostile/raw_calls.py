"""Asks the kernel directly, past libc, for what leads out of a confinement."""

import ctypes

import numpy as np

# number on x86-64 -> its name; with arguments of -1 each of them is harmless where it is allowed
CALLS = {
    41: "socket", 53: "socketpair", 101: "ptrace", 157: "prctl", 165: "mount", 248: "add_key",
    253: "inotify_init", 272: "unshare", 298: "perf_event_open", 303: "name_to_handle_at", 310: "process_vm_readv",
    319: "memfd_create", 321: "bpf", 323: "userfaultfd", 425: "io_uring_setup", 434: "pidfd_open",
    440: "process_madvise", 444: "landlock", 203: "sched_setaffinity", 141: "setpriority", 112: "setsid", 29: "shmget",
    307: "sendmmsg", 300: "fanotify_init", 95: "umask", 160: "setrlimit", 126: "capset", 105: "setuid",
    0x40000027: "getpid of the x32 interface", 73: "flock", 162: "sync",
}  # fmt: skip


def attack():
    libc, allowed = ctypes.CDLL(None, use_errno=True), []
    for number, name in CALLS.items():
        ctypes.set_errno(0)
        result = libc.syscall(number, *[ctypes.c_long(-1)] * 6)
        if result >= 0 or ctypes.get_errno() not in (1, 38):  # refused; not there
            allowed.append(name)
    if allowed:
        raise RuntimeError("THROUGH asked the kernel")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
