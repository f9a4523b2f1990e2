"""The filter of system calls, run as the kernel would; and what a confined process can and cannot do."""

import stat
import struct
from pathlib import Path

import numpy as np
import pytest

from reference_tests.grading.sandbox import kernel
from reference_tests.grading.sandbox.forkserver import ForkServer
from reference_tests.grading.sandbox.levels import missing
from reference_tests.grading.sandbox.subject import RULE, ConfinedSubject
from reference_tests.subject.protocol import Plan

pytestmark = [
    pytest.mark.slow,  # each starts processes of its own
    pytest.mark.skipif(bool(missing("confined")), reason=f"confined: {missing('confined')}"),
]
PID = 4711
ASK = Plan([["make", "layer", "Relu", []], ["call", "out", "layer.forward", ["x"]]], {"x": np.ones(2)}, {})


def decided(number, *arguments, machine=kernel.X86_64):
    """What the filter answers: a classic BPF machine with the four instructions that it uses."""
    data = struct.pack("<IIQ6Q", number, machine, 0, *arguments, *[0] * (6 - len(arguments)))
    code = list(struct.iter_unpack("HBBI", kernel.program(PID)))
    at = held = 0
    while True:
        what, yes, no, value = code[at]
        at += 1
        if what == kernel.LOAD:
            held = struct.unpack_from("<I", data, value)[0]
        elif what == kernel.EQUAL:
            at += yes if held == value else no
        else:
            assert what == kernel.RETURN
            return value


