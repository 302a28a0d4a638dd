"""The wording check fails on a bad sample of each rule, and passes good ones."""

from tests.wording.check import BANNED, check

BAD = {
    "a banned word in a template": ("page.html", "<p>Somebody else changed it.</p>"),
    "a banned word in a tooltip": ("page.html", '<a title="Whoever made it">x</a>'),
    "a heading that is a clause": ("page.html", "<h2>What is in it</h2>"),
    "a label that is a clause": ("page.html", "<label>How it works</label>"),
    "a banned word in a document": ("page.md", "Try it anew.\n"),
    "a document's heading that is a clause": ("page.md", "## Who may see it\n"),
    "a banned word in a docstring": ("m.py", '"""Do it at once."""\n'),
    "a banned word in a message": ("m.py", 'MESSAGE = "This is wrong."\n'),
    "a banned word in a comment": ("m.py", "x = 1  # nobody reads this\n"),
    "a docstring that is a clause": ("m.py", 'def f():\n    """Whether it is on."""\n'),
    "a form label that is a clause": ("m.py", 'f = Field(label="Whom to ask")\n'),
    "a banned word in a scenario": ("s.toml", 'story = "Besides, it fails."\n'),
}
GOOD = {
    "code in a document": ("page.md", "`somebody` and\n\n    whoever = 1\n"),
    "a template's tags": ("page.html", "{% if wrong %}{{ whatever }}{% endif %}"),
    "a key of one word": ("m.py", 'KEY = "wrong"\n'),
    "an imperative docstring": ("m.py", 'def f():\n    """Return the name."""\n'),
}


def test_finds_each_kind_of_bad_wording(subtests):
    for name, (path, text) in BAD.items():
        with subtests.test(name):
            assert check(path, text)


def test_finds_every_banned_word(subtests):
    for word in BANNED:
        with subtests.test(word):
            assert check("page.md", f"One {word} two.")


def test_passes_good_wording(subtests):
    for name, (path, text) in GOOD.items():
        with subtests.test(name):
            assert not check(path, text)


def test_says_where_a_fault_is():
    [fault] = check("page.md", "First line.\n\nTry it anew.\n")

    assert str(fault) == "page.md:3: 'anew': write again"
