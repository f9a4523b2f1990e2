"""Restrict this process for good before it runs foreign code: limits, no privileges, Landlock, seccomp.

This is for x86-64 Linux, uses the kernel's own interface and needs no root. It is written here because of the packages
on PyPI (November 2026) pyseccomp needs libseccomp and dates from 2021, sandlock brings a 13 MB program that starts
processes itself, and seccompy and landlockpy would do but are two months old with one author each.

The filter lists what is allowed, not what is refused. NumPy and Python get by with the few calls of SYSCALLS (measured:
every component, and all that the standard library imports); calls that nobody thought of, and those that a later kernel
adds, are refused. No thread and no process starts, so a submission uses one processor at most.
"""

import ctypes
import errno
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)
NO_NEW_PRIVS, SECCOMP, DUMPABLE, DIES_WITH_PARENT = 38, 22, 4, 1  # options of prctl
CAPSET, SYS_SECCOMP, CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 126, 317, 444, 445, 446  # numbers of system calls
OPEN_FILES = 64  # the most at a time

# --- seccomp: name -> number on x86-64
SYSCALLS = dict(  # noqa: C408
    read=0, write=1, open=2, close=3, stat=4, fstat=5, lstat=6, poll=7, lseek=8, mmap=9, mprotect=10, munmap=11, brk=12,
    rt_sigaction=13, rt_sigprocmask=14, rt_sigreturn=15, pread64=17, readv=19, writev=20, access=21, select=23,
    sched_yield=24, mremap=25, madvise=28, dup=32, dup2=33, nanosleep=35, getitimer=36, alarm=37, setitimer=38,
    getpid=39, exit=60, uname=63, getcwd=79, chdir=80, fchdir=81, readlink=89, gettimeofday=96, getrlimit=97,
    getrusage=98, sysinfo=99, times=100, getuid=102, getgid=104, geteuid=107, getegid=108, getppid=110,
    sigaltstack=131, arch_prctl=158, gettid=186, time=201, futex=202, sched_getaffinity=204, getdents64=217,
    restart_syscall=219, clock_gettime=228, clock_getres=229, clock_nanosleep=230, exit_group=231, openat=257,
    newfstatat=262, readlinkat=267, faccessat=269, pselect6=270, ppoll=271, dup3=292, getrandom=318, statx=332,
    faccessat2=439,
)  # fmt: skip
FCNTL, IOCTL, KILL, TGKILL, PRLIMIT, CLONE3 = 72, 16, 62, 234, 302, 435
F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC = 0, 1, 2, 3, 4, 1030  # F_SETOWN would send signals
TCGETS, TIOCGWINSZ, FIONCLEX, FIOCLEX = 0x5401, 0x5413, 0x5450, 0x5451
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # classic BPF: BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
X86_64 = 0xC000003E
# REFUSE: EPERM; UNKNOWN: ENOSYS; END: the process is killed
ALLOW, REFUSE, UNKNOWN, END = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000


def instruction(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """Encode one BPF instruction. yes, no: how many instructions a jump passes over."""
    return struct.pack("HBBI", code, yes, no, value)


def decide(number: int, action: int = ALLOW) -> bytes:
    """Encode a rule that takes the action on this call, whatever its arguments."""
    return instruction(EQUAL, number, 0, 1) + instruction(RETURN, action)


def allow_values(number: int, argument: int, values: Iterable[int]) -> bytes:
    """Encode a rule that allows a call if an argument is one of these values.

    The rule looks at the lower half, which is all that the kernel reads of an int.
    """
    comparisons = b"".join(decide(v) for v in values)
    body = instruction(LOAD, 16 + 8 * argument) + comparisons + instruction(RETURN, REFUSE)
    return instruction(EQUAL, number, 0, len(body) // 8) + body


def allow_null(number: int, argument: int) -> bytes:
    """Encode a rule that allows a call if a pointer argument is null."""
    low, high = 16 + 8 * argument, 20 + 8 * argument
    comparisons = [instruction(LOAD, low), instruction(EQUAL, 0, 0, 3), instruction(LOAD, high), decide(0)]
    body = b"".join(comparisons) + instruction(RETURN, REFUSE)
    return instruction(EQUAL, number, 0, len(body) // 8) + body


def allow_signals(number: int, argument: int, pid: int) -> bytes:
    """Encode a rule that allows a call that sends a signal to this process, unless the signal would stop it.

    Nobody would let it go on again, and for a process that is stopped the time stands still. argument: the signal.
    """
    stop = b"".join(decide(s, REFUSE) for s in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU))
    to_signal = instruction(LOAD, 16 + 8 * argument) + stop + instruction(RETURN, ALLOW)
    body = instruction(LOAD, 16) + instruction(EQUAL, pid, 0, len(to_signal) // 8) + to_signal
    body += instruction(RETURN, REFUSE)
    return instruction(EQUAL, number, 0, len(body) // 8) + body


def make_filter(pid: int) -> bytes:
    """Encode the filter of the process pid. Signals reach only itself; limits can be read, not set."""
    start = [instruction(LOAD, 4), instruction(EQUAL, X86_64, 1, 0), instruction(RETURN, END), instruction(LOAD, 0)]
    with_conditions = [
        allow_values(FCNTL, 1, (F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC)),
        allow_values(IOCTL, 1, (TCGETS, TIOCGWINSZ, FIONCLEX, FIOCLEX)),
        allow_signals(KILL, 1, pid),
        allow_signals(TGKILL, 2, pid),
        allow_null(PRLIMIT, 2),
        decide(CLONE3, UNKNOWN),  # so that glibc falls back on clone, which is refused
    ]
    return b"".join([*start, *map(decide, SYSCALLS.values()), *with_conditions, instruction(RETURN, REFUSE)])


def install_seccomp() -> None:
    """Let the kernel apply the filter to this process. Raises OSError."""
    code = ctypes.create_string_buffer(make_filter(os.getpid()))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(code)))
    check_call(libc.prctl(SECCOMP, 2, ctypes.byref(program), 0, 0), "seccomp")


# --- Landlock
NO_LANDLOCK = {
    errno.ENOSYS: "the kernel has no Landlock (it is there from 5.13 on), or a container's seccomp profile hides it",
    errno.EOPNOTSUPP: "Landlock is switched off in this kernel",
    errno.EPERM: "a seccomp profile, as containers have one, refuses Landlock",
}
READ_FILE, READ_DIR = 1 << 2, 1 << 3
RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}  # version -> how many rights over files it knows


def landlock_version() -> int:
    """Return the version of Landlock's interface, 0 if the kernel has none or it is switched off."""
    return max(0, int(libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1)))


