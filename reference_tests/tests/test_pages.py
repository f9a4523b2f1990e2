"""The pages in .github say what the code says: rooms, exit statuses, fields of files, decisions, pinned actions."""

import importlib
import json
import re
import runpy
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

import golden
import impl
from impl.training import trainer
from reference_tests import cli, frameworks, reports
from reference_tests.benchmarks import history
from reference_tests.cli import doctor
from reference_tests.grading import result
from reference_tests.grading.outputs import differences, dry_run, overview
from reference_tests.quality.report import TITLES
from reference_tests.subject.conventions.known.table import KNOWN

ROOT = Path(impl.__file__).parent.parent
PAGES = ROOT / ".github"
pytestmark = pytest.mark.skipif(not PAGES.exists(), reason="an installed wheel has no .github beside it")
CODED = re.compile(r"`([^`]+)`")


def schemas() -> str:
    return (PAGES / "SCHEMAS.md").read_text(encoding="utf-8")


def contributing() -> str:
    """CONTRIBUTING.md without its blocks of commands."""
    return re.sub(r"^```.*?^```", "", (PAGES / "CONTRIBUTING.md").read_text(encoding="utf-8"), flags=re.M | re.S)


def listed(name: str) -> list[str]:
    """The backticked words of the line "- name: ..." in SCHEMAS.md."""
    (line,) = re.findall(rf"^- {re.escape(name)}: (.*)$", schemas(), re.M)
    return CODED.findall(line)


def in_schema(package, file, *path):
    """The names of the properties, or the words of an enumeration, at a place of a JSON schema."""
    place = json.loads((Path(package.__file__).parent / file).read_text(encoding="utf-8"))
    for key in path:
        place = place[key]
    return list(place)


def names(of) -> list[str]:
    return [field.name for field in fields(of)]


CHECK = "$defs", "check", "properties"
OF_SCHEMAS = [  # kind, package, file, place in the schema
    ("component", reports, "verify.schema.json", ("$defs", "component", "properties")),
    ("check", reports, "verify.schema.json", CHECK),
    ("reading", reports, "verify.schema.json", ("$defs", "reading", "properties")),
    ("check status", reports, "verify.schema.json", (*CHECK, "status", "enum")),
    ("check level", reports, "verify.schema.json", (*CHECK, "level", "enum")),
    ("framework", frameworks, "report.schema.json", ("$defs", "framework", "properties")),
    ("question", frameworks, "report.schema.json", ("$defs", "question", "properties")),
    ("answer", frameworks, "report.schema.json", ("$defs", "answer", "properties")),
]


def test_rooms_of_the_architecture_page_are_current():
    """`python .github/rooms.py` writes them anew."""
    script = runpy.run_path(str(PAGES / "rooms.py"))
    assert script["page"]() == script["PAGE"].read_text(encoding="utf-8")
    assert all(script["description"](folder) for folder in script["packages"]())


@pytest.mark.parametrize("name, package, file, place", OF_SCHEMAS, ids=[row[0] for row in OF_SCHEMAS])
def test_fields_are_those_of_the_schema(name, package, file, place):
    assert listed(name) == in_schema(package, file, *place)


def test_documents_have_the_fields_of_their_schemas():
    first, second = re.findall(r"^- document: (.*)$", schemas(), re.M)
    assert CODED.findall(first) == in_schema(reports, "verify.schema.json", "properties")
    assert CODED.findall(second) == in_schema(frameworks, "report.schema.json", "properties")


def test_grade_fields_are_those_of_its_results():
    assert listed("result") == names(result.Result)
    assert listed("graded component") == names(result.ComponentResult)
    assert listed("graded check") == names(result.CheckResult)
    assert listed("outcome") == [result.GRADED, result.UNLOADABLE, result.FAULT, result.UNREAD]
    assert listed("class.csv") == overview.COLUMNS
    assert listed("dry run") == ["schema", *names(dry_run.DryRun), "ok"]
    assert listed("tried file") == names(dry_run.Tried)
    assert listed("grade-diff change") == [*names(differences.Change), "difference"]
    assert listed("grade-diff document") == list(differences.as_json(differences.Comparison("", "", [], [])))
    assert listed("kind of change") == list(differences.KINDS)
    assert listed("grade-diff.csv") == list(differences.COLUMNS)


