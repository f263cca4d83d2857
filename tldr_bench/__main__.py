"""`python -m tldr_bench`."""

from tldr_bench.cli.start import main

main()
