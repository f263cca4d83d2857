"""Which example is each output of a foreign file about? By id, or by a text that only one example has.

Never by position, and never by half: either every example gets exactly one output, or the file is
refused with a list of what did not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tldr_bench.errors import Report, counted, first_of, shown, unknown
from tldr_bench.importers.foreign import Foreign, Output
from tldr_bench.task import Example, Task

LISTED = 20
"""How many outputs a report names before it only counts."""
OPENING = 8
"""Words at the start of a source by which it is looked for in a prompt."""

Finder = Callable[[Output], str | None]


@dataclass(frozen=True)
class Way:
    """One way of telling which example an output is about."""

    name: str
    """In words, for the record."""
    find: Finder
    by_text: bool
    """Whether the source itself says it, rather than an id or a title."""


@dataclass
class Match:
    """Example -> output, and how that was found."""

    way: str
    outputs: dict[str, Output] = field(default_factory=dict)
    unmapped: list[Output] = field(default_factory=list)
    repeated: int = 0
    """Outputs that say again, letter by letter, what another output of the example says."""

    @property
    def dropped(self) -> list[str]:
        """What of the file is not among the predictions, in sentences."""
        found = []
        if self.unmapped:
            found.append(
                f"{counted(len(self.unmapped), 'output')} of no example of the task: {_places(self.unmapped)}"
            )
        if self.repeated:
            found.append(f"{counted(self.repeated, 'output')} that only repeated another one")
        return found


def match(task: Task, foreign: Foreign, id_field: str | None, where: str, report: Report) -> Match:
    """Every example's output, by the way that covers most examples; problems go to the report."""
    texts = _Texts(task)
    ways = list(_ways(texts, foreign.outputs, id_field))
    if not ways:
        names = sorted({name for output in foreign.outputs for name in output.fields})
        report.add(where, f"--id-field: {unknown('field', str(id_field), names)}")
        return Match("")
    found = max(
        ((way, [way.find(output) for output in foreign.outputs]) for way in ways),
        key=lambda tried: len(set(filter(None, tried[1]))),
    )
    result = _assigned(found[0].name, foreign.outputs, found[1], where, report)
    if not found[0].by_text:
        _contradictions(texts, foreign.outputs, found[1], where, report)
    _incomplete(task, result, where, report)
    return result


def _assigned(
    way: str, outputs: Sequence[Output], ids: Sequence[str | None], where: str, report: Report
) -> Match:
    result = Match(way)
    for output, example_id in zip(outputs, ids, strict=True):
        if example_id is None:
            result.unmapped.append(output)
        elif example_id not in result.outputs:
            result.outputs[example_id] = output
        elif result.outputs[example_id].value == output.value:
            result.repeated += 1
        else:
            message = (
                f"two different outputs for {shown(example_id)}: {result.outputs[example_id].place} and "
                f"{output.place}. Does the file hold more than one run?"
            )
            report.add(where, message)
    return result


def _contradictions(
    texts: _Texts, outputs: Sequence[Output], ids: Sequence[str | None], where: str, report: Report
) -> None:
    """Where the id says one example and the source beside it another, nobody can tell."""
    for output, example_id in zip(outputs, ids, strict=True):
        other = texts.by_source(output)
        if example_id is not None and other is not None and other != example_id:
            report.add(
                where,
                f"{output.place} has the id of {shown(example_id)} and the source of {shown(other)}",
            )


def _incomplete(task: Task, result: Match, where: str, report: Report) -> None:
    missing = [example.id for example in task.examples if example.id not in result.outputs]
    if not missing:
        return
    listed = ", ".join(map(shown, missing[:10])) + (", …" if len(missing) > 10 else "")
    way = f" (looked for by {result.way})" if result.outputs else ""
    report.add(where, f"no output for {len(missing)} of {task.id}'s examples{way}: {listed}")
    for output in result.unmapped[:LISTED]:
        hints = [f"{name}={shown(value, 40)}" for name, value in list(output.fields.items())[:3]]
        about = f" ({', '.join(hints)})" if hints else ""
        report.add(where, f"{output.place} is of no example of {task.id}{about}")
    if len(result.unmapped) > LISTED:
        report.add(where, f"and {len(result.unmapped) - LISTED} more outputs of no example")


