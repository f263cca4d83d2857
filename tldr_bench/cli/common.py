"""The options that commands share; what commands do with them is in `say`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from tldr_bench.cli.say import LISTED as LISTED
from tldr_bench.cli.say import allow as allow
from tldr_bench.cli.say import colored as colored
from tldr_bench.cli.say import log as log
from tldr_bench.cli.say import log_as as log_as
from tldr_bench.cli.say import logging as logging
from tldr_bench.cli.say import note as note
from tldr_bench.cli.say import open_workspace as open_workspace
from tldr_bench.cli.say import print_errors as print_errors
from tldr_bench.cli.say import print_warnings as print_warnings
from tldr_bench.cli.say import progress as progress
from tldr_bench.cli.say import use_network as use_network

RootOption = Annotated[
    Path | None, typer.Option("--root", help="The workspace; default: the nearest one above here.")
]
OfflineOption = Annotated[bool, typer.Option("--offline", help="Never use the network.")]
FormatOption = Annotated[Literal["table", "json"], typer.Option("--format", help="How to print.")]
ReplaceOption = Annotated[bool, typer.Option("--force", help="Replace predictions that differ.")]
JobsOption = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, metavar="N", help="Processes; default: one per core."),
]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        "--cluster", metavar="ADDRESS", help="A Dask scheduler's address, or 'local'. See docs."
    ),
]
LogOption = Annotated[
    Literal["text", "json"],
    typer.Option("--log", help="How to say on stderr what happens: text, or JSON lines."),
]
ProfileOption = Annotated[
    bool, typer.Option("--profile", help="Say afterwards where the time went.")
]

DeviceOption = Annotated[
    str | None,
    typer.Option("--device", metavar="NAME", help="For models: auto, cpu, cuda, cuda:N or mps."),
]
HubCodeOption = Annotated[
    bool,
    typer.Option("--run-hub-code", help="Run metrics whose code comes from the Hugging Face Hub."),
]
