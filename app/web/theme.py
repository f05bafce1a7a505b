"""The palette and a customer's accent in it; no palette leaves here without the contrast it promises.

`bin/tokens` writes app/static/css/tokens.css from `tokens_css`; a customer's own colour adds `accent_css`,
which staff pages link and candidate pages carry inside.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from flask import Response, abort, url_for

from app.web.colour import contrast, from_oklch, reaching, to_oklch

DEFAULT_COLOUR = "#0d6b5a"
_HEX = re.compile(r"#?([0-9a-fA-F]{6})")
_WARM, _COOL = 80, 262
_LIGHT = {
    "canvas": from_oklch(0.974, 0.0045, _WARM),
    "surface": "#ffffff",
    "sunken": from_oklch(0.953, 0.006, _WARM),
    "raised": "#ffffff",
    "fill": from_oklch(0.945, 0.006, _WARM),
    "line": from_oklch(0.905, 0.007, _WARM),
    "edge": from_oklch(0.61, 0.012, _WARM),
    "ink": from_oklch(0.255, 0.018, _COOL),
    "ink2": from_oklch(0.42, 0.018, _COOL),
    "ink3": from_oklch(0.515, 0.016, _COOL),
    "scrim": "rgb(20 22 28 / .42)",
}
_DARK = {
    "canvas": from_oklch(0.185, 0.008, _COOL),
    "surface": from_oklch(0.222, 0.009, _COOL),
    "sunken": from_oklch(0.162, 0.008, _COOL),
    "raised": from_oklch(0.262, 0.011, _COOL),
    "fill": from_oklch(0.285, 0.012, _COOL),
    "line": from_oklch(0.318, 0.012, _COOL),
    "edge": from_oklch(0.585, 0.014, _COOL),
    "ink": from_oklch(0.945, 0.005, _WARM),
    "ink2": from_oklch(0.80, 0.008, _COOL),
    "ink3": from_oklch(0.705, 0.012, _COOL),
    "scrim": "rgb(0 0 0 / .6)",
}
_SIGNALS = {"ok": (152, 0.12), "warn": (70, 0.12), "bad": (25, 0.17), "info": (245, 0.13), "ai": (300, 0.12)}
_ACCENTS = ("accent", "accent-ink", "accent-text", "accent-soft")
_PAPERS = ("canvas", "surface", "sunken", "raised")
# (tokens, on what, least contrast): 4.5 is WCAG AA for text, 3 for the edges of controls.
_PROMISES: tuple[tuple[str, Iterable[str], float], ...] = (
    ("ink", (*_PAPERS, "fill", "accent-soft"), 7),
    ("ink2", (*_PAPERS, "fill"), 5.5),
    ("ink3", (*_PAPERS, "fill"), 4.5),
    ("edge", _PAPERS, 3),
    ("focus", _PAPERS, 3),
    ("accent-text", (*_PAPERS, "accent-soft"), 4.5),
    ("accent-ink", ("accent",), 4.5),
    *((name, (f"{name}-soft", "surface", "canvas"), 4.5) for name in _SIGNALS),
    *((f"{name}-solid", ("surface",), 3) for name in _SIGNALS),
)


class LowContrast(ValueError):
    """A palette that some people could not read."""


def _signals(*, dark: bool) -> dict[str, str]:
    out = {}
    for name, (hue, chroma) in _SIGNALS.items():
        soft = from_oklch(0.285, 0.045, hue) if dark else from_oklch(0.955, 0.03, hue)
        out[name] = reaching(5.2, soft, chroma, hue, lighter=dark)
        out[f"{name}-soft"] = soft
        out[f"{name}-solid"] = from_oklch(0.72 if dark else 0.55, chroma, hue)
    return out


def _dark_accent(chroma: float, hue: float) -> dict[str, str]:
    solid = reaching(6.0, _DARK["raised"], chroma * 0.85, hue, lighter=True)
    ink, soft = from_oklch(0.19, min(chroma, 0.03), hue), from_oklch(0.275, min(chroma, 0.034), hue)
    return dict(zip(_ACCENTS, (solid, ink, solid, soft), strict=True))


def _light_accent(lightness: float, chroma: float, hue: float) -> dict[str, str]:
    solid = from_oklch(lightness, chroma, hue)
    if contrast(solid, "#ffffff") < 4.6:  # noqa: PLR2004  a little above WCAG's 4.5
        solid = reaching(4.6, "#ffffff", chroma, hue, lighter=False)
    text = solid
    if contrast(text, _LIGHT["sunken"]) < 4.6:  # noqa: PLR2004
        text = reaching(4.8, _LIGHT["sunken"], chroma, hue, lighter=False)
    soft = from_oklch(0.95, min(chroma, 0.028), hue)
    return dict(zip(_ACCENTS, (solid, "#ffffff", text, soft), strict=True))


def check(palette: Mapping[str, str]) -> None:
    """Refuse a palette that breaks one of the promises."""
    broken = [
        f"{token} on {paper}: {contrast(palette[token], palette[paper]):.2f} < {least}"
        for token, papers, least in _PROMISES
        for paper in papers
        if contrast(palette[token], palette[paper]) < least
    ]
    if broken:
        raise LowContrast("; ".join(broken))


def clean_colour(text: str) -> str | None:
    """`#rrggbb` in small letters, None for anything else."""
    found = _HEX.fullmatch(text.strip())
    return f"#{found[1].lower()}" if found else None


@lru_cache(maxsize=512)
def palettes(brand: str = DEFAULT_COLOUR) -> tuple[dict[str, str], dict[str, str]]:
    """Light and dark, each checked. Keeps the brand's hue, caps its chroma, solves its lightness."""
    lightness, chroma, hue = to_oklch(brand)
    chroma = 0 if chroma < 0.01 else min(chroma, 0.17)  # noqa: PLR2004  below it is grey
    light = _LIGHT | _signals(dark=False) | _light_accent(lightness, chroma, hue)
    dark = _DARK | _signals(dark=True) | _dark_accent(chroma, hue)
    light["focus"], dark["focus"] = from_oklch(0.50, 0.19, 258), from_oklch(0.78, 0.12, 240)
    check(light)
    check(dark)
    return light, dark


