"""The frameworks that can be asked, as a table: the adapter, its packages, the switches that change its answers."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

PROBES = Path(__file__).parent / "probes"
MORE = PROBES / "own_environment"


@dataclass(frozen=True)
class Framework:
    """A framework on a device: one column of the matrix.

    adapter: the name of its file of probes. packages: those whose versions identify its answers. install: the command
    that installs it. switches: the environment variables that change its answers. setting: the environment variables
    that our processes set. target: a learner's file, for the column that asks it. interface: the module or the
    functions that are asked, where the name does not say it. slow: asked only by name, and once.
    module: what it is imported as; where our own interpreter lacks it, no process needs to start.
    """

    name: str
    adapter: str
    packages: tuple[str, ...] = ()
    install: str = ""
    switches: tuple[str, ...] = ()
    setting: tuple[tuple[str, str], ...] = ()
    device: str = "cpu"
    target: str = ""
    interface: str = ""
    slow: bool = False
    module: str = ""
    folder: Path = PROBES

    @property
    def file(self) -> Path:
        """The adapter's file."""
        return self.folder / f"{self.adapter}_probe.py"

    @property
    def recipes(self) -> Path:
        """The file of its recipes, which not every framework has."""
        return self.folder / f"{self.adapter}_recipes.py"


ONEDNN = ("ONEDNN_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_MAX_CPU_ISA")
XLA = ("XLA_FLAGS", "JAX_ENABLE_X64", "JAX_DEFAULT_MATMUL_PRECISION", "JAX_PLATFORMS")
TF = ("TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS", "TF_XLA_FLAGS", "TF_DETERMINISTIC_OPS")
CUDA = ("NVIDIA_TF32_OVERRIDE", "CUBLAS_WORKSPACE_CONFIG", "CUDA_VISIBLE_DEVICES")
QUIET = (("TF_CPP_MIN_LOG_LEVEL", "3"), ("GLOG_minloglevel", "3"), ("OPENCV_LOG_LEVEL", "OFF"))

torch = Framework(
    "torch", "torch", ("torch",), "pip install -e .", ("ATEN_CPU_CAPABILITY", *ONEDNN), interface="torch.nn.functional"
)
jax = Framework("jax", "jax", ("jax", "jaxlib"), "pip install -e '.[jax]'", XLA, interface="jax.lax, jax.nn")
onnxruntime = Framework("onnxruntime", "onnx", ("onnxruntime", "onnx"), "pip install -e '.[onnx]'", ONEDNN)


MODULES = {
    "tensorflow-cpu": "tensorflow", "opencv-python-headless": "cv2", "paddlepaddle": "paddle",
    "ai-edge-litert": "ai_edge_litert",
}  # fmt: skip


def own(name: str, adapter: str, *packages: str, **more: Any) -> Framework:
    """Return a framework that `compare --install` puts into an environment of its own."""
    module = MODULES.get(packages[0], packages[0])
    return Framework(name, adapter, packages, f"convcheck compare --install {name}", module=module, **more)


def keras(interface: str, adapter: str, backend: str) -> Framework:
    """Return the column of one interface of Keras over one backend."""
    return own(
        f"{interface}@{backend}", adapter, "keras", backend if backend != "tensorflow" else "tensorflow-cpu",
        switches=(*TF, *XLA, *ONEDNN), setting=(*QUIET, ("KERAS_BACKEND", backend)),
        interface="keras.layers, losses, activations" if interface == "keras" else "keras.ops",
    )  # fmt: skip


