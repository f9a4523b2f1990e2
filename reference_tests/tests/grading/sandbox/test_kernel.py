"""The filter of system calls, run as the kernel runs it; and what a confined process can and cannot do."""

import stat
import struct
from pathlib import Path

import numpy as np
import pytest

from reference_tests.grading.sandbox import kernel
from reference_tests.grading.sandbox.child import ReadablePaths
from reference_tests.grading.sandbox.levels import missing
from reference_tests.grading.sandbox.subject import RULE, ConfinedSubject

from .. import PROGRAM

pytestmark = [
    pytest.mark.slow,  # each starts processes of its own
    pytest.mark.skipif(bool(missing("confined")), reason=f"confined: {missing('confined')}"),
]
PID = 4711


def run_filter(number, *arguments, machine=kernel.X86_64):
    """Return the filter's decision: a classic BPF machine with the three instructions that it uses."""
    data = struct.pack("<IIQ6Q", number, machine, 0, *arguments, *[0] * (6 - len(arguments)))
    code = list(struct.iter_unpack("HBBI", kernel.make_filter(PID)))
    at = register = 0
    while True:
        operation, yes, no, value = code[at]
        at += 1
        if operation == kernel.LOAD:
            register = struct.unpack_from("<I", data, value)[0]
        elif operation == kernel.EQUAL:
            at += yes if register == value else no
        else:
            assert operation == kernel.RETURN
            return value


HIGH = 1 << 40  # an address in high memory
ALLOWED: dict[str, tuple[int, ...]] = {
    "read": (0,), "faccessat2": (439,), "kill itself": (62, PID, 9), "tgkill itself": (234, PID, PID, 6),
    "read limits": (302, 0, 9, 0, 1 << 47), "duplicate a file": (72, 3, 1030), "is it a terminal": (16, 0, 0x5401),
}  # fmt: skip
REFUSED: dict[str, tuple[int, ...]] = {
    "getpid by the x32 interface": (39 | 0x40000000,), "socket": (41,), "clone": (56,), "fork": (57,), "execve": (59,),
    "setrlimit": (160,), "memfd_create": (319,), "io_uring_setup": (425,), "a call of a later kernel": (999,),
    "kill another": (62, PID + 1, 0), "kill all": (62, 2**64 - 1, 9), "kill its group": (62, 0, 9),
    "tgkill another": (234, 1, 1, 6), "set limits": (302, 0, 9, 1 << 12, 0), "from high memory": (302, 0, 9, HIGH, 0),
    "own a pipe": (72, 3, 8), "own a pipe, otherwise": (72, 3, 15), "own a pipe by ioctl": (16, 3, 0x8901),
    "type into a terminal": (16, 0, 0x5412),
}  # fmt: skip
UNKNOWN: dict[str, tuple[int, ...]] = {"clone3": (435,)}
DECISIONS = {kernel.ALLOW: ALLOWED, kernel.REFUSE: REFUSED, kernel.UNKNOWN: UNKNOWN}


@pytest.mark.parametrize("decision, what", [(made, what) for made in DECISIONS for what in DECISIONS[made]])
def test_filter_decides_each_call(decision, what):
    assert run_filter(*DECISIONS[decision][what]) == decision


def test_call_of_another_architecture_ends_the_process():
    assert run_filter(0, machine=0x40000003) == kernel.END  # i386


def test_filter_allows_the_listed_calls_only():
    conditional = {kernel.FCNTL, kernel.IOCTL, kernel.KILL, kernel.TGKILL, kernel.PRLIMIT, kernel.CLONE3}
    allowed = {n for n in range(600) if run_filter(n, 99, 99, 99) == kernel.ALLOW}
    assert allowed == set(kernel.SYSCALLS.values())
    assert not allowed & conditional


@pytest.fixture
def evaluate(server, tmp_path):
    """A function that evaluates an expression in a confined process, and returns the text of its value."""

    def evaluate(expression, imports="os, sys", name="layers.py", **more):
        code = f"import {imports}\nimport numpy as np\n\n\nclass Relu:\n    def forward(self, x):\n"
        (tmp_path / name).write_text(f"{code}        raise ValueError(repr(({expression})))\n")
        with ConfinedSubject(tmp_path / name, server=server, **more) as subject:
            return subject.run(PROGRAM).stop.text

    return evaluate


def test_submission_sees_no_environment_and_no_arguments(evaluate):
    assert evaluate("dict(os.environ), sys.argv") == "ValueError: ({}, [''])"


