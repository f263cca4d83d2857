"""make-task for saved pages: ShortScience, blogs, query dumps; the files at hand and pages of our own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Answer

from tldr_bench.errors import DataError
from tldr_bench.make_task.blog import posts_of, read_blog
from tldr_bench.make_task.draft import WHOLE, Draft
from tldr_bench.make_task.markup import plain_words
from tldr_bench.make_task.query_dump import read_query_dump
from tldr_bench.make_task.shortscience import read_shortscience

PAGE = """\
Sky Maps from Bird Calls

Ada Lark and Ben Wren

Journal of Bird Maps - 2019 via Local Bibsonomy

Keywords: birds, maps

**First published:** 2019/01/02 (2 years ago)

**Abstract:** We draw maps from calls. They are
good maps.
more
less

Ada Lark and Ben Wren

Journal of Bird Maps - 2019 via Local Bibsonomy

Keywords: birds, maps

[link]
# Very Short They draw **maps** from [calls](https://x.org/a). # Short Much more about $a * b * c$ is said. https://x.org/p.png |

A Second Paper

Cy Owl

arXiv e-Print archive - 2020 via Local arXiv

Keywords: dblp

Cy Owl

arXiv e-Print archive - 2020 via Local arXiv

Keywords: dblp

[link]
# TLDR Owls see. # Long Owls see at noon, *too*. |

A Third Without a Short Part

Di Hawk

arXiv e-Print archive - 2021 via Local arXiv

Keywords: dblp

[link]
# Short Only one part. |

A Fourth With Nothing to Make It From

Ed Kite

arXiv e-Print archive - 2021 via Local arXiv

[link]
# Really Short Kites fly. |

About
"""


def rows(draft: Draft) -> list[dict[str, Any]]:
    """The rows of a draft."""
    return list(draft.rows)


@pytest.fixture
def page(tmp_path: Path) -> Callable[[str], Path]:
    """Write a page and give its path."""

    def write(text: str) -> Path:
        path = tmp_path / "page.txt"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_shortscience_page_gives_abstract_or_longer_part_to_shortest(
    page: Callable[[str], Path],
) -> None:
    """Abstract first, else the longer part; markdown, picture, link, footer and bar are gone."""
    draft = read_shortscience(page(PAGE))
    assert rows(draft) == [
        {
            "id": "sky-maps-from-bird-calls",
            "title": "Sky Maps from Bird Calls",
            "source": "We draw maps from calls. They are good maps.",
            "targets": ["They draw maps from calls."],
        },
        {
            "id": "a-second-paper",
            "title": "A Second Paper",
            "source": "Owls see at noon, too.",
            "targets": ["Owls see."],
        },
    ]


def test_what_is_left_out_of_a_shortscience_page_is_named_with_its_reason(
    page: Callable[[str], Path],
) -> None:
    """Two papers cannot be used, each for a reason of its own."""
    draft = read_shortscience(page(PAGE))
    assert draft.account.lines() == [
        "papers: 4",
        "with an abstract: 1",
        "with a longer summary: 3",
        "source: abstract: 1",
        "source: longer summary: 1",
        "left out, no part headed Very Short, Really Short or TLDR: 1 (A Third Without a Short Part)",
        "left out, neither an abstract nor a longer summary: 1 "
        "(A Fourth With Nothing to Make It From)",
        WHOLE,
    ]


def test_formulas_keep_their_stars() -> None:
    """Markdown goes, LaTeX stays: a star between dollars is not emphasis."""
    text = "**Bold** and *it* but $a * b * c$ and $x^*$; \\* a note --- end"
    assert plain_words(text) == "Bold and it but $a * b * c$ and $x^*$; * a note end"


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        (read_shortscience, "A page about cooking.\n", "has no papers: looked for lines like"),
        (read_blog, "no\n\npost\n", "has no posts: looked for title lines"),
        (read_query_dump, "title: x.pdf", None),
        (read_query_dump, "nothing here\n", "has no documents: looked for lines 'title: …'"),
        (read_blog, "", "is empty"),
        (read_blog, "<!DOCTYPE html><html></html>", "is a page's source (HTML)"),
    ],
)
def test_a_page_without_the_expected_headings_says_what_was_looked_for(
    reader: Callable[[Path], Draft],
    text: str,
    message: str | None,
    page: Callable[[str], Path],
) -> None:
    """Not a traceback and not an empty task."""
    if message is None:
        assert read_query_dump(page(text)).account.dropped
        return
    with pytest.raises(DataError) as caught:
        reader(page(text))
    assert message in str(caught.value)


def test_a_page_that_is_not_utf8_is_refused_with_the_place(tmp_path: Path) -> None:
    """Latin-1 bytes are named, not guessed."""
    path = tmp_path / "p.txt"
    path.write_bytes(b"Caf\xe9\n")
    with pytest.raises(DataError, match="is not UTF-8: byte 0xe9 at column 4"):
        read_blog(path)


LONG = "This is running text that goes on for long enough to be a paragraph of a post. " * 3

BLOG = f"""\
My Blog

