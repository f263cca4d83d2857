"""The version, in one place: in pyproject.toml, on every page and in every export."""

__version__ = "0.1.0"