def test_submission_has_null_streams_and_two_pipes(evaluate):
    kinds = "[stat.S_IFMT(os.fstat(fd).st_mode) for fd in range(5)]"
    pipe, device = stat.S_IFIFO, stat.S_IFCHR
    assert evaluate(kinds, "os, stat") == f"ValueError: {[device, device, device, pipe, pipe]}"
    assert "[Errno 9]" in evaluate("os.fstat(5)")


ROOM = (".access_times", ".child", ".forkserver", ".kernel", ".packages")


def test_submission_process_holds_no_module_that_knows_answers(evaluate):
    strange = "('torch', 'scipy', 'hypothesis', 'impl', 'pytest', 'golden')"
    assert evaluate(f"[m for m in sys.modules if m.partition('.')[0] in {strange}]") == "ValueError: []"
    room = tuple(f"grading.sandbox{module}" for module in ("", *ROOM))
    expected = ("suggest", "i18n", "subject", "grading", *room)
    ours = "m.removeprefix('reference_tests.') for m in sys.modules if m.startswith('reference_tests.')"
    others = f"[m for m in ({ours}) if m not in {expected} and not m.startswith('subject.')]"
    assert evaluate(others) == "ValueError: []"


@pytest.mark.parametrize(
    "expression, imports",
    [
        ("np.linalg.svd(np.random.default_rng(1).standard_normal((50, 50)))[1].shape", "os"),
        ("np.fft.fft2(np.ones((64, 64))).sum()", "os"),
        ("np.einsum('ij,jk->ik', np.ones((300, 300)), np.ones((300, 300))).sum()", "os"),
        ("np.lib.stride_tricks.sliding_window_view(np.ones((9, 9)), (3, 3)).shape", "os"),
        ("np.random.randn(3).shape, random.random() < 1", "random"),
        ("np.tensordot(np.ones((2, 3, 4)), np.ones((4, 3)), axes=1).shape", "os"),
        ("os.getcwd(), os.cpu_count(), os.urandom(2), os.path.exists('/nowhere')", "os"),
        ("time.sleep(0.001), time.perf_counter(), datetime.datetime.now()", "time, datetime"),
        ("threading.Lock(), queue.Queue(), multiprocessing.cpu_count()", "threading, queue, multiprocessing"),
        ("asyncio, concurrent.futures, unittest.mock", "asyncio, concurrent.futures, unittest.mock"),
        ("decimal.Decimal(1) / 3", "decimal"),
        ("xml.dom.minidom, email, http, html", "xml.dom.minidom, email, http, html"),
        ("open(__file__).read()[:6]", "os"),
    ],
)
def test_honest_code_runs(evaluate, expression, imports):
    assert evaluate(expression, imports).startswith("ValueError: ")


FORBIDDEN = "open('/etc/passwd')", "open('new.txt', 'w')", "os.listdir('..')", "os.system('true') and os.fork()"


@pytest.mark.parametrize("expression", [*FORBIDDEN, "threading.Thread(target=print).start()"])
def test_refused_call_is_reported_with_the_rule(evaluate, expression):
    assert evaluate(expression, "os, threading").endswith(f"({RULE})")


def test_other_package_cannot_be_imported(evaluate):
    assert "No module named 'scipy'" in evaluate("scipy", "scipy")


def test_list_library_leaves_installed_packages_out(tmp_path):
    for name in ("json", "site-packages", "dist-packages", "__pycache__"):
        (tmp_path / name).mkdir()
    (tmp_path / "os.py").touch()
    (tmp_path / "sitecustomize.py").symlink_to("/etc/hostname")
    assert kernel.list_library(str(tmp_path)) == ([str(tmp_path / "os.py")], [str(tmp_path / "json")])


def test_missing_reports_the_reason(monkeypatch):
    monkeypatch.setattr(kernel, "landlock_version", lambda: 0)
    assert "Landlock" in kernel.missing()
    monkeypatch.setattr(kernel.sys, "platform", "darwin")
    assert kernel.missing().startswith("only on Linux on x86-64")


def test_set_limit_clamps_to_the_hard_limit(monkeypatch):
    calls = []
    monkeypatch.setattr(kernel.resource, "getrlimit", lambda which: (5, 10))
    monkeypatch.setattr(kernel.resource, "setrlimit", lambda which, both: calls.append(both))
    kernel.set_limit(0, 7, 70)
    assert calls == [(7, 10)]


def test_readable_paths_hold_no_other_package():
    torch = Path(np.__file__).parents[1] / "torch"
    readable = ReadablePaths()
    assert not any(torch.is_relative_to(folder) for folder in readable.folders)
