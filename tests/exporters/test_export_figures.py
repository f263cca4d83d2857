"""Figures for papers: SVG that stands alone, PDF with its fonts, and a clear word where the package lacks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import Answer, TinyWorkspace

from tldr_bench.errors import UsageError
from tldr_bench.execute import board_of
from tldr_bench.exporters.formats import Options, exporter
from tldr_bench.leaderboard import Board
from tldr_bench.workspace import Workspace

Cli = Callable[..., Answer]
ROWS = [{"id": f"p{number}", "prediction": "Owls hunt at noon."} for number in range(1, 5)]


@pytest.fixture
def board(tmp_workspace: TinyWorkspace) -> Board:
    for place, system in enumerate(("one", "two")):
        rows = [{**row, "prediction": str(row["prediction"])[: 12 + 4 * place]} for row in ROWS]
        tmp_workspace.submit(system, "tiny-summary", rows)
    return board_of(Workspace(tmp_workspace.root), "tiny-summary")


def test_figures_are_svg_files(board: Board) -> None:
    """Both figures of the board, each XML by itself and with its style inside."""
    found = exporter("figures")(board, Options())
    assert sorted(found) == ["tiny-summary-length.svg", "tiny-summary-wins.svg"]
    for text in found.values():
        root = ElementTree.fromstring(text)  # noqa: S314 - our own drawing
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.find("{http://www.w3.org/2000/svg}style") is not None
    assert exporter("figures")(board, Options()) == found


def test_figures_as_pdf_hold_their_fonts(board: Board) -> None:
    """Conferences refuse a PDF that lacks a font: each file embeds one, and equal figures are equal bytes."""
    pytest.importorskip("vl_convert", reason="needs the extra 'figures' (vl-convert-python)")
    found = exporter("figures-pdf")(board, Options())
    assert sorted(found) == ["tiny-summary-length.pdf", "tiny-summary-wins.pdf"]
    for content in found.values():
        assert isinstance(content, bytes)
        assert content.startswith(b"%PDF-")
        assert b"/FontFile" in content
    assert exporter("figures-pdf")(board, Options()) == found


def test_without_the_package_the_way_to_it_is_named(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback: what is not installed, and the command that installs it."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(UsageError, match=r"not installed: pip install 'tldr-bench\[figures\]'"):
        exporter("figures-pdf")(board, Options())


def test_one_system_makes_no_figure(tmp_workspace: TinyWorkspace, cli: Cli) -> None:
    """There is nothing to compare, and the message says what a figure needs."""
    tmp_workspace.submit("one", "tiny-summary", ROWS)
    done = cli("export", "figures", "tiny-summary")
    assert done.rc == 2
    assert "a figure needs two systems" in done.err


def test_figures_are_written_to_a_folder(board: Board, cli: Cli) -> None:
    """Two files cannot be printed one after the other: --out is asked for, and takes them."""
    asked = cli("export", "figures", board.task.id)
    assert asked.rc == 2
    assert "say with --out" in asked.err
    assert cli("export", "figures", board.task.id, "--out", "out").rc == 0
    assert len(list(Path("out").iterdir())) == 2
