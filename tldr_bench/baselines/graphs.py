"""TextRank and LexRank: sentences that vote for each other, counted by PageRank.

The vote is counted by networkx, which is maintained and tested by many; the libraries named after
the two methods (`summa`, `lexrank`, `pytextrank`) are unmaintained or bring a language model along,
and each splits and stems the text in a way of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations

from tldr_bench.baselines.base import needs
from tldr_bench.baselines.sentences import dot, tf_idf
from tldr_bench.task import Example
from tldr_bench.words import words

Weights = dict[tuple[int, int], float]
"""How similar two sentences are, for pairs that are similar at all."""

THRESHOLD = 0.1
"""Cosine below which LexRank draws no edge (Erkan and Radev, 2004)."""


def textrank(example: Example) -> Sequence[int]:
    """Shared words over the logarithms of the lengths (Mihalcea and Tarau, "TextRank", 2004, eq. 3)."""
    return _most_voted(example.source, _shared_words)


def lexrank(example: Example) -> Sequence[int]:
    """Cosines of tf-idf vectors (Erkan and Radev, "LexRank", JAIR 2004, section 3.3, continuous)."""
    return _most_voted(example.source, _cosines)


def _most_voted(
    sentences: Sequence[str], weights: Callable[[Sequence[str]], Weights]
) -> Sequence[int]:
    """The sentence with the highest PageRank (damping 0.85), the first of equals."""
    try:
        import networkx as nx
    except ImportError:
        raise needs("networkx", "baselines") from None
    graph = nx.Graph()
    graph.add_nodes_from(range(len(sentences)))
    graph.add_weighted_edges_from((*pair, weight) for pair, weight in weights(sentences).items())
    ranks = nx.pagerank(graph, alpha=0.85, max_iter=1000, tol=1e-10)
    # Equal sentences differ in the last bits only: nine decimals make them equal.
    return [max(ranks, key=lambda at: (round(ranks[at], 9), -at))] if ranks else []


def _shared_words(sentences: Sequence[str]) -> Weights:
    bags = [frozenset(words(sentence)) for sentence in sentences]
    lengths = [math.log(max(len(words(sentence)), 1)) for sentence in sentences]
    return {
        (one, other): common / (lengths[one] + lengths[other])
        for one, other in combinations(range(len(bags)), 2)
        if (common := len(bags[one] & bags[other])) and lengths[one] + lengths[other] > 0
    }


def _cosines(sentences: Sequence[str]) -> Weights:
    vectors = tf_idf(sentences)
    return {
        (one, other): cosine
        for one, other in combinations(range(len(vectors)), 2)
        if (cosine := dot(vectors[one], vectors[other])) >= THRESHOLD
    }
