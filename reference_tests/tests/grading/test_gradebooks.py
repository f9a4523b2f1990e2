"""Gradebooks of Canvas and Moodle: known students get grades, nothing is invented or overwritten by accident."""

import csv
import io
import re

import pytest

from reference_tests.errors import UsageError
from reference_tests.grading.outputs import gradebooks
from reference_tests.grading.outputs.overview import Line, escape_formula, format_class_csv, summarize

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,CNN layers (4711),Other (4712),Current Score,Final Grade
    Points Possible,,,,,100.00,5,(read only),(read only)
"Smith, Alice",101,S1,alice,Lab 1,,3,,
"Jones, Bob",102,S2,bob@example.org,Lab 1,12.5,4,,
"Li, Carol",103,S3,carol,Lab 2,EX,,,
"Li, Dan",104,S4,dan,Lab 2,,,,
"""
MOODLE = """Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Feedback comments
Participant 11,Alice Smith,alice@example.org,Submitted,,100.00,Yes,
Participant 12,Bob Jones,bob@example.org,Submitted,,100.00,Yes,
"""
EXPORT = """First name,Surname,ID number,Email address,Assignment: CNN (Real),Course total (Real)
Alice,Smith,S1,Alice@Example.org,-,-
Bob,Jones,S2,bob@example.org,-,-
"""


def make_line(name, score, *students):
    return Line(name, tuple(students), "graded", "", score, 100.0, 0.0, {"relu": ("pass", 4.0, 4.0)}, (), 0.1)


def who(**known):
    return {"id": "", "name": "", "email": "", **known}


def template(tmp_path, kind, text, assignment="", most=100.0):
    path = tmp_path / f"{kind.__name__}.csv"
    path.write_text(text, encoding="utf-8-sig")
    return kind(str(path), assignment, most)


def rows(text, delimiter=","):
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


LINES = [
    make_line("s1", 87.654, who(id="S1", name="Alice Smith")),
    make_line("s2", 50, who(email="bob@example.org")),
    make_line("s3", 60, who(id="103")),
    make_line("s4", 70, who(id="nobody", name="No Body")),
    make_line("s5", None, who(id="104")),
]


def test_canvas_export_gets_the_grades_of_its_students(tmp_path):
    export = template(tmp_path, gradebooks.read_canvas, CANVAS, "CNN layers")
    text, unwritten = gradebooks.fill(export, LINES)
    assert rows(text) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "CNN layers (4711)"],
        ["    Points Possible", "", "", "", "", "100.00"],
        ["Smith, Alice", "101", "S1", "alice", "Lab 1", "87.65"],
        ["Jones, Bob", "102", "S2", "bob@example.org", "Lab 1", "50.00"],
    ]
    assert unwritten == ["s3: 103: is excused", "s4: nobody No Body: no such student", "s5: not graded"]


def test_canvas_finds_a_student_by_the_exact_name_in_either_order(tmp_path):
    export = template(tmp_path, gradebooks.read_canvas, CANVAS, "CNN layers (4711)")
    for name in ("Smith, Alice", "Alice Smith", "alice smith"):
        assert gradebooks.rows_of(export, who(name=name)) == [0]
    assert gradebooks.rows_of(export, who(name="Alice")) == []


def test_second_submission_of_a_student_is_reported_not_written(tmp_path):
    export = template(tmp_path, gradebooks.read_canvas, CANVAS, "CNN layers")
    text, unwritten = gradebooks.fill(export, [make_line("a", 1, who(id="101")), make_line("b", 2, who(id="101"))])
    assert "1.00" in text and "2.00" not in text and "has a grade already, from a" in unwritten[0]


@pytest.mark.parametrize(
    "text, assignment, most, why",
    [
        (CANVAS, "", 100, "which assignment"),
        (CANVAS, "Layers", 100, "no assignment is called 'Layers'; there are CNN layers (4711), Other (4712)"),
        (CANVAS, "Current Score", 100, "no assignment is called"),
        (CANVAS, "CNN layers", 20, "has 100.00 points, the rubric 20"),
        ("name,points\nAlice,3\n", "", 100, "does not begin as Canvas's"),
        ("", "", 100, "is empty"),
        (CANVAS.replace("100.00", "(read only)"), "CNN layers", 100, "is read-only"),
    ],
)
def test_canvas_export_that_cannot_be_filled_is_refused(tmp_path, text, assignment, most, why):
    with pytest.raises(UsageError, match=re.escape(why)):
        template(tmp_path, gradebooks.read_canvas, text, assignment, most)


def test_moodle_worksheet_gets_feedback_with_each_grade(tmp_path):
    export = template(tmp_path, gradebooks.read_moodle, MOODLE)
    text, unwritten = gradebooks.fill(export, [*LINES[1:2], make_line("s9", 5, who(name="Ghost"))])
    assert rows(text) == [
        ["Identifier", "Full name", "Email address", "Grade", "Feedback comments"],
        ["Participant 12", "Bob Jones", "bob@example.org", "50.00", "relu 4/4"],
    ]
    assert unwritten == ["s9: Ghost: no such student"]


def test_moodle_export_with_semicolons_gets_decimal_commas(tmp_path):
    export = template(tmp_path, gradebooks.read_moodle, EXPORT.replace(",", ";"))
    text, _ = gradebooks.fill(
        export, [make_line("a", 12.5, who(email="ALICE@example.org")), make_line("b", 1, who(name="Bob Jones"))]
    )
    assert rows(text, ";") == [
        ["First name", "Surname", "ID number", "Email address", "Assignment: CNN (Real)"],
        ["Alice", "Smith", "S1", "Alice@Example.org", "12,50"],
        ["Bob", "Jones", "S2", "bob@example.org", "1,00"],
    ]


JAPANESE = """識別子,氏名,メールアドレス,ステータス,評点,最大評点,評点は変更可能です,フィードバックコメント
参加者301,Ethan Lee,e1@x.jp,提出済み,,7.00,Yes,
参加者302,Ethan Lee,e2@x.jp,提出済み,,7.00,Yes,
参加者303,山田 太郎,t@x.jp,提出済み,,7.00,Yes,
"""
GERMAN = """ID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;Bewertung kann geändert werden
Teilnehmer/in301;Ethan Lee;e1@x.jp;;;7,00;Ja
Teilnehmer/in302;Ethan Lee;e2@x.jp;;;7,00;Ja
Teilnehmer/in303;山田 太郎;t@x.jp;;;7,00;Ja
"""
ENGLISH = """Identifier,Full name,Email address,Grade,Maximum Grade
Participant 301,Ethan Lee,e1@x.jp,,7.00
Participant 302,Ethan Lee,e2@x.jp,,7.00
Participant 303,山田 太郎,t@x.jp,,7.00
"""
WORKSHEETS = {
    "Japanese": (JAPANESE, "utf-8", ","),
    "Japanese of Excel": (JAPANESE, "cp932", ","),
    "Japanese with a mark": (JAPANESE, "utf-8-sig", ","),
    "Japanese as Unicode text": (JAPANESE.replace(",", "\t"), "utf-16", "\t"),
    "German": (GERMAN, "utf-8", ";"),
    "German of Excel": (GERMAN.replace("山田 太郎", "Jörg Groß"), "cp1252", ";"),
    "English with a Japanese name": (ENGLISH, "cp932", ","),
}


@pytest.mark.parametrize("what", WORKSHEETS)
def test_moodle_worksheet_of_another_language_is_filled(tmp_path, what):
    text, encoding, delimiter = WORKSHEETS[what]
    (tmp_path / "ws.csv").write_bytes(text.encode(encoding))
    lines = [make_line(f"s{n}", points, who(id=f"Participant {n}")) for n, points in ((302, 6.5), (303, 7), (304, 1))]
    export = gradebooks.read_moodle(str(tmp_path / "ws.csv"), "", 7.0)
    filled, unwritten = gradebooks.fill(export, lines)
    header, *table = rows(filled, delimiter)
    grade = next(i for i, cell in enumerate(header) if cell.lower() in ("評点", "grade", "bewertung"))
    assert [(row[0][-3:], row[grade].replace(",", ".")) for row in table] == [("302", "6.50"), ("303", "7.00")]
    assert len(unwritten) == 1 and "no such student" in unwritten[0]


def test_participant_number_is_no_id_number(tmp_path):
    export = template(tmp_path, gradebooks.read_moodle, EXPORT.replace("S1", "301"))
    _, unwritten = gradebooks.fill(export, [make_line("a", 5, who(id="Participant 301"))])
    assert "no such student" in unwritten[0]


def test_cell_that_begins_as_a_formula_is_escaped():
    cells = {"=1+1": "'=1+1", "@x": "'@x", "-1.5": "-1.5", "+a": "'+a", "a=b": "a=b"}
    assert {cell: escape_formula(cell) for cell in cells} == cells


def test_class_csv_of_no_results_has_a_header_only():
    summary = summarize([])
    assert format_class_csv(summary).count("\n") == 1
    assert (summary.mean, summary.count("graded")) == (0, 0)
