"""The rates as text, and the bar that they must meet."""

from collections.abc import Iterator
from typing import Any

from ..i18n import N_, _

TITLES = {
    "caught": N_("mistakes caught, each in its own component and in no other"),
    "named": N_("mistakes named by the diagnosis"),
    "fairly_passed": N_("right ways passed"),
    "quiet": N_("seeds without a false alarm"),
    "survived": N_("changes of impl survived"),
}


def meets_bar(found: dict[str, Any]) -> bool:
    """Return whether the rates are complete, 95 % of mistakes named and none wrongly, and all survivors explained."""
    complete = all(
        found[name]["count"] == found[name]["of"] for name in ("caught", "fairly_passed", "quiet") if name in found
    )
    told = found.get("named", {"count": 1, "of": 1, "wrongly": 0})
    right = told["count"] >= 0.95 * told["of"] and not told["wrongly"]
    return complete and right and not found.get("survived", {}).get("not")


def summary(found: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each rate, followed by its exceptions."""
    for name in (name for name in TITLES if name != "survived"):
        if one := found.get(name):
            text = _("{count:5} of {of:5} {title} ({percent} %)")
            if name == "named":
                text += _(", {wrongly} wrongly; {median_seconds} s each, at most {most_seconds} s")
            yield text.format(title=_(TITLES[name]), **one)
            yield from (f"      {', '.join(map(str, bad.values()))}" for bad in one["not"])
    if "survived" in found:
        yield from survivors(found["survived"])
    yield "      " + _("seed {seed}").format(seed=found["seed"])


def survivors(left: dict[str, Any]) -> Iterator[str]:
    """Yield the line of the mutation rate and the unexplained survivors."""
    if "not_run" in left:
        yield "      " + _("changes of impl: not run; {why}").format(why=left["not_run"])
        return
    text = _("{count:5} of {of:5} changes of impl survived ({percent} %), {equivalent} of them explained")
    late = _("; {n} took too long").format(n=left["timeouts"]) if left["timeouts"] else ""
    yield text.format(**left) + late
    yield from ("      {module}: {before} -> {after}".format(**one) for one in left["not"])
