"""The command line: one small file per group of commands; `main` puts them together."""
