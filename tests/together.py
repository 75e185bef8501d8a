"""Doing several things at the same moment, each on a database connection of its own."""

import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

from tests.running import PATIENCE

T = TypeVar("T")


def at_once(*works: Callable[[], T]) -> list[T]:
    """What each of them answers, in their order. They begin together; the first failure is raised here.
    Needs `django_db(transaction=True)`: threads see only what is committed."""
    start = threading.Barrier(len(works))
    answers: dict[int, T] = {}
    failures: list[Exception] = []

    def run(number: int) -> None:
        try:
            start.wait(timeout=PATIENCE)
            answers[number] = works[number]()
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return [answers[number] for number in range(len(works))]
