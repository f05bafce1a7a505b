"""Static files: read once, addressed by content, kept by browsers for a year.

The address holds the version of all of them (`/static/<version>/js/board.js`), so that modules which import
each other by relative path, and style sheets which name a font, share it. The style sheets which pages link
are made here from their sources, in the order of `BUNDLES`.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, abort, current_app, request
from markupsafe import Markup

ROOT = Path(__file__).parents[1] / "static"
LAYERS = "@layer reset, tokens, base, parts, util;"
BUNDLES: Mapping[str, tuple[str, ...]] = {
    "css/staff.css": ("tokens.css", "base.css", "inter.css", "layout.css", "components/*.css", "print.css"),
    "css/candidate.css": ("tokens.css", "base.css", "candidate.css"),
    "css/report.css": ("tokens.css", "base.css", "components/rating.css", "report.css"),
}
_SMALL = 512
_TEXT = (".css", ".js", ".svg", ".txt", ".json")


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    zipped: bytes | None
    mimetype: str


class Assets:
    """All static files in memory: a few hundred kilobytes."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.load()

    def load(self) -> None:
        bodies = {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }
        bodies |= {name: self._bundle(parts).encode() for name, parts in BUNDLES.items()}
        self.files = {name: _asset(name, body) for name, body in bodies.items()}
        self.version = _version(bodies)
        self.stamp = self._stamp()

    def refresh(self) -> None:
        """Read again what changed on disk; while developing only."""
        if self._stamp() != self.stamp:
            self.load()

    def url(self, name: str) -> str:
        if name not in self.files:
            raise LookupError(f"no static file {name}")
        return f"/static/{self.version}/{name}"

    def text(self, name: str) -> str:
        return self.files[name].body.decode()

    def _bundle(self, parts: tuple[str, ...]) -> str:
        paths = [path for part in parts for path in sorted((self.root / "css").glob(part))]
        return minified(LAYERS + "\n".join(path.read_text() for path in paths))

    def _stamp(self) -> float:
        return max((path.stat().st_mtime for path in self.root.rglob("*")), default=0.0)


def _asset(name: str, body: bytes) -> Asset:
    worth = name.endswith(_TEXT) and len(body) > _SMALL
    zipped = gzip.compress(body, 9, mtime=0) if worth else None
    return Asset(body, zipped, mimetypes.guess_type(name)[0] or "application/octet-stream")


def _version(bodies: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(bodies):
        digest.update(name.encode() + b"\0" + bodies[name])
    return digest.hexdigest()[:10]


def minified(css: str) -> str:
    """Without comments and needless blanks; strings in our sources hold neither."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,>]) ?", r"\1", css)
    return css.replace(": ", ":").replace(";}", "}").strip()


def _assets() -> Assets:
    assets: Assets = current_app.extensions["assay-assets"]
    if current_app.debug:
        assets.refresh()
    return assets


def asset(name: str) -> str:
    """The lasting address of a static file: `asset("js/board.js")`."""
    return _assets().url(name)


def icon(name: str, label: str | None = None, class_: str = "i") -> Markup:
    """Of the sprite; with a label it is an image, without one it is decoration. Here, since a page has fifty."""
    return _icon(_assets().url("vendored/icons.svg"), name, label, class_)


@lru_cache(2048)
def _icon(sprite: str, name: str, label: str | None, class_: str) -> Markup:
    means = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    return Markup('<svg class="{}"{}><use href="{}#{}"></use></svg>').format(class_, means, sprite, name)


def inline_css(name: str, more: str = "") -> Markup:
    """A style sheet to stand inside the page."""
    css = _assets().text(name) + more
    if "</" in css:
        raise ValueError(f"{name} would end its own style element")
    return Markup(css)  # noqa: S704  our own file and computed colours


def serve(version: str, name: str) -> Response:
    assets = _assets()
    found = assets.files.get(name)
    if found is None:
        abort(404)
    zipped = found.zipped is not None and "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(found.zipped if zipped else found.body, mimetype=found.mimetype)
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    lasting = version == assets.version
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
    return response


def install(flask_app: Flask) -> None:
    flask_app.extensions["assay-assets"] = Assets()
    flask_app.add_url_rule("/static/<string(length=10):version>/<path:name>", "web.asset", serve)
    flask_app.jinja_env.globals |= {"asset": asset, "icon": icon, "inline_css": inline_css}
