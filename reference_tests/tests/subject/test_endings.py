"""A layer that ends its process while it is read costs itself alone: the others are judged, and its line is said."""

import os
from textwrap import dedent

import numpy as np
import pytest

from reference_tests.conformance.locations import say_load_error, say_why
from reference_tests.conformance.spoken import unread_lines
from reference_tests.grading.sandbox.levels import missing
from reference_tests.grading.sandbox.subject import ConfinedSubject
from reference_tests.i18n import speaking
from reference_tests.subject.conventions import attempts
from reference_tests.subject.conventions.attempts import ALL, BETWEEN, ENDS, HANGS, MOST_ENDS, NO_TIME, Endings
from reference_tests.subject.parent import RemoteSubject
from reference_tests.subject.protocol import Plan
from reference_tests.subject.source import UNCALLABLE, LoadError

TARGET = """
    import ctypes, itertools, os, time
    import numpy as np

    class Linear:
        def __init__(self, weight, bias):
            self.weight, self.bias = weight, bias
        def forward(self, inputs):
            {does}
            return inputs @ self.weight + self.bias
        def backward(self, grad):
            return grad @ self.weight.T

    class ReLU:
        def forward(self, inputs):
            self.kept = inputs > 0
            return inputs * self.kept
        def backward(self, grad):
            return grad * self.kept

    class Sigmoid:
        def forward(self, x):
            self.out = 1 / (1 + np.exp(-x))
            return self.out
        def backward(self, dout):
            return dout * self.out * (1 - self.out)
"""
STUBBORN = """while True:
                try: time.sleep(0.01)
                except BaseException: pass"""
KINDS = {  # what forward does -> what is said of it
    "os._exit(3)": "ends its process when it is called: line 8: os._exit(3) (status 3)",
    "os.abort()": "line 8: os.abort() (SIGABRT)",
    "ctypes.string_at(0)": "line 8: ctypes.string_at(0) (SIGSEGV)",
    "os.kill(os.getpid(), 9)": "line 8: os.kill(os.getpid(), 9) (",
    "os.closerange(3, 64)": "ends its process when it is called: line 9: ",  # it is cut off, and seen after that
    "raise KeyboardInterrupt": "line 8: raise KeyboardInterrupt (",
    STUBBORN: "does not come to an end when it is called: line ",
    "sum(itertools.repeat(0))": "line 8: sum(itertools.repeat(0)) (",
}
EXITS = "os._exit(3)"
ENDLESS = (STUBBORN, "sum(itertools.repeat(0))")  # each takes the time limit twice
AT_NIGHT = [pytest.param(does, marks=pytest.mark.nightly) if does in ENDLESS else does for does in KINDS]


def write(tmp_path, does):
    path = tmp_path / "layers.py"
    path.write_text(dedent(TARGET).lstrip().replace("{does}", dedent(does).replace("\n", "\n    ")))
    return str(path)


def unread(subject):
    return "\n".join(unread_lines(subject.unread))


@pytest.mark.slow
@pytest.mark.parametrize("does", AT_NIGHT)
def test_layer_that_ends_the_process_while_it_is_read_costs_itself_alone(does, tmp_path):
    with RemoteSubject(write(tmp_path, does), loading=5.0) as subject:
        assert {"Relu", "Sigmoid"} <= subject.names and "Affine" not in subject.names
        assert KINDS[does] in unread(subject)
        assert not subject.fresh().has("Affine")


def add_to(path, text, does):
    with open(path, "a") as file:
        file.write(dedent(text).replace("{does}", does))
    return path


LOOKED_AT = {  # what runs where it is looked at
    "property": """
    class Meta(type):
        @property
        def __signature__(self):
            {does}

    class Tanh(metaclass=Meta):
        def forward(self, x):
            return np.tanh(x)
    """,
    "class": """
    class Meta(type):
        def __getattribute__(self, name):
            {does}

    class Tanh(metaclass=Meta):
        pass
    """,
    "descriptor": """
    class Forward:
        def __get__(self, layer, kind):
            {does}

    class Tanh:
        forward = Forward()
    """,
    "object": """
    class Config:
        def __getattribute__(self, name):
            {does}

    CONFIG = Config()
    """,
    "module": """
    def __getattr__(name):
        {does}
    """,
}


@pytest.mark.slow
@pytest.mark.parametrize("what", LOOKED_AT)
@pytest.mark.parametrize("does", ["os._exit(3)", "raise SystemExit", *AT_NIGHT[-1:]])
def test_thing_that_ends_the_process_where_it_is_looked_at_costs_itself_alone(what, does, tmp_path):
    path = add_to(write(tmp_path, "pass"), LOOKED_AT[what], does)
    with RemoteSubject(path, loading=5.0) as subject:
        assert {"Affine", "Relu", "Sigmoid"} <= subject.names
        if what in ("property", "class"):
            stop = subject.run(Plan([["make", "layer", "Tanh", []]], {}, {})).stop
            assert stop.reason == "import" and "while its layers are looked for" in stop.text