def test_other_fields_are_those_of_the_code():
    assert listed("history.csv") == list(trainer.COLUMNS)
    assert listed("rates") == list(TITLES)
    assert listed("report") == list(doctor.as_json({}, []))
    run = history.entry({"environment": {}, "rows": []})
    assert listed("run") == list(run)
    assert listed("tables") == list(golden.TABLES)


def test_every_command_has_its_exit_statuses():
    rows = re.findall(r"^\| `([\w-]+)` \|", schemas(), re.M)
    assert rows == list(cli.COMMANDS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_exit_statuses_in_the_help_are_in_the_table(name):
    """A status that a command's docstring names has a cell; 1 has none where the docstring names others only."""
    module, function, _line = cli.COMMANDS[name]
    command = getattr(importlib.import_module(f"reference_tests.cli.{module}"), function)
    _, _, said = (getattr(command, "__doc__", None) or "").partition("Exit status:")
    statuses = {int(number) for number in re.findall(r"(?:^|; )\s*(\d+) ", said)}
    (row,) = re.findall(rf"^\| `{name}` \|(.*)\|$", schemas(), re.M)
    cells = dict(zip((0, 1, 2, 3, 130), (cell.strip() for cell in row.split(" |"))))
    assert all(cells[status] for status in statuses)
    if statuses:
        assert bool(cells[1]) == (1 in statuses)


def test_decisions_are_short_and_complete():
    files = sorted((PAGES / "decisions").glob("[0-9]*.md"))
    assert [int(file.name[:2]) for file in files] == list(range(1, len(files) + 1))
    index = (PAGES / "decisions" / "README.md").read_text(encoding="utf-8")
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert 8 <= len(text.splitlines()) <= 15, file.name
        assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.M) == ["Context", "Decision", "Consequence"], file.name
        assert f"]({file.name})" in index


def test_fragments_have_a_known_kind():
    kinds = [k["directory"] for k in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["towncrier"]["type"]]
    for file in (PAGES / "changes").glob("*.md"):
        assert file.name == "README.md" or file.name.split(".")[-2] in kinds, file.name


@pytest.mark.parametrize("path", sorted((PAGES / "workflows").glob("*.yml")), ids=lambda path: path.name)
def test_workflow_pins_every_action_to_a_commit(path):
    used = re.findall(r"uses: (\S+)(.*)", path.read_text(encoding="utf-8"))
    assert used and all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) and "# v" in tag for action, tag in used)


def test_links_between_pages_lead_somewhere():
    links = {path: re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")) for path in PAGES.rglob("*.md")}
    assert [(str(p), link) for p, some in links.items() for link in some if not (p.parent / link).exists()] == []


def test_paths_in_contributing_exist():
    paths = {word for word in CODED.findall(contributing()) if re.fullmatch(r"[\w./]+/[\w./]+", word)}
    paths = {path for path in paths if "foo" not in path}
    bases = ROOT, ROOT / "reference_tests"
    assert len(paths) >= 8
    assert [path for path in paths if not any((base / path).exists() for base in bases)] == []


def test_layer_recipe_names_the_tables_that_exist():
    """Each step of the recipe has, for an existing layer, the file that it names."""
    named = [path for path in CODED.findall(contributing()) if re.fullmatch(r"[\w/]+/foo\.py", path)]
    files = [path.replace("foo", "affine") for path in named]
    linear = {"impl/functional/affine.py": "impl/functional/linear.py"}
    found = [linear.get(path, path) for path in files]
    assert len(found) >= 5
    assert [path for path in found if not ((ROOT / path).exists() or (ROOT / "reference_tests" / path).exists())] == []


def test_conventions_of_the_page_are_those_of_the_table():
    rows = re.findall(r"^\| `([\w-]+)` \| (.*?) \| (.*?) ?\|$", (PAGES / "CONVENTIONS.md").read_text("utf-8"), re.M)
    assert rows[1:] == [(row.name, row.title, "; ".join(row.facts)) for row in KNOWN]
