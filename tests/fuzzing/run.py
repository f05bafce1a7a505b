"""One target under atheris, until its time is over: python -m tests.fuzzing.run TARGET SECONDS FOLDER"""

import os
import resource
import sys
from pathlib import Path

import atheris

MEMORY = 1_536 * 1024 * 1024
SLOWEST = 20
LONGEST = {"pdf": 1 << 16, "archive": 1 << 16}

with atheris.instrument_imports(include=["app"]):
    from tests.fuzzing import seeds
    from tests.fuzzing.targets import TARGETS


def main() -> None:
    name, seconds, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    corpus, found = folder / "corpus" / name, folder / "found"
    corpus.mkdir(parents=True, exist_ok=True)
    found.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate([*seeds.of(name), *seeds.large(name)]):
        (corpus / f"seed-{number}").write_bytes(seed)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    words = [
        sys.argv[0], f"-max_total_time={seconds}", f"-timeout={SLOWEST}", f"-rss_limit_mb={MEMORY >> 20}",
        f"-artifact_prefix={found}/{name}-", f"-max_len={LONGEST.get(name, 1 << 12)}", "-print_final_stats=1", "-verbosity=1", str(corpus),
    ]  # fmt: skip
    for seed in seeds.of(name):
        TARGETS[name](seed)  # loads models and vocabularies, which is nobody's slow input
    atheris.Setup(words, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    main()
