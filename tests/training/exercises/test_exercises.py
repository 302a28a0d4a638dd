"""Exercise files: their format, validation errors, custom folders, and starting one."""

import re
from dataclasses import fields

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from tests.paths import ROOT
from tokenx.training.exercises import (
    ExerciseError,
    exercises,
    find_exercise,
    paths,
    problems_of_own,
    read_exercise,
)
from tokenx.training.exercises.conditions import KINDS
from tokenx.training.models import PracticeOrg

DOCS = ROOT / "docs" / "exercises.md"
GOOD = """\
+++
title = "Mine"
scenario = "first-steps"
hints = ["Look."]

[[conditions]]
kind = "handler"
handler = "Mine"

[[steps]]
text = "Make it."
done_when = [{ kind = "handler", handler = "Mine" }]
open = "/handlers/"
at = ["a", { at = "#id_label", holds = "Mine" }]
+++

A story.

## Goal

It is there.
"""


def read(text):
    return read_exercise(text, file="mine.md", slug="mine", scenarios=["first-steps"])


def problems(text):
    with pytest.raises(ExerciseError) as refused:
        read(text)
    return [str(problem) for problem in refused.value.problems]


def only_problem(text):
    [problem] = problems(text)
    return problem


def test_a_file_is_read():
    exercise = read(GOOD)

    assert (exercise.title, exercise.scenario, exercise.minutes) == (
        "Mine",
        "first-steps",
        5,
    )
    assert exercise.story_html == "<p>A story.</p>\n"
    assert exercise.goal_html == "<p>It is there.</p>\n"
    assert exercise.steps[0].pointer == {
        "open": "/handlers/",
        "via": [],
        "at": [{"at": "a", "holds": None}, {"at": "#id_label", "holds": "Mine"}],
    }


@pytest.mark.parametrize("text", [GOOD.replace("\n", "\r\n"), "\ufeff" + GOOD])
def test_line_ends_and_a_byte_order_mark_make_no_difference(text):
    assert read(text) == read(GOOD)


INVALID = [
    ("+++\ntitle", "title", "mine.md:1: The first line must be +++."),
    ('title = "Mine"', "title = Mine", "mine.md:2: Invalid value."),
    ('title = "Mine"\n', "", "mine.md:2: title is missing."),
    ('title = "Mine"', "title = 5", "mine.md:2: title must be text in quotes."),
    ("first-steps", "steps", "mine.md:3: steps isn't a scenario. Valid scenarios: "),
    ('hints = ["Look."]', 'hints = "Look."', "mine.md:4: hints must be a list of texts"),
    (
        'hints = ["Look."]',
        "hint = 1",
        "mine.md:4: hint isn't a valid key. Valid ",
    ),
    (
        'kind = "handler"\n',
        'kind = "handle"\n',
        "mine.md:7: handle isn't a valid kind.",
    ),
    ('kind = "handler"\n', "", "mine.md:6: kind is missing. Valid kinds: "),
    ('handler = "Mine"\n\n', "\n", "mine.md:6: handler is missing: the handler's API"),
    ('handler = "Mine"\n\n', "handler = 1\n\n", "mine.md:8: handler must be text"),
    (
        '"Mine"\n\n[[s',
        '"Mine"\napp = 1\n[[s',
        "mine.md:9: app isn't a valid key. Valid ",
    ),
    ('"Mine"\n\n[[s', '"Mine"\nenabled = 1\n[[s', "mine.md:9: enabled must be true"),
    ('text = "Make it."\n', "", "mine.md:10: text is missing."),
    ('open = "/', 'open = "', "mine.md:13: open must start with /."),
    ('at = ["a",', "at = [1,", "mine.md:14: A control must be a CSS selector"),
    ("holds", "has", "mine.md:14: has isn't a valid key. Valid keys: at, holds."),
    ('holds = "Mine"', "holds = 1", "mine.md:14: holds must be text, true, or false."),
    (
        'done_when = [{ kind = "handler", handler = "Mine" }]',
        'done_when = ["it"]',
        "mine.md:12: done_when must be a list of tables.",
    ),
    ('scenario = "first-steps"', "scenario = []", "mine.md:3: scenario must be text"),
    ('hints = ["Look."]', "hints = [1, 2]", "mine.md:4: hints must be a list of texts"),
    ('hints = ["Look."]', "minutes = true", "mine.md:4: minutes must be a whole number."),
    (
        'handler = "Mine"\n\n',
        'handler = "Mine"\ntoken_types = ["jwd"]\n\n',
        "mine.md:6: jwd isn't a valid token type.",
    ),
    ("## Goal", "## Aim", "mine.md:16: The text needs exactly one heading ## Goal"),
    ("A story.", "", "mine.md:16: The exercise has no story."),
]


