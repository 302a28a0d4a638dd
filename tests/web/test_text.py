"""Folding: texts that people consider equal have the same key, in every script."""

from tokenx.web.text import KEY_LENGTH, fold, sort_key


def test_folds_equal_texts_to_the_same_key(subtests):
    for text, folded in [
        ("Anna", "anna"),
        ("ANNA-MARÍA", "anna-maria"),
        ("Müller", "muller"),
        ("Mu\u0308ller", "muller"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("Łukasz Żółkiewski", "lukasz zolkiewski"),
        ("Søren Ærøskøbing", "soren aeroskobing"),
        ("Đorđe Đurić", "dorde duric"),
        ("Þór Guðmundsdóttir", "thor gudmundsdottir"),
        ("İSTANBUL", "istanbul"),
        ("ISTANBUL", "istanbul"),
        ("ıstanbul", "istanbul"),
        ("Nguyễn", "nguyen"),
        ("Ştefănescu", "stefanescu"),
        ("O’Brien", "o'brien"),
        ("OʼBrien", "o'brien"),
        ("O'Brien", "o'brien"),
        ("Œuvre", "oeuvre"),
        ("ﬁne", "fine"),
        ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("Σίσυφος", "σισυφοσ"),
        ("ЁЛКА", "елка"),
        ("Ӣ", "и"),
        ("محمّد", "محمد"),
        ("שָׁלוֹם", "שלום"),
        ("日本", "日本"),
        ("ｶﾞ", "カ"),
        ("🙂", "🙂"),
        ("", ""),
        (" \t a \n\u00a0\u2003 b ", "a b"),
        ("a\0b\x01c\x7f", "abc"),
        ("\u0301", ""),
    ]:
        with subtests.test(text=text):
            assert fold(text) == folded


def test_folding_is_idempotent(subtests):
    for text in [
        "Straße", "İ", "ΐ", "ﷺ", "한글", "ᾳ", "ǅ", "ŉ", "ﬃ", "Å", "𝒜", "Ⅷ", "½", "ẞ", "ΣΣ"
    ]:  # fmt: skip
        with subtests.test(text=text):
            assert fold(fold(text)) == fold(text)


def test_ignores_case(subtests):
    for text in ["Straße", "ΐ", "ǅungla", "Ærø", "Ёлка", "ﬃ", "ΣΊΣΥΦΟΣ", "ß"]:
        with subtests.test(text=text):
            assert fold(text.upper()) == fold(text.lower()) == fold(text)


def test_a_tab_separates_the_parts_of_a_sort_key():
    assert sort_key("Café\tBar", "API") == "cafe bar\tapi"
    assert sort_key("a") < sort_key("a", "b") < sort_key("a b") < sort_key("ab")


def test_a_key_is_no_longer_than_its_column():
    assert len(sort_key("ﷺ" * 80, "b" * 80)) == KEY_LENGTH
