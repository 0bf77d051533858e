"""The process that works off the queue: procrastinate's worker, and the retry of jobs whose worker was killed."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import close_old_connections
from procrastinate import App, JobContext
from procrastinate.contrib.django import app as django_app
from procrastinate.contrib.django.django_connector import DjangoConnector

# A worker tells every few seconds that it lives; its jobs are taken over when it has been silent for longer.
_HEARTBEAT_SECONDS = 3
_SILENT_SECONDS = 12
_STOP_WITHIN_SECONDS = 20
# Nobody is told when the time of a job has come: a delivery that waits two seconds should not wait for seven.
_POLL_SECONDS = 1.0


def run(*, concurrency: int, silent_seconds: int = _SILENT_SECONDS) -> None:
    """Work until a signal says stop; jobs at work are finished first, for at most 20 seconds.

    `silent_seconds`: after how long without a word another worker is taken for dead, and its jobs are taken over.
    """
    _schedule_own_tasks(django_app, silent_seconds=silent_seconds)
    django_app.perform_import_paths()  # type: ignore[no-untyped-call]
    for task in {id(task): task for task in django_app.tasks.values()}.values():
        if not inspect.iscoroutinefunction(task.func):
            task.func = _between_fresh_connections(task.func)
    asyncio.run(_run(concurrency=concurrency, silent_seconds=silent_seconds))


async def _run(*, concurrency: int, silent_seconds: int) -> None:
    # The loop's own pool has a few threads for each processor, which would be the limit instead.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(concurrency))
    connector = django_app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError("The worker was set up twice.")
    # LISTEN needs a connection of its own, straight to PostgreSQL.
    with django_app.replace_connector(connector.get_worker_connector()) as app:
        async with app.open_async():
            await app.run_worker_async(
                concurrency=concurrency,
                listen_notify=True,
                fetch_job_polling_interval=_POLL_SECONDS,
                update_heartbeat_interval=min(_HEARTBEAT_SECONDS, silent_seconds / 4),
                stalled_worker_timeout=silent_seconds,
                shutdown_graceful_timeout=_STOP_WITHIN_SECONDS,
            )


def _between_fresh_connections(function: Callable[..., Any]) -> Callable[..., Any]:
    """What Django does around a request: a connection that broke since the last job must not fail this one."""

    @functools.wraps(function)
    def run_with_fresh_connections(*arguments: Any, **named: Any) -> Any:
        close_old_connections()
        try:
            return function(*arguments, **named)
        finally:
            close_old_connections()

    return run_with_fresh_connections


def _schedule_own_tasks(app: App, *, silent_seconds: int) -> None:
    retry = functools.partial(retry_stalled_jobs, silent_seconds=silent_seconds)
    app.periodic(cron="* * * * * */10")(
        app.task(name="retry_stalled_jobs", queueing_lock="retry_stalled_jobs", pass_context=True)(retry)
    )
    app.periodic(cron="17 3 * * *")(
        app.task(name="remove_old_jobs", queueing_lock="remove_old_jobs", pass_context=True)(remove_old_jobs)
    )


async def retry_stalled_jobs(
    context: JobContext,
    timestamp: int,  # noqa: ARG001 - procrastinate gives it
    *,
    silent_seconds: int,
) -> None:
    """Put the jobs of silent workers back into the queue. Whatever a worker does may run twice."""
    for job in await context.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_seconds):
        await context.app.job_manager.retry_job(job)


async def remove_old_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Forget the jobs that went well more than three days ago; failed ones stay for people to see."""
    await context.app.job_manager.delete_old_jobs(nb_hours=72, include_failed=False)