def test_problems_are_reported_with_their_lines(subtests):
    for before, after, problem in INVALID:
        with subtests.test(before=before, after=after):
            assert before in GOOD

            assert only_problem(GOOD.replace(before, after, 1)).startswith(problem)


def test_all_problems_are_reported_together():
    text = GOOD.replace('title = "Mine"', "title = 1").replace("A story.", "")
    text = text.replace('text = "Make it."', "text = 2")

    assert [problem.split(":")[1] for problem in problems(text)] == ["2", "11", "16"]


@pytest.mark.slow
@given(st.data())
def test_any_text_is_read_or_refused(data):
    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, min(len(GOOD), start + 40)))
    pieces = ["[", "]", "{", "}", '"', "=", "\n", "+++", "1", "true", "[[steps]]", "at", ""]
    texts = st.sampled_from(pieces) | st.text(max_size=3)
    inserted = data.draw(st.lists(texts, max_size=4))
    text = GOOD[:start] + "".join(inserted) + GOOD[end:]

    lines = text.count("\n") + 1
    assert all(1 <= line <= lines + 1 for line in lines_refused(text))


def lines_refused(text):
    """Return the lines of all problems."""
    try:
        read(text)
    except ExerciseError as error:
        return [problem.line for problem in error.problems]
    return []


@pytest.mark.parametrize("key", ["{} = 1", "[{}]", "a = {{ {} = 1 }}"])
def test_a_key_of_thousands_of_names_is_refused_unread(key):
    names = "a." * 10_000 + "a"

    problem = only_problem(GOOD.replace("title", f"{key.format(names)}\ntitle", 1))

    assert problem == "mine.md:2: This line has more than 500 dots."


@pytest.mark.parametrize("value", ["[" * 50_000, "1" * 5_000])
def test_an_excessive_value_is_refused(value):
    assert "mine.md:" in only_problem(GOOD.replace('"Mine"', value, 1))


def test_a_file_without_a_second_delimiter_is_refused():
    assert "A second line +++" in only_problem("+++\ntitle = 1\n")


def test_html_is_escaped_and_links_run_no_script():
    text = GOOD.replace(
        "A story.", "<script>alert(1)</script> [x](javascript:alert(1)) ![](/p)"
    )

    html = read(text).story_html

    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html


def test_code_can_be_scrolled_by_keyboard():
    html = read(GOOD.replace("A story.", "```xml\n<a/>\n```")).story_html

    assert '<pre class="code" tabindex="0">' in html
    assert "&lt;a/&gt;" in html


# --- Documentation -----------------------------------------------------------------------


def examples(language):
    return re.findall(
        rf"```{language}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL
    )


def test_the_documentations_file_is_valid():
    [text] = examples("markdown")

    assert read(text).title == "Enable the scanner"


def test_the_documentations_conditions_are_valid():
    conditions = next(text for text in examples("toml") if "[[conditions]]" in text)
    start, end = GOOD.index("[[conditions]]"), GOOD.index("[[steps]]")

    assert len(read(GOOD[:start] + conditions + GOOD[end:]).conditions) == 4


def test_the_documentation_names_every_kind_and_key():
    text = DOCS.read_text(encoding="utf-8")
    for name, kind in KINDS.items():
        [row] = re.findall(rf"^\| `{name}` \|.*$", text, re.MULTILINE)
        for field in fields(kind):
            assert field.name == "says" or f"`{field.name}`" in row, (name, field.name)


# --- Folders ---------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, settings):
    settings.EXERCISES_DIR = str(tmp_path)
    return tmp_path


def test_a_custom_file_is_an_exercise_immediately(folder):
    assert find_exercise("mine") is None

    (folder / "mine.md").write_text(GOOD, encoding="utf-8")

    assert find_exercise("mine").title == "Mine"
    assert paths()["all"].exercises[-1] == "mine"


def test_files_with_problems_are_skipped(folder):
    (folder / "mine.md").write_text("+++", encoding="utf-8")
    (folder / "latin.md").write_bytes(b"\xff")

    assert len(exercises()) == 20
    assert [problem.file for problem in problems_of_own()] == ["latin.md", "mine.md"]


def test_a_missing_folder_is_reported(folder, settings):
    settings.EXERCISES_DIR = str(folder / "none")

    assert len(exercises()) == 20
    [problem] = problems_of_own()
    sentence = "TOKENX_EXERCISES must be the path of a folder."
    assert str(problem) == f"{folder / 'none'}:1: {sentence}"


def test_custom_paths_are_read(folder):
    (folder / "mine.md").write_text(GOOD, encoding="utf-8")
    text = examples("toml")[-1] + '[own]\nexercises = ["mine", "find-the-page"]\n'
    (folder / "paths.toml").write_text(text, encoding="utf-8")

    assert paths()["week-1"].exercises == ("find-the-page", "view-details")
    assert paths()["own"].after("mine") == "find-the-page"
    assert not problems_of_own()


