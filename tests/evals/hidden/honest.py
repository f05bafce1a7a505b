"""What honest resumes do that looks like hiding: white on dark, faint, small, cut by the edge, described pictures."""
# ruff: noqa: ARG005 (each takes the number)

from tests.evals.hidden import word

_NOISE = "".join(
    f'<rect x="{x * 10}" y="{y * 10}" width="10" height="10" fill="#{(x * y * 7) % 4 + 1}{(x + y * 3) % 4 + 1}{(x * 5 + y) % 4 + 2}"/>'
    for x in range(20)
    for y in range(4)
)
_PHOTO = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 40" style="position:absolute;left:0;top:0;width:100mm;height:20mm">{_NOISE}</svg>'
_WORDS = ("Rigging", "Welding", "Grinding", "Nursing", "Accounting")

# name → number → markup after the resume's own
PRINTED = {
    "nothing": lambda n: "",
    "white on a dark foot": lambda n: f'<div style="background:{("#222", "#0b5345", "#1f2d3d", "#7b1e3b")[n % 4]};color:#fff;font-size:{5 + n % 4}pt;padding:2mm">Page 1 of 1, references on request</div>',
    "white on a gradient": lambda n: '<div style="background:linear-gradient(90deg,#1f2d3d,#3d5a80);color:#fff;padding:3mm;font-size:14pt">Curriculum vitae</div>',
    "white on a photo": lambda n: f'<div style="position:relative;height:20mm">{_PHOTO}<p style="position:absolute;left:5mm;top:5mm;margin:0;color:#fff;font-size:13pt">Open to work</p></div>',
    "watermark": lambda n: f'<p style="position:absolute;left:40mm;top:{100 + n % 90}mm;transform:rotate(-30deg);font-size:70pt;color:rgba(30,40,60,0.{("10", "13", "18")[n % 3]});margin:0">RESUME</p>',
    "initials behind": lambda n: f'<p style="position:absolute;right:10mm;top:{n % 30}mm;font-size:60pt;opacity:.15;margin:0">NP</p>',
    "pale foot": lambda n: f'<p style="color:#{("999", "aaa", "b5b5b5", "c4c4c4")[n % 4]};font-size:{6 + n % 3}pt">Updated in November, page 1 of 2</p>',
    "pills": lambda n: "".join(f'<span style="background:#{("2a9d8f", "e76f51", "264653")[n % 3]};color:#fff;border-radius:3mm;padding:1mm 2mm;margin:1mm;font-size:8pt">{one}</span>' for one in _WORDS),
    "bars": lambda n: "".join(f'<div style="background:#ddd;width:50mm;height:4mm"><div style="background:#457b9d;width:{40 + n % 50}%;height:4mm;color:#fff;font-size:6pt">{one}</div></div>' for one in _WORDS),
    "shadow": lambda n: '<div style="position:relative;height:12mm"><p style="position:absolute;margin:0;left:.4mm;top:.4mm;font-size:18pt;color:#bbb">Portfolio</p><p style="position:absolute;margin:0;left:0;top:0;font-size:18pt">Portfolio</p></div>',
    "written twice": lambda n: '<div style="position:relative;height:8mm"><p style="position:absolute;margin:0;top:0">Volunteer fire brigade</p><p style="position:absolute;margin:0;top:0">Volunteer fire brigade</p></div>',
    "upright": lambda n: '<p style="position:absolute;left:-12mm;top:120mm;transform:rotate(-90deg);letter-spacing:3pt;font-size:8pt;width:60mm;color:#777">PORTFOLIO</p>',
    "over the edge": lambda n: f'<p style="position:absolute;left:-{n % 3 + 2}mm;top:200mm;font-size:34pt;margin:0;color:#bcd">Creative</p>',
    "half under a line": lambda n: '<div style="position:relative;height:9mm"><p style="margin:0;font-size:11pt">Since 2009 in this trade</p><div style="position:absolute;left:0;top:3.2mm;width:60mm;height:.5mm;background:#fff"></div></div>',
    "small print": lambda n: f'<p style="font-size:{("4", "4.5", "5")[n % 3]}pt">I agree that my data are kept for this application.</p>',
    "raised numbers": lambda n: '<p>Best thesis<sup style="font-size:4pt">1</sup>, second<sup style="font-size:4pt">2</sup> of the year</p>',
    "high lights": lambda n: '<p><span style="background:#fff3a0">Registered nurse</span> with <span style="background:#d0f0c0;color:#164">night shifts</span></p>',
    "wide letters": lambda n: f'<p style="letter-spacing:{2 + n % 6}pt;color:#8a8a8a">PERSONAL PROFILE</p>',
}  # fmt: skip
_WHITE = '<w:color w:val="FFFFFF"/>'
_SAID = "Site engineer for roads and bridges"


