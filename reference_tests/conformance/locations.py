"""Where something stands in a target, and why a statement was left out or a layer not read, in the current language."""

import re
from functools import partial

from ..i18n import N_, _
from ..subject.conventions.attempts import WHY
from ..subject.source import Skipped, in_current_language

PLACE = re.compile(r"^(?P<file>[^:]*?, )?(?:cell (?P<cell>\d+), )?line (?P<line>\d+)(?P<rest>:.*|$)", re.S)
REASONS = (  # why a statement was left out, as subject.statements and its like say it
    N_("a loop"), N_("prints"), N_("plots"), N_("trains"), N_("a notebook magic"), N_("exits"), N_("magic"),
    N_("cell magic"), N_("not a definition"), N_("the main block"), N_("not a simple assignment"),
    N_("changes something else than this file's names"),
)  # fmt: skip
UNREAD = {  # why something could not be read, in the subject's words
    "it takes too long": N_("it takes too long"),
    "its weights cannot be given": N_("its weights cannot be given"),
    "it takes probabilities: the softmax is elsewhere": N_("it takes probabilities: the softmax is elsewhere"),
    "it takes no dout": N_("it takes no dout"),
    "it may be meant of the input or of the output": N_("it may be meant of the input or of the output"),
    "it is of one image at a time": N_("it is of one image at a time"),
    "its settings are fixed in its code": N_("its settings are fixed in its code"),
    "it gives no array for an image": N_("it gives no array for an image"),
    "its examples are columns": N_("its examples are columns"),
    "it always pads, by a rule of its own": N_("it always pads, by a rule of its own"),
    "its images are channels last": N_("its images are channels last"),
    "its layers are others than those of SimpleConvNet": N_("its layers are others than those of SimpleConvNet"),
    "its parameters are not those of one convolution and two fully connected layers": N_(
        "its parameters are not those of one convolution and two fully connected layers"
    ),
    "a sigmoid is inside it": N_("a sigmoid is inside it"),
    "a tanh is inside it": N_("a tanh is inside it"),
    "it turns the kernel by 180 degrees: right in image processing, wrong in a CNN's layer": N_(
        "it turns the kernel by 180 degrees: right in image processing, wrong in a CNN's layer"
    ),
    "it correlates its spread images without a border: not the transposed convolution of torch": N_(
        "it correlates its spread images without a border: not the transposed convolution of torch"
    ),
    "no call of it gives an array of a legal shape": N_("no call of it gives an array of a legal shape"),
    "none of its methods has the name of a forward pass": N_("none of its methods has the name of a forward pass"),
}


def say_place(text: str) -> str:
    """Say a place such as "notes.ipynb, cell 2, line 3: y = x" in the current language; other texts as they are."""
    found = PLACE.match(text)
    if found is None:
        return text
    cell = _("cell {n}").format(n=found["cell"]) + ", " if found["cell"] else ""
    line = _("line {n}").format(n=found["line"])
    return f"{found['file'] or ''}{cell}{line}{found['rest']}"


def say_load_error(error: Exception) -> str:
    """Say why a target cannot be loaded, in the current language: a known sentence, else its place."""
    return say_whys(say_place(in_current_language(str(error))))


def say_skipped(one: Skipped) -> str:
    """Say which statement was left out, where and why."""
    why = _(one.why) if one.why in REASONS else one.why
    return f"{say_place(f'{one.place}, line {one.line}')}: {one.source} ({why})"


def say_whys(text: str) -> str:
    """Say in a sentence the reasons in it why layers could not be read."""
    for why, said in UNREAD.items():
        text = text.replace(f"({why})", f"({_(said)})")
    for sentence in WHY:
        start, own = (s.partition("{how}")[0] for s in (sentence, _(sentence)))
        text = re.sub(rf"\({re.escape(start)}(?:line (\d+):)?", partial(say_start, own), text)
    return text


def say_start(own: str, found: re.Match[str]) -> str:
    """Return the beginning of a reason in the current language, with its line where it tells one."""
    line = _("line {n}").format(n=found[1]) + ":" if found[1] else ""
    return f"({own}{line}"


def say_why(why: str) -> str:
    """Say why something could not be read."""
    for sentence in WHY:
        start = sentence.partition("{how}")[0]
        if why.startswith(start):
            return _(sentence).format(how=say_place(why.removeprefix(start)))
    return _(UNREAD.get(why, why))
