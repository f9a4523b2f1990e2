"""One column's part of a file of probes that several columns share: branches for the others are cut away."""

import ast
import pickle
from typing import Any, TypeVar

UNKNOWN = object()
Tree = TypeVar("Tree", bound=ast.AST)
Constants = dict[str, Any]
Tables = dict[str, ast.Dict]


def evaluate(node: ast.expr, constants: Constants) -> Any:
    """Return the value of an expression of constants, UNKNOWN if it needs anything else."""
    if any(isinstance(n, ast.Call) and not is_lookup(n) for n in ast.walk(node)):
        return UNKNOWN
    if not all(n.id in constants for n in ast.walk(node) if isinstance(n, ast.Name)):
        return UNKNOWN
    try:
        return eval(compile(ast.Expression(node), "", "eval"), {"__builtins__": {}, **constants})
    except Exception:
        return UNKNOWN


def is_lookup(call: ast.Call) -> bool:
    """Tell whether a call reads what a column is told from outside: globals().get(...) or os.environ.get(...)."""
    return ast.unparse(call).startswith(("globals()", "os.environ.get("))


class Folder(ast.NodeTransformer):
    """Puts constants in place of names, and the branch that is taken in place of an if."""

    def __init__(self, constants: Constants, tables: Tables, empty: set[str]) -> None:
        self.constants = constants
        self.tables = tables
        self.empty = empty  # functions that do nothing in this column
        self.known = {**constants, **{name: keys_of(table) for name, table in tables.items()}}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace a name by its constant."""
        if isinstance(node.ctx, ast.Load) and isinstance(self.constants.get(node.id), str | int | float):
            return ast.Constant(self.constants[node.id])
        return node

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        """Replace a conditional expression by the side that is taken."""
        value = evaluate(node.test, self.known)
        return self.generic_visit(node) if value is UNKNOWN else self.visit(node.body if value else node.orelse)

    def visit_If(self, node: ast.If) -> Any:
        """Replace an if by the branch that is taken."""
        value = evaluate(node.test, self.known)
        if value is UNKNOWN:
            return self.generic_visit(node)
        return [made for one in (node.body if value else node.orelse) for made in as_list(self.visit(one))]

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        """Replace a look-up in a table by what stands there."""
        table = self.tables.get(node.value.id) if isinstance(node.value, ast.Name) else None
        key = evaluate(node.slice, self.known) if table else UNKNOWN
        for at, value in zip(table.keys, table.values) if table else ():
            if isinstance(at, ast.Constant) and at.value == key:
                return self.visit(copied(value))
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> Any:
        """Drop the call of a function that does nothing here."""
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in self.empty:
            return None
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        """Cut a function after its first return; strip its annotations, which say nothing in a few lines."""
        node = self.generic_visit(node)  # type: ignore[assignment]
        end = next((i for i, one in enumerate(node.body) if isinstance(one, ast.Return | ast.Raise)), len(node.body))
        node.body = node.body[: end + 1] or [ast.Pass()]
        node.returns = None
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        return node


def copied(node: Tree) -> Tree:
    """Return a copy of a syntax tree; pickle is ten times as fast as deepcopy on trees."""
    return pickle.loads(pickle.dumps(node, pickle.HIGHEST_PROTOCOL))


def as_list(visited: Any) -> list[ast.stmt]:
    """Return what a visit gave as a list of statements."""
    return visited if isinstance(visited, list) else [] if visited is None else [visited]


def keys_of(table: ast.Dict) -> dict[Any, None]:
    """Return a table's keys, for `in`."""
    return {key.value: None for key in table.keys if isinstance(key, ast.Constant)}


def does_nothing(function: ast.FunctionDef) -> bool:
    """Tell whether a function's body is a docstring at most."""
    return all(isinstance(one, ast.Pass) or is_text(one) for one in function.body)


def is_text(node: ast.stmt) -> bool:
    """Tell whether a statement is a text, such as a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
