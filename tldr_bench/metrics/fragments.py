"""Extractive fragments: the longest stretches of words that a summary shares with its source.

Grusky, Naaman and Artzi 2018, Newsroom, figure 3, computed in time linear in both texts: a hostile
text cannot make it slow. The index is the summary's, which is short, and the source runs through it:
an index of a full text would take 3 MB.
"""

from __future__ import annotations

from collections.abc import Sequence


class Runs:
    """Every run of words of a text, as a suffix automaton (Blumer et al. 1985) of the text read backwards.

    Backwards, because a fragment is the longest run that *starts* at a word of the summary.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._next: list[dict[str, int]] = [{}]
        self._link = [-1]
        self._length = [0]
        self._begun = [0]
        """The state of the text from each of its words on, the last word's first; and of no word."""
        for word in reversed(words):
            self._begun.append(self._extend(self._begun[-1], word))

    def _extend(self, last: int, word: str) -> int:
        state = self._add({}, 0, self._length[last] + 1)
        before = last
        while before >= 0 and word not in self._next[before]:
            self._next[before][word] = state
            before = self._link[before]
        if before >= 0:
            self._link[state] = self._target(before, word)
        return state

    def _target(self, before: int, word: str) -> int:
        """The state of the run that `before` and `word` make: one of its own, if it must be parted."""
        target = self._next[before][word]
        if self._length[target] == self._length[before] + 1:
            return target
        clone = self._add(dict(self._next[target]), self._link[target], self._length[before] + 1)
        while before >= 0 and self._next[before].get(word) == target:
            self._next[before][word] = clone
            before = self._link[before]
        self._link[target] = clone
        return clone

    def _add(self, following: dict[str, int], link: int, length: int) -> int:
        self._next.append(following)
        self._link.append(link)
        self._length.append(length)
        return len(self._length) - 1

    def longest_in(self, source: Sequence[str]) -> list[int]:
        """For each word of the text, the length of the longest run from there on that the source has."""
        shared = self._met(source)
        by_length = sorted(range(1, len(shared)), key=self._length.__getitem__)
        for state in reversed(by_length):
            if shared[state]:  # what is met is met with all that it ends with, read backwards
                shared[self._link[state]] = self._length[self._link[state]]
        for state in by_length:
            shared[state] = shared[state] or shared[self._link[state]]
        return [shared[state] for state in reversed(self._begun[1:])]

    def _met(self, source: Sequence[str]) -> list[int]:
        """For each state, the length of its longest run that ends a longest one shared with the source."""
        met = [0] * len(self._next)
        following, link = self._next, self._link
        known, state, length = following[0], 0, 0
        for word in reversed(source):
            if word not in known:
                state = length = 0
                continue
            while word not in following[state]:
                state = link[state]
                length = self._length[state]
            state, length = following[state][word], length + 1
            if length > met[state]:
                met[state] = length
        return met


def fragments(longest: Sequence[int]) -> list[int]:
    """The lengths of a summary's fragments, from left to right, longest first at each word.

    `longest` is what `Runs(summary).longest_in(source)` gives.
    """
    found, position = [], 0
    while position < len(longest):
        if longest[position]:
            found.append(longest[position])
        position += max(1, longest[position])
    return found
