"""How the tests share a machine: which of them run in one process, which begin first, and what the garbage
collector leaves alone."""

import gc

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.scheduler.protocol import Scheduling

BROWSER = "tests/e2e/"


class ByFile(LoadFileScheduling):
    """A file runs in one process, and the files with a browser in two at most: with each goes a web server,
    a worker and a Chromium, and more than two of those only wait for each other."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        if not file.startswith(BROWSER):
            return file
        return f"{BROWSER} a-l" if file < f"{BROWSER}test_m" else f"{BROWSER} m-z"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling | None:
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no process is left with it when the others are done: the
    browser, then what really commits, which pytest-django puts last."""

    def turn(item: pytest.Item) -> int:
        if item.nodeid.startswith(BROWSER):
            return 0
        database = item.get_closest_marker("django_db")
        return 1 if database and database.kwargs.get("transaction") else 2

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """What is loaded by now stays loaded: looking through it again and again is a fifteenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
