"""The kinds of arrays that a target may be written for: one row a library, which is imported where it is needed."""

import contextlib
import importlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..source import LoadError

FLOATS = ("float32", "float64", "bfloat16", "float16")  # in which a target may be asked; the first is the usual one
CUDA = ("cuda", "all", "auto")  # of --device: a GPU if there is one


@dataclass(frozen=True)
class Kind:
    """One library's arrays. `lib` is the imported library in all of these functions."""

    name: str
    library: str
    choose: Callable[[Any, str], str]  # (lib, what --device says) -> the device
    to: Callable[[Any, np.ndarray, str, str], Any]  # (lib, array, device, the type of floats) -> its array
    to_numpy: Callable[[Any, Any], np.ndarray]  # its array -> NumPy's; it shares memory where it can
    is_own: Callable[[Any, Any], bool]
    where: Callable[[Any], str]  # its array -> the device
    write: Callable[[Any, Any, np.ndarray], None] | None = None  # into its array; None: they cannot be written into
    differentiate: Callable[..., list[Any]] | None = None  # (lib, function, dout, arrays, others) -> gradients
    usual: Callable[["Place"], AbstractContextManager[None]] = lambda place: contextlib.nullcontext()  # for new arrays
    trial: Callable[[Any], Any] | None = None  # lib -> what runs the calls of trials, where a usual call takes long


def torch_device(lib: Any, asked: str) -> str:
    """Return torch's device, of which --device speaks. Raises LoadError where it is asked for and not there."""
    if asked in CUDA and lib.cuda.is_available():
        lib.backends.cuda.matmul.allow_tf32 = lib.backends.cudnn.allow_tf32 = False
        return f"cuda:{lib.cuda.current_device()}"
    if asked in ("cuda", "all"):
        raise LoadError(f"--device {asked}: torch sees no CUDA device here.")
    return "cpu" if asked == "auto" else asked


def to_torch(lib: Any, a: np.ndarray, device: str, floats: str) -> Any:
    """Return a tensor with the array's strides, gaps included; on the CPU it shares the memory of a NumPy array.

    torch has no negative strides: such an image is channels last, or as NumPy copies it.
    """
    backwards = any(s < 0 for s in a.strides)
    a = cast(a, floats)
    if backwards:
        a = (
            np.array(a.transpose(0, 2, 3, 1), order="C").transpose(0, 3, 1, 2)
            if a.ndim == 4
            else np.array(a, order="C")
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of read-only arrays: a change is seen afterwards
        tensor = lib.from_numpy(a)
    kind = getattr(lib, floats) if a.dtype.kind == "f" else tensor.dtype
    if kind == tensor.dtype and device == "cpu":
        return tensor
    return moved(lib, tensor, device, kind)


def moved(lib: Any, tensor: Any, device: str, kind: Any) -> Any:
    """Copy a tensor to a device and a type; its strides stay as they are."""
    if not tensor.numel() or min((0, *tensor.stride())) < 0:
        return tensor.to(device=device, dtype=kind)
    there = lib.empty_strided(tensor.shape, tensor.stride(), dtype=kind, device=device)
    there.copy_(tensor)
    return there


def torch_to_numpy(lib: Any, tensor: Any) -> np.ndarray:
    """Return the tensor's numbers; bfloat16, which NumPy lacks, as float32."""
    tensor = tensor.detach().resolve_conj().resolve_neg()
    if tensor.device.type == "meta":
        return np.zeros(tuple(tensor.shape), "f4")
    tensor = tensor.cpu()
    found: np.ndarray = (tensor.float() if tensor.dtype is lib.bfloat16 else tensor).numpy()
    return found


def write_torch(lib: Any, tensor: Any, a: np.ndarray) -> None:
    """Write an array into a tensor in place."""
    with lib.no_grad():
        tensor.copy_(lib.from_numpy(np.array(a)))


@contextlib.contextmanager
def usual_torch(place: "Place") -> Iterator[None]:
    """Make new tensors of the place's type and device for the block: the weights that a layer draws itself."""
    before = place.lib.get_default_dtype()
    place.lib.set_default_dtype(getattr(place.lib, place.floats))
    try:
        with place.lib.device(place.device):
            yield
    finally:
        place.lib.set_default_dtype(before)


def differentiate_torch(lib: Any, call: Callable[..., Any], dout: Any, arrays: Sequence[Any], more: Any) -> list[Any]:
    """Return the gradients of call(*arrays) by the arrays, and by `more`, tensors that the call uses besides.

    Raises ValueError where the result has another shape than its gradient, dout.
    """
    leaves = [a.detach().requires_grad_() for a in arrays]
    held = [(t, t.requires_grad) for t in more if t.is_leaf]
    for tensor, _ in held:
        tensor.requires_grad_()
    try:
        out = call(*leaves)
        by = [*leaves, *more]
        if out.shape != dout.shape:
            raise ValueError(f"the result is {tuple(out.shape)}, its gradient {tuple(dout.shape)}")
        # of a sum, not of out by dout: that would import SymPy, which takes a second
        summed = (out * dout.to(out.dtype)).sum()
        return list(lib.autograd.grad(summed, by, allow_unused=True, materialize_grads=True))
    finally:
        for tensor, before in held:
            tensor.requires_grad_(before)


def to_cupy(lib: Any, a: np.ndarray, device: str, floats: str) -> Any:
    """Return a CuPy array on the current GPU."""
    return lib.asarray(cast(a, floats))


def write_cupy(lib: Any, array: Any, a: np.ndarray) -> None:
    """Write an array into CuPy's in place."""
    array[...] = lib.asarray(a)


def to_jax(lib: Any, a: np.ndarray, device: str, floats: str) -> Any:
    """Return a JAX array on a device. It is of a copy: JAX may share memory, and compiles what copies for it."""
    return lib.device_put(np.array(cast(a, floats)), lib.devices(device.partition(":")[0])[0])


def differentiate_jax(lib: Any, call: Callable[..., Any], dout: Any, arrays: Sequence[Any], more: Any) -> list[Any]:
    """Return the gradients of call(*arrays) by the arrays."""
    out, pull = lib.vjp(call, *arrays)
    return list(pull(dout.astype(out.dtype)))


def without_compiler(lib: Any) -> Any:
    """Return what runs calls of JAX's functions without compiling them."""
    from .uncompiled import Uncompiled  # for this kind alone

    return Uncompiled(lib)


def jax_device(lib: Any, asked: str) -> str:
    """Return JAX's platform, of which --device speaks. Raises LoadError where it is asked for and not there."""
    if asked in CUDA:
        with contextlib.suppress(RuntimeError):
            return f"{lib.devices('cuda')[0].platform}"
    if asked in ("cuda", "all"):
        raise LoadError(f"--device {asked}: jax sees no CUDA device here.")
    return "cpu"


def cast(a: np.ndarray, floats: str) -> np.ndarray:
    """Return the array in the type of floats that NumPy has; one with gaps keeps them. What is no float stays."""
    kind = np.dtype(floats if floats != "bfloat16" else "float32")
    if a.dtype.kind != "f" or a.dtype == kind:
        return a
    if a.ndim and a.shape[-1] > 1 and a.strides[-1] == 2 * a.itemsize:
        wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), kind)
        wide[..., ::2] = a
        return wide[..., ::2]
    return a.astype(kind, order="K")


