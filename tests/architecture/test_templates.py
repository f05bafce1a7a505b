"""What no template may hold, because the content policy would refuse it or a person would suffer from it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FORBIDDEN = {
    "inline style": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b"),
    "eval in hx-vals": re.compile(r"hx-vals\s*=\s*['\"]js:|hx-vars"),
    "trigger filter": re.compile(r"hx-trigger=\"[^\"]*\["),
    "unescaped text": re.compile(r"\|\s*safe\b|autoescape\s+false"),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "script from elsewhere": re.compile(r"(?:src|href)=\"(?:https?:)?//", re.IGNORECASE),
    "hx-boost": re.compile(r"\bhx-boost\b"),
}
BLOCK = re.compile(r"{%-? block (\w+)[^%]*%}\s*<\w+[^>]*?\sid=\"([^\"{]+)\"", re.DOTALL)
POSTS = re.compile(r"<form[^>]*method=\"post\".*?</form>", re.DOTALL | re.IGNORECASE)


def _text(path):
    return re.sub(r"{#.*?#}", "", path.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what):
    found = {
        str(path.relative_to(ROOT)): FORBIDDEN[what].search(_text(path))[0]
        for path in TEMPLATES
        if FORBIDDEN[what].search(_text(path))
    }

    assert found == {}


def test_every_posted_form_carries_its_token():
    without = [
        (str(path.relative_to(ROOT)), form[:90])
        for path in TEMPLATES
        for form in POSTS.findall(_text(path))
        if not re.search(r"csrf|hidden_tag", form)
    ]

    assert without == []


def test_fragment_has_the_id_of_its_block():
    """A block that starts with an element with an id is a fragment; the two names are one."""
    named = {(str(path.relative_to(ROOT)), *found) for path in TEMPLATES for found in BLOCK.findall(_text(path))}

    assert {
        found for found in named if found[1] != found[2] and found[1] not in {"main", "foot", "dialogs", "head"}
    } == set()


def test_every_icon_is_in_the_sprite():
    sprite = (ROOT / "app/static/vendored/icons.svg").read_text()
    known = set(re.findall('symbol id="([^"]+)"', sprite))
    used = {
        (str(path.relative_to(ROOT)), name)
        for path in TEMPLATES
        for name in re.findall(r"\bui\.icon\(\s*[\"']([a-z0-9-]+)[\"']", _text(path))
    }

    assert {found for found in used if found[1] not in known} == set()


def test_styles_name_no_address_elsewhere():
    sheets = sorted((ROOT / "app/static/css").rglob("*.css"))

    assert [path.name for path in sheets if re.search(r"url\([\"']?(?:https?:)?//|@import", path.read_text())] == []


def test_modules_evaluate_nothing_and_write_no_html():
    scripts = sorted((ROOT / "app/static/js").rglob("*.js"))
    bad = re.compile(r"\beval\(|new Function|innerHTML|outerHTML\s*=|insertAdjacentHTML|document\.write")

    assert [path.name for path in scripts if bad.search(path.read_text())] == []
