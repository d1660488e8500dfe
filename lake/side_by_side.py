"""Work on large data files in threads, a few at once: Arrow and DuckDB leave Python's lock while they work."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

AT_ONCE: Final = 2  # each has its rows in memory, one more is made meanwhile

A = TypeVar("A")
B = TypeVar("B")


def side_by_side(do: Callable[[A], B], items: Iterable[A]) -> Iterator[B]:
    """What became of each item, in their order; the next ones are taken and done while the caller looks at one."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        coming: deque[Future[B]] = deque()
        for item in items:
            coming.append(pool.submit(do, item))
            if len(coming) >= AT_ONCE:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