Thoughts on things

Owls at\u00a0noon

{LONG}

Here are some points:

  1. owls at noon are rare

Why glass?

{LONG}

{LONG}

In short, glass is fine.

  • It carries trains.

Update: somebody asked about owls.
"""


def test_posts_begin_at_titles_and_not_at_the_blogs_own_name(page: Callable[[str], Path]) -> None:
    """Name, motto, list items and lines that end in a colon are no titles."""
    assert [post.title for post in posts_of(BLOG)] == ["Owls at noon", "Why glass?"]


def test_a_title_as_target_is_hidden_and_a_closing_summary_is_preferred(
    page: Callable[[str], Path],
) -> None:
    """The post's own words of its title are replaced; an update below the summary is in neither."""
    first, second = rows(read_blog(page(BLOG)))
    assert first["targets"] == ["Owls at noon"]
    assert "title" not in first
    assert first["source"].endswith("Here are some points:\n1. […] are rare")
    assert second["targets"] == ["In short, glass is fine. • It carries trains."]
    assert (second["title"], second["source"]) == ("Why glass?", f"{LONG.strip()}\n{LONG.strip()}")


DUMP = """\
query sentence: maps of birds
<<-------->>
title: 12-sky-maps-from-bird-calls.pdf

Sky Maps from
Bird Calls
Ada Lark
Abstract
We draw maps
from calls.
Introduction
It began with a bird.
<<-------->>
title: 13-other.pdf

Something Else Entirely
No abstract here.
"""


def test_a_query_dump_becomes_known_item_search(page: Callable[[str], Path]) -> None:
    """The title finds the text below it; a name that the head does not spell is taken as it is."""
    draft = read_query_dump(page(DUMP))
    first, second = rows(draft)
    assert first == {
        "id": "sky-maps-from-bird-calls",
        "query": "Sky Maps from Bird Calls",
        "document": "Ada Lark Abstract We draw maps from calls. Introduction It began with a bird.",
    }
    assert second["query"] == "other"
    assert draft.account.lines() == [
        "documents: 2",
        "queries: 1",
        "left out, a query without judgements says nothing of a system: 1 (maps of birds)",
        "the last document has no closing line: the file may have been cut",
    ]


def test_a_query_dump_as_summaries_takes_abstracts(page: Callable[[str], Path]) -> None:
    """Abstract to title; a document without both headings is named."""
    draft = read_query_dump(page(DUMP), "summary")
    assert rows(draft) == [
        {
            "id": "sky-maps-from-bird-calls",
            "source": "We draw maps from calls.",
            "targets": ["Sky Maps from Bird Calls"],
        }
    ]
    assert draft.account.dropped["no lines 'Abstract' and 'Introduction' around a text"] == 1


@pytest.fixture
def seeds(real_data: Path) -> Path:
    """The folder with the files that people keep their data in."""
    if not (real_data / "seeds").is_dir():
        pytest.skip("needs TLDR_BENCH_DATA with a folder seeds/")
    return real_data / "seeds"


def test_all_five_papers_of_the_file_at_hand(seeds: Path) -> None:
    """Two have an abstract, four a longer summary, all five a shortest part; no markup is left."""
    draft = read_shortscience(seeds / "shortscience.txt")
    found = rows(draft)
    assert draft.account.found["papers"] == 5
    assert (draft.account.found["with an abstract"], len(found)) == (2, 5)
    assert draft.account.found["with a longer summary"] == 4
    assert not draft.account.dropped
    for row in found:
        text = row["source"] + row["targets"][0]
        assert "**" not in text
        assert "imgur" not in text
        assert "via Local" not in text
        assert not row["targets"][0].endswith("|")
    assert found[4]["targets"][0].startswith("A method for training a recurrent network that")


