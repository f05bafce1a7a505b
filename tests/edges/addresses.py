"""Addresses that somebody may write who would like us to go there (S-59): {port} is where it would be noticed."""

LOOPBACK = (
    "http://127.0.0.1:{port}/", "http://2130706433:{port}/", "http://0x7f000001:{port}/", "http://0x7f.0.0.1:{port}/", "http://0177.0.0.1:{port}/",
    "http://017700000001:{port}/", "http://127.1:{port}/", "http://127.0.1:{port}/", "http://127.255.255.254:{port}/", "http://0:{port}/",
    "http://0.0.0.0:{port}/", "http://localhost:{port}/", "http://LOCALHOST:{port}/", "http://localhost.:{port}/", "http://localhost.localdomain:{port}/",
    "http://[::1]:{port}/", "http://[::]:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://[::ffff:7f00:1]:{port}/", "http://[0:0:0:0:0:ffff:7f00:1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/", "http://[fe80::1%25lo]:{port}/", "http://127.0.0.1.nip.example:{port}/", "http://127-0-0-1.sslip.example:{port}/",
    "http://127。0。0。1:{port}/", "http://①②⑦.⓪.⓪.①:{port}/", "http://１２７．０．０．１:{port}/", "http://127.0.0.1.:{port}/", "http://127.0.0.1%00.a.example:{port}/",
    "http://a.example@127.0.0.1:{port}/", "http://127.0.0.1:{port}#@a.example/", "http://127.0.0.1:{port}\\@a.example/", "http://a.example:80@127.0.0.1:{port}/",
    "http:127.0.0.1:{port}/", "http:/127.0.0.1:{port}/", "http:\\\\127.0.0.1:{port}\\x", "//127.0.0.1:{port}/", "\\\\127.0.0.1@{port}\\share\\x", "https://127.0.0.1:{port}/",
    "HTTP://127.0.0.1:{port}/led-on", "http://127.0.0.1:{port}/?next=http://169.254.169.254/",
)  # fmt: skip
INSIDE = (
    "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/latest/", "http://metadata.google.example/computeMetadata/v1/", "http://0xa9fea9fe/",
    "http://2852039166/", "http://100.100.100.200/", "http://10.0.0.1/", "http://192.168.0.1/", "http://172.16.0.1/",
)  # fmt: skip
SCHEMES = (
    "ftp://127.0.0.1:{port}/x", "gopher://127.0.0.1:{port}/_x", "dict://127.0.0.1:{port}/info", "file://{canary}", "file://localhost{canary}", "jar:http://127.0.0.1:{port}/x!/",
    "ldap://127.0.0.1:{port}/x", "tftp://127.0.0.1:{port}/x", "sftp://127.0.0.1:{port}/x", "redis://127.0.0.1:{port}/0", "ws://127.0.0.1:{port}/", "netdoc://{canary}",
    "view-source:http://127.0.0.1:{port}/", "data:text/html,<img src=http://127.0.0.1:{port}/>", "feed:http://127.0.0.1:{port}/", "smb://127.0.0.1:{port}/x",
)  # fmt: skip


def forms(port: int, canary: str) -> list[str]:
    return [one.replace("{port}", str(port)).replace("{canary}", canary) for one in (*LOOPBACK, *INSIDE, *SCHEMES)]


def moving(port: int, count: int) -> list[str]:
    """Names that would be somewhere else each time somebody asks where they are: nobody may ask."""
    return [f"http://r{number}.rebind.example:{port}/" for number in range(count)]


def written(address: str) -> str:
    """In all the ways in which a text may name what is to be fetched, for whoever reads HTML, CSS or Markdown."""
    return (
        f"see {address} [x]({address}) ![x]({address}) <{address}> <img src=\"{address}\"><link rel=stylesheet href='{address}'>"
        f"<a rel=attachment href='{address}'>x</a><iframe src='{address}'></iframe><object data='{address}'></object>"
        f"<style>@import url({address});p{{background:url({address})}}</style><meta http-equiv=refresh content='0;url={address}'>"
    )
