"""The user's torch model, example and port. They are the user's own code and are run as such, as torch.load runs it.

FILE is a .py file with a module, a class without arguments or a function that returns one, or an exported
program (.pt2).
"""

import importlib
import importlib.util
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ...errors import UsageError
from ...i18n import _
from .graph import Model, read_graph

EXAMPLE_HELP = "--example 1x3x32x32"


def load_model(where: str, example: str) -> Model:
    """Return the model of FILE or FILE:NAME with its example. Raises UsageError with one sentence."""
    with warnings.catch_warnings():  # torch's own, about its own code
        warnings.simplefilter("ignore")
        return load(where, example)


def load(where: str, example: str) -> Model:
    """Return the model of FILE or FILE:NAME with its example. Raises UsageError with one sentence."""
    import torch

    file, name = split_name(where)
    if not Path(file).is_file():
        raise UsageError(_("--model: {} is not there").format(file))
    torch.manual_seed(0)  # a class that is called begins with the same weights in every run
    if Path(file).suffix == ".pt2":
        program = load_program(file)
        given = parse_example(example) if example else example_of(program)
        return read(program, given, where)
    module = import_file(file, "--model")
    found = find_model(module, name, file).eval()
    given = parse_example(example) if example else example_in(module)
    try:
        with torch.no_grad():
            found(given)
    except Exception as error:
        message = _("--example {}: the model does not take it: {}: {}")
        raise UsageError(message.format(shape_text(given), type(error).__name__, one_line(error))) from None
    try:
        program = torch.export.export(found, (given,))
    except Exception as error:
        message = _("--model {}: torch.export cannot read its graph: {}: export it yourself and give the .pt2 file")
        raise UsageError(message.format(where, one_line(error))) from None
    return read(program, given, where)


def read(program: Any, example: Any, where: str) -> Model:
    """Return the model of an exported program. Raises UsageError if it does not take the example."""
    try:
        model = read_graph(program, example)
    except (RuntimeError, AssertionError, TypeError, ValueError) as error:
        message = _("--example {}: the model does not take it: {}: {}")
        raise UsageError(message.format(shape_text(example), type(error).__name__, one_line(error))) from None
    if any(layer.arguments.get("train") or layer.arguments.get("training") for layer in model.layers):
        message = _("--model {}: it was exported in training: call eval() on the model before torch.export.export")
        raise UsageError(message.format(where))
    if not model.layers:
        raise UsageError(_("--model {}: there is no layer in it").format(where))
    return model


def split_name(where: str) -> tuple[str, str]:
    """Split FILE:NAME; a file whose name has a colon is a file."""
    file, colon, name = where.rpartition(":")
    return (file, name) if colon and not Path(where).exists() and name.isidentifier() else (where, "")


def load_program(file: str) -> Any:
    """Return an exported program. Raises UsageError if the file is none."""
    import torch

    try:
        return torch.export.load(file)
    except Exception as error:
        raise UsageError(_("--model {}: no exported program: {}").format(file, one_line(error))) from None


