"""Search: words that people use for one thing find the questions about it, in English and Japanese."""

import pytest

from reference_tests.frameworks.questions import QUESTIONS
from reference_tests.frameworks.search import search_text, select
from reference_tests.frameworks.search.index import has_phrase, own_text, split
from reference_tests.frameworks.search.synonyms import SYNONYMS

FOUND = {  # words: (questions that must be found, questions that must not)
    "kernel": ("C01 C02 C20", "A01 P07 B01 O01"),
    "flip": ("C01 C02", "S01 P01 O01"),
    "mirrored": ("C01 C02", "P01"),
    "depthwise": ("C23 C24", "P01 S05"),
    "NHWC": ("C19 C20 F01 B07", "P07 O01"),
    "reflect": ("G01 G02", "G03 S05 P01"),
    "adaptive": ("P15 P17", "P01 P02 P13"),
    "optimizer": ("O01 O04 O11", "C01 S05"),
    "SAME": ("S05 S06 S07 S20 T02", "C25 A01 P08"),
    "same padding": ("S05 S06 S07 S20 T02", "O01 P01"),
    "deconvolution": ("C02 C03 T01 T02", "C01 P01"),
    "fp16": ("H02 H04 C12", "B01"),
    "batchnorm": ("B01 B02 B07 E01", "C01"),
    "ceil_mode": ("S03 S04 P03 P16", "A01"),
    "im2col": ("C22", "P01"),
    "weight decay": ("O04 O05 O10", "C01"),
    "カーネル": ("C01 C02 C20", "P07 O01"),
    "反転": ("C01 C02", "P01"),
    "最適化": ("O01 O04 O11", "C01"),
    "最適化 既定": ("O04 O09", "O01 C01"),
    "折り返し": ("G01 G02", "P01"),
    "転置畳み込み": ("C02 C03 T01 T02", "P01"),
    "最大プーリング": ("P01 P05 P07", "P02 C01"),
    "プーリング 勾配": ("P05 P06 P16", "P01 C01"),
    "半精度": ("H01 H04", "B01"),
    "交差エントロピー": ("L01 L04", "C01"),
    "正規化": ("B01 N02", "C01"),
    "全結合": ("F01 F02", "C01"),
    "切り上げ": ("S03 S04", "A01"),
    "max_pool2d": ("P01 S02", "A01"),
    "P07": ("P07", "P08"),
}  # fmt: skip


@pytest.mark.parametrize("words", FOUND)
def test_word_finds_its_questions_and_no_others(words):
    found = {q.id for q in select(words)}
    wanted, unwanted = ({*ids.split()} for ids in FOUND[words])
    assert wanted <= found and not unwanted & found


def test_every_line_of_the_table_finds_something_and_is_short():
    texts = [own_text(q) for q in QUESTIONS]
    for typed, phrases in SYNONYMS:
        found = sum(any(has_phrase(text, phrase) for phrase in split(phrases)) for text in texts)
        assert 0 < found < 70, typed
        assert all(any(has_phrase(text, phrase) for text in texts) for phrase in split(phrases)), phrases


def test_words_of_the_japanese_question_find_it():
    assert all("C01" in {q.id for q in select(word)} for word in ("畳み込み", "フィルター", "180"))


def test_unknown_word_is_refused_with_a_similar_one():
    with pytest.raises(ValueError, match="depthwise"):
        select("depthwyse")
    with pytest.raises(ValueError, match="no question"):
        select("zebra")


def test_text_of_every_question_has_its_id_and_both_languages():
    for q in QUESTIONS:
        assert q.id in search_text(q) and q.question in search_text(q)
        assert any(ord(sign) > 0x3000 for sign in search_text(q)), q.id
