"""Supervised: a process that ends when the one that watches over it has died."""

from __future__ import annotations

import fcntl
import os
import signal
import threading

# Set by a supervisor: the end of a pipe whose other end it holds. The pipe breaks when the supervisor dies.
SUPERVISED_BY = "SUPERVISED_BY_PIPE"
_ORPHANS_STOP_WITHIN_SECONDS = 20


def stop_when_the_supervisor_dies() -> None:
    """Watch the pipe, if there is one, and end this process with SIGTERM when it breaks."""
    pipe = os.environ.pop(SUPERVISED_BY, "")
    if not pipe:
        return
    fcntl.fcntl(int(pipe), fcntl.F_SETFD, fcntl.FD_CLOEXEC)

    def wait_for_the_end() -> None:
        os.read(int(pipe), 1)  # nothing is ever written
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(_ORPHANS_STOP_WITHIN_SECONDS)
        os.killpg(os.getpgrp(), signal.SIGKILL)  # the supervisor gave this process a group of its own

    threading.Thread(target=wait_for_the_end, daemon=True).start()
