"""What is said of a submission's files, in the current language. The files' hash must not depend on a language."""

from ...i18n import N_, _
from ...subject.source import reworded

LEFT_OUT = N_("left out")
REFUSED = (  # why a submission cannot be taken, as archive.py, bundle.py and tar.py say it
    N_("this system cannot have a file of the name {name} ({why})"),
    N_("its files have more than {size} MB together"),
    N_("it holds two files of the name {name}"),
    N_("it has more than {n} files of code"),
    N_("it has more than {n} files"),
    N_("it holds a file and a folder of one name, {name}"),
    N_("it cannot be read: {why}"),
    N_("it is a link; what it leads to can be given itself"),
    N_("it is neither a .py file, an .ipynb notebook, a .zip or .tar.gz archive nor a folder"),
    N_("its folders lie more than {n} deep in each other"),
    N_("it is no regular file"),
    N_("it is a link"),
    N_("it has no name"),
    N_("it has {size} MB; at most {most} MB are taken"),
    N_("it is an export of many submissions; unpack it and give the folder"),
    N_("it is {what}, which is not read: hand in a .zip archive, a .py file or a notebook"),
    N_("the archive is encrypted"),
    N_("it is not a zip archive, or only a part of one"),
    N_("the archive has more than {n} files"),
    N_("it is not a zip archive that can be read ({why})"),
    N_("it is not a tar archive that can be read ({why})"),
    N_("the archive has a path that leads out of it: {name}"),
    N_("the archive has a name that is too long: {name}"),
    N_("the archive unpacks to more than {size} MB"),
    N_("the archive unpacks to too much; at most {size} MB a file are taken"),
    N_("the archive is damaged at {name} ({why})"),
    N_("the archive cannot be unpacked ({why})"),
    N_("the archive is only a part of one"),
)
NOTED = (  # what bundle.py notes
    N_("left out, since a later file has its name: {name}"),
    N_("left out, since it is a link: {name}"),
    N_("left out, since it holds the results of a run: {name}"),
    N_("left out, since together it is too much: {name}"),
    N_("{name} is read as {other}"),
    N_("left out: {n} more files that are no code"),
    N_("and {n} more files are left out or renamed"),
    N_("not unpacked, since there is code beside it: {name}"),
    N_("{name} hides the module {module} from this submission's own files"),
)


def say_refused(text: str) -> str:
    """Say why a submission, or a file of it, cannot be taken; another text as it is."""
    return say_reason(text.removesuffix(".")) + "."


def say_note(text: str) -> str:
    """Say what was done with a submission's files; another text as it is."""
    kind, colon, rest = text.partition(": ")
    if kind == LEFT_OUT and ": " in rest:
        return _(LEFT_OUT) + colon + say_reason(rest)
    return reworded(text, NOTED) or text


def say_reason(text: str) -> str:
    """Say a reason, before which the name of a file may stand."""
    name, colon, rest = text.partition(": ")
    return reworded(text, REFUSED) or name + colon + (reworded(rest, REFUSED) or rest)
