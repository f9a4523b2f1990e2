"""The frameworks that can be asked, as data: the adapter's file, what is installed for it, what changes its answers."""

from dataclasses import dataclass, replace
from pathlib import Path

PROBES = Path(__file__).parent / "probes"


@dataclass(frozen=True)
class Column:
    """One column of the matrix. packages: whose versions identify its answers. switches: environment variables that do.

    target: a learner's file, for the column that asks it. setting: what our processes set in the environment.
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
        return self.folder / f"{self.adapter}_probe.py"

    @property
    def recipes(self) -> Path:
        return self.folder / f"{self.adapter}_recipes.py"


ONEDNN = ("ONEDNN_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_MAX_CPU_ISA")
XLA = ("XLA_FLAGS", "JAX_ENABLE_X64", "JAX_DEFAULT_MATMUL_PRECISION", "JAX_PLATFORMS")
TF = ("TF_ENABLE_ONEDNN_OPTS", "XLA_FLAGS", "TF_XLA_FLAGS", "TF_DETERMINISTIC_OPS")
CUDA = ("NVIDIA_TF32_OVERRIDE", "CUBLAS_WORKSPACE_CONFIG", "CUDA_VISIBLE_DEVICES")
QUIET = (("TF_CPP_MIN_LOG_LEVEL", "3"), ("GLOG_minloglevel", "3"), ("OPENCV_LOG_LEVEL", "OFF"))

torch = Column("torch", "torch", ("torch",), "pip install -e .", ("ATEN_CPU_CAPABILITY", *ONEDNN))
jax = Column("jax", "jax", ("jax", "jaxlib"), "pip install -e '.[jax]'", XLA)
onnxruntime = Column("onnxruntime", "onnx", ("onnxruntime", "onnx"), "pip install -e '.[onnx]'", ONEDNN)

COLUMNS = {
    column.name: column
    for column in (
        torch,
        Column("scipy", "scipy", ("scipy", "numpy"), "pip install -e ."),
        onnxruntime,
        Column("onnx-reference", "onnx", ("onnx", "numpy"), "pip install -e '.[onnx]'"),
        jax,
        Column("tensorflow", "tensorflow", ("tensorflow",), "pip install -e '.[tensorflow]'", (*TF, *ONEDNN), QUIET),
        Column(
            "keras",
            "keras",
            ("keras", "tensorflow", "jax", "torch"),
            "pip install -e '.[tensorflow]'",
            ("KERAS_BACKEND", *TF, *XLA, *ONEDNN),
            QUIET,
        ),
        Column("opencv", "opencv", ("opencv-python-headless",), "pip install -e '.[opencv]'", ("OPENCV_IPP",), QUIET),
        Column("impl", "impl", ("numpy",)),
        replace(torch, name="torch@cuda", device="cuda", switches=(*torch.switches, *CUDA)),
        replace(
            jax, name="jax@cuda", device="cuda", switches=(*XLA, *CUDA), install="pip install -e '.[jax]' 'jax[cuda13]'"
        ),
    )
}
DEFAULT = ("torch", "scipy", "onnxruntime", "onnx-reference", "jax", "tensorflow", "keras", "opencv", "impl")
ON_CUDA = ("torch@cuda", "jax@cuda")


def wanted(names: str | None, target: str = "") -> list[Column]:
    """The columns asked for by name, all of DEFAULT without; those on CUDA too where the machine has such a card.

    Raises ValueError for a name that is none.
    """
    cuda = ON_CUDA if Path("/proc/driver/nvidia/version").exists() else ()
    asked = [n.strip() for n in names.split(",") if n.strip()] if names else [*DEFAULT, *cuda]
    for name in asked:
        if name not in COLUMNS:
            raise ValueError(f"--frameworks: {name!r} is none of {', '.join(COLUMNS)}")
    columns = [COLUMNS[name] for name in dict.fromkeys(asked)]
    return columns + ([Column("target", "target", ("numpy",), target=target)] if target else [])