def _lines(palette: Mapping[str, str], names: Iterable[str]) -> str:
    return "".join(f"--{name}:{palette[name]};" for name in names)


_SHADOWS = {
    "light": "--shadow1:0 1px 2px rgb(23 25 35 / .06), 0 1px 1px rgb(23 25 35 / .04);"
    "--shadow2:0 12px 32px -8px rgb(23 25 35 / .22), 0 2px 8px rgb(23 25 35 / .08);",
    "dark": "--shadow1:0 1px 2px rgb(0 0 0 / .5);"
    "--shadow2:0 16px 40px -8px rgb(0 0 0 / .7), 0 0 0 1px rgb(255 255 255 / .06);",
}


def _schemes(light: str, dark: str) -> str:
    return (
        f":root {{ {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ {dark} }} }}\n"
        f":root[data-theme=dark] {{ {dark} }}\n"
        f"@media print {{ :root, :root[data-theme] {{ {light} }} }}\n"
    )


def tokens_css() -> str:
    """The colour half of tokens.css."""
    light, dark = palettes()
    return _schemes(
        "color-scheme: light; " + _lines(light, light) + _SHADOWS["light"],
        "color-scheme: dark; " + _lines(dark, light) + _SHADOWS["dark"],
    )


def accent_css(brand: str) -> str:
    """What a customer's colour changes; empty for the house colour. Falls back to it on nonsense."""
    colour = clean_colour(brand)
    if colour is None or colour == DEFAULT_COLOUR:
        return ""
    light, dark = palettes(colour)
    return "@layer tokens {\n" + _schemes(_lines(light, _ACCENTS), _lines(dark, _ACCENTS)) + "}\n"


def accent_url(brand: str) -> str | None:
    """Where staff pages link the accent; None when the house colour does."""
    css = accent_css(brand)
    if not css:
        return None
    version = hashlib.sha256(css.encode()).hexdigest()[:8]
    return url_for("web.theme", name=f"{(clean_colour(brand) or '')[1:]}-{version}")


def serve(name: str) -> Response:
    colour = clean_colour(name.partition("-")[0])
    if colour is None:
        abort(404)
    return Response(
        accent_css(colour),
        mimetype="text/css",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
