"""The isolation levels, and which of them this machine has. Each adds to the one before it.

none      the grader's own process: for code that is trusted
process   a process of its own, with limits of memory and time: it holds no answer, but may read, write and start things
confined  Landlock and seccomp: it can read itself, NumPy and the standard library, and do nothing else
bwrap     namespaces of its own by bubblewrap: no network, no other process and no other file is even there
"""

import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from ...i18n import N_, _

LEVELS = ("none", "process", "confined", "bwrap")
NAMESPACES = [
    "--unshare-all",
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
]  # ForkServer's environment is kept
NAMESPACES += ["--proc", "/proc", "--dev", "/dev", "--chdir", "/"]
BEYOND_PATH = (
    *("/usr/bin", "/usr/local/bin", "/opt/bin", "~/.local/bin", "~/bin", "~/.nix-profile/bin"),
    *("/run/current-system/sw/bin", "/home/linuxbrew/.linuxbrew/bin"),
)
HOW = (  # a sign in the reason why a level is missing -> what to do about it
    (
        r"not installed",
        N_("install bubblewrap: apt-get install bubblewrap, dnf install bubblewrap, apk add bubblewrap"),
    ),
    (
        r"(?i)namespace|uid map|clone|unshare|permission|not permitted|mount|apparmor",
        N_(
            "in a container: docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
            "--security-opt systempaths=unconfined, or grade outside of it; Kubernetes: "
            "securityContext.seccompProfile Unconfined and procMount Unmasked"
        ),
    ),
    (
        r"(?i)namespace|uid map|permission|not permitted|apparmor",
        N_(
            "on the machine itself, user namespaces may be switched off: sysctl "
            "kernel.unprivileged_userns_clone=1 on Debian, kernel.apparmor_restrict_unprivileged_userns=0 on "
            "Ubuntu, user.max_user_namespaces above 0"
        ),
    ),
    (
        r"refuses Landlock|hides it",
        N_(
            "in a container: a newer Docker, Podman or containerd, whose default profile allows Landlock, or "
            "--security-opt seccomp=PROFILE with landlock_create_ruleset, landlock_add_rule and "
            "landlock_restrict_self"
        ),
    ),
    (r"no Landlock", N_("a kernel of 5.13 or later, built with CONFIG_SECURITY_LANDLOCK")),
    (r"switched off", N_("add landlock to the list in the kernel's parameter lsm=")),
    (r"Linux on x86-64|no fork", N_("grade on Linux on x86-64: a virtual machine will do")),
)
HOLDS = {
    "none": N_("nothing holds here: grade only what you trust, with --allow-unconfined"),
    "process": N_(
        "process holds here: an end or a loop costs one check, and answers are elsewhere; but a submission "
        "can read your files, write and use the network, so that grade refuses, unless --allow-unconfined"
    ),
    "confined": N_(
        "confined holds here, which grade takes by itself: a submission reads its own files, NumPy and the "
        "standard library, and does nothing else; bwrap would hide besides that other files and processes "
        "are there"
    ),
    "bwrap": N_("confined and bwrap hold here; grade takes confined by itself, --isolation bwrap the other"),
}
REASONS = (  # why a level is missing, as it is found out; what stands for {} is a name
    N_("there is no fork on {}"),
    N_("it needs confined: {}"),
    N_("bubblewrap is not installed"),
    N_("only on Linux on x86-64, and this is {}"),
    N_("the kernel has no Landlock (it is there from 5.13 on), or a container's seccomp profile hides it"),
    N_("Landlock is switched off in this kernel"),
    N_("a seccomp profile, as containers have one, refuses Landlock"),
    N_("the kernel has no seccomp filters"),
    N_("the process that starts submissions is not there: {}"),
)
SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache")


class Unavailable(Exception):
    """This machine does not have the wanted level."""


def available() -> dict[str, str]:
    """Map each level to "", or to why this machine does not have it."""
    return {level: missing(level) for level in LEVELS}


@cache
def missing(level: str) -> str:
    """Return why this machine does not have a level, "" if it has. bwrap is tried out, which takes a moment."""
    if level == "none":
        return ""
    if os.name != "posix":
        return f"there is no fork on {sys.platform}"
    if level == "process":
        return ""
    from . import kernel

    why = kernel.missing()
    if level == "confined":
        return why
    return f"it needs confined: {why}" if why else try_bwrap()


def try_bwrap() -> str:
    """Start the fork server in bubblewrap. Return why that fails, "" if it works."""
    from ...subject.protocol import Fault
    from .forkserver import ForkServer

    if not find_bwrap():
        return "bubblewrap is not installed"
    try:
        with ForkServer(command_prefix("bwrap")) as server:
            server.start()
    except Fault as fault:
        return str(fault)
    return ""


def find_bwrap() -> str:
    """Return the path of bubblewrap, which may lie outside the system's own folders; "" if it is not there."""
    beside = [os.path.dirname(sys.executable), *map(os.path.expanduser, BEYOND_PATH)]
    return shutil.which("bwrap") or shutil.which("bwrap", path=os.pathsep.join(beside)) or ""


def say_reason(why: str) -> str:
    """Say in the current language why a level is missing; what the system itself says stays as it is."""
    for reason in REASONS:
        if found := re.fullmatch(re.escape(reason).replace(r"\{\}", "(.*)"), why, re.DOTALL):
            return _(reason).format(*map(say_reason, found.groups()))
    return why


def how_to_get(why: str) -> list[str]:
    """Return how a machine may come to have a level, a sentence each. why: the reason why it lacks it."""
    return [how for sign, how in HOW if re.search(sign, why)][:2]


def what_holds(missing: Mapping[str, str]) -> str:
    """Say which level `grade` takes, and what the next one would add. missing: of each level why it is not there."""
    return HOLDS[[level for level in LEVELS if not missing[level]][-1]]


def require(level: str) -> None:
    """Raise ValueError if there is no such level, Unavailable if this machine does not have it."""
    if level not in LEVELS:
        raise ValueError(f"isolation {level!r}: it is one of {', '.join(LEVELS)}")
    if missing(level):
        text = _("isolation {level} is missing on this machine: {why}.")
        raise Unavailable(text.format(level=level, why=say_reason(missing(level))))


def command_prefix(level: str, readable: Iterable[str] = ()) -> list[str]:
    """Return the words before the fork server's command: bubblewrap's at level bwrap, else none.

    Only what Python and NumPy need can be seen inside it, and the readable paths.
    """
    if level != "bwrap":
        return []
    package = Path(__file__).parents[2]
    ours = [package / name for name in ("__init__.py", "suggest.py", "i18n", "subject", "grading")]
    numpy_at = os.path.dirname(np.__file__)
    python = os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)
    own = [python, *(sysconfig.get_path(p) for p in ("stdlib", "platstdlib")), numpy_at, f"{numpy_at}.libs"]
    if sys.base_prefix != "/usr":
        own.append(sys.base_prefix)
    words = [find_bwrap() or "bwrap", *NAMESPACES]
    for path in dict.fromkeys([*SYSTEM, *own, *map(str, ours), *readable]):
        if os.path.exists(path):
            words += ["--ro-bind", path, path]
    return words
