"""Many programs at a time: the same verdicts as one by one, one crash costs one check, and hidden stays hidden."""

from dataclasses import dataclass

import numpy as np
import pytest

from reference_tests.conformance.strata import written_id
from reference_tests.grading.batch import pair_up
from reference_tests.grading.sandbox import levels
from reference_tests.grading.sandbox import subject as confined
from reference_tests.grading.sandbox.subject import ConfinedSubject
from reference_tests.grading.session import GradingSession
from reference_tests.subject.load import load

from . import RIGHT, WRONG, checklist_of, small, write_files

NO_PROCESS = levels.missing("process")
LEVEL = "process" if levels.missing("confined") else "confined"
pytestmark = pytest.mark.skipif(bool(NO_PROCESS), reason=NO_PROCESS)
CRASHES = RIGHT.replace(
    "        self.on = x > 0\n",
    "        self.on = x > 0\n        if {where}:\n            import ctypes\n\n            ctypes.string_at(0)\n",
)


@dataclass(frozen=True)
class OneByOne:
    """A subject that is asked one program at a time."""

    subject: object

    def has(self, name):
        """True if the subject has the name."""
        return self.subject.has(name)

    def run(self, plan):
        """Run one program, as diagnosis does."""
        return self.subject.run(plan)

    def run_all(self, plans):
        """Run one program after the other, until one ends the process."""
        for plan in plans:
            yield self.subject.run(plan)
            if not self.subject.end.alive:
                return

    def forget(self):
        """Go on in a new process."""
        self.subject.forget()


def grade_session(subject):
    """Grade a subject by the small rubric. Return the session."""
    checklist, answers = checklist_of(small())
    session = GradingSession(subject, "layers.py", small(), checklist, answers)
    session.grade("layers.py")
    return session


def outcomes(session):
    """Return what a session says of each check."""
    return {id: (v.status, v.reason) for id, v in session.verdicts.items()}


@pytest.fixture
def opened(server, tmp_path):
    """A function that opens a submission of this text."""
    subjects = []

    def submit(text, timeout=2.0):
        path = write_files(tmp_path, layers=text) / "layers.py"
        subjects.append(ConfinedSubject(path, isolation=LEVEL, server=server, timeout=timeout, restarts=150))
        return subjects[-1]

    yield submit
    for subject in subjects:
        subject.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [RIGHT, WRONG, CRASHES.format(where="x.ndim == 4"), CRASHES.format(where="x.size == 1"),
     RIGHT.replace("return np.where(self.on, x, 0)", "raise SystemExit(x.ndim)")],
    ids=["right", "wrong", "crashes often", "crashes once", "exits"],
)  # fmt: skip
def test_batches_give_the_same_verdicts_as_programs_one_by_one(opened, text):
    assert outcomes(grade_session(opened(text))) == outcomes(grade_session(OneByOne(opened(text))))


@pytest.mark.slow
def test_a_crash_costs_its_own_check_alone(opened):
    """The largest array of all public cases ends the process in the middle of a batch."""
    checklist, answers = checklist_of(small())
    public = [i for i in checklist.items_of("relu") if not i.hidden and i.check.part == "forward"]
    sizes = {item.id: max(a.size for a in answers[item.id].plan.given.values()) for item in public}
    largest = max(sizes.values())
    session = grade_session(opened(CRASHES.format(where=f"x.size == {largest}")))
    lost = {id for id, v in session.verdicts.items() if v.status != "pass" and not v.check.case.seed}
    assert {id for id in lost if id.endswith("/forward")} == {id for id, size in sizes.items() if size == largest}
    assert 0 < session.subject.restarts <= len(lost)


@pytest.mark.slow
def test_a_program_that_ends_the_process_is_the_last_of_its_batch(opened):
    checklist, answers = checklist_of(small())
    plans = [answers[i.id].plan for i in checklist.items_of("relu") if i.check.scenario.id == "plain"][:6]
    size = plans[2].given["x"].size
    subject = opened(CRASHES.format(where=f"x.size == {size}"))
    traces = list(subject.run_all(plans))
    assert [bool(t.stop) for t in traces] == [False] * (len(traces) - 1) + [True] and len(traces) < 6
    again = list(subject.run_all([p for p in plans if p.given["x"].size != size]))
    assert not any(t.stop for t in again) and subject.restarts == 1


@pytest.mark.slow
def test_a_batch_that_is_given_up_ends_the_process(opened):
    """What it would still answer is nobody's: the next program has a process of its own."""
    checklist, answers = checklist_of(small())
    plans = [answers[i.id].plan for i in checklist.items_of("relu")][:5]
    subject = opened(RIGHT)
    traces = subject.run_all(plans)
    assert next(traces).stop is None
    traces.close()
    assert not subject.end.alive
    assert np.array_equal(subject.run(plans[3]).results["out"], load_and_run(plans[3]))


def load_and_run(plan):
    """Return what the right submission answers."""
    x = plan.given["x"]
    return np.where(x > 0, x, 0)


READS_ONCE, READS_AHEAD = (
    RIGHT.replace("        self.on = x > 0\n", f"        import os\n\n        {read}\n        self.on = x > 0\n")
    for read in ("os.read(3, 1 << 20)", "while os.read(3, 1 << 20): pass")
)
ANSWERS_AHEAD = RIGHT.replace(
    "        return np.where(self.on, x, 0)\n",
    "        from reference_tests.subject import wire\n\n"
    "        for _ in range(3):\n"
    "            wire.send(4, {'stop': None, 'returned': {}}, {'r.out': x, 'l.out': x})\n"
    "        return x\n",
)


