"""DOCX files out of their parts: an honest resume, and what is put into it."""

import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

from tests.evals.hidden.paper import LINES

_NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_CORE = '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">{}</cp:coreProperties>'


def made(extra, *, styles="", header="", comment="", properties="", lines=LINES, core=""):
    """The honest lines, and `extra` in their middle."""
    own = [f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines]
    body = "".join([*own[:4], extra, *own[4:]])
    core = core or (f"<cp:keywords>{escape(properties)}</cp:keywords>" if properties else "<dc:title>Resume</dc:title>")
    parts = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f"{_HEAD}<w:document {_NS}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"{_HEAD}<w:styles {_NS}>{styles}</w:styles>",
        "docProps/core.xml": _HEAD + _CORE.format(core),
    }
    if header:
        parts["word/header1.xml"] = f"{_HEAD}<w:hdr {_NS}><w:p>{header}</w:p></w:hdr>"
    if comment:
        said = f'<w:comment w:id="0" w:author="a"><w:p><w:r><w:t>{escape(comment)}</w:t></w:r></w:p></w:comment>'
        parts["word/comments.xml"] = f"{_HEAD}<w:comments {_NS}>{said}</w:comments>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _box(text, run):
    return f"<w:txbxContent><w:p><w:r><w:rPr>{run}</w:rPr><w:t>{escape(text)}</w:t></w:r></w:p></w:txbxContent>"


def shape(text, style, *, run="", fill=""):
    """As Word wrote them until 2007."""
    filled = f" fillcolor={quoteattr(fill)}" if fill else ""
    return f'<w:p><w:r><w:pict><v:shape style="{style}"{filled}><v:textbox>{_box(text, run)}</v:textbox></v:shape></w:pict></w:r></w:p>'


def drawing(text, *, run="", fill="<a:noFill/>"):
    """As Word writes them since."""
    inner = f"<wps:wsp><wps:spPr>{fill}</wps:spPr><wps:txbx>{_box(text, run)}</wps:txbx></wps:wsp>"
    return f'<w:p><w:r><w:drawing><wp:anchor><wp:extent cx="3000000" cy="900000"/><wp:docPr id="1" name="b"/><a:graphic><a:graphicData>{inner}</a:graphicData></a:graphic></wp:anchor></w:drawing></w:r></w:p>'


def picture(described):
    return f'<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="p" descr={quoteattr(described)}/></wp:inline></w:drawing></w:r></w:p>'
