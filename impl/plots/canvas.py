"""The parts that all plots share: the Figure, its words in a language, a font for them, and grey images.

Only this module imports matplotlib, inside its functions.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

JAPANESE_FONTS = (  # Debian's and the free ones, then those of Windows and macOS
    "Noto Sans CJK JP", "Noto Sans JP", "Noto Serif CJK JP", "IPAexGothic", "IPAPGothic", "IPAGothic", "TakaoGothic",
    "VL Gothic", "VL PGothic", "Yu Gothic", "Meiryo", "MS Gothic", "BIZ UDGothic", "Hiragino Sans",
    "Hiragino Kaku Gothic ProN",
)  # fmt: skip
WORDS = {
    "training step": "学習ステップ",
    "loss": "損失",
    "each step": "各ステップ",
    "running mean": "移動平均",
    "Loss and accuracy during training": "学習中の損失と正解率",
    "Accuracy of shifted images": "ずらした画像の正解率",
    "Test accuracy": "テストデータの正解率",
    "test accuracy [%]": "テストデータの正解率 [%]",
    "before training": "学習前",
    "after training": "学習後",
    "input": "入力",
    "shift [pixels]": "ずらす量 [画素]",
    "parameters": "パラメータ数",
    "whole network": "ネットワーク全体",
    "each convolution": "畳み込み層ごと",
    "weight": "重み",
    "outputs of each layer": "各層の出力",
    "receptive field of one unit of each layer": "各層の 1 ユニットの受容野",
    "images that units respond to most": "ユニットが最も強く反応する画像",
    "shared weights (convolution)": "重みを共有（畳み込み）",
    "own weights at every place": "場所ごとに別の重み",
    "fully connected": "全結合",
    "photograph": "写真",
    "Laplacian": "ラプラシアン",
    "horizontal difference": "横方向の差分",
    "vertical difference": "縦方向の差分",
}


def japanese_font() -> str | None:
    """Return the name of a font on this machine with all Japanese letters of WORDS, or None."""
    from matplotlib.font_manager import fontManager
    from matplotlib.ft2font import FT2Font

    needed = {ord(letter) for word in WORDS.values() for letter in word}
    files: dict[str, str] = {}
    for font in fontManager.ttflist:
        files.setdefault(font.name, font.fname)
    for name in JAPANESE_FONTS:
        if name in files and needed <= set(FT2Font(files[name]).get_charmap()):
            return name
    return None


def new_figure(width: float, height: float, language: str = "en") -> tuple[Figure, Callable[[str], str]]:
    """Make an empty Figure (inches), and a function that translates a word of WORDS if a font has the letters.

    Raises ValueError for another language.
    """
    if language not in ("en", "ja"):
        raise ValueError(f"language={language!r}: allowed is en or ja")
    words = WORDS if language == "ja" and japanese_font() else {}
    return picture_class()(figsize=(width, height), layout="constrained"), lambda word: words.get(word, word)


@cache
def picture_class() -> type[Figure]:
    """Return the class of our figures: a notebook shows them, also where pyplot was never imported."""
    from matplotlib.figure import Figure

    class Picture(Figure):
        def _repr_png_(self) -> bytes:
            file = io.BytesIO()
            self.savefig(file, format="png", dpi=100)
            return file.getvalue()

    return Picture


def set_fonts(figure: Figure) -> Figure:
    """Set the figure's Japanese texts in a font that has their letters; return the figure."""
    from matplotlib.text import Text

    texts = [text for text in figure.findobj(Text) if not text.get_text().isascii()]  # type: ignore[attr-defined]
    if texts and (font := japanese_font()):
        for text in texts:
            text.set_fontfamily([font, "DejaVu Sans"])  # type: ignore[attr-defined]
    return figure


def draw_image(axes: Any, image: np.ndarray, low: float | None = None, high: float | None = None) -> None:
    """Draw a grey image (H, W) without ticks; black is low, white high."""
    axes.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
    axes.set(xticks=[], yticks=[])


def mosaic(images: Sequence[np.ndarray], columns: int, each: bool = False, scale: bool = True) -> np.ndarray:
    """Arrange images of one size (H, W) in rows of `columns`, scaled to 0 .. 1, together or each by itself, or not."""
    H, W = images[0].shape
    rows = math.ceil(len(images) / columns)
    out = np.full((rows * (H + 1) - 1, columns * (W + 1) - 1), np.nan)
    everything = np.stack(images)
    for n, image in enumerate(images):
        of = image if each else everything
        low, high = (float(of.min()), float(of.max())) if scale else (0.0, 1.0)
        row, column = divmod(n, columns)
        top, left = row * (H + 1), column * (W + 1)
        out[top : top + H, left : left + W] = (image - low) / (high - low) if high > low else 0.5
    return out


def sample_photograph() -> np.ndarray:
    """Load the photograph in matplotlib: Grace Hopper, U.S. Navy, public domain; (H, W, 3) uint8."""
    from matplotlib.cbook import get_sample_data
    from matplotlib.image import imread

    return np.asarray(imread(get_sample_data("grace_hopper.jpg", asfileobj=False)))
