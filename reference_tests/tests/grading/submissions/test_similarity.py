"""Equal and nearly equal code is found, whatever was changed around it; what a whole class shares tells nothing."""

import json
import time

import pytest

from reference_tests.grading.submissions.bundle import Bundle
from reference_tests.grading.submissions.similarity import find_same, fingerprint

from .. import RIGHT

BODY = RIGHT + "".join(
    f"\n\ndef helper{n}(a, b):\n    total = a * {n} + b\n    for i in b:\n        total += i\n    return total\n"
    for n in range(12)
)
OTHER = "".join(
    f"\n\nclass Layer{n}:\n    def run(self, value):\n        return value ** {n} - self.k{n}\n" for n in range(30)
)


def of(text, name="a.py"):
    """Return the fingerprint of one file."""
    return fingerprint(Bundle("", ((name, text.encode()),)))


def notebook(text):
    """Return a notebook with one cell a definition."""
    return json.dumps({"cells": [{"cell_type": "code", "source": part} for part in text.split("\n\n\n")]})


EQUAL = {
    "copied": BODY,
    "comments": "# mine\n" + BODY.replace("    return", "    # here it ends\n    return"),
    "docstrings": BODY.replace("class Relu:\n", 'class Relu:\n    """My own work."""\n'),
    "blank lines and indents": BODY.replace("\n\n\n", "\n\n\n\n\n").replace("    ", "  "),
}
NEARLY = {
    "names": BODY.replace("total", "sum_of_all").replace("self.on", "self.mask"),
    "one line": BODY.replace("total = a * 3 + b", "total = b"),
    "something added": BODY + "\n\ndef own(x):\n    return x\n",
}


@pytest.mark.parametrize("what", EQUAL)
def test_equal_code_is_listed(what):
    same = find_same({"ann": of(BODY), "bob": of(EQUAL[what]), "eve": of(OTHER)})
    assert same == {"ann": (["bob"], []), "bob": (["ann"], [])}


def test_notebook_with_the_same_code_is_listed():
    assert find_same({"ann": of(BODY), "bob": of(notebook(BODY), "b.ipynb")})["ann"] == (["bob"], [])


@pytest.mark.parametrize("what", NEARLY)
def test_nearly_equal_code_is_listed(what):
    assert find_same({"ann": of(BODY), "bob": of(NEARLY[what]), "eve": of(OTHER)})["bob"] == ([], ["ann"])


@pytest.mark.parametrize("text", ["", "x = 1", "class Relu:\n    pass", "\udcff" * 3, "{" * 9999])
@pytest.mark.parametrize("name", ["a.py", "a.ipynb", "a.txt"])
def test_little_or_no_code_says_nothing(name, text):
    made = fingerprint(Bundle("", ((name, text.encode("utf-8", "surrogateescape")),)))
    assert bool(made) == (name == "a.py" and len(text) > 999)


def test_course_template_that_all_share_makes_nobody_alike():
    own = {
        f"s{n}": of(BODY + "".join(f"\n\ndef f{n}_{k}(q):\n    return q * {n} - {k * n}\n" for k in range(20)))
        for n in range(30)
    }
    assert find_same(own) == {}
    copied = find_same({**own, "thief": own["s7"]})
    assert copied == {"s7": (["thief"], []), "thief": (["s7"], [])}


QUOTES = ("'" * 3, '"' * 3)
SLOW = {  # what a careless expression would read again and again
    "escaped quotes": "\\'" * 400_000,
    "open strings": "'" + "a" * 900_000,
    "triple quotes": QUOTES[1] + QUOTES[0] * 300_000,
    "quotes in turn": "\"'" * 400_000,
    "lines": "\n" * 1_000_000,
    "blanks": " " * 1_000_000 + "class",
}


@pytest.mark.parametrize("what", SLOW)
def test_reading_takes_one_pass(what):
    start = time.process_time()
    of(SLOW[what])
    assert time.process_time() - start < 5  # seconds; reading again and again takes hours
