import hashlib
import re
import tomllib

import pytest

from app.web import assets

VENDORED = assets.ROOT / "vendored"
LISTED = tomllib.loads((VENDORED / "vendored.toml").read_text())["file"]


@pytest.mark.parametrize("file", LISTED, ids=lambda file: file["name"])
def test_vendored_file_is_the_one_we_chose(file):
    assert hashlib.sha256((VENDORED / file["name"]).read_bytes()).hexdigest() == file["sha256"]
    assert (VENDORED / file["licence_file"]).exists()


def test_every_vendored_file_is_listed():
    known = {file[key] for file in LISTED for key in ("name", "licence_file")} | {"vendored.toml"}

    assert {path.name for path in VENDORED.iterdir()} == known


def test_sprite_holds_the_listed_icons_and_templates_use_no_other():
    icons = next(file["icons"] for file in LISTED if file["name"] == "icons.svg")

    assert re.findall('symbol id="([^"]+)"', (VENDORED / "icons.svg").read_text()) == icons


def test_asset_is_kept_for_a_year_under_its_version(flask_app):
    with flask_app.test_request_context():
        url = assets.asset("js/board.js")

    answer = flask_app.test_client().get(url)

    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_asset_under_an_older_version_is_served_but_not_kept(client):
    answer = client.get("/static/0000000000/js/board.js")

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


def test_asset_travels_zipped(flask_app):
    with flask_app.test_request_context():
        url = assets.asset("css/staff.css")

    answer = flask_app.test_client().get(url, headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("name", ["nothing.js", "../web/assets.py", "js/../../settings.py"])
def test_only_static_files_are_served(client, name):
    assert client.get(f"/static/0000000000/{name}").status_code == 404


def test_asset_that_is_missing_is_told_at_once(flask_app):
    with flask_app.test_request_context(), pytest.raises(LookupError, match="no static file"):
        assets.asset("nothing.js")


def test_version_follows_the_content(tmp_path):
    (tmp_path / "js").mkdir()
    (tmp_path / "js/a.js").write_text("1")
    loaded = assets.Assets(tmp_path)
    before = loaded.url("js/a.js")
    (tmp_path / "js/a.js").write_text("2")
    loaded.load()

    assert loaded.url("js/a.js") != before


def test_bundles_are_light():
    loaded = assets.Assets()

    assert len(loaded.files["css/staff.css"].zipped) < 10_000
    assert len(loaded.files["css/candidate.css"].zipped) < 6_000


def test_minified_keeps_what_counts():
    css = "/* why */\n.a > .b:hover { color: red; inline-size: calc(100% - 2px); }\n"

    assert assets.minified(css) == ".a>.b:hover{color:red;inline-size:calc(100% - 2px)}"


def test_modules_are_short():
    lengths = {path.name: len(path.read_text().splitlines()) for path in (assets.ROOT / "js").glob("*.js")}

    assert {name: length for name, length in lengths.items() if length >= 100} == {}


def test_staff_page_is_light(flask_app):
    loaded = assets.Assets()
    html = flask_app.test_client().get("/-/patterns/board", headers={"Accept-Encoding": "gzip"})
    linked = re.findall(rf"/static/{loaded.version}/([^\"#]+)", flask_app.test_client().get("/-/patterns/board").text)
    scripts = {name for name in loaded.files if name.startswith("js/") and name != "js/draft.js"}

    whole = sum(len(loaded.files[name].zipped or loaded.files[name].body) for name in {*linked, *scripts})

    assert whole + int(html.headers["Content-Length"]) < 115_000