@pytest.mark.slow
@pytest.mark.parametrize("text", [READS_AHEAD, ANSWERS_AHEAD], ids=["reads ahead", "answers ahead"])
def test_questions_taken_and_answers_given_ahead_of_their_turn_earn_nothing(opened, text, monkeypatch):
    """All of a batch is in the process's pipe: what it makes of that is an answer to one question, or none."""
    monkeypatch.setattr(confined, "GRACE", 0.1)
    session = grade_session(opened(text, timeout=0.05))
    relu = [v for id, v in session.verdicts.items() if id.startswith("relu/") and v.check.part == "forward"]
    assert {v.status for v in session.verdicts.values()} <= {"pass", "fail", "not_run", "absent"}
    assert not any(v.status == "pass" for v in relu if v.check.scenario.id == "plain" and v.reason != "refused")
    assert all(v.status == "pass" for id, v in session.verdicts.items() if id.startswith("shapes/"))


@pytest.mark.slow
def test_a_part_of_the_questions_that_is_taken_ahead_is_lost(opened, monkeypatch):
    """A batch with a large array is more than the pipe holds: a read ends, and the question of this turn is answered.

    That answer is right and counts; what was taken is never answered, and nothing hidden is earned.
    """
    monkeypatch.setattr(confined, "GRACE", 0.1)
    session = grade_session(opened(READS_ONCE, timeout=0.05))
    relu = {id: v for id, v in session.verdicts.items() if id.startswith("relu/")}
    earned = {id for id, v in relu.items() if v.status == "pass" and v.reason != "refused"}
    hidden = {item.id for item in session.checklist.items_of("relu") if item.hidden}
    assert not earned & hidden and session.status("relu") == "fail"
    assert not any("/more-than-32767-numbers-in-an-image/" in id for id in earned)  # the large one: its bytes are gone
    assert all(v.status == "pass" for id, v in session.verdicts.items() if id.startswith("shapes/"))


@pytest.mark.slow
def test_hidden_programs_come_after_all_public_ones_in_another_process_and_one_component_at_a_time(opened, monkeypatch):
    log, put, settle = [], ConfinedSubject.put_programs, GradingSession.settle
    checklist, answers = checklist_of(small())
    items = {id(answers[i.id].plan): i for i in checklist.items}

    def put_and_note(self, plans):
        listed = [items[id(plan)] for plan in plans if id(plan) in items]
        log.append(("sent" if listed else "more", self.pid, listed))  # more: what stands in no checklist
        assert len(listed) in (0, len(plans))
        put(self, plans)

    def settle_and_note(self, item, verdict, verdicts):
        log.append(("settled", 0, [item]))
        settle(self, item, verdict, verdicts)

    monkeypatch.setattr(ConfinedSubject, "put_programs", put_and_note)
    monkeypatch.setattr(GradingSession, "settle", settle_and_note)
    session = grade_session(opened(RIGHT))
    assert all(v.status == "pass" for v in session.verdicts.values())
    sent = [(n, pid, asked) for n, (what, pid, asked) in enumerate(log) if what == "sent"]
    assert all(len({(i.hidden, i.component) for i in asked}) == 1 for _, _, asked in sent)
    hidden = [(n, pid) for n, pid, asked in sent if asked[0].hidden]
    last_public = max(n for n, (what, _, asked) in enumerate(log) if what == "settled" and not asked[0].hidden)
    assert hidden and min(n for n, _ in hidden) > last_public
    more = [(n, pid) for n, (what, pid, _) in enumerate(log) if what == "more"]  # that is public
    assert more and max(n for n, _ in more) < min(n for n, _ in hidden)
    public = [pid for _, pid, asked in sent if not asked[0].hidden] + [pid for _, pid in more]
    assert not {pid for _, pid in hidden} & {*public}
    assert len(sent) == 4  # two components, public and hidden


@pytest.mark.slow
def test_hidden_checks_are_asked_in_one_order_under_every_seed():
    checklist, answers = checklist_of(small())
    hidden = [i for i in checklist.items if i.hidden and i.component == "relu"]
    ready = {i.id: answers[i.id] for i in hidden}
    asked = pair_up(ready, hidden, checklist, set())
    assert asked[-1].plan.seconds == small().budget  # the large one, which may run out of time, is last
    other, others = checklist_of(small(), 6)
    again = [i for i in other.items if i.hidden and i.component == "relu"]
    found = pair_up({i.id: others[i.id] for i in again}, again, other, set())
    assert [written_id(one.items[0].id) for one in asked] == [written_id(one.items[0].id) for one in found]
    assert [one.items[0].id for one in asked] != [one.items[0].id for one in found]
    assert sorted(item.id for one in asked for item in one.items) == sorted(ready)
    assert len(asked) < len(hidden)  # forward and backward together
    apart = pair_up(ready, hidden, checklist, set(ready))
    assert sorted(one.items[0].id for one in apart) == sorted(ready)


@pytest.mark.slow
def test_answers_are_capped_one_by_one(opened):
    text = RIGHT.replace("return np.where(self.on, x, 0)", "return np.zeros(1 << 22) if x.ndim == 4 else x * (x > 0)")
    checklist, answers = checklist_of(small())
    plans = [answers[i.id].plan for i in checklist.items_of("relu") if i.check.part == "forward"]
    subject = opened(text)
    for plan, trace in zip(plans, subject.run_all(plans)):
        held = sum(a.nbytes for a in trace.results.values())
        assert trace.stop is None and held <= plan.most
        assert len(subject.channel.frames.came) <= (1 << 20) + max(p.most for p in plans)


def test_a_subject_in_this_process_is_asked_one_by_one(tmp_path):
    with load(str(write_files(tmp_path, layers=RIGHT) / "layers.py")) as subject:
        assert {v.status for v in grade_session(subject).verdicts.values()} == {"pass"}
