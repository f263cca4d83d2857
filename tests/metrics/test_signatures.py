"""Figures of different signatures never share a column, and a changed metric is measured anew."""

from __future__ import annotations

import json
from typing import Any

import pytest

import tldr_bench as tb
from tldr_bench.errors import MetricError

SAID = [{"id": f"p{n}", "prediction": "Owls hunted at noon."} for n in range(1, 5)]


def use(workspace: Any, rouge: str) -> Any:
    """The tiny task with this ROUGE."""
    task = workspace.root / "tasks/tiny-summary/task.yaml"
    lines = task.read_text().splitlines()
    kept = [rouge if line.startswith("  rouge155:") else line for line in lines]
    task.write_text("\n".join(kept) + "\n")
    return tb.load_task(task.parent)


def test_a_board_refuses_figures_of_another_signature(tmp_workspace: Any) -> None:
    """Systems that were measured otherwise than the task says are named, each with both signatures."""
    for system in ("one", "two"):
        tmp_workspace.submit(system, "tiny-summary", SAID)
    folder = tmp_workspace.root / "submissions"
    stemmed = use(tmp_workspace, "  rouge155: {stemmer: yes}")
    one = tb.score(stemmed, tb.load_submission(folder / "one"))
    plain = use(tmp_workspace, "  rouge155: {stemmer: no}")
    two = tb.score(plain, tb.load_submission(folder / "two"))
    with pytest.raises(MetricError) as caught:
        tb.rank(plain, [one, two])
    ours, theirs = (task.metrics["rouge155"].signature for task in (plain, stemmed))
    assert str(caught.value) == (
        f"one: tiny-summary: rouge155: was measured as {theirs}, expected {ours}"
    )
    assert len(tb.rank(plain, [two]).record.rows) == 1


def test_a_changed_metric_is_measured_anew(tmp_workspace: Any, cli: Any) -> None:
    """After a parameter changed, results and board have the new signature, and none of the old figures."""
    tmp_workspace.submit("one", "tiny-summary", SAID)
    written = tmp_workspace.root / "submissions/one/results/tiny-summary.json"
    found = []
    for stemmer in ("yes", "no"):
        use(tmp_workspace, f"  rouge155: {{stemmer: {stemmer}}}")
        assert cli("score").rc == 0
        result = json.loads(written.read_text())
        board = json.loads(cli("leaderboard", "tiny-summary", "--format", "json").out)
        assert board["signatures"] == result["signatures"]
        assert board["rows"][0]["scores"] == result["scores"]
        found.append((result["signatures"]["rouge155"], result["scores"]["rouge155.rouge1"]))
    assert "stem:yes" in found[0][0]
    assert "stem:no" in found[1][0]
    assert found[0][1] != found[1][1]
