"""Take the site's pictures anew: python -m reference_tests.docs.screenshots (it needs Chromium and the dev extra)."""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
FLIPPED = """
import numpy as np


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        (FN, C, FH, FW), s = self.W.shape, self.stride
        x = np.pad(x, [(0, 0), (0, 0), (self.pad, self.pad), (self.pad, self.pad)])
        OH, OW = (x.shape[2] - FH) // s + 1, (x.shape[3] - FW) // s + 1
        out = np.zeros((len(x), FN, OH, OW))
        for i in range(OH):
            for j in range(OW):
                window = x[:, :, i * s : i * s + FH, j * s : j * s + FW]
                out[:, :, i, j] = np.einsum("ncij,fcij->nf", window, self.W[:, :, ::-1, ::-1])
        return out + self.b.reshape(1, -1, 1, 1)
"""


def take_pictures(out: Path, chromium: str) -> None:
    """Verify a wrong convolution, and take a picture of its page's diagnosis and smallest case, in each language."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="convcheck-") as folder, sync_playwright() as running:
        (Path(folder) / "layers.py").write_text(FLIPPED, encoding="utf-8")
        command = [sys.executable, "-m", "reference_tests", "verify", "layers.py", "--html", "page.html", "--quiet"]
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for language, name in (("en", "verify.png"), ("ja", "verify.ja.png")):
            asked = [*command, "--only", "convolution", "--lang", language]
            subprocess.run(asked, cwd=folder, stdout=subprocess.DEVNULL)
            page = browser.new_page(viewport={"width": 1100, "height": 720}, color_scheme="light")
            page.goto((Path(folder) / "page.html").as_uri())
            page.locator(".diagnosis").first.scroll_into_view_if_needed()
            page.evaluate("scrollTo(0, document.querySelector('.diagnosis').offsetTop - 60)")
            page.screenshot(path=out / name)
        browser.close()


if __name__ == "__main__":
    take_pictures(HERE / "pages" / "images", sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/chromium")