def import_file(file: str, option: str) -> ModuleType:
    """Run a .py file as a module; its folder can be imported from. Raises UsageError if it cannot be run."""
    if Path(file).suffix != ".py":
        raise UsageError(_("{} {}: give a .py file with the model, or an exported program (.pt2)").format(option, file))
    path = Path(file).resolve()
    spec = importlib.util.spec_from_file_location(f"convcheck_port_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        with without_bytecode():
            spec.loader.exec_module(module)
    except Exception as error:
        raise UsageError(f"{option} {file}: {described(error, path)}") from None
    finally:
        sys.path.remove(str(path.parent))
    return module


def described(error: Exception, file: Path) -> str:
    """Return an exception in one line, with the last line of the user's file that it came from."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == file]
    lines = error.lineno if isinstance(error, SyntaxError) else frames[-1].lineno if frames else None
    place = f" ({file.name}:{lines})" if lines else ""
    return f"{type(error).__name__}: {one_line(error)}{place}"


def one_line(error: Exception) -> str:
    """Return the first line of an exception's message, at most 200 characters."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:200] if lines else type(error).__name__


def find_model(module: ModuleType, name: str, file: str) -> Any:
    """Return the model of that name, or the only one in a file. Raises UsageError if it is not clear."""
    import torch

    own = {key: value for key, value in vars(module).items() if not key.startswith("_")}
    if name:
        if name not in own:
            raise UsageError(_("--model {}: there is no {} in it").format(file, name))
        return build(own[name], f"{file}:{name}")
    objects = {key: value for key, value in own.items() if isinstance(value, torch.nn.Module)}
    classes = {
        key: value
        for key, value in own.items()
        if isinstance(value, type) and issubclass(value, torch.nn.Module) and value.__module__ == module.__name__
    }
    found = objects or classes
    if not found:
        found = {
            key: own[key] for key in ("model", "make_model", "build_model", "net", "make_net") if callable(own.get(key))
        }
    if len(found) != 1:
        message = (
            _("--model {0}: several models, {1}: choose one as {0}:NAME") if found
            else _("--model {0}: no model in it: no torch.nn.Module, no class of one, no function model()")
        )  # fmt: skip
        raise UsageError(message.format(file, ", ".join(found)))
    ((key, value),) = found.items()
    return build(value, f"{file}:{key}")


def build(value: Any, where: str) -> Any:
    """Return a module, or what a class or function without arguments returns. Raises UsageError if it is none."""
    import torch

    if not isinstance(value, torch.nn.Module) and callable(value):
        try:
            value = value()
        except Exception as error:
            message = _(
                "--model {}: calling it without arguments gives {}: {}: write a function that returns the model"
            )
            raise UsageError(message.format(where, type(error).__name__, one_line(error))) from None
    if not isinstance(value, torch.nn.Module):
        message = _("--model {}: a {} is no torch.nn.Module; weights alone (a state dict) are no model")
        raise UsageError(message.format(where, type(value).__name__))
    return value


def parse_example(text: str) -> Any:
    """Return random numbers of a shape written as 1x3x32x32, the same in every run. Raises UsageError."""
    try:
        shape = [int(part) for part in text.lower().split("x")]
    except ValueError:
        shape = []
    if not shape or min(shape) < 1:
        raise UsageError(_("--example {}: write the shape as 1x3x32x32").format(text))
    return example_of_shape(shape)


def example_of_shape(shape: Any) -> Any:
    """Return random numbers of a shape, the same in every run."""
    import torch

    numbers = np.random.default_rng(0).standard_normal(tuple(shape)).astype("float32")
    return torch.from_numpy(numbers)


def example_in(module: ModuleType) -> Any:
    """Return a file's `example`: a tensor, an array or a shape. Raises UsageError if it has none."""
    import torch

    value = getattr(module, "example", None)
    if isinstance(value, torch.Tensor):
        return value.detach()
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    if isinstance(value, list | tuple) and value and all(isinstance(n, int) for n in value):
        return example_of_shape(value)
    raise UsageError(_("no example input: give its shape as {}, or `example` in the file").format(EXAMPLE_HELP))


def example_of(program: Any) -> Any:
    """Return the input that a program was exported with. Raises UsageError if it has none, or several."""
    given: Any = (program.example_inputs or ((), {}))[0]
    if len(given) != 1:
        raise UsageError(_("the program has {} inputs; one is compared here").format(len(given)))
    return given[0]


def shape_text(tensor: Any) -> str:
    """Write a shape as 1x3x32x32."""
    return "x".join(map(str, tuple(tensor.shape)))


def load_port(where: str) -> tuple[Callable[..., Any], Path | None]:
    """Return the function of module:function or FILE.py:function, and its file. Raises UsageError."""
    place, colon, name = where.rpartition(":")
    if not colon or not name.isidentifier():
        raise UsageError(_("--port {}: write it as module:function").format(where))
    module = import_file(place, "--port") if place.endswith(".py") else import_named(place)
    function = getattr(module, name, None)
    if not callable(function):
        raise UsageError(_("--port {}: there is no function {} in it").format(where, name))
    return function, Path(module.__file__).resolve() if module.__file__ else None


def import_named(name: str) -> ModuleType:
    """Import a module by its name, from the working directory first. Raises UsageError if it cannot be."""
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        with without_bytecode():
            return importlib.import_module(name)
    except Exception as error:
        raise UsageError(f"--port {name}: {type(error).__name__}: {one_line(error)}") from None
    finally:
        sys.path.remove(here)


@contextmanager
def without_bytecode() -> Iterator[None]:
    """Write no __pycache__ into a user's folder: a file saved twice in a second would be taken for its first text."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def run_port(where: str, weights: dict[str, np.ndarray], x: np.ndarray, target: str) -> Any:
    """Return what a port makes of the weights and the input, all in float64. Raises UsageError if it raises."""
    from contextlib import nullcontext

    context: Any = nullcontext()
    if target == "jax":
        import jax

        context = jax.enable_x64(True)
    with context:
        function, file = load_port(where)
        given = {name: w.astype("float64") if w.dtype.kind == "f" else w for name, w in weights.items()}
        try:
            return function(given, x)
        except Exception as error:
            frames = described(error, file) if file else f"{type(error).__name__}: {one_line(error)}"
            raise UsageError(_("--port {}: it raises {}").format(where, frames)) from None
