"""Renewals as durable jobs: procrastinate hands each step to the worker of the node in turn.

Each node has a queue of its own. What has to be done stands in the renewals themselves. A job only
says "go on with number 7"; one that is lost is enqueued again at the next look, and one of a dead
worker is taken over.
"""

import contextlib
from collections.abc import Iterable

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Status
from sqlalchemy import Engine

from certwright.database.engine import PATIENCE_OPTIONS
from certwright.database.job_tables import JOB_SCHEMA
from certwright.lifecycle.renewal.advancing import Surroundings, advance
from certwright.lifecycle.server import Server

HEARTBEAT_SECONDS = 5.0
STALLED_SECONDS = 20.0
"""A worker that gave no sign for so long is dead, and another goes on with its jobs."""
_ADVANCE = "advance-renewal"
_MOST_CONNECTIONS = 4


def build_jobs(server: Server, surroundings: Surroundings) -> App:
    """The application whose worker goes on with renewals."""
    app = App(connector=_connector(server.database))

    @app.task(name=_ADVANCE)
    def advance_renewal(renewal: int) -> None:
        advance(server, renewal, surroundings)

    return app


async def enqueue(app: App, node: str, renewals: Iterable[int]) -> None:
    """Let `node` go on with each renewal, unless that stands in the queue already."""
    for renewal in renewals:
        name = f"{node} renewal-{renewal}"
        task = app.configure_task(_ADVANCE, queue=node, lock=name, queueing_lock=name)
        with contextlib.suppress(AlreadyEnqueued):
            await task.defer_async(renewal=renewal)


async def take_over(app: App, node: str, silent_for: float = STALLED_SECONDS) -> int:
    """Give the jobs of workers of `node` that were silent for so many seconds to the living.

    Returns how many.
    """
    stalled = list(
        await app.job_manager.get_stalled_jobs(queue=node, seconds_since_heartbeat=silent_for)
    )
    for job in stalled:
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:
            # The next go at it was enqueued meanwhile; one job of a renewal waits and no more.
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
    return len(stalled)


def _connector(database: Engine) -> PsycopgConnector:
    url = database.url.set(drivername="postgresql")
    options = url.query.get("options", "")
    return PsycopgConnector(
        conninfo=url.difference_update_query(["options"]).render_as_string(hide_password=False),
        kwargs={
            "options": f"{options} {PATIENCE_OPTIONS} -c search_path={JOB_SCHEMA}".strip(),
            "application_name": "certwright",
        },
        min_size=1,
        max_size=_MOST_CONNECTIONS,
    )