def test_every_post_of_the_blog_at_hand(seeds: Path) -> None:
    """Ten posts, by their titles; one has a closing summary; no source shows a title that is the target."""
    draft = read_blog(seeds / "blog.txt")
    found = rows(draft)
    assert len(found) == draft.account.found["posts"] == 10
    assert [row["id"] for row in found][::9] == [
        "a-conjecture-about-how-the-brain-works",
        "short-horizon-bias-in-meta-learning",
    ]
    closing = [row for row in found if "title" in row]
    assert [row["targets"][0][:28] for row in closing] == ["To summarize the main points"]
    for row in found:
        if "title" not in row:
            assert row["targets"][0].lower() not in row["source"].lower()


def test_every_document_of_the_dump_at_hand(seeds: Path) -> None:
    """Five documents with their titles in full, and five abstracts."""
    found = rows(read_query_dump(seeds / "query_dump.txt"))
    assert [row["query"] for row in found] == [
        "BinaryConnect Training Deep Neural Networks with binary weights during propagations",
        "Binarized Neural Networks",
        "Phased LSTM Accelerating Recurrent Network Training for Long or Event-based Sequences",
        "On Multiplicative Integration with Recurrent Neural Networks",
        "Natural-Parameter Networks A Class of Probabilistic Neural Networks",
    ]
    assert not any(row["document"].startswith(row["query"]) for row in found)
    assert len(rows(read_query_dump(seeds / "query_dump.txt", "summary"))) == 5


@pytest.mark.parametrize(
    ("command", "file", "primary"),
    [
        ("shortscience", "shortscience.txt", "rouge155.rouge1"),
        ("blog", "blog.txt", "rouge155.rouge1"),
        ("query-dump", "query_dump.txt", "ranking.mrr@10"),
    ],
)
def test_the_folder_that_is_written_runs_at_once(
    command: str, file: str, primary: str, seeds: Path, tmp_path: Path, cli: Callable[..., Answer]
) -> None:
    """make-task, then run: a board; the card says which file; the same input gives the same bytes."""
    out = tmp_path / "mine"
    made = cli("make-task", command, seeds / file, "--out", out, cwd=tmp_path)
    assert (made.rc, made.err) == (0, "")
    done = cli("run", "--root", out, "--offline", cwd=tmp_path)
    assert done.rc == 0, done.err
    assert primary in done.out
    assert file in (out / "README.md").read_text(encoding="utf-8").replace("\\", "")
    before = {path: path.read_bytes() for path in sorted(out.glob("*.*"))}
    again = cli("make-task", command, seeds / file, "--out", out, cwd=tmp_path)
    assert again.out.startswith(made.out.split("wrote")[0])
    assert "unchanged" in again.out
    assert before == {path: path.read_bytes() for path in sorted(out.glob("*.*"))}


def test_another_task_is_not_overwritten(
    page: Callable[[str], Path], tmp_path: Path, cli: Callable[..., Answer]
) -> None:
    """A folder with another task needs --force, and is untouched without it."""
    out = tmp_path / "mine"
    assert cli("make-task", "blog", page(BLOG), "--out", out).rc == 0
    before = (out / "mine.jsonl").read_bytes()
    refused = cli("make-task", "shortscience", page(PAGE), "--out", out)
    assert refused.rc == 1
    assert "another task stands here; give --force to replace it" in refused.err
    assert (out / "mine.jsonl").read_bytes() == before
    assert cli("make-task", "shortscience", page(PAGE), "--out", out, "--force").rc == 0
    assert len((out / "mine.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def test_a_folder_name_that_no_task_can_have_is_refused(
    page: Callable[[str], Path], tmp_path: Path, cli: Callable[..., Answer]
) -> None:
    """Names become addresses; the rule is in the message, and nothing is left behind."""
    refused = cli("make-task", "blog", page(BLOG), "--out", tmp_path / "My Task")
    assert refused.rc == 2
    assert "a task's folder is named with up to 64 of a-z" in refused.err
    assert not (tmp_path / "My Task").exists()


def test_inside_a_workspace_no_submissions_are_written(
    page: Callable[[str], Path], tmp_path: Path, cli: Callable[..., Answer]
) -> None:
    """tasks/ID belongs to a workspace whose submissions are somebody's own."""
    out = tmp_path / "board/tasks/mine"
    done = cli("make-task", "blog", page(BLOG), "--out", out)
    assert done.out.endswith("next: tldr-bench baseline constant --task mine\n")
    assert sorted(path.name for path in out.iterdir()) == ["README.md", "mine.jsonl", "task.yaml"]
    assert json.loads((out / "mine.jsonl").read_text(encoding="utf-8").splitlines()[0])["id"]
