"""As whom the bundled PostgreSQL runs, since it refuses to be root."""

import contextlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

UNSHARE = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")


class Ourselves:
    """The normal case. `home` is where the data goes."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None

    def __init__(self, home: Path) -> None:
        self.home = home

    def give(self, directory: Path) -> None:
        """Makes `directory` the engine's own."""

    def install(self, binaries: Path) -> Path:
        """The directory of programs that this user can run."""
        return binaries


class MappedRoot(Ourselves):
    """Root in a user namespace where it is called 1000; its files stay root's."""

    prefix = UNSHARE


class Nobody(Ourselves):
    """Where namespaces are forbidden (most containers): `nobody`, in a directory only `nobody` can enter."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.uid = pwd.getpwnam("nobody").pw_uid
        with contextlib.suppress(FileExistsError):
            home.mkdir(mode=0o700)
        if home.is_symlink() or home.stat().st_uid not in {0, self.uid}:
            raise PermissionError(f"{home} belongs to somebody else")
        self.give(home)

    def give(self, directory: Path) -> None:
        os.chown(directory, self.uid or -1, self.uid or -1)

    def install(self, binaries: Path) -> Path:
        if succeeds([binaries / "postgres", "--version"], user=self.uid):
            return binaries
        # The checkout lies where only root can enter. Programs find their libraries by relative path.
        package, copy = binaries.parent.parent, self.home / "programs"
        if not copy.exists():
            unfinished = self.home / "programs.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            libraries = package.with_name(f"{package.name}.libs")
            shutil.copytree(binaries.parent, unfinished / package.name / binaries.parent.name, symlinks=True)
            if libraries.exists():
                shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
            unfinished.rename(copy)
        return copy / binaries.relative_to(package.parent)


def choose(home: Path, nobodys_home: Path, binaries: Path) -> Ourselves:
    """Ourselves unless we are root; then what this machine permits, and what made the data before."""
    if os.getuid() != 0:
        return Ourselves(home)
    mapped = (
        not nobodys_home.exists()
        and succeeds([*UNSHARE, binaries / "postgres", "--version"])
        and succeeds([*UNSHARE, "test", "-w", home])
    )
    return MappedRoot(home) if mapped else Nobody(nobodys_home)


def succeeds(
    command: Sequence[str | Path], *, user: int | None = None, environment: Mapping[str, str] | None = None
) -> bool:
    """Whether the command can be run and ends well; nothing is printed."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            env=environment,
            cwd="/",
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0