def _cell(shade, run, table=""):
    own = f'<w:tcPr><w:shd w:val="clear" w:fill="{shade}"/></w:tcPr>' if shade else ""
    return f"<w:tbl>{table}<w:tr><w:tc>{own}<w:p><w:r><w:rPr>{run}</w:rPr><w:t>{_SAID}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"


def _run(properties):
    return f"<w:p><w:r><w:rPr>{properties}</w:rPr><w:t>{_SAID}</w:t></w:r></w:p>"


_DARK_STYLE = '<w:style w:type="table" w:styleId="D"><w:tblStylePr w:type="firstRow"><w:tcPr><w:shd w:val="clear" w:fill="1F3864"/></w:tcPr></w:tblStylePr></w:style>'
_SOLID = '<a:solidFill><a:srgbClr val="203864"/></a:solidFill>'
_THEME = '<a:solidFill><a:schemeClr val="accent1"/></a:solidFill>'
_BEHIND = '<w:r><w:drawing><wp:anchor behindDoc="1"><wp:extent cx="7000000" cy="900000"/><wp:docPr id="1" name="b"/><a:graphic><a:graphicData><wps:wsp><wps:spPr><a:solidFill><a:srgbClr val="1F2D3D"/></a:solidFill></wps:spPr></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>'

# name → (number → (what is put in, its styles and the like))
WORD = {
    "nothing": lambda n: ("", {}),
    "white in a dark cell": lambda n: (_cell("1F2D3D", _WHITE), {}),
    "white by the theme in a dark cell": lambda n: (_cell("1F2D3D", '<w:color w:val="FFFFFF" w:themeColor="background1"/>'), {}),
    "white in a table of a dark style": lambda n: (_cell("", _WHITE, '<w:tblPr><w:tblStyle w:val="D"/></w:tblPr>'), {"styles": _DARK_STYLE}),
    "white on a dark paragraph": lambda n: (f'<w:p><w:pPr><w:shd w:val="clear" w:fill="334455"/></w:pPr><w:r><w:rPr>{_WHITE}</w:rPr><w:t>{_SAID}</w:t></w:r></w:p>', {}),
    "white on a high light": lambda n: (_run(f'{_WHITE}<w:highlight w:val="{("darkBlue", "black", "darkGreen")[n % 3]}"/>'), {}),
    "white in a dark shape": lambda n: (word.shape(_SAID, "width:200pt;height:60pt", run=_WHITE, fill="#203864"), {}),
    "white in a dark drawing": lambda n: (word.drawing(_SAID, run=_WHITE, fill=(_SOLID, _THEME)[n % 2]), {}),
    "white over a dark band": lambda n: (f"<w:p>{_BEHIND}<w:r><w:rPr>{_WHITE}</w:rPr><w:t>{_SAID}</w:t></w:r></w:p>", {}),
    "a shape without a fill": lambda n: (word.shape(_SAID, "width:200pt;height:60pt"), {}),
    "small grey foot": lambda n: (_run('<w:color w:val="A6A6A6"/><w:sz w:val="12"/>'), {}),
    "a white dot": lambda n: (f"<w:p><w:r><w:rPr>{_WHITE}</w:rPr><w:t>.</w:t></w:r></w:p>", {}),
    "a described photo": lambda n: (word.picture(("Portrait", "A woman with short hair in front of a bridge", "Picture 1")[n % 3]), {}),
    "keywords": lambda n: ("", {"core": "<dc:title>Resume of Nadia Petrova</dc:title><cp:keywords>resume, engineer, roads</cp:keywords><dc:description>Word template, modern</dc:description>"}),
    "a link": lambda n: ('<w:p><w:r><w:instrText> HYPERLINK "https://nadia.example" </w:instrText></w:r><w:r><w:t>nadia.example</w:t></w:r></w:p>', {}),
    "raised a little": lambda n: (_run('<w:position w:val="6"/><w:w w:val="90"/>'), {}),
    "tight lines": lambda n: ('<w:p><w:pPr><w:spacing w:line="240" w:lineRule="exact"/><w:ind w:left="-300"/></w:pPr><w:r><w:t>Tight</w:t></w:r></w:p>', {}),
}  # fmt: skip
PLAIN = (
    "", "✔️ Reliable\n✔️ Punctual\n▶️ Driving licence B", "👩\u200d💻 Developer\n👨\u200d👩\u200d👧\u200d👦 Parent of four", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f Scotland, 🇩🇪 Germany",
    "Ver\u00adant\u00adwor\u00adtung für Bau\u00adstellen\u00adkoordi\u00adnation", "\ufeffProfile\u00a0: engineer", "क्\u200dषेत्र में अनुभव, श्री\u200cमान", "می\u200cخواهم کار کنم", "\u200eReferences\u200e: on request",
)  # fmt: skip
