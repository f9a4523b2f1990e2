"""Marks under many seeds: the same file has to have the same mark, whatever the secret seed of its class.

`python -m reference_tests.quality.marks [MUTANT ...]` grades every mutant and every right variant under 20 seeds, and
prints how many marks stay the same, and those that move. Exit status 1: fewer than STILL stay, or one
moves by more than MOST.
"""

import argparse
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from statistics import pvariance

from ..conformance import references
from ..conformance.contract import CORE
from ..corpus import correct
from ..grading import rubric_toml, score
from ..grading.checklist import Answers, Checklist, make_checklist, right_answers
from ..grading.rubric import Component, Rubric
from ..grading.sandbox.child import seed_draws
from ..grading.session import GradingSession
from ..subject.protocol import Plan, Subject, Trace
from . import detection
from .memorized import learn_by_heart
from .subjects import InProcessSubject, has_component

SEEDS = tuple(range(1, 21))
MOST, STILL = 2.0, 0.98  # points between two marks of one file, and the share of files whose mark is always the same
EXTRA = 5.0  # points of a component that the default rubric lacks


class GradedSubject(InProcessSubject):
    """A subject that draws the same in every program, as a submission's process does."""

    def run(self, plan: Plan, note: Callable[[int], None] = lambda step: None) -> Trace:
        """Run a program."""
        seed_draws()
        return super().run(plan, note)


@dataclass(frozen=True)
class Marks:
    """The marks of one file under several seeds, and those of its components that move."""

    who: str
    marks: tuple[float, ...]
    moving: tuple[str, ...] = ()

    @property
    def variance(self) -> float:
        """The variance of the marks, in points squared."""
        return pvariance(self.marks)

    @property
    def spread(self) -> float:
        """The difference between the best mark and the worst."""
        return round(max(self.marks) - min(self.marks), 4)


@cache
def rubric_of(component: str) -> Rubric:
    """Return the default rubric, with a component beyond it if it lacks that one."""
    rubric = rubric_toml.load()
    if component in CORE or not component:
        return rubric
    more = Component(component, EXTRA, 0.5, 1)
    return replace(rubric, components=(*rubric.components, more))


def only(rubric: Rubric, components: Iterable[str]) -> Rubric:
    """Return a rubric with these components alone."""
    wanted = set(components)
    parts = [part for part in rubric.components if part.name in wanted]
    left = tuple(replace(part, needs=tuple(need for need in part.needs if need in wanted)) for part in parts)
    return replace(rubric, components=left)


@cache
def prepare_component(component: str, seed: int) -> tuple[Checklist, Answers]:
    """Return one component's checks under a seed, and the right answers."""
    checklist = make_checklist(only(rubric_of(component), [component]), seed)
    answers = right_answers(checklist)
    references.forget()
    return checklist, answers


def merged(components: Iterable[str], seed: int) -> tuple[Checklist, Answers]:
    """Return the checks of several components under a seed, and the right answers."""
    parts = [prepare_component(name, seed) for name in components]
    items = tuple(item for checklist, _ in parts for item in checklist.items)
    pools = {name: pool for checklist, _ in parts for name, pool in checklist.pools.items()}
    return Checklist(items, pools), {id: answer for _, answers in parts for id, answer in answers.items()}


def points_under(
    make: Callable[[], Subject], components: list[str], rubric: Rubric, seeds: Iterable[int]
) -> Iterator[dict[str, float]]:
    """Grade these components of a subject under each seed. The public checks, which are the same, are run once.

    make: returns the subject anew, as a process of its own that remembers nothing.
    """
    public: score.Verdicts = {}
    substituted: dict[str, str] = {}
    for seed in seeds:
        checklist, answers = merged(components, seed)
        session = GradingSession(make(), "marks", rubric, checklist, answers)
        if not public:
            session.ask(hidden=False)
            session.rerun_with_substitutes(hidden=False)
            public = {item.id: session.verdicts[item.id] for item in checklist.items if not item.hidden}
            substituted = dict(session.substituted)
        session.verdicts |= public
        session.substituted |= substituted
        session.subject = make()
        session.ask(hidden=True)
        session.rerun_with_substitutes(hidden=True)
        found = score.score_components(checklist, session.verdicts, session.substituted)
        yield {name: component.points for name, component in found.items()}


def marks_of(who: str, make: Callable[[], Subject], components: Iterable[str], seeds: Iterable[int] = SEEDS) -> Marks:
    """Grade a subject's components under each seed. make: returns the subject anew."""
    wanted = list(components)
    rubric = only(rubric_of(next((name for name in wanted if name not in CORE), "")), wanted)
    under = list(points_under(make, wanted, rubric, seeds))
    moving = tuple(name for name in wanted if len({points[name] for points in under}) > 1)
    return Marks(who, tuple(round(sum(points.values()), 2) for points in under), moving)


def of_mutant(mutant: str, seeds: Iterable[int] = SEEDS) -> Marks:
    """Grade a mutant: its own component and those that are computed with it; it is right in all others."""
    planted = detection.plant()[mutant]
    of = [planted.component, *sorted(detection.dependents(planted.component))]
    in_rubric = [part.name for part in rubric_of(planted.component).components if part.name in of]
    return marks_of(mutant, lambda: GradedSubject(planted.names()), in_rubric, seeds)


def of_way(way: str, seeds: Iterable[int] = SEEDS) -> Marks:
    """Grade a right variant in all that it has of the default rubric."""
    names = correct.names(way)
    wanted = [name for name in has_component(names) if name in CORE]
    return marks_of(way, lambda: GradedSubject(correct.names(way)), wanted, seeds)


def of_memorized(component: str, seeds: Iterable[int] = SEEDS) -> Marks:
    """Grade a component that knows the answers to all public questions, and answers zeros to any other."""
    by_heart = learn_by_heart(component)
    return marks_of(f"memorized {component}", lambda: GradedSubject(by_heart), [component], seeds)


def summary(found: list[Marks]) -> Iterator[str]:
    """Yield how many marks stay, and a line for each that moves."""
    still = sum(one.spread == 0 for one in found)
    yield f"{still} of {len(found)} files have the same mark under all seeds ({100 * still / len(found):.2f} %)"
    for one in sorted(found, key=lambda one: -one.spread):
        if one.spread:
            yield f"  {one.who}: variance {one.variance:.4f}, spread {one.spread:g}; {', '.join(one.moving)}"


def main(arguments: list[str]) -> int:
    """Print the marks of these mutants and variants, or of all, or of a sample. Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m reference_tests.quality.marks", description=main.__doc__)
    parser.add_argument("files", nargs="*", metavar="MUTANT")
    parser.add_argument("--sample", type=int, default=0, help="so many of all")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    given = parser.parse_args(arguments)
    planted = detection.plant()
    files = given.files or [*planted, *correct.WAYS]
    if given.sample:
        files = random.Random(given.seed).sample(files, given.sample)
    found = [of_mutant(who) if who in planted else of_way(who) for who in files]
    for line in summary(found):
        print(line)
    return int(any(one.spread > MOST for one in found) or sum(not one.spread for one in found) < STILL * len(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
