"""Lending: what a target imports and cannot find is replaced by a right function, or by a stand-in that does nothing.

It is asked last, when no finder of Python's has the module. A lent function is a Loan, an empty object, until a program
runs: only then comes the function, and only if the target has none of its own. So a lent im2col never becomes the
target's im2col, and a target that is asked for its own cannot copy ours while it is loaded.
"""

import ast
import contextlib
import importlib.util
import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ..errors import LENT, Missing, MissingName
from ..protocol import Note
from ..source import walk
from . import stand_ins

FOLDER = Path(__file__).parent / "texts"
LAYERS = {  # lent to networks of the book's layout: name -> the file with its text
    "Convolution": "convolution", "Pooling": "pooling", "Relu": "relu", "Sigmoid": "sigmoid", "Affine": "affine",
    "SoftmaxWithLoss": "softmax_with_loss", "Dropout": "dropout",
}  # fmt: skip
COMPONENTS = {**LAYERS, "im2col": "im2col", "col2im": "col2im", "conv_output_size": "shapes"}  # asked for as well
FUNCTIONS = (
    "identity_function", "step_function", "sigmoid", "sigmoid_grad", "relu", "relu_grad", "tanh", "softmax",
    "sum_squared_error", "cross_entropy_error", "softmax_loss", "numerical_gradient",
)  # fmt: skip
OWN_BESIDE = {"im2col", "col2im", "conv_output_size", *LAYERS, "Tanh", "LRN"}  # not to be made of lent layers
LENDABLE = frozenset([*COMPONENTS, *FUNCTIONS])
VALUES: Mapping[str, Any] = {"np": np, "numpy": np, "GPU": False}  # of common/np.py and common/config.py
_HELPERS = "util utils functions function layers layer gradient np config helper helpers im2col common"
_FOREIGN = """
    numpy scipy torch torchvision tensorflow keras jax flax sklearn pandas cv2 skimage mxnet chainer paddle onnx
    autograd theano caffe cntk"""
_BOOKS_NAMES = """
    BatchNormalization smooth_curve shuffle_dataset MultiLayerNet Trainer SGD Momentum Nesterov AdaGrad RMSprop Adam
    load_mnist numerical_diff mean_squared_error OrderedDict pickle sys os TwoLayerNet SimpleConvNet MatMul Softmax
    SigmoidWithLoss clip_grads to_cpu to_gpu"""
BOOK = frozenset({"common", "func", "dlfs", "deep_learning"})  # folders of the book's helpers
HELPERS = frozenset(_HELPERS.split())  # files of such helpers, whoever wrote them
FOREIGN = frozenset(_FOREIGN.split())  # libraries: their functions of these names mean something else
BOOKS_NAMES = frozenset(_BOOKS_NAMES.split())  # what `from common.layers import *` and its like bind besides


class Loan(Missing):
    """A function that is lent, in the place where it was imported: it is none of the target's."""

    def __init__(self, name: str, why: str, made: Mapping[str, Any]) -> None:
        super().__init__(why)
        self.__dict__.update(_name=name, _made=made)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """Call the right function. Raises MissingName if it is not there (yet), or is called otherwise."""
        function = self._made.get(self._name)
        if function is None:
            raise MissingName(self._why)
        try:
            inspect.signature(function).bind(*args, **keywords)
        except TypeError as error:
            raise MissingName(f"{self._why}; the one that was lent is called otherwise: {error}") from None
        return function(*args, **keywords)