HIDDEN = """
    hook = eval("lambda kind, name: os._exit(3) if name == '__signature__' else type.__getattribute__(kind, name)")

    class Meta(type):
        __getattribute__ = hook

    class Tanh(metaclass=Meta):
        def forward(self, x):
            return np.tanh(x)
"""


@pytest.mark.slow
def test_process_that_ends_while_layers_are_looked_for_is_asked_for_the_books_interface_alone(tmp_path):
    path = add_to(write(tmp_path, "pass"), HIDDEN, "")
    with RemoteSubject(path) as subject:
        assert "Sigmoid" in subject.names and not {"Affine", "Relu"} & subject.names
        assert "ReLU looks like relu, but is not judged: something in the file ends the process" in unread(subject)


@pytest.mark.slow
@pytest.mark.parametrize("isolation", ["process", "confined", "bwrap"])
@pytest.mark.parametrize("does", [EXITS, "ctypes.string_at(0)", "os.closerange(3, 64)", *AT_NIGHT[-1:]])
def test_graded_layer_that_ends_the_process_while_it_is_read_costs_itself_alone(does, isolation, tmp_path):
    if why := missing(isolation):
        pytest.skip(why)
    with ConfinedSubject(write(tmp_path, does), isolation=isolation, timeout=0.5) as subject:
        assert {"Relu", "Sigmoid"} <= subject.names and "Affine" not in subject.names
        assert KINDS[does] in unread(subject)
        assert subject.restarts == 0


def test_reason_is_said_in_japanese():
    with speaking("ja"):
        said = say_why(ENDS.format(how="line 8: os._exit(3) (status 3)"))
    assert "os._exit(3)" in said and "8 行" in said and "process" not in said


def test_file_of_such_a_layer_alone_is_refused_in_a_sentence_in_the_reader_language():
    why = ENDS.format(how="line 8: os._exit(3) (status 3)")
    error = LoadError(UNCALLABLE.format(target="a.py", said=f"Linear(w) ({why}); Conv(w) (it takes too long)"))
    assert say_load_error(error) == str(error)
    with speaking("ja"):
        said = say_load_error(error)
    assert "8 行目: os._exit(3) (status 3)" in said and "process" not in said and "too long" not in said


def end(endings, key, line="", sentence=ENDS, late=False):
    endings.request(10.0)
    endings.note(sentence, "status 3")
    return endings.learn(key, line, late)


def test_target_is_loaded_once_more_to_learn_the_line_and_then_without_the_layer():
    endings = Endings()
    assert end(endings, "Affine Linear") and endings.without == {}
    assert endings.request(10.0) == {"without": {}, "traced": "Affine Linear", "seconds": attempts.TRACING}
    assert end(endings, "Affine Linear", "line 8: x") and endings.traced == ""
    assert endings.without == {"Affine Linear": ENDS.format(how="line 8: x (status 3)")}


def test_end_outside_of_layers_leaves_none_out():
    assert not end(Endings(), "")
    endings = Endings()
    assert not endings.learn("Affine Linear", "", late=False)  # the process said itself what is wrong


def test_loading_once_more_for_the_line_that_is_too_slow_leaves_the_layer_out_all_the_same():
    endings = Endings()
    assert end(endings, "Affine Linear", sentence=HANGS)
    endings.request(10.0)
    assert endings.learn("", "", late=True)
    assert endings.without == {"Affine Linear": HANGS.format(how="status 3")}


def test_reading_that_is_out_of_time_at_another_layer_each_time_blames_none():
    endings = Endings()
    assert end(endings, "Affine Linear", sentence=HANGS, late=True)
    assert end(endings, "Affine Dense", sentence=HANGS, late=True)
    assert endings.without == {ALL: NO_TIME}
    assert not end(endings, "", sentence=HANGS, late=True)


def test_number_of_layers_that_may_end_the_process_is_bounded():
    endings, loads = Endings(), 0
    while end(endings, f"Affine Linear{loads // 2}"):
        loads += 1
    assert loads == 2 * MOST_ENDS and ALL in endings.without
    endings = Endings()
    assert end(endings, BETWEEN) and [*endings.without] == [BETWEEN]
    assert end(endings, BETWEEN) and [*endings.without] == [BETWEEN, ALL] and not end(endings, BETWEEN)


FORKS = """
    class Tanh:
        def forward(self, x):
            self.child = os.fork()
            self.out = np.tanh(x)
            return self.out
        def backward(self, dout):
            return dout * (1 - self.out**2)
    {does}
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize("where", ["pass", "os.fork()"])
def test_process_that_the_target_forks_answers_nothing(where, tmp_path):
    path = add_to(write(tmp_path, "pass"), FORKS, where)
    x = np.arange(4.0)
    calls = [["call", f"out{i}", "layer.forward", ["x"]] for i in range(3)]
    plan = Plan([["make", "layer", "Tanh", []], *calls], {"x": x}, {})
    with RemoteSubject(path) as subject:
        for trace in subject.run_all([plan] * 8):
            assert trace.stop is None and all(np.array_equal(trace.results[f"out{i}"], np.tanh(x)) for i in range(3))
