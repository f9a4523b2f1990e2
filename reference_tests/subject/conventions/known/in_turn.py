"""A softmax and a loss of what it gives, read together: their calls as the author would write them."""

import ast
import re


def in_turn(code: str, make: str) -> str:
    """Return the code of a loss of a softmax as its author would call the two: loss(softmax(x), t).

    make: what makes both, as a pair. Other code is returned as it is.
    """
    if not re.match(r"\(lambda p: |\(layer\[", code):
        return code
    pair = InTurn(ast.parse(make, mode="eval").body if make else None)
    return ast.unparse(pair.visit(ast.parse(code, mode="eval").body))


class InTurn(ast.NodeTransformer):
    """Puts what a function is given in the place of its argument, and what was made in the place of its name."""

    def __init__(self, made: ast.expr | None) -> None:
        self.made, self.given = made.elts if isinstance(made, ast.Tuple) else [], ast.expr()

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Return the first result of a function without a name, its argument in place."""
        if not isinstance(node.func, ast.Lambda):
            self.generic_visit(node)
            return node
        self.given = self.visit(node.args[0])
        body = node.func.body
        inner: ast.expr = self.visit(body.elts[0] if isinstance(body, ast.Tuple) else body)
        return inner

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return the argument in place of its name."""
        return self.given if node.id == "p" else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Return what was made in place of layer[0]; the call in place of (layer.forward(x), layer.output)[1]."""
        of, at = node.value, getattr(node.slice, "value", None)
        if isinstance(of, ast.Name) and of.id == "layer" and isinstance(at, int) and at < len(self.made):
            return self.made[at]
        self.generic_visit(node)
        if isinstance(of, ast.Tuple) and isinstance(of.elts[0], ast.Call):
            return of.elts[0]
        return node


def of_pair(called: str, make: str) -> str:
    """Return what is called with the name of its class, where it is one of a pair: CrossEntropy.forward."""
    made = ast.parse(make, mode="eval").body if make else None
    names = [ast.unparse(one.func) if isinstance(one, ast.Call) else "" for one in getattr(made, "elts", ())]
    found = re.match(r"layer\[([01])\]", called)
    return names[int(found[1])] + called[found.end() :] if found and len(names) == 2 else called
