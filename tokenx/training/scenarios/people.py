"""Names for made-up people: many languages and scripts, the same on every build."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from random import Random
from typing import NamedTuple

from faker import Faker

# Where names come from, and how often; most people of a company share a language.
LOCALES = {
    "en_US": 8,
    "en_IN": 3,
    "es_MX": 3,
    "de_DE": 3,
    "fr_FR": 3,
    "pt_BR": 2,
    "pl_PL": 2,
    "it_IT": 2,
    "cs_CZ": 1,
    "da_DK": 1,
    "el_GR": 1,
    "fi_FI": 1,
    "he_IL": 1,
    "hi_IN": 1,
    "hu_HU": 1,
    "ja_JP": 1,
    "ko_KR": 1,
    "ro_RO": 1,
    "ru_RU": 1,
    "sv_SE": 1,
    "th_TH": 1,
    "tr_TR": 1,
    "uk_UA": 1,
    "vi_VN": 1,
    "zh_CN": 1,
}


class Person(NamedTuple):
    first_name: str
    last_name: str


# Names that look-ups stumble over, in every org that is made.
NOTABLE = [
    Person("Anna", "Müller"),
    Person("Anna", "Müller"),
    Person("Siobhán", "O’Brien"),
    Person("Aoife", "O'Brien"),
    Person("José", "García-Márquez"),
    Person("Łukasz", "Żółkiewski"),
    Person("Søren", "Ærøskøbing"),
    Person("İpek", "Yıldız"),
    Person("Zoë", "van den Berg"),
    Person("Lê Minh", "Nguyễn"),
    Person("Đorđe", "Đurić"),
    Person("Björn", "Strauß"),
    Person("美咲", "佐藤"),
    Person("小明", "王"),
    Person("민준", "김"),
    Person("Ольга", "Сергеева"),
    Person("Ελένη", "Παπαδοπούλου"),
    Person("محمد", "الأحمد"),
    Person("נועה", "כהן"),
    Person("अनन्या", "शर्मा"),
    Person("", "Madonna"),
]


def people(seed: int) -> Iterator[Person]:
    """The notable ones, then others without end."""
    yield from NOTABLE
    random = Random(seed)  # noqa: S311 (nothing secret)
    fakers = {locale: Faker(locale) for locale in LOCALES}
    for faker in fakers.values():
        faker.seed_instance(random.random())
    while True:
        [locale] = random.choices(list(LOCALES), weights=list(LOCALES.values()))
        faker = fakers[locale]
        yield Person(faker.first_name(), faker.last_name())


def first_people(seed: int, count: int) -> list[Person]:
    """The first of them. Making names up takes longer than the rest of a small org."""
    return list(_kept(seed, count) if count <= KEPT else islice(people(seed), count))


KEPT = 2_000


@lru_cache(maxsize=20)
def _kept(seed: int, count: int) -> tuple[Person, ...]:
    return tuple(islice(people(seed), count))
