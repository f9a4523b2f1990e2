"""The syntax tree of compiled code is found in its own file, and is the one that inspect finds among all modules."""

import ast
import inspect
import textwrap
from functools import wraps
from types import CodeType

from reference_tests.corpus.examples import as_published
from reference_tests.subject.conventions.signatures import tree_of, tree_of_code


def twice(function):
    @wraps(function)
    def both(x):
        return function(function(x))

    return both


@twice
def decorated(x):
    return x + 1


HALVED = [lambda x: x / 2]


def codes_of(home) -> list[CodeType]:
    found = [getattr(thing, "__code__", None) for thing in vars(home).values()]
    return [code for code in found if code is not None]


def test_tree_is_that_of_the_source_that_inspect_finds():
    codes = [*codes_of(as_published), *codes_of(as_published.Convolution), decorated.__wrapped__.__code__]
    assert len(codes) > 5
    for code in codes:
        source = textwrap.dedent(inspect.getsource(code))
        assert ast.dump(tree_of_code(code)) == ast.dump(ast.parse(source))


def test_tree_of_a_lambda_has_its_line():
    assert ast.unparse(tree_of(HALVED[0])) == "HALVED = [lambda x: x / 2]"


def test_code_without_a_source_has_no_tree():
    names = {}
    exec("def forward(x):\n    return x", names)
    assert tree_of(names["forward"]) is None