class Lender:
    """What one target borrows. It is the last finder of sys.meta_path, and a loader, while the target runs."""

    def __init__(self, keep: Callable[[str, ModuleType], None]) -> None:
        """keep: called with each module that is lent, to be taken out of sys.modules afterwards."""
        self.keep = keep
        self.asked: dict[str, set[str]] = {}  # module -> names that the target imports from it; "*" for all
        self.guarded: set[str] = set()  # modules for which the target has a fallback of its own
        self.made: dict[str, Any] = {}  # the lent functions, once a program may run
        self.loans: dict[str, Loan] = {}
        self.lent: set[str] = set()  # modules of helpers
        self.notes: list[Note] = []

    def read(self, tree: ast.Module) -> None:
        """Look at what a file imports, before it is run."""
        for node in walk(tree):
            if isinstance(node, ast.ImportFrom):
                self.asked.setdefault(node.module or "", set()).update(a.name for a in node.names)
                for module in (a.name for a in node.names if a.name in HELPERS - LENDABLE):
                    self.asked.setdefault(f"{node.module}.{module}" if node.module else module, set()).add("*")
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    self.asked.setdefault(alias.name, set()).add("*")
            elif isinstance(node, ast.Try) and any(has_fallback(h) for h in node.handlers):
                self.guarded |= {name for n in node.body for name in imported_modules(n)}

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Find a module that is lent (called by Python's import, last of all). Return None for all others."""
        top = fullname.partition(".")[0]
        if fullname in self.guarded or top in self.guarded:
            return None
        if fullname in stand_ins.MODULES or (top in stand_ins.PACKAGES and self.is_asked(fullname)):
            return ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]
        return ModuleSpec(fullname, self, is_package=True) if self.lends(fullname) else None  # type: ignore[arg-type]

    def is_asked(self, module: str) -> bool:
        """Return whether the target imports this module, or one in it."""
        return any(name == module or name.startswith(f"{module}.") for name in self.asked)

    def lends(self, module: str) -> bool:
        """Return whether something of this module, or of one in it, can be lent."""
        top, _, _ = module.partition(".")
        if top in FOREIGN:
            return False
        for name, wanted in ((n, w) for n, w in self.asked.items() if n):
            same = name == module or name.startswith(f"{module}.") or module.endswith(f".{name}")
            known = wanted & lendable(name) or (is_helper(name) and wanted & {"*", *VALUES})
            if same and known:
                return True
        return False

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Make the module that is lent."""
        module = ModuleType(spec.name)
        module.__path__ = []
        if spec.name.partition(".")[0] in stand_ins.PACKAGES:
            vars(module).update(stand_ins.contents_of(spec.name), __getattr__=stand_ins.missing_attribute(spec.name))
            if "." not in spec.name and self.is_asked(spec.name):  # another package asks for its own
                self.notes.append(Note("stand-in", spec.name, {}))
        else:
            self.lent.add(spec.name)
            wanted = set().union(*(v for k, v in self.asked.items() if k and f".{spec.name}".endswith(f".{k}")))
            vars(module).update(self.contents_of(spec.name, wanted))
            vars(module)["__getattr__"] = not_lent(spec.name, self.lends)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Register the module: there is no file to run."""
        self.keep(module.__name__, module)

    def contents_of(self, module: str, wanted: set[str]) -> dict[str, Any]:
        """Return what a module of helpers lends: the wanted names, all for a star."""
        names = lendable(module) if "*" in wanted and is_helper(module) else wanted & lendable(module)
        loans = {name: self.lend(name, module, name in wanted) for name in sorted(names)}
        return loans | {name: value for name, value in VALUES.items() if is_helper(module)}

    def lend(self, name: str, module: str, by_name: bool) -> Loan:
        """Return the loan of a name; there is one of each. by_name: it is the module that is asked for this name."""
        loan = self.loans.setdefault(name, Loan(name, "", self.made))
        if by_name or not loan.__dict__["_why"]:
            loan.__dict__.update(_why=f"{name}: No module named {module!r}", _module=module)
        return loan

    def prepare(self, modules: Iterable[str]) -> None:
        """Import those modules that are lent: a function of the target will, when it is too late to ask for them."""
        for name in modules:
            with contextlib.suppress(ImportError, ValueError):
                spec: Any = importlib.util.find_spec(name) if name and self.lends(name) else None
                if spec is not None and spec.loader is self:
                    importlib.import_module(name)

    def take(self, texts: Mapping[str, str]) -> None:
        """Take the texts of the functions that are lent. Each is run here, and knows nothing of the target."""
        for name, text in texts.items():
            home: dict[str, Any] = {"__name__": "right"}
            exec(compile(text, f"{LENT}{name}>", "exec"), home)
            self.made[name] = home[name]


def has_fallback(handler: ast.ExceptHandler) -> bool:
    """Return whether a handler of an import that fails puts something in its place."""
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign)
    caught = ast.unparse(handler.type) if handler.type else "Exception"
    fits = any(kind in caught for kind in ("ImportError", "ModuleNotFoundError", "Exception"))
    return fits and any(isinstance(n, kinds) for n in walk(handler))


def imported_modules(node: ast.AST) -> list[str]:
    """Return the modules that a statement imports."""
    found = [n for n in walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
    return [m for n in found for m in ([a.name for a in n.names] if isinstance(n, ast.Import) else [n.module or ""])]


def lendable(module: str) -> frozenset[str]:
    """Return the names that can be lent for a module's. The book's layers only for its own: elsewhere they differ."""
    return LENDABLE if BOOK & set(module.split(".")) else LENDABLE - LAYERS.keys()


def is_helper(module: str) -> bool:
    """Return whether a module has the name of one of the book's helpers: common.util, func.layer, utils ..."""
    parts = module.split(".")
    return bool(BOOK & set(parts)) or parts[-1] in HELPERS


def not_lent(module: str, lends: Callable[[str], bool]) -> Callable[[str], Any]:
    """Return the __getattr__ of a module that is lent in part: for the rest it is as if it were not there.

    lends: whether a module is lent; it is imported then, as one in a package is.
    """

    def look_up(name: str) -> Any:
        if name.startswith("__") or lends(f"{module}.{name}"):
            raise AttributeError(name)
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    return look_up


def read_text(name: str) -> str:
    """Return the text that defines a lent function."""
    return read_file(COMPONENTS.get(name, "functions"))


@cache
def read_file(name: str) -> str:
    """Return the text of a file of right components. Raises OSError if there is none."""
    return (FOLDER / f"{name}.py").read_text(encoding="utf-8")


def texts_for(borrowed: Iterable[str], own: Iterable[str]) -> dict[str, str]:
    """Return the texts of the borrowed functions and layers; none of one that the target is asked for as its own.

    Layers are lent to a network alone: a layer made of another layer would be ours, and not the target's.
    """
    own = set(own)
    free = LENDABLE - own if "SimpleConvNet" in own else LENDABLE - own - LAYERS.keys()
    return {name: read_text(name) for name in borrowed if name in free}


def counts(name: str, lent: Collection[str]) -> bool:
    """Return whether what a target has under a name can be its own work, given what it was lent."""
    return name not in lent and (name == "SimpleConvNet" or not LAYERS.keys() & lent or name in OWN_BESIDE)
