"""The mistakes of a convolution that is worked out from spectra: the product of Fourier transforms goes round."""

from collections.abc import Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..references.loops import crop, padded
from ..types import Mistake
from .changes import Ask, WrongAnswer, dout_of

CONJUGATE = "a correlation is the product with the conjugate of one spectrum; without it W is turned round"


def spectra(q: Question) -> tuple[np.ndarray, np.ndarray]:
    """Return the spectra of the padded x and of W."""
    x = padded(q["x"], q["pad"])
    return np.fft.fft2(x), np.fft.fft2(q["W"], s=x.shape[2:])


def spectrum_of_dout(q: Question) -> np.ndarray:
    """Return the spectrum of dout, spread by the stride in the padded image."""
    dout = dout_of(q)
    wide = np.zeros((*dout.shape[:2], *(size + 2 * q["pad"] for size in q["x"].shape[2:])))
    rows, columns = (np.arange(n) * q["stride"] for n in dout.shape[2:])
    wide[:, :, rows[:, None], columns] = dout
    return np.fft.fft2(wide)


def correlate_without_conjugate(ask: Ask, q: Question) -> Answer:
    """Multiply the spectra of x and W as they are."""
    right, (fx, fw) = ask(q), spectra(q)
    wide = np.fft.ifft2(np.einsum("nchw,fchw->nfhw", fx, fw)).real
    rows, columns = (np.arange(n) * q["stride"] for n in right["out"].shape[2:])
    return {**right, "out": wide[:, :, rows[:, None], columns] + q["b"][:, None, None]}


def conjugate_dx(ask: Ask, q: Question) -> Answer:
    """Take the conjugate of W's spectrum in dx, too."""
    fw, fd = spectra(q)[1], spectrum_of_dout(q)
    dx = np.fft.ifft2(np.einsum("nfhw,fchw->nchw", fd, fw.conj())).real
    return {**ask(q), "dx": crop(dx, q["pad"])}


def conjugate_other_in_dW(both: bool) -> WrongAnswer:
    """Take the conjugate of x's spectrum in dW, not of dout's; or of none of them."""

    def answer(ask: Ask, q: Question) -> Answer:
        fx, fd = spectra(q)[0], spectrum_of_dout(q)
        dW = np.fft.ifft2(np.einsum("nchw,nfhw->fchw", fx if both else fx.conj(), fd)).real
        h, w = q["W"].shape[2:]
        return {**ask(q), "dW": dW[:, :, :h, :w]}

    return answer


def list_spectrum_mistakes(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a convolution that multiplies spectra."""
    text = "the product of spectra has no conjugate: W is turned round, and the image goes on at its other end"
    yield Mistake(f"{prefix}.spectrum", text, correlate_without_conjugate, CONJUGATE)
    yield Mistake(f"{prefix}.dx-spectrum", "dx takes the conjugate of W's spectrum, as forward does", conjugate_dx,
                  "forward correlates, so dx is the product with W's spectrum itself")  # fmt: skip
    for none in (False, True):
        text, repair = "dW is not the product of x's spectrum and the conjugate of dout's", "dW correlates x with dout"
        yield Mistake(f"{prefix}.dW-spectrum", text, conjugate_other_in_dW(none), repair)