def install_landlock(files: Iterable[str], folders: Iterable[str], listed: Iterable[str] = ()) -> None:
    """Let this process read nothing but these files and folders, and write, run or connect to nothing. Raises OSError.

    listed: folders of which it may read the names only.
    """
    version = landlock_version()
    rights = (1 << max(n for v, n in RIGHTS.items() if v <= version)) - 1
    network, scopes = (3 if version >= 4 else 0), (3 if version >= 6 else 0)  # bind, connect; abstract sockets, signals
    attributes = struct.pack("QQQ", rights, network, scopes)[: 24 if scopes else 16 if network else 8]
    ruleset = libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "landlock")
    for paths, access in ((files, READ_FILE), (folders, READ_FILE | READ_DIR), (listed, READ_DIR)):
        for path in paths:
            allow(ruleset, path, access)
    check_call(libc.syscall(RESTRICT_SELF, ruleset, 0), "landlock")
    os.close(ruleset)


def allow(ruleset: int, path: str, access: int) -> None:
    """Add a rule that allows access to a path and what is below it. Raises OSError."""
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        check_call(libc.syscall(ADD_RULE, ruleset, 1, struct.pack("=Qi", access, fd), 0), f"landlock {path}")
    finally:
        os.close(fd)


def list_library(folder: str) -> tuple[list[str], list[str]]:
    """Return the files and the folders of the standard library, without the packages installed inside it."""
    inside = [p for p in Path(folder).iterdir() if p.name not in ("site-packages", "dist-packages", "__pycache__")]
    inside = [p for p in inside if p.resolve().is_relative_to(Path(folder).resolve())]
    return [str(p) for p in inside if p.is_file()], [str(p) for p in inside if p.is_dir()]


# --- limits and privileges
def set_limits(memory: int, seconds: float) -> None:
    """Limit the memory to so many bytes and the processor to so many seconds; no file grows, few are open.

    This works on other systems than Linux too.
    """
    processor = int(seconds) + 1
    for name, most in (("CORE", 0), ("FSIZE", 0), ("NOFILE", OPEN_FILES), ("MEMLOCK", 0), ("AS", memory)):
        if hasattr(resource, f"RLIMIT_{name}"):
            set_limit(getattr(resource, f"RLIMIT_{name}"), most, most)
    set_limit(resource.RLIMIT_CPU, processor, processor + 2)


def set_limit(which: int, soft: int, hard: int) -> None:
    """Set one limit, clamped to the current hard limit. Raises OSError or ValueError on Linux."""
    _, most = resource.getrlimit(which)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    try:
        resource.setrlimit(which, (soft, hard))
    except (ValueError, OSError):
        if sys.platform == "linux":  # other systems do not know every limit
            raise


def drop_privileges() -> None:
    """Drop every capability, root's too. The process can gain none, cannot be inspected, and ends with its parent."""
    check_call(libc.prctl(DIES_WITH_PARENT, signal.SIGKILL, 0, 0, 0), "prctl")
    check_call(libc.prctl(DUMPABLE, 0, 0, 0, 0), "prctl")
    header, none = struct.pack("Ii", 0x20080522, 0), bytes(24)
    check_call(libc.syscall(CAPSET, header, none), "capset")
    check_call(libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def check_call(result: int, what: str) -> None:
    """Raise OSError with what was called if its result is not 0."""
    if result:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def missing() -> str:
    """Return why this machine cannot confine a process, "" if it can."""
    if sys.platform != "linux" or os.uname().machine != "x86_64" or struct.calcsize("P") != 8:
        machine = f"{sys.platform} on {os.uname().machine if hasattr(os, 'uname') else 'this machine'}"
        return f"only on Linux on x86-64, and this is {machine}"
    if not landlock_version():
        return NO_LANDLOCK.get(ctypes.get_errno(), "Landlock: " + os.strerror(ctypes.get_errno()))
    if libc.syscall(SYS_SECCOMP, 2, 0, ctypes.byref(ctypes.c_uint32(0x00050000))):
        return "the kernel has no seccomp filters"
    return ""
