"""`data fetch`: a connection that breaks off, an interrupt, a folder that somebody fetched elsewhere."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import Answer, TinyWorkspace

from tldr_bench.bring import bring, part_file, take
from tldr_bench.data import Source, cache_folder
from tldr_bench.errors import DataError, MissingData

CONTENT = b'{"id": "a", "source": "Owls.", "targets": ["o"]}\n' * 1
BIG = bytes(range(256)) * 1000


class Server:
    """Serves BIG, at most `gives` bytes an answer; then it hangs up, as a broken line does."""

    def __init__(self, gives: int, ranges: bool = True) -> None:
        outer = self
        self.answers: list[int] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                start = 0
                if ranges and (asked := self.headers.get("Range")):
                    start = int(asked.removeprefix("bytes=").removesuffix("-"))
                outer.answers.append(start)
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(BIG) - start))
                self.end_headers()
                self.wfile.write(BIG[start : start + gives])

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/big.bin"
        self.thread = threading.Thread(
            target=self.http.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Server]]:
    """Start servers; the network may be used."""
    monkeypatch.delenv("TLDR_BENCH_OFFLINE")
    monkeypatch.delenv("TLDR_BENCH_DATA", raising=False)
    started: list[Server] = []

    def start(gives: int, ranges: bool = True) -> Server:
        started.append(Server(gives, ranges))
        return started[-1]

    yield start
    for server in started:
        server.close()


def source(url: str) -> Source:
    """BIG at this address. The file pins it; https is for task.yaml to insist on."""
    digest = hashlib.sha256(BIG).hexdigest()
    return Source(path="x/big.bin", sha256=digest).model_copy(update={"url": url})


def test_a_connection_that_is_cut_is_taken_up_where_it_was(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    """Three answers of 100,000 bytes each make the 256,000: nothing is fetched twice."""
    server = serve(100_000)
    seen: list[tuple[int, int | None]] = []
    path = bring("big", source(server.url), tmp_path, lambda have, all: seen.append((have, all)))
    assert path.read_bytes() == BIG
    assert server.answers == [0, 100_000, 200_000]
    assert seen[-1] == (len(BIG), len(BIG))
    assert [have for have, _ in seen] == sorted(have for have, _ in seen)


def test_a_server_that_gives_nothing_more_is_given_up(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    """No progress, no endless loop: the second empty answer is the last."""
    server = serve(0)
    with pytest.raises(MissingData):
        bring("big", source(server.url), tmp_path)
    assert len(server.answers) <= 2


def test_after_the_last_try_the_next_fetch_goes_on(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    """A line that breaks again and again: five tries, the part is kept, and a later call finishes."""
    server = serve(40_000)
    with pytest.raises(
        MissingData, match="200000 bytes are kept, the next fetch goes on from there"
    ):
        bring("big", source(server.url), tmp_path)
    assert bring("big", source(server.url), tmp_path).read_bytes() == BIG
    assert server.answers == [0, 40_000, 80_000, 120_000, 160_000, 200_000, 240_000]


def test_an_interrupt_keeps_what_has_come(serve: Callable[..., Server], tmp_path: Path) -> None:
    """Ctrl-C in the middle: the part is there, and the next fetch asks for the rest only."""
    server = serve(len(BIG))

    def stop(have: int, _total: int | None) -> None:
        if have > 100_000:
            raise KeyboardInterrupt

    wanted = source(server.url)
    with pytest.raises(KeyboardInterrupt):
        bring("big", wanted, tmp_path, stop)
    part = part_file(wanted)
    assert part is not None
    have = part.stat().st_size
    assert have > 100_000
    assert bring("big", wanted, tmp_path).read_bytes() == BIG
    assert server.answers == [0, have]


@pytest.mark.parametrize(
    "place",
    [
        "scitldr/SciTLDR-A/test.jsonl",
        "SciTLDR-A/test.jsonl",
        "SciTLDR-Data/SciTLDR-A/test.jsonl",
        "test.jsonl",
    ],
)
def test_a_file_fetched_elsewhere_is_found_and_verified(place: str, tmp_path: Path) -> None:
    """The task's own layout, a clone of the repository, its data folder, or the bare file."""
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(BIG)
    digest = hashlib.sha256(BIG).hexdigest()
    wanted = Source(path="scitldr/SciTLDR-A/test.jsonl", sha256=digest)
    taken = take("t", wanted, tmp_path)
    assert taken == cache_folder() / "data/scitldr/SciTLDR-A/test.jsonl"
    assert taken.read_bytes() == BIG


def test_another_file_is_not_taken(tmp_path: Path) -> None:
    """A file of that name with another digest is refused by both digests, and nothing is copied."""
    (tmp_path / "test.jsonl").write_bytes(b"other")
    wanted = Source(path="a/test.jsonl", sha256="0" * 64)
    with pytest.raises(DataError, match=f"expected {'0' * 64}"):
        take("t", wanted, tmp_path)
    assert not (cache_folder() / "data/a/test.jsonl").exists()


def test_a_folder_without_the_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    """Every place, so that the file can be put into one."""
    wanted = Source(path="a/test.jsonl", sha256="0" * 64)
    with pytest.raises(MissingData) as caught:
        take("t", wanted, tmp_path)
    assert "a/test.jsonl" in str(caught.value)
    assert "SciTLDR-Data/a/test.jsonl" in str(caught.value)


def test_fetch_from_a_folder_makes_the_task_usable(
    tmp_workspace: TinyWorkspace, cli: Callable[..., Answer], tmp_path: Path
) -> None:
    """`data fetch TASK --from DIR`, then the task loads without the folder, offline."""
    digest = hashlib.sha256(CONTENT).hexdigest()
    tmp_workspace.write(
        "tasks/far/task.yaml",
        f"name: far\nkind: summary\ndata:\n  path: away/rows.jsonl\n  sha256: {digest}\n"
        "metrics:\n  rouge155:\nprimary: rouge155.rouge1\n",
    )
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "rows.jsonl").write_bytes(CONTENT)
    done = cli("data", "fetch", "far", "--from", folder)
    assert done.rc == 0, done.err
    assert done.out.startswith("far: 1 example, verified, version sha256:")
    assert cli("data", "verify", "far", "--offline").rc == 0
