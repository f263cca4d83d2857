"""Leaderboards -> {file name: content} of the website.

Read on in this order: `site` (which pages there are), `table` (the main one; with `columns`, `tie_bars`
and `badges`), `verdict`, then a module per kind of page. They make frozen records; the templates of
`site/templates/` only lay them out.
"""

from tldr_bench.page.site import binary_assets, render

__all__ = ["binary_assets", "render"]
