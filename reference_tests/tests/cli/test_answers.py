"""Small files of many learners' kinds, each of which was answered badly once: what is said of them now."""

import pytest

from reference_tests import cli
from reference_tests.corpus.conventions import FOLDER

pytestmark = pytest.mark.slow

# file, the components that are asked for, the exit status, what is said, what is not
ANSWERS = [
    ("affine.py", ["affine"], 0, ["affine: right for (N, D); flatten x of more axes first"], ["small sizes"]),
    ("callsite.py", ["convolution"], 1,
     ["at line 4: out_h = (H", "called at line 19: col = im2col(x, FH, self.stride, self.pad)"], []),
    ("none.py", ["relu", "convolution", "pooling"], 1,
     ["layer.forward returns None: is `return` missing?", 
      "Convolution.forward (none.py, line 8) is not implemented yet",
      "Pooling.forward (none.py, line 12) is not implemented yet", "1 disagrees, 2 absent"], ["no array of numbers"]),
    ("r_none.py", ["relu"], 1, ["layer.forward returns None: is `return` missing?"], ["ndarray"]),
    ("r_tuple.py", ["relu"], 1, ["layer.forward returns a tuple of 2: (2, 3, 4, 5), (2, 3, 4, 5)"], ["ndarray"]),
    ("r_str.py", ["relu"], 1, ["layer.forward returns a str: '["], ["ndarray"]),
    ("dropout_flag.py", ["dropout"], 0, ["1 agrees"], []),
    ("bn.py", ["batch_norm", "relu"], 0,
     ["batch_norm read as: BatchNorm(gamma, beta, eps=1e-05)", "1 agrees, 1 agrees as far as it goes",
      "not looked at: arrays of other than 2 axes; inference; running_mean, running_var: not given"], []),
    ("onename.py", ["sigmoid", "relu", "convolution"], 1,
     ["convolution read as: Conv2D(W, b, stride=1, pad=0)", "relu read as: ReLU()", "relu.mask-unused",
      "dx[0, 1, 1, 0] is", "convolution: Conv2D has no backward",
      "1 agrees, 2 disagree"], []),
    ("absent_all.py", ["relu", "convolution"], 1,
     ["relu read as: Relu() (other names for forward and backward)", "Convolution has no backward; it has propagate",
      "1 agrees, 1 disagrees"], []),
    ("init_typo.py", ["convolution"], 1,
     ["Convolution cannot be made: __init should be __init__, two underscores on each side (line 3: def __init(self",
      "nothing here could be judged, so nothing agrees"], []),
    ("azuma_im2col.py", ["im2col"], 0,
     ["im2col read as: im2col(images, flt_h, flt_w, out_h, out_w, stride, pad) (Azuma's books)", "1 agrees"],
     ["TypeError"]),
    ("shadow/shadow.ipynb", ["pooling", "simple_conv_net"], 1,
     ["Pooling: the definition in shadow.ipynb, cell 1, line 2 is examined, not the one that shadow.ipynb, cell 2, line"
      " 1 imports by *", "at shadow.ipynb, cell 1, line 5: out = np.max(out, axis=1)",
      "SimpleConvNet is not implemented yet"], []),
    ("missing.ipynb", ["convolution", "im2col"], 1,
     ["common.util is not here: lent in its place, and right: im2col", "sizes: 12 = C*FH*FW meets 5 = FN",
      "the filter matrix (FN, C*FH*FW) is not transposed", "a right one was lent, which does not count"], []),
    ("typo.ipynb", ["pooling"], 1,
     ["NameError: name 'pad' is not defined. Did you mean: 'self.pad'?"], ["perhaps from", "common.layers import"]),
    ("common2/common/layers.ipynb", ["relu"], 0, ["1 agrees"], []),
    ("common2/common/layers.py", ["relu"], 0, ["1 agrees"], []),
]  # fmt: skip


@pytest.mark.parametrize("name, asked, status, said, unsaid", ANSWERS, ids=[row[0] for row in ANSWERS])
def test_file_is_answered_so_that_its_author_knows_what_to_do(name, asked, status, said, unsaid, capsys):
    arguments = [part for component in asked for part in ("--only", component)]
    found = cli.run(["verify", str(FOLDER / "answers" / name), *arguments, "--seed", "3"])
    text = " ".join(capsys.readouterr().out.split())
    assert [line for line in said if " ".join(line.split()) not in text] == []
    assert [line for line in unsaid if line in text] == []
    assert found == status
