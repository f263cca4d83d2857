"""What makes a new task run at once: it is read back, and given baselines to begin its board with."""

from __future__ import annotations

from tldr_bench.baselines import description, predictions
from tldr_bench.errors import TaskError, counted, path_name
from tldr_bench.kinds import KindName
from tldr_bench.make_task.draft import Draft
from tldr_bench.make_task.write import Written
from tldr_bench.task import Task, load_task
from tldr_bench.writing import write_atomic

SMALL = 20_000
"""Rows up to which baselines are written without being asked for."""

BASELINES: dict[KindName, tuple[str, ...]] = {
    "summary": ("constant", "title", "lead"),
    "labels": ("lead", "random"),
    "ranking": ("bm25", "random"),
}


def prepare(written: Written, draft: Draft) -> list[str]:
    """Check the task by loading it, write baselines beside it; says what was done and what to do next.

    A folder below `tasks/` belongs to a workspace with submissions of its own: there it only says how
    to make baselines. Raises DataError if the task cannot be read back.
    """
    folder = written.folder.resolve()
    if written.rows > SMALL:
        return [f"no baselines: more than {SMALL:,} rows", *_next(written)]
    task = load_task(folder)
    read_back = f"{counted(len(task.examples), 'example')}, version {task.version[:19]}…"
    if folder.parent.name == "tasks":
        return [read_back, f"next: tldr-bench baseline {BASELINES[draft.kind][0]} --task {task.id}"]
    made = [
        name for name in BASELINES[draft.kind] if _fits(name, task) and _write(written, name, task)
    ]
    return [
        read_back,
        f"baselines: {', '.join(made) or 'none'}",
        *_next(written),
    ]


def _next(written: Written) -> list[str]:
    folder = path_name(written.folder)
    return [
        f"next: tldr-bench run --root {folder}",
        f"card: tldr-bench card {written.task_id} --root {folder}",
    ]


def _fits(name: str, task: Task) -> bool:
    """`lead` needs sentences, `title` titles that are not the answers."""
    if name == "lead" and task.kind == "summary":
        return all(len(example.source) > 1 for example in task.examples)
    return name != "title" or all(example.title for example in task.examples)


def _write(written: Written, name: str, task: Task) -> bool:
    folder = written.folder / "submissions" / name
    try:
        content = predictions(name, task)
    except TaskError:
        return False
    write_atomic(folder / "submission.yaml", description(name))
    write_atomic(folder / f"{task.id}.jsonl", content)
    return True
