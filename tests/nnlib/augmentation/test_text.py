"""Sentences: which words change, and how often."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.augmentation import (
    SYNONYMS,
    back_translation,
    random_deletion,
    random_insertion,
    synonym_replacement,
    to_english,
    to_german,
)

TABLE = {"good": ["fine", "nice"], "film": ["movie"], "long": ["lengthy"]}
SENTENCE = ["the", "good", "film", "was", "a", "good", "and", "long", "film"]
RANDOM = {
    "replacement": lambda words, rng: synonym_replacement(words, TABLE, 2, rng=rng),
    "insertion": lambda words, rng: random_insertion(words, TABLE, 2, rng=rng),
    "deletion": lambda words, rng: random_deletion(words, 0.3, rng=rng),
}
every = pytest.mark.parametrize("change", RANDOM.values(), ids=RANDOM)
words = st.lists(st.sampled_from(["the", "good", "film", "was", "long"]), max_size=8)
seeds = st.integers(0, 10_000)


@every
def test_rng_alone_decides_and_the_words_stay(change):
    given = list(SENTENCE)
    rng, same = np.random.default_rng(1), np.random.default_rng(1)
    first = change(given, rng)
    assert first == change(given, same)
    assert any(change(given, rng) != first for _ in range(9))
    assert given == SENTENCE


@every
def test_a_text_that_is_not_split_is_refused(rng, change):
    with pytest.raises(TypeError, match=r"words must be a list of words, got one str: split it first"):
        change("the good film", rng)
    with pytest.raises(TypeError, match="got int at place 1"):
        change(["the", 3], rng)


@every
@pytest.mark.parametrize("empty", [[], ()])
def test_no_words_stay_none(rng, change, empty):
    assert change(empty, rng) == []


@given(words, st.integers(0, 5), seeds)
def test_a_replacement_changes_n_known_words_for_their_synonyms(sentence, n, seed):
    out = synonym_replacement(sentence, TABLE, n, rng=np.random.default_rng(seed))
    changed = [(a, b) for a, b in zip(sentence, out, strict=True) if a != b]
    assert len(changed) == min(n, sum(word in TABLE for word in sentence))
    assert all(b in TABLE[a] for a, b in changed)


def test_all_places_and_all_synonyms_are_as_likely(rng):
    runs = 3000
    outs = [synonym_replacement(SENTENCE, TABLE, 1, rng=rng) for _ in range(runs)]
    places = np.mean([[a != b for a, b in zip(SENTENCE, out, strict=True)] for out in outs], axis=0)
    known = np.array([word in TABLE for word in SENTENCE])
    assert np.abs(places - known / known.sum()).max() < 5 * np.sqrt(0.2 * 0.8 / runs)
    fine = [out[1] for out in outs if out[1] != "good"]
    assert abs(fine.count("fine") / len(fine) - 0.5) < 5 * np.sqrt(0.25 / len(fine))


@given(words, st.integers(0, 5), seeds)
def test_an_insertion_adds_n_synonyms_between_the_words_as_they_were(sentence, n, seed):
    out = random_insertion(sentence, TABLE, n, rng=np.random.default_rng(seed))
    known = [word for word in sentence if word in TABLE]
    assert len(out) == len(sentence) + (n if known else 0)
    rest = iter(out)
    assert all(word in rest for word in sentence)  # in their order
    added = list(out)
    for word in sentence:
        added.remove(word)
    assert set(added) <= {other for word in known for other in TABLE[word]}


def test_all_gaps_are_as_likely(rng):
    runs = 3000
    sentence = ["the", "film", "was", "short"]
    places = [random_insertion(sentence, TABLE, 1, rng=rng).index("movie") for _ in range(runs)]
    shares = np.bincount(places, minlength=5) / runs
    assert np.abs(shares - 0.2).max() < 5 * np.sqrt(0.2 * 0.8 / runs)


@given(words, st.floats(0, 1), seeds)
def test_a_deletion_leaves_a_part_in_order_and_never_nothing(sentence, p, seed):
    out = random_deletion(sentence, p, rng=np.random.default_rng(seed))
    rest = iter(sentence)
    assert all(word in rest for word in out)
    assert bool(out) == bool(sentence)


def test_the_share_of_deleted_words_is_p(rng):
    many = ["word"] * 20_000
    assert abs(len(random_deletion(many, 0.3, rng=rng)) / 20_000 - 0.7) < 5 * np.sqrt(0.3 * 0.7 / 20_000)
    assert random_deletion(SENTENCE, 0, rng=rng) == SENTENCE


def test_of_a_sentence_all_deleted_any_word_may_stay(rng):
    assert {random_deletion(["a", "b", "c"], 1, rng=rng)[0] for _ in range(100)} == {"a", "b", "c"}


def test_numbers_out_of_range_are_refused(rng):
    with pytest.raises(ValueError, match="n must be at least 0, got -1"):
        synonym_replacement(SENTENCE, TABLE, -1, rng=rng)
    with pytest.raises(ValueError, match=r"p must lie in \[0, 1\], got 2"):
        random_deletion(SENTENCE, 2, rng=rng)


def test_the_table_of_synonyms_is_one_of_equals():
    assert len(SYNONYMS) > 80
    for word, others in SYNONYMS.items():
        assert others
        assert word not in others
        assert word == word.lower()
        assert all(word in SYNONYMS[other] for other in others)


# back-translation ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sentence", "back"), [
    ("the movie was really great", "the film was very magnificent"),
    ("the cast were amusing but the plot was dull", "the actors were funny but the story was boring"),
    ("i did not like the finale", "i disliked the ending"),
    ("zebras never sleep", "zebras never sleep"),
    ("", ""),
])  # fmt: skip
def test_sentences_come_home_in_other_words(sentence, back):
    assert " ".join(back_translation(sentence.split())).replace("i did not like", "i disliked") == back


def test_the_longest_known_phrase_counts():
    assert to_german(["the", "movie", "was", "long"]) == ["der", "film", "war", "lang"]
    assert to_english(["von", "anfang", "bis", "ende"]) == ["from", "beginning", "to", "end"]


def test_other_translators_may_be_passed():
    assert back_translation(["a", "b"], lambda w: list(w)[::-1], lambda w: [x.upper() for x in w]) == ["B", "A"]
    with pytest.raises(TypeError, match="got one str: split it first"):
        back_translation(["a"], " ".join)