def _places(outputs: Sequence[Output]) -> str:
    return first_of([output.place for output in outputs], LISTED)


# Ways --------------------------------------------------------------------------------------------


def _ways(texts: _Texts, outputs: Sequence[Output], id_field: str | None) -> Iterator[Way]:
    names = list(dict.fromkeys(name for output in outputs for name in output.fields))
    if id_field is not None:
        if id_field in names:
            yield Way(f"the id in {id_field}", texts.ids(id_field), by_text=False)
        return
    for name in _likely_first(names, texts.task.spec.fields.id):
        yield Way(f"the id in {name}", texts.ids(name), by_text=False)
    yield Way("the text of the source", texts.by_source, by_text=True)
    for name in names:
        yield Way(f"the title in {name}", texts.values(name, texts.titles), by_text=False)
        yield Way(f"a reference in {name}", texts.values(name, texts.references), by_text=False)


def _likely_first(names: Sequence[str], id_name: str) -> list[str]:
    """Of two fields that hold the ids, the one with the task's own name for it is recorded."""
    return sorted(names, key=lambda name: name.rpartition(".")[2] != id_name)


@dataclass(frozen=True)
class _Texts:
    """The examples of a task by everything that can identify one."""

    task: Task

    @cached_property
    def sources(self) -> dict[str, str]:
        return self._unique(lambda example: [" ".join(example.source)])

    @cached_property
    def titles(self) -> dict[str, str]:
        return self._unique(lambda example: [example.title])

    @cached_property
    def references(self) -> dict[str, str]:
        if self.task.kind != "summary":
            return {}
        return self._unique(lambda example: [str(text) for text in example.target])

    def _unique(self, of: Callable[[Example], list[str]]) -> dict[str, str]:
        """Text -> id, for texts that only one example has."""
        found: dict[str, str | None] = {}
        for example in self.task.examples:
            for text in map(plain_text, of(example)):
                found[text] = example.id if found.get(text, example.id) == example.id else None
        return {text: name for text, name in found.items() if text and name is not None}

    def ids(self, name: str) -> Finder:
        def find(output: Output) -> str | None:
            value = output.fields.get(name)
            text = str(value) if isinstance(value, str | int) else None
            return text if text in self.task.by_id else None

        return find

    def values(self, name: str, known: Mapping[str, str]) -> Finder:
        def find(output: Output) -> str | None:
            value = output.fields.get(name)
            texts = value if isinstance(value, list) else [value]
            found = {known.get(plain_text(text)) for text in texts if isinstance(text, str)}
            found.discard(None)
            return found.pop() if len(found) == 1 else None

        return find

    def by_source(self, output: Output) -> str | None:
        """The example whose source stands in a field as a whole, or in the prompt, if it is one only."""
        for value in output.fields.values():
            text = _joined(value)
            if text and text in self.sources:
                return self.sources[text]
        return self._in_prompt(output.prompt)

    def _in_prompt(self, prompt: str) -> str | None:
        words = prompt.split()
        text = " ".join(words)
        found: set[str] = set()
        for place in range(len(words)):
            opening = " ".join(words[place : place + OPENING])
            found.update(source for source in self._openings.get(opening, ()) if source in text)
        # A source within another one is not what the prompt is about.
        whole = [
            source for source in found if not any(source in other for other in found - {source})
        ]
        return self.sources[whole[0]] if len(whole) == 1 else None

    @cached_property
    def _openings(self) -> dict[str, list[str]]:
        """First words -> the sources that begin with them; shorter sources could be anything."""
        found: dict[str, list[str]] = {}
        for source in self.sources:
            words = source.split()
            if len(words) >= OPENING:
                found.setdefault(" ".join(words[:OPENING]), []).append(source)
        return found


def _joined(value: object) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return plain_text(" ".join(value))
    return plain_text(value) if isinstance(value, str) else ""


def plain_text(text: str) -> str:
    """A text in which only the words count: tools break lines and join sentences as they like."""
    return " ".join(text.split())
