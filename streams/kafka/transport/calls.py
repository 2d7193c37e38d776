"""What a thread is asked to do by others, and what it has done by a loop.

A thread that waits for the loop goes on doing what it is asked: the loop may be waiting for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any, TypeVar

_T = TypeVar("_T")


class Calls:
    """Of one thread, and of the loop that it works for."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._over = loop, Event()
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()

    # By the loop.

    async def ask(self, what: Callable[[], _T]) -> _T:
        """Have something done by the thread, or here once that has ended; raises what it raises."""
        done: Future[_T] = Future()
        self._calls.put(partial(_fulfil, done, what))
        if self._over.is_set():
            self.serve()
        return await asyncio.wrap_future(done)

    # By the thread.

    def serve(self) -> None:
        """Do all that was asked until now."""
        try:
            while True:
                self._calls.get_nowait()()
        except Empty:
            return

    def serve_one(self) -> None:
        """Wait until something is asked, and do it."""
        self._calls.get()()

    def begin(
        self, what: Coroutine[Any, Any, _T], then: Callable[[Future[_T]], None]
    ) -> Future[_T]:
        """Have something done by the loop, and `then` by the thread, as if it were asked to.

        Raises:
            RuntimeError: the loop is closed.
        """
        try:
            done = asyncio.run_coroutine_threadsafe(what, self._loop)
        except RuntimeError:
            what.close()
            raise
        done.add_done_callback(lambda done: self._calls.put(partial(then, done)))
        return done

    def wait(self, what: Coroutine[Any, Any, _T]) -> _T:
        """Have something done by the loop, and do meanwhile what is asked; raises its error."""
        done = self.begin(what, _nothing)
        while not done.done():
            self.serve_one()
        return done.result()

    def end(self) -> None:
        """The thread is about to end: what is asked from now on is done by who asks."""
        self._over.set()
        self.serve()


def _fulfil(done: Future[_T], what: Callable[[], _T]) -> None:
    if not done.set_running_or_notify_cancel():
        return
    try:
        done.set_result(what())
    except Exception as error:
        done.set_exception(error)


def _nothing(_: object) -> None:
    """Only wakes the thread."""
