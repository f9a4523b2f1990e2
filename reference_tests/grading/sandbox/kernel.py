"""What a process does to itself before it runs somebody's code, for good: limits, no privileges, Landlock, seccomp.

x86-64 Linux, by the kernel's own interface; nothing here needs root. Our own and not a library's: of those on PyPI
(November 2026) pyseccomp needs libseccomp and is of 2021, sandlock brings a 13 MB program that starts processes itself,
seccompy and landlockpy would do but are two months old and have one author; and all that we use is below.

The filter is a list of what is allowed, not of what is refused: NumPy and Python get by with the few calls of SYSCALLS
(measured: every component, and all of what the standard library imports), and what nobody thought of, or what a later
kernel adds, is refused. No thread and no process starts, so a submission uses one processor at most."""

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)
NO_NEW_PRIVS, SECCOMP, DUMPABLE, DIES_WITH_PARENT = 38, 22, 4, 1  # of prctl
CAPSET, SYS_SECCOMP, CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 126, 317, 444, 445, 446  # numbers of system calls
MANY = 64  # open files

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
ALLOW, REFUSE, UNKNOWN, END = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000  # EPERM; ENOSYS; the process is killed


def instruction(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def answer(number: int, how: int = ALLOW) -> bytes:
    """That call is answered so, whatever its arguments."""
    return instruction(EQUAL, number, 0, 1) + instruction(RETURN, how)


def only_with(number: int, argument: int, values: Iterable[int]) -> bytes:
    """Allowed where the low half of an argument (all that the kernel reads of an int) is one of these."""
    tests = b"".join(answer(v) for v in values)
    body = instruction(LOAD, 16 + 8 * argument) + tests + instruction(RETURN, REFUSE)
    return instruction(EQUAL, number, 0, len(body) // 8) + body


def only_without(number: int, argument: int) -> bytes:
    """Allowed where a pointer is null."""
    low, high = 16 + 8 * argument, 20 + 8 * argument
    tests = [instruction(LOAD, low), instruction(EQUAL, 0, 0, 3), instruction(LOAD, high), answer(0)]
    body = b"".join(tests) + instruction(RETURN, REFUSE)
    return instruction(EQUAL, number, 0, len(body) // 8) + body


def program(pid: int) -> bytes:
    """The filter of this process. Signals reach only itself; limits can be read, not set."""
    start = [instruction(LOAD, 4), instruction(EQUAL, X86_64, 1, 0), instruction(RETURN, END), instruction(LOAD, 0)]
    with_conditions = [
        only_with(FCNTL, 1, (F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC)),
        only_with(IOCTL, 1, (TCGETS, TIOCGWINSZ, FIONCLEX, FIOCLEX)),
        only_with(KILL, 0, (pid,)),
        only_with(TGKILL, 0, (pid,)),
        only_without(PRLIMIT, 2),
        answer(CLONE3, UNKNOWN),  # so that glibc falls back on clone, which is refused
    ]
    return b"".join([*start, *map(answer, SYSCALLS.values()), *with_conditions, instruction(RETURN, REFUSE)])


def seccomp() -> None:
    code = ctypes.create_string_buffer(program(os.getpid()))
    whole = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(code)))
    check_call(libc.prctl(SECCOMP, 2, ctypes.byref(whole), 0, 0), "seccomp")


# --- Landlock
READ_FILE, READ_DIR = 1 << 2, 1 << 3
RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}  # version -> how many rights over files it knows


def landlock_version() -> int:
    """0: the kernel has none, or it is switched off."""
    return max(0, libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def landlock(files: Iterable[str], folders: Iterable[str], listed: Iterable[str] = ()) -> None:
    """From now on nothing can be read but these files and what is in these folders; nothing written, run or reached."""
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
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        check_call(libc.syscall(ADD_RULE, ruleset, 1, struct.pack("=Qi", access, fd), 0), f"landlock {path}")
    finally:
        os.close(fd)


def parts_of(folder: str) -> tuple[list[str], list[str]]:
    """-> files and folders of the standard library, without the packages that may be installed inside it."""
    inside = [p for p in Path(folder).iterdir() if p.name not in ("site-packages", "dist-packages", "__pycache__")]
    inside = [p for p in inside if p.resolve().is_relative_to(Path(folder).resolve())]
    return [str(p) for p in inside if p.is_file()], [str(p) for p in inside if p.is_dir()]


# --- the rest
def limits(memory: int, seconds: float) -> None:
    """Bytes of memory, seconds of the processor; no file grows, few are open. Also where there is no Landlock."""
    processor = int(seconds) + 1
    for name, most in (("CORE", 0), ("FSIZE", 0), ("NOFILE", MANY), ("MEMLOCK", 0), ("AS", memory)):
        if hasattr(resource, f"RLIMIT_{name}"):
            limit(getattr(resource, f"RLIMIT_{name}"), most, most)
    limit(resource.RLIMIT_CPU, processor, processor + 2)


def limit(which: int, soft: int, hard: int) -> None:
    """Never above what we have been given ourselves."""
    _, most = resource.getrlimit(which)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    try:
        resource.setrlimit(which, (soft, hard))
    except (ValueError, OSError):
        if sys.platform == "linux":  # others do not know every limit
            raise


def without_privileges() -> None:
    """Root or not, it can gain nothing, is nobody's to look into, and ends with its parent."""
    check_call(libc.prctl(DIES_WITH_PARENT, signal.SIGKILL, 0, 0, 0), "prctl")
    check_call(libc.prctl(DUMPABLE, 0, 0, 0, 0), "prctl")
    header, none = struct.pack("Ii", 0x20080522, 0), bytes(24)
    check_call(libc.syscall(CAPSET, header, none), "capset")
    check_call(libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def check_call(result: int, what: str) -> None:
    if result:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def missing() -> str:
    """Why this machine cannot confine; "": it can."""
    if sys.platform != "linux" or os.uname().machine != "x86_64" or struct.calcsize("P") != 8:
        machine = f"{sys.platform} on {os.uname().machine if hasattr(os, 'uname') else 'this machine'}"
        return f"only on Linux on x86-64, and this is {machine}"
    if not landlock_version():
        return "the kernel has no Landlock (it is there from 5.13 on, where it is switched on)"
    if libc.syscall(SYS_SECCOMP, 2, 0, ctypes.byref(ctypes.c_uint32(0x00050000))):
        return "the kernel has no seccomp filters"
    return ""
