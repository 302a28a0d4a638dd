"""Names for made-up people, in many languages and scripts, the same in every build."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from random import Random
from typing import NamedTuple

from faker import Faker

# The locales of names, and their weights: most people in a company share a language.
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


class PersonName(NamedTuple):
    """A first and last name."""

    first_name: str
    last_name: str


# Names that are hard to search for. Every org with made-up people has them.
NOTABLE = [
    PersonName("Anna", "Müller"),
    PersonName("Anna", "Müller"),
    PersonName("Siobhán", "O’Brien"),
    PersonName("Aoife", "O'Brien"),
    PersonName("José", "García-Márquez"),
    PersonName("Łukasz", "Żółkiewski"),
    PersonName("Søren", "Ærøskøbing"),
    PersonName("İpek", "Yıldız"),
    PersonName("Zoë", "van den Berg"),
    PersonName("Lê Minh", "Nguyễn"),
    PersonName("Đorđe", "Đurić"),
    PersonName("Björn", "Strauß"),
    PersonName("美咲", "佐藤"),
    PersonName("小明", "王"),
    PersonName("민준", "김"),
    PersonName("Ольга", "Сергеева"),
    PersonName("Ελένη", "Παπαδοπούλου"),
    PersonName("محمد", "الأحمد"),
    PersonName("נועה", "כהן"),
    PersonName("अनन्या", "शर्मा"),
    PersonName("", "Madonna"),
]


def people(seed: int) -> Iterator[PersonName]:
    """Yield the notable names, then an endless series of others."""
    yield from NOTABLE
    random = Random(seed)  # noqa: S311 (nothing secret)
    fakers = {locale: Faker(locale) for locale in LOCALES}
    for faker in fakers.values():
        faker.seed_instance(random.random())
    while True:
        [locale] = random.choices(list(LOCALES), weights=list(LOCALES.values()))
        faker = fakers[locale]
        yield PersonName(faker.first_name(), faker.last_name())


def first_people(seed: int, count: int) -> list[PersonName]:
    """Return the first names. They're cached because making them up is slow."""
    if count <= MAX_CACHED:
        return list(_cached_people(seed, count))
    return list(islice(people(seed), count))


MAX_CACHED = 2_000


@lru_cache(maxsize=20)
def _cached_people(seed: int, count: int) -> tuple[PersonName, ...]:
    return tuple(islice(people(seed), count))
