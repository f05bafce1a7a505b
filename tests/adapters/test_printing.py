"""Pages as PDF, without a single fetch."""

import pytest

from app.adapters.local.printing import LocalPrinter
from app.kernel.errors import Refused
from tests.app.scorecards.paper import fonts_of, text_of


@pytest.mark.parametrize(
    "html",
    [
        '<img src="http://127.0.0.1:1/x.png">',
        '<img src="file:///etc/passwd">',
        '<img src="data:image/png;base64,AAAA">',
        '<link rel="stylesheet" href="http://127.0.0.1:1/x.css">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<a rel="attachment" href="file:///etc/passwd">x</a>',
        '<style>@import "http://127.0.0.1:1/x.css";</style>',
        "<style>@font-face { font-family: x; src: url(file:///etc/passwd) } p { font-family: x }</style><p>x</p>",
        '<p style="background: url(http://127.0.0.1:1/x.png)">x</p>',
        '<object data="file:///etc/passwd"></object>',
        '<iframe src="http://127.0.0.1:1/"></iframe><embed src="http://127.0.0.1:1/x.svg">',
    ],
)
def test_page_that_wants_to_fetch_is_refused(html):
    with pytest.raises(Refused) as refused:
        LocalPrinter().pdf(html)

    assert refused.value.code == "fetch"


@pytest.mark.parametrize("html", ['<img src="/etc/passwd">', '<img src="../../etc/passwd">'])
def test_address_without_a_place_leads_nowhere(html):
    assert "root:" not in text_of(LocalPrinter().pdf(f"<p>Here.</p>{html}"))


def test_escaped_markup_is_printed_as_words():
    assert "<img src=http://x.example/>" in text_of(LocalPrinter().pdf("<p>&lt;img src=http://x.example/&gt;</p>"))


@pytest.mark.parametrize(
    ("language", "words", "font"),
    [
        ("hi", "मरीज़ की साँस", "Devanagari"),
        ("bn", "রোগীর শ্বাস", "Bengali"),
        ("ta", "நோயாளி", "Tamil"),
        ("en", "Plain words", "Noto"),
    ],
)
def test_scripts_are_printed_in_their_own_fonts(language, words, font):
    pdf = LocalPrinter().pdf(f'<style>p {{ font-family: var(--sans) }}</style><p lang="{language}">{words}</p>')

    assert [font in name for name in fonts_of(pdf)] == [True]