KINDS = {
    kind.name: kind
    for kind in (
        Kind("torch", "torch", torch_device, to_torch, torch_to_numpy, lambda lib, thing: isinstance(thing, lib.Tensor),
             lambda tensor: str(tensor.device), write_torch, differentiate_torch, usual_torch),
        Kind("cupy", "cupy", lambda lib, asked: "cuda", to_cupy, lambda lib, a: lib.asnumpy(a),
             lambda lib, thing: isinstance(thing, lib.ndarray), lambda a: "cuda", write_cupy),
        Kind("jax", "jax", jax_device, to_jax, lambda lib, a: np.array(a),
             lambda lib, thing: isinstance(thing, lib.Array), lambda a: next(iter(a.devices())).platform,
             None, differentiate_jax, trial=without_compiler),
    )
}  # fmt: skip

ARRAYS = ("numpy", *KINDS)  # what --arrays takes


@dataclass(frozen=True)
class Place:
    """Arrays of one kind, on one device, with floats of one type."""

    kind: Kind
    lib: Any
    device: str
    floats: str

    @property
    def to(self) -> Callable[[np.ndarray], Any]:
        """The conversion of NumPy's arrays."""
        return lambda a: self.kind.to(self.lib, a, self.device, self.floats)


def open_place(name: str, device: str = "cpu", floats: str = FLOATS[0]) -> Place:
    """Import a kind's library. Raises LoadError where it is not installed or has no such device."""
    kind = KINDS[name]
    try:
        lib = importlib.import_module(kind.library)
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == kind.library
        why = f"{kind.library} is not installed here" if missing else f"{kind.library} cannot be imported: {error}"
        raise LoadError(f"--arrays {name}: {why}.") from None
    if "__file__" not in vars(lib):  # NumPy stands in for it while the target runs
        raise LoadError(f"--arrays {name}: {kind.library} is not installed here.")
    return Place(kind, lib, kind.choose(lib, device), floats)
