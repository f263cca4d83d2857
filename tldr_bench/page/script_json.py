"""Data for the scripts of a page: JSON inside its <script> element."""

from __future__ import annotations

import json

from markupsafe import Markup


def script_json(value: object) -> Markup:
    """JSON that cannot leave the <script> element that it stands in."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character in "<>&'":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704
