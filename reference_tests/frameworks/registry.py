"""The frameworks that can be asked, as a table: the adapter, its packages, the switches that change its answers."""

from dataclasses import dataclass, replace
from pathlib import Path

PROBES = Path(__file__).parent / "probes"


@dataclass(frozen=True)
class Framework:
    """A framework on a device: one column of the matrix.

    adapter: the name of its file of probes. packages: those whose versions identify its answers. install: the command
    that installs it. switches: the environment variables that change its answers. setting: the environment variables
    that our processes set. target: a learner's file, for the column that asks it.
    """

    name: str
    adapter: str
    packages: tuple[str, ...] = ()
    install: str = ""
    switches: tuple[str, ...] = ()
    setting: tuple[tuple[str, str], ...] = ()
    device: str = "cpu"
    target: str = ""
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

torch = Framework("torch", "torch", ("torch",), "pip install -e .", ("ATEN_CPU_CAPABILITY", *ONEDNN))
jax = Framework("jax", "jax", ("jax", "jaxlib"), "pip install -e '.[jax]'", XLA)
onnxruntime = Framework("onnxruntime", "onnx", ("onnxruntime", "onnx"), "pip install -e '.[onnx]'", ONEDNN)

FRAMEWORKS = {
    framework.name: framework
    for framework in (
        torch,
        Framework("scipy", "scipy", ("scipy", "numpy"), "pip install -e ."),
        onnxruntime,
        Framework("onnx-reference", "onnx", ("onnx", "numpy"), "pip install -e '.[onnx]'"),
        jax,
        Framework("tensorflow", "tensorflow", ("tensorflow",), "pip install -e '.[tensorflow]'", (*TF, *ONEDNN), QUIET),
        Framework(
            "keras",
            "keras",
            ("keras", "tensorflow", "jax", "torch"),
            "pip install -e '.[tensorflow]'",
            ("KERAS_BACKEND", *TF, *XLA, *ONEDNN),
            QUIET,
        ),
        Framework(
            "opencv", "opencv", ("opencv-python-headless",), "pip install -e '.[opencv]'", ("OPENCV_IPP",), QUIET
        ),
        Framework("impl", "impl", ("numpy",)),
        replace(torch, name="torch@cuda", device="cuda", switches=(*torch.switches, *CUDA)),
        replace(
            jax, name="jax@cuda", device="cuda", switches=(*XLA, *CUDA), install="pip install -e '.[jax]' 'jax[cuda13]'"
        ),
    )
}
DEFAULT = ("torch", "scipy", "onnxruntime", "onnx-reference", "jax", "tensorflow", "keras", "opencv", "impl")
ON_CUDA = ("torch@cuda", "jax@cuda")


def select_frameworks(names: str | None, target: str = "") -> list[Framework]:
    """Return the frameworks of these names, separated by commas, and the target's column if there is a target.

    Without names, return those of DEFAULT, and those on CUDA if the machine has such a card. Raises ValueError for an
    unknown name.
    """
    cuda = ON_CUDA if Path("/proc/driver/nvidia/version").exists() else ()
    chosen = [n.strip() for n in names.split(",") if n.strip()] if names else [*DEFAULT, *cuda]
    for name in chosen:
        if name not in FRAMEWORKS:
            raise ValueError(f"--frameworks: {name!r} is none of {', '.join(FRAMEWORKS)}")
    frameworks = [FRAMEWORKS[name] for name in dict.fromkeys(chosen)]
    return frameworks + ([Framework("target", "target", ("numpy",), target=target)] if target else [])
