"""Renewals carried by a real worker, and taken over from a dead one."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from procrastinate import App
from sqlalchemy import text

from certwright.database.job_tables import JOB_SCHEMA
from certwright.lifecycle.renewal.jobs import build_jobs, enqueue, take_over
from certwright.lifecycle.renewal.record import RenewalState
from certwright.lifecycle.server import Server

from .conftest import SURROUNDINGS, recorded


def with_app(server: Server, act: Callable[[App], Awaitable[None]]) -> None:
    async def run() -> None:
        app = build_jobs(server, SURROUNDINGS)
        async with app.open_async():
            await act(app)

    # In a thread of its own: where a browser's tests came before, this one has a loop already.
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(lambda: asyncio.run(run())).result()


def statuses(server: Server) -> list[str]:
    with server.database.connect() as connection:
        connection.execute(text(f"set local search_path to {JOB_SCHEMA}"))
        return list(connection.scalars(text("select status::text from procrastinate_jobs")))


def test_a_worker_takes_an_enqueued_renewal_to_its_end(serving: Server, renewal: int) -> None:
    async def work(app: App) -> None:
        await enqueue(app, serving.node, [renewal])
        await app.run_worker_async(wait=False, delete_jobs="always", install_signal_handlers=False)

    with_app(serving, work)
    assert recorded(serving, renewal).state is RenewalState.DONE
    assert statuses(serving) == []


def test_enqueued_often_it_stands_in_the_queue_once(serving: Server, renewal: int) -> None:
    async def work(app: App) -> None:
        for _ in range(3):
            await enqueue(app, serving.node, [renewal])

    with_app(serving, work)
    assert statuses(serving) == ["todo"]


@pytest.mark.parametrize("waits", [False, True], ids=["alone", "with the next one in the queue"])
def test_the_job_of_a_dead_worker_is_taken_over(serving: Server, renewal: int, waits: bool) -> None:
    async def work(app: App) -> None:
        await enqueue(app, serving.node, [renewal])
        with serving.database.begin() as connection:
            # As a worker leaves it that was killed a minute ago, in the middle of the job.
            connection.execute(text(f"set local search_path to {JOB_SCHEMA}"))
            worker = connection.scalar(
                text(
                    "insert into procrastinate_workers (last_heartbeat) "
                    "values (now() - interval '1 minute') returning id"
                )
            )
            connection.execute(
                text("update procrastinate_jobs set status = 'doing', worker_id = :worker"),
                {"worker": worker},
            )
        if waits:
            await enqueue(app, serving.node, [renewal])
        assert await take_over(app, serving.node) == 1
        assert statuses(serving) == ["todo"]
        await app.run_worker_async(wait=False, delete_jobs="always", install_signal_handlers=False)

    with_app(serving, work)
    assert recorded(serving, renewal).state is RenewalState.DONE


def test_the_job_of_a_living_worker_is_left_to_it(serving: Server, renewal: int) -> None:
    async def work(app: App) -> None:
        await enqueue(app, serving.node, [renewal])
        with serving.database.begin() as connection:
            connection.execute(text(f"set local search_path to {JOB_SCHEMA}"))
            connection.execute(
                text(
                    "with worker as (insert into procrastinate_workers default values "
                    "returning id) update procrastinate_jobs set status = 'doing', "
                    "worker_id = (select id from worker)"
                )
            )
        assert await take_over(app, serving.node) == 0

    with_app(serving, work)
    assert statuses(serving) == ["doing"]
