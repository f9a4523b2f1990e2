"""The catalogues: nothing is missing or left over, placeholders agree, and what is compiled is what is written."""

import gettext
import re

import pytest

from reference_tests.frameworks.catalogue import po, read
from reference_tests.frameworks.language import LANGUAGES, speaker
from reference_tests.frameworks.messages import every

PLACE = re.compile(r"\{[^}]*\}")
OTHERS = [lang for lang in LANGUAGES if lang != "en"]


@pytest.mark.parametrize("lang", OTHERS)
def test_every_sentence_is_translated(lang):
    written = read(lang)
    assert [text for text in every() if not written.get(text)] == []
    assert sorted(set(written) - set(every())) == [], "left over"


@pytest.mark.parametrize("lang", OTHERS)
def test_placeholders_agree(lang):
    for text, translation in read(lang).items():
        assert sorted(PLACE.findall(text)) == sorted(PLACE.findall(translation)), text


@pytest.mark.parametrize("lang", OTHERS)
def test_the_compiled_catalogue_is_up_to_date(lang):
    with po(lang).with_suffix(".mo").open("rb") as compiled:
        translations = gettext.GNUTranslations(compiled)
    for text, translation in read(lang).items():
        assert translations.gettext(text) == translation


def test_english_is_the_sentences_own():
    assert all(speaker("en")(text) == text for text in every())


def test_a_new_sentence_would_be_seen():
    texts = every()
    for known in ("Why it bites", "only differences", "JAX has no layers", "process killed by {}", "it counts"):
        assert known in texts
