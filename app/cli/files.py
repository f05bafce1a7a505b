"""flask files bring"""

from flask import current_app
from flask.cli import AppGroup

from app.cli.backup.mirroring import sources_in
from app.cli.output import problem, say

words = AppGroup("files", help="Sealed files, wherever they lie.")


@words.command("bring")
def bring() -> None:
    """Bring what lies in DATA_DIR/files to the bucket; what is there already stays. Safe to repeat; deletes nothing."""
    bucket = current_app.extensions["providers"].bucket_storage
    if bucket is None:
        say(problem("no-bucket", "Set S3_BUCKET: there is no bucket to bring files to."))
        return
    there = {entry.name for entry in bucket.entries()}
    sources = list(sources_in(current_app.extensions["settings"].data_dir / "files"))
    new = [source for source in sources if source.name not in there]
    for source in new:
        bucket.put_back(source.name, source.read())
    say({"came": len(new), "there": len(sources) - len(new)})
