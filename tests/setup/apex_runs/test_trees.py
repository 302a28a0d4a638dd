"""Trees of classes that are kept by the hash of their body."""

from concurrent.futures import ThreadPoolExecutor

from tokenx.apex.parser import Parsed
from tokenx.setup.apex_runs import trees
from tokenx.setup.apex_runs.trees import MIN_SIZE, Trees


class Parses:
    """A parser that counts bodies; its trees are empty."""

    def __init__(self):
        self.bodies = []

    def __call__(self, body):
        self.bodies.append(body)
        return Parsed(None, ())


def body_of(letter, length=MIN_SIZE):
    return letter * length


def test_parses_a_body_once():
    parses = Parses()
    kept = Trees(parses)

    assert kept.parsed("class A {}") is kept.parsed("class A {}")
    kept.parsed("class A { }")
    assert parses.bodies == ["class A {}", "class A { }"]


def test_removes_the_least_recently_used_trees():
    kept = Trees(Parses(), max_size=3 * MIN_SIZE)
    for letter in "abcad":
        kept.parsed(body_of(letter))

    assert [letter for letter in "abcd" if body_of(letter) in kept] == ["a", "c", "d"]
    assert kept.size == 3 * MIN_SIZE


def test_a_long_body_replaces_several_trees():
    kept = Trees(Parses(), max_size=3 * MIN_SIZE)
    for body in [body_of("a"), body_of("b"), body_of("c", 3 * MIN_SIZE - 1)]:
        kept.parsed(body)

    assert body_of("b") not in kept
    assert kept.size == 3 * MIN_SIZE - 1


def test_a_body_that_is_too_long_is_parsed_but_not_kept():
    kept = Trees(Parses(), max_size=MIN_SIZE)
    kept.parsed(body_of("a"))

    assert kept.parsed(body_of("b", MIN_SIZE + 1)) == Parsed(None, ())
    assert body_of("a") in kept
    assert kept.size == MIN_SIZE


def test_short_bodies_count_for_more_than_their_length():
    kept = Trees(Parses(), max_size=3 * MIN_SIZE)
    for number in range(10):
        kept.parsed(str(number))

    assert kept.size == 3 * MIN_SIZE


def test_lone_surrogates_have_a_hash():
    kept = Trees(Parses())
    kept.parsed("\ud800")
    assert "\ud800" in kept


def test_several_threads_share_trees():
    kept = Trees(Parses(), max_size=20 * MIN_SIZE)
    bodies = [body_of(chr(65 + number % 40)) for number in range(2_000)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(kept.parsed, bodies))

    assert kept.size == 20 * MIN_SIZE
    assert sum(body in kept for body in set(bodies)) == 20


def test_threads_parse_real_classes_alike():
    bodies = [f"class A{number} {{ Integer i = {number}; }}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        first = list(pool.map(trees.parsed, bodies))

    assert all(map(trees.is_kept, bodies))
    assert [each.unit.name for each in first] == [f"A{number}" for number in range(40)]
    assert trees.parsed(bodies[0]) is trees.parsed(bodies[0])
    assert trees.parser() is trees.parser()