def test_a_path_with_an_unknown_exercise_is_skipped(folder):
    (folder / "paths.toml").write_text('[own]\nexercises = ["none"]\n', encoding="utf-8")

    assert "own" not in paths()
    [problem] = problems_of_own()
    assert str(problem) == "paths.toml:2: none isn't an exercise."


def test_invalid_paths_are_reported_with_their_lines(folder, subtests):
    for text, problem in [
        ("[own]\n", "paths.toml:1: exercises is missing."),
        ("[own]\nexercises = []\n", "paths.toml:2: exercises is empty."),
        ('[own]\nexercises = "x"\n', "paths.toml:2: exercises must be a list of texts"),
        ("[own]\ntitle = 1\n", "paths.toml:2: title isn't a valid key."),
        ("own = 1\n", "paths.toml:1: own must be a table."),
    ]:
        with subtests.test(text=text):
            (folder / "paths.toml").write_text(text, encoding="utf-8")

            problems = [str(problem) for problem in problems_of_own()]
            assert any(line.startswith(problem) for line in problems), problems


def test_the_command_checks_a_file(tmp_path, capsys):
    file = tmp_path / "mine.md"
    file.write_text(GOOD, encoding="utf-8")
    call_command("check_exercises", file)
    assert "No problems found." in capsys.readouterr().out

    file.write_text(GOOD.replace("title", "titel"), encoding="utf-8")
    with pytest.raises(CommandError, match=r"mine\.md:2: titel isn't a valid key"):
        call_command("check_exercises", file)


# --- The preview -------------------------------------------------------------------------

PREVIEW = "/training/preview-exercise/"


def test_pasted_text_is_previewed(admin_client):
    response = admin_client.post(PREVIEW, {"text": GOOD})

    assert response.status_code == 200
    assert b"It is there." in response.content
    assert b"Handler Mine" in response.content or b"Mine exists." in response.content


def test_problems_of_pasted_text_are_shown(admin_client):
    response = admin_client.post(PREVIEW, {"text": GOOD.replace("title", "titel")})

    assert response.status_code == 422
    assert b"pasted:2" in response.content


def test_the_folders_files_are_listed_with_their_problems(admin_client, folder):
    (folder / "mine.md").write_text(GOOD, encoding="utf-8")
    (folder / "wrong.md").write_text("+++", encoding="utf-8")

    content = admin_client.get(f"{PREVIEW}?exercise=mine").content

    assert b"It is there." in content
    assert b"wrong.md:1" in content


# --- Starting one ------------------------------------------------------------------------


def url(name, slug="app-not-found"):
    return f"/training/exercises/{slug}/{name}"


def test_an_exercise_of_another_scenario_asks_before_a_reset(learn, client):
    learner = learn("find-the-page")
    client.force_login(learner.user)

    content = client.get(url("start/")).content.decode()

    assert "Reset and Start" in content
    assert "<strong>App not found</strong> scenario, but your org uses the" in content
    assert "<strong>First steps</strong>" in content
    assert learner.handler()  # Nothing happened yet.


def test_an_org_is_reset_to_the_exercises_scenario(learn, client):
    learner = learn("find-the-page")
    client.force_login(learner.user)

    response = client.post(url("start/"), {"reset": "1"})

    assert response["Location"] == "/"
    assert PracticeOrg.objects.get(org=learner.org).scenario == "app-not-found"
    assert learner.handler("Okta_Workforce")
    learner.org.refresh_from_db()
    assert learner.org.exercise == "app-not-found"
    assert client.get("/").status_code == 200


def test_an_exercise_can_start_without_a_reset(learn, client):
    learner = learn("find-the-page")
    client.force_login(learner.user)

    client.post(url("start/"))

    learner.org.refresh_from_db()
    assert learner.org.exercise == "app-not-found"
    assert learner.handler()


def test_an_org_without_a_scenario_is_never_reset(admin_client, org, handler):
    assert b"Reset and Start" not in admin_client.get(url("start/")).content

    response = admin_client.post(url("start/"), {"reset": "1"})

    assert response.status_code == 422
    handler.refresh_from_db()
    org.refresh_from_db()
    assert not org.exercise


def test_a_viewer_can_read_but_not_start_an_exercise(viewer_client, org):
    response = viewer_client.get(url(""))

    assert b"Legacy ERP Bridge" in response.content
    assert b"Start</a>" not in response.content


def test_leaving_closes_the_panel_and_keeps_the_progress(learn, client):
    learner = learn("find-the-page")
    client.force_login(learner.user)
    assert b"exercise-slot" in client.get("/").content

    client.post("/training/leave-exercise/")

    assert b"exercise-slot" not in client.get("/").content
    assert b"0 of 2 met" in client.get("/training/exercises/").content
