"""Extractive fragments: the longest stretches of words that a summary shares with its source.

Grusky, Naaman and Artzi 2018, Newsroom, figure 3, computed in time linear in both texts: a hostile
text cannot make it slow.
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
        last = 0
        for word in reversed(words):
            last = self._extend(last, word)

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

    def longest_at(self, words: Sequence[str]) -> list[int]:
        """For each word, the length of the longest run of the text that starts there."""
        lengths, state, length = [], 0, 0
        for word in reversed(words):
            while state and word not in self._next[state]:
                state = self._link[state]
                length = self._length[state]
            if word in self._next[state]:
                state, length = self._next[state][word], length + 1
            lengths.append(length)
        return lengths[::-1]


def fragments(summary: Sequence[str], source: Runs) -> list[int]:
    """The lengths of the summary's fragments, from left to right, longest first at each word."""
    longest = source.longest_at(summary)
    found, position = [], 0
    while position < len(summary):
        if longest[position]:
            found.append(longest[position])
        position += max(1, longest[position])
    return found