BACKENDS = ("tensorflow", "jax", "torch")
IN_DEV = (  # the columns that the dev extra brings
    torch,
    replace(torch, name="torch.nn", adapter="torch_nn", interface="torch.nn, torch.optim"),
    Framework("scipy", "scipy", ("scipy", "numpy"), "pip install -e .", interface="scipy.signal, ndimage, special"),
    onnxruntime,
    Framework("onnx-reference", "onnx", ("onnx", "numpy"), "pip install -e '.[onnx]'", interface="onnx.reference"),
    jax,
    Framework("impl", "impl", ("numpy",), interface="impl.functional"),
)
OTHERS = (
    replace(torch, name="torch@compile", interface="torch.compile of torch's functions", slow=True),
    replace(
        torch,
        name="torch@onnx",
        packages=("torch", "onnx", "onnxruntime"),
        interface="torch.onnx.export, run by ONNX Runtime",
        slow=True,
    ),
    own("tensorflow", "tensorflow", "tensorflow-cpu", switches=(*TF, *ONEDNN), setting=QUIET, interface="tf.nn"),
    *(keras("keras", "keras", backend) for backend in BACKENDS),
    *(keras("keras.ops", "keras_ops", backend) for backend in BACKENDS),
    own("litert", "tensorflow", "ai-edge-litert", "tensorflow-cpu", setting=QUIET, interface="tf.nn, converted"),
    own("opencv.filter2D", "opencv", "opencv-python-headless", switches=("OPENCV_IPP",), setting=QUIET),
    own("opencv.dnn", "onnx", "opencv-python-headless", "onnx", switches=("OPENCV_IPP",), setting=QUIET),
    own("openvino", "onnx", "openvino", "onnx"),
    own("flax", "flax", "flax", "optax", "jax", switches=XLA, interface="flax.linen, optax", folder=MORE),
    own("paddle", "paddle", "paddlepaddle", interface="paddle.nn.functional", folder=MORE),
    own("mlx", "mlx", "mlx", interface="mlx.core, mlx.nn", folder=MORE),
    own(
        "executorch",
        "torch",
        "executorch",
        "torch",
        "torchao",
        slow=True,
        interface="torch.export of torch's functions, run by ExecuTorch",
    ),
    own("tinygrad", "tinygrad", "tinygrad", setting=(("DEV", "PYTHON"),), folder=MORE),
    own("mxnet", "mxnet", "mxnet", "numpy", interface="mxnet.nd", folder=MORE),
    own("chainer", "chainer", "chainer", "numpy", interface="chainer.functions", folder=MORE),
)
CUDA_COLUMNS = (
    replace(torch, name="torch@cuda", device="cuda", switches=(*torch.switches, *CUDA)),
    replace(
        jax, name="jax@cuda", device="cuda", switches=(*XLA, *CUDA), install="pip install -e '.[jax]' 'jax[cuda13]'"
    ),
)
FRAMEWORKS = {framework.name: framework for framework in (*IN_DEV, *OTHERS, *CUDA_COLUMNS)}
DEFAULT = tuple(framework.name for framework in (*IN_DEV, *OTHERS) if not framework.slow)
ON_CUDA = ("torch@cuda", "jax@cuda")
GROUPS = {  # a name that stands for several columns
    group: tuple(name for name in DEFAULT if name == group or name.startswith((f"{group}.", f"{group}@")))
    for group in ("keras", "keras.ops", "opencv")
}


ELSEWHERE = {  # the columns that answer for a framework where the question is not of its own interface
    "torch": ("torch.nn",),
    "jax": ("flax",),
    "tensorflow": ("keras@tensorflow", "keras.ops@tensorflow"),
    **{f"keras@{backend}": (f"keras.ops@{backend}",) for backend in BACKENDS},
}

NAMES_FUNCTIONS = ("scipy",)  # correlate2d and convolve2d are answers of their own: each is named with its function


def framework_of(column: str) -> str:
    """Return the framework of a column, whose name may say a version and switches after a space."""
    return column.split(" ")[0]


def expand_groups(pythons: dict[str, str]) -> dict[str, str]:
    """Return {column: interpreter} from {column or group: interpreter}."""
    return {column: python for name, python in pythons.items() for column in GROUPS.get(name, (name,))}


def default_columns() -> list[str]:
    """Return the columns that are asked by default; those on CUDA if the machine has such a card."""
    return [*DEFAULT, *(ON_CUDA if Path("/proc/driver/nvidia/version").exists() else ())]