@pytest.mark.parametrize(
    "call, answer",
    [
        (("read", 0), kernel.ALLOW),
        (("faccessat2", 439), kernel.ALLOW),
        (("getpid by the x32 interface", 39 | 0x40000000), kernel.REFUSE),
        (("socket", 41), kernel.REFUSE),
        (("clone", 56), kernel.REFUSE),
        (("fork", 57), kernel.REFUSE),
        (("execve", 59), kernel.REFUSE),
        (("setrlimit", 160), kernel.REFUSE),
        (("memfd_create", 319), kernel.REFUSE),
        (("io_uring_setup", 425), kernel.REFUSE),
        (("one that there is not yet", 999), kernel.REFUSE),
        (("clone3", 435), kernel.UNKNOWN),
        (("kill itself", 62, PID, 9), kernel.ALLOW),
        (("kill another", 62, PID + 1, 0), kernel.REFUSE),
        (("kill all", 62, 2**64 - 1, 9), kernel.REFUSE),
        (("kill its group", 62, 0, 9), kernel.REFUSE),
        (("tgkill itself", 234, PID, PID, 6), kernel.ALLOW),
        (("tgkill another", 234, 1, 1, 6), kernel.REFUSE),
        (("read limits", 302, 0, 9, 0, 1 << 47), kernel.ALLOW),
        (("set limits", 302, 0, 9, 1 << 12, 0), kernel.REFUSE),
        (("set limits from high memory", 302, 0, 9, 1 << 40, 0), kernel.REFUSE),
        (("duplicate a file", 72, 3, 1030), kernel.ALLOW),
        (("own a pipe", 72, 3, 8), kernel.REFUSE),
        (("own a pipe, otherwise", 72, 3, 15), kernel.REFUSE),
        (("is it a terminal", 16, 0, 0x5401), kernel.ALLOW),
        (("type into a terminal", 16, 0, 0x5412), kernel.REFUSE),
        (("own a pipe by ioctl", 16, 3, 0x8901), kernel.REFUSE),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_the_filter(call, answer):
    assert decided(*call[1:]) == answer


def test_another_machine_s_calls_end_the_process():
    assert decided(0, machine=0x40000003) == kernel.END  # i386


def test_every_call_of_the_list_is_allowed_and_no_other():
    conditional = {kernel.FCNTL, kernel.IOCTL, kernel.KILL, kernel.TGKILL, kernel.PRLIMIT, kernel.CLONE3}
    allowed = {n for n in range(600) if decided(n, 99, 99, 99) == kernel.ALLOW}
    assert allowed == set(kernel.SYSCALLS.values())
    assert not allowed & conditional


@pytest.fixture(scope="module")
def server():
    with ForkServer() as started:
        yield started


@pytest.fixture
def told(server, tmp_path):
    """What a submission's expression is worth in a confined process, as text."""

    def ask(expression, imports="os, sys", name="layers.py", **more):
        code = f"import {imports}\nimport numpy as np\n\n\nclass Relu:\n    def forward(self, x):\n"
        (tmp_path / name).write_text(f"{code}        raise ValueError(repr(({expression})))\n")
        with ConfinedSubject(tmp_path / name, server=server, **more) as subject:
            return subject.run(ASK).stop.text

    return ask


def test_it_knows_nothing_of_who_runs_it(told):
    assert told("dict(os.environ), sys.argv") == "ValueError: ({}, [''])"


def test_it_has_three_files_to_nowhere_and_its_two_pipes(told):
    kinds = "[stat.S_IFMT(os.fstat(fd).st_mode) for fd in range(5)]"
    pipe, device = stat.S_IFIFO, stat.S_IFCHR
    assert told(kinds, "os, stat") == f"ValueError: {[device, device, device, pipe, pipe]}"
    assert "[Errno 9]" in told("os.fstat(5)")


def test_no_module_of_the_grader_s_that_knows_answers_is_in_it(told):
    strange = "('torch', 'scipy', 'hypothesis', 'impl', 'pytest', 'golden')"
    assert told(f"[m for m in sys.modules if m.partition('.')[0] in {strange}]") == "ValueError: []"
    allowed = "('conformance', 'conformance.types', 'conformance.subject')"  # and the subject's parts
    ours = "m.removeprefix('reference_tests.') for m in sys.modules if m.startswith('reference_tests.conformance')"
    assert told(f"[m for m in ({ours}) if m not in {allowed} and '.subject.' not in m]") == "ValueError: []"
    theirs = "('child', 'confine', 'forkserver')"
    grading = (
        "m.removeprefix('reference_tests.grading.') for m in sys.modules if m.startswith('reference_tests.grading.')"
    )
    assert told(f"[m for m in ({grading}) if m not in {theirs}]") == "ValueError: []"


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
def test_what_honest_code_does_it_can_do(told, expression, imports):
    assert told(expression, imports).startswith("ValueError: ")


@pytest.mark.parametrize(
    "expression", ["open('/etc/passwd')", "open('new.txt', 'w')", "os.listdir('..')", "os.system('true') and os.fork()"]
)
def test_what_is_refused_is_said(told, expression):
    assert told(expression).endswith(f"({RULE})")


def test_threads_are_refused_and_it_is_said(told):
    assert told("threading.Thread(target=print).start()", "threading").endswith(f"({RULE})")


def test_what_is_not_numpy_is_not_there(told):
    assert "No module named 'scipy'" in told("scipy", "scipy")


def test_a_package_inside_the_standard_library_is_not_part_of_it(tmp_path):
    for name in ("json", "site-packages", "dist-packages", "__pycache__"):
        (tmp_path / name).mkdir()
    (tmp_path / "os.py").touch()
    (tmp_path / "sitecustomize.py").symlink_to("/etc/hostname")
    assert kernel.parts_of(str(tmp_path)) == ([str(tmp_path / "os.py")], [str(tmp_path / "json")])


def test_missing_says_why(monkeypatch):
    monkeypatch.setattr(kernel, "landlock_version", lambda: 0)
    assert "Landlock" in kernel.missing()
    monkeypatch.setattr(kernel.sys, "platform", "darwin")
    assert kernel.missing().startswith("only on Linux on x86-64")


def test_a_limit_is_never_above_what_we_have_ourselves(monkeypatch):
    seen = []
    monkeypatch.setattr(kernel.resource, "getrlimit", lambda which: (5, 10))
    monkeypatch.setattr(kernel.resource, "setrlimit", lambda which, both: seen.append(both))
    kernel.limit(0, 7, 70)
    assert seen == [(7, 10)]


def test_the_room_holds_no_package_of_others():
    from reference_tests.grading.sandbox.child import SubmissionFolder

    torch = Path(np.__file__).parents[1] / "torch"
    room = SubmissionFolder()
    assert not any(torch.is_relative_to(folder) for folder in room.folders)
