"""Runs a `flask …` word; where no address is set, the embedded servers answer those words that need them."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
WITHOUT_SERVERS = {
    ("resumes", "parse"), ("postings", "analyse"), ("answers", "score"), ("questions", "propose"),
    ("backup", "mirror"), ("backup", "archive"), ("backup", "verify"), ("backup", "restore"),
}  # fmt: skip


def main() -> None:
    os.environ.setdefault("DATA_DIR", str(ROOT / "var"))
    os.environ["PYTHONPATH"] = str(ROOT)
    alone = tuple(sys.argv[1:3]) in WITHOUT_SERVERS and "--company" not in sys.argv
    if alone or "--help" in sys.argv or not _asks_something():
        os.environ.setdefault("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
        os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")
    elif not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        from app.adapters.local import archiving
        from app.adapters.local.services import Services

        archive, waits = archiving.place(os.environ)
        addresses = Services(ROOT / "var" / "services", archive=archive, archive_waits=waits).start()
        os.environ.setdefault("DATABASE_URL", addresses.database_url)
        os.environ.setdefault("REDIS_URL", addresses.redis_url)
    if sys.argv[1:] == ["doctor"]:
        from jobs.doctor import doctor

        doctor(args=[], prog_name="flask doctor")
    os.environ["FLASK_APP"] = str(ROOT / "wsgi.py:flask_app")
    from flask.cli import main as flask_main

    sys.argv[0] = "flask"
    flask_main()


def _asks_something() -> bool:
    return sys.argv[1:] == ["doctor"] or len(sys.argv) > 2  # noqa: PLR2004 -- the others are groups of words


main()
