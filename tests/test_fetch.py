"""Downloads: resumed where they were cut, verified before they count, and never half a file."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tldr_bench.data import Source, cache_folder
from tldr_bench.errors import DataError, MissingData, OutputError
from tldr_bench.fetch import fetch_file

CONTENT = bytes(range(256)) * 1000


@dataclass
class Server:
    """A web server whose behaviour a test chooses; it notes what it was asked for."""

    address: str = ""
    content: bytes = CONTENT
    status: int = 200
    ranges: bool = True
    cut_after: int | None = None
    """Closes the connection after so many bytes of each answer."""
    asked: list[str | None] = field(default_factory=list)
    """The Range header of every request."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server on this machine; the network is allowed for this test."""
    monkeypatch.delenv("TLDR_BENCH_OFFLINE")
    monkeypatch.delenv("TLDR_BENCH_DATA", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.asked.append(wanted)
            first = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and state.ranges else 0
            if first >= len(state.content) and first:
                self.send_error(416)
                return
            if state.status != 200:
                self.send_error(state.status)
                return
            rest = state.content[first:]
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest[: state.cut_after])

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        thread = threading.Thread(target=web.serve_forever, daemon=True)
        thread.start()
        state.address = f"http://127.0.0.1:{web.server_port}/rows.jsonl"
        yield state
        web.shutdown()
        thread.join()


def source(server: Server, content: bytes = CONTENT) -> Source:
    """A task's source at the test's server, which has no certificate: https is not asked of it."""
    digest = hashlib.sha256(content).hexdigest()
    place = Source(path="far/rows.jsonl", url="https://example.org/", sha256=digest)
    return place.model_copy(update={"url": server.address})


def part() -> Path:
    return cache_folder() / "data/far/rows.jsonl.part"


def fetched(server: Server, tmp_path: Path) -> bytes:
    return fetch_file("far", source(server), tmp_path).read_bytes()


def test_a_file_is_fetched_once(server: Server, tmp_path: Path) -> None:
    """The file arrives whole with its progress, lies in the cache, and is not asked for again."""
    seen: list[tuple[int, int | None]] = []
    path = fetch_file(
        "far", source(server), tmp_path, lambda have, total: seen.append((have, total))
    )
    assert path == cache_folder() / "data/far/rows.jsonl"
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert fetched(server, tmp_path) == CONTENT
    assert server.asked == [None]
    assert not part().exists()


def test_a_cut_connection_is_taken_up_where_it_was_cut(server: Server, tmp_path: Path) -> None:
    """What came before the cut is kept and said; the next fetch asks for the rest only."""
    server.cut_after = 100_000
    with pytest.raises(MissingData) as error:
        fetched(server, tmp_path)
    assert str(error.value) == (
        f"far: {server.address} cannot be fetched: the connection was cut after 100000 of 256000 "
        "bytes; 100000 bytes are kept, the next fetch goes on from there"
    )
    server.cut_after = None
    assert fetched(server, tmp_path) == CONTENT
    assert server.asked == [None, "bytes=100000-"]


def test_a_server_without_ranges_sends_it_all_again(server: Server, tmp_path: Path) -> None:
    """A server that ignores the question for the rest does not lead to a file with its beginning twice."""
    part().parent.mkdir(parents=True)
    part().write_bytes(CONTENT[:500])
    server.ranges = False
    assert fetched(server, tmp_path) == CONTENT


def test_a_download_that_was_complete_is_only_verified(server: Server, tmp_path: Path) -> None:
    """Stopped between the last byte and the check, it is finished without another byte."""
    part().parent.mkdir(parents=True)
    part().write_bytes(CONTENT)
    assert fetched(server, tmp_path) == CONTENT
    assert server.asked == [f"bytes={len(CONTENT)}-"]


def test_another_file_is_not_kept(server: Server, tmp_path: Path) -> None:
    """A download with another digest is refused with both digests, and removed."""
    server.content = CONTENT[::-1]
    with pytest.raises(DataError, match="is not the file that the task was made from") as error:
        fetched(server, tmp_path)
    assert hashlib.sha256(CONTENT).hexdigest() in str(error.value)
    assert hashlib.sha256(CONTENT[::-1]).hexdigest() in str(error.value)
    assert not part().exists()
    assert not (cache_folder() / "data/far/rows.jsonl").exists()


def test_a_damaged_part_costs_one_more_try(server: Server, tmp_path: Path) -> None:
    """A part that does not belong to the file is thrown away, and the next fetch starts afresh."""
    part().parent.mkdir(parents=True)
    part().write_bytes(b"something else")
    with pytest.raises(DataError):
        fetched(server, tmp_path)
    assert fetched(server, tmp_path) == CONTENT


@pytest.mark.parametrize(("status", "reason"), [(404, "Not Found"), (503, "Service Unavailable")])
def test_a_server_that_refuses_is_named(
    status: int, reason: str, server: Server, tmp_path: Path
) -> None:
    """An error of the server is passed on with its number; nothing is left behind."""
    server.status = status
    with pytest.raises(MissingData) as error:
        fetched(server, tmp_path)
    assert str(error.value) == f"far: {server.address} cannot be fetched: HTTP {status} {reason}"


def test_nobody_answers(server: Server, tmp_path: Path) -> None:
    """No server at all is one clear line."""
    server.address = "http://127.0.0.1:9/rows.jsonl"
    with pytest.raises(MissingData, match=r"cannot be fetched: .*[Cc]onnection refused"):
        fetched(server, tmp_path)


@pytest.mark.parametrize("address", ["http://[::1", "http://exämple.invalid/ä", "http://:x/"])
def test_an_address_that_cannot_be_one_is_named(
    address: str, server: Server, tmp_path: Path
) -> None:
    """An impossible address is an error for the task's author, not a traceback."""
    server.address = address
    with pytest.raises(MissingData, match="cannot be fetched: "):
        fetched(server, tmp_path)


def test_offline_asks_nobody(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With TLDR_BENCH_OFFLINE no connection is made, and the message says so."""
    monkeypatch.setenv("TLDR_BENCH_OFFLINE", "1")
    with pytest.raises(
        MissingData, match=r"is not on this machine: .* \(offline: nothing was fetched\)"
    ):
        fetched(server, tmp_path)
    assert server.asked == []


def test_a_file_that_never_ends_is_cut_off(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A download beyond the limit is stopped and not kept."""
    monkeypatch.setattr("tldr_bench.fetch.MAX_FILE", 100_000)
    with pytest.raises(MissingData, match="is larger than the limit of"):
        fetched(server, tmp_path)
    assert not part().exists() or part().stat().st_size == 0


def test_a_cache_that_cannot_be_written(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in the place of the cache folder is one clear line."""
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    monkeypatch.setenv("TLDR_BENCH_CACHE", str(blocked))
    with pytest.raises(OutputError, match="cannot be written: "):
        fetched(server, tmp_path)


def test_two_fetches_at_once_give_one_whole_file(server: Server, tmp_path: Path) -> None:
    """Whoever comes second waits, and finds the file that the first one brought."""
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(fetched(server, tmp_path))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [CONTENT] * 4
    assert server.asked == [None]


def test_a_packed_file_is_verified_as_it_was_published(server: Server, tmp_path: Path) -> None:
    """The digest of a .gz file is that of the packed bytes, which is what one downloads."""
    server.content = gzip.compress(b'{"id": "a"}\n', mtime=0)
    place = source(server, server.content).model_copy(update={"path": "far/rows.jsonl.gz"})
    assert fetch_file("far", place, tmp_path).read_bytes() == server.content
