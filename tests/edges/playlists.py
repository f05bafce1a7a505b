"""Lists of media that name what to fetch, in every format that players and ffmpeg know, under any name (S-58)."""

import struct
from collections.abc import Iterator

from tests.edges.hostile import MAIN, SHOWN
from tests.fuzzing.seeds import PARAGRAPHS, WORD, packed, written_pdf

REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DISGUISES = (".pdf", ".docx", ".txt")


def addresses(host: str, canary: str) -> tuple[str, ...]:
    return (
        f"http://{host}/a.ts", f"https://{host}/a.ts", f"file://{canary}", canary, f"tcp://{host}", f"udp://{host}", f"gopher://{host}/_x",
        f"rtmp://{host}/live", f"rtsp://{host}/x", f"ftp://{host}/x", f"concat:http://{host}/head|file://{canary}", f"concat:{canary}|http://{host}/x",
        f"subfile,,start,0,end,64,,:{canary}", f"crypto+http://{host}/x", f"cache:http://{host}/x", f"async:http://{host}/x", f"hls+http://{host}/x.m3u8",
        f"tee:{canary}|http://{host}/x", f"data:application/vnd.apple.mpegurl,#EXTM3U%0A#EXTINF:1,%0Ahttp://{host}/x", f"unix:{canary}",
    )  # fmt: skip


def lists(address: str) -> Iterator[tuple[str, bytes]]:
    """(its own ending, its bytes): each names the address wherever its format lets it."""
    segments = f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{address}"\n#EXT-X-MAP:URI="{address}"\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n'
    yield ".m3u8", segments.encode()
    yield ".m3u", f'#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="{address}"\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\n{address}\n'.encode()  # fmt: skip
    yield ".ffconcat", f"ffconcat version 1.0\nfile '{address}'\nduration 1\nfile {address}\n".encode()
    yield ".pls", f"[playlist]\nFile1={address}\nLength1=-1\nNumberOfEntries=1\nVersion=2\n".encode()
    yield ".sdp", f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nu={address}\nc=IN IP4 127.0.0.1\nt=0 0\na=control:{address}\nm=audio 9 RTP/AVP 0\n".encode()  # fmt: skip
    yield ".xspf", f'<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track><location>{address}</location></track></trackList></playlist>'.encode()  # fmt: skip
    yield ".mpd", f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:xlink="http://www.w3.org/1999/xlink"><BaseURL>{address}</BaseURL><Period xlink:href="{address}"/></MPD>'.encode()  # fmt: skip
    yield ".asx", f'<asx version="3.0"><entry><ref href="{address}"/></entry></asx>'.encode()
    yield ".smil", f'<smil><body><video src="{address}"/></body></smil>'.encode()
    yield ".avi", _film(segments.encode())


def _film(playlist: bytes) -> bytes:
    """A film whose subtitles are a playlist: ffmpeg took them for one and asked for what they name."""
    title = b"GAB2\0" + struct.pack("<HI2sHI", 2, 2, b"s\0", 4, len(playlist)) + playlist
    parts = b"".join(
        name + struct.pack("<I", len(body)) + body for name, body in ((b"avih", bytes(56)), (b"01tx", title))
    )
    film = b"AVI LIST" + struct.pack("<I", len(parts) + 4) + b"movi" + parts
    return b"RIFF" + struct.pack("<I", len(film)) + film


def embedded(address: str) -> Iterator[tuple[str, bytes]]:
    """A Word document and a PDF that are what they say, and hold such lists and point at them."""
    held = dict(lists(address))
    kinds = ("video", "audio", "media", "image", "hyperlink", "attachedTemplate")
    target = address.replace("&", "&amp;").replace('"', "&quot;")
    related = "".join(
        f'<Relationship Id="r{number}" Type="{REL}/{kind}" Target="{target}" TargetMode="External"/>'
        for number, kind in enumerate(kinds)
    )
    shown = f'<w:document xmlns:w="{WORD}"><w:body>{PARAGRAPHS[0]}</w:body></w:document>'
    parts: dict[str, bytes | str] = {
        MAIN: shown,
        "word/_rels/document.xml.rels": f"<Relationships>{related}</Relationships>",
    }
    yield "cv.docx", packed(parts | {f"word/media/media1{ending}": data for ending, data in held.items()})
    yield "cv.pdf", _document(address.encode(), held[".m3u8"])


def _document(address: bytes, playlist: bytes) -> bytes:
    """Opens with a film at the address, and has the list attached and on its page."""
    said = address.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    film = b"<</S/MR/N(x)/C<</S/MCD/CT(application/vnd.apple.mpegurl)/D<</Type/Filespec/FS/URL/F(%s)>>>>>>" % said
    rich = b"<</Type/Annot/Subtype/RichMedia/Rect[0 0 9 9]/RichMediaContent<</Assets<</Names[(x)7 0 R]>>>>>>"
    old = b"<</Type/Annot/Subtype/Movie/Rect[0 0 9 9]/Movie<</F(%s)>>/A true>>" % said
    screen = b"<</Type/Annot/Subtype/Screen/Rect[0 0 9 9]/A<</S/Rendition/OP 0/R%s/AN 3 0 R>>>>" % film
    return written_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/Rendition/OP 0/R%s>>/Names<</EmbeddedFiles<</Names[(a)7 0 R]>>>>>>" % film,
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>/Annots[%s %s %s]>>" % (rich, old, screen),
            b"<</Length %d>>stream\n%s\nendstream" % (len(SHOWN), SHOWN),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            b"<</Type/EmbeddedFile/Subtype/application#2Fvnd.apple.mpegurl/Length %d>>stream\n%s\nendstream" % (len(playlist), playlist),
            b"<</Type/Filespec/F(a.m3u8)/EF<</F 6 0 R>>>>",
        ]
    )  # fmt: skip
