"""The worker's process: `python -m certwright.node.worker`, started by the supervisor.

It renews what is due and goes on with what was begun. What it has to know comes on its standard
input, as for the web application.
"""

import asyncio
import contextlib
import secrets
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import structlog
from procrastinate import App

from certwright.lifecycle.nodes import be_seen
from certwright.lifecycle.renewal.advancing import Surroundings
from certwright.lifecycle.renewal.clock import ClockWatch, Reading
from certwright.lifecycle.renewal.jobs import (
    HEARTBEAT_SECONDS,
    STALLED_SECONDS,
    build_jobs,
    enqueue,
    take_over,
)
from certwright.lifecycle.renewal.looking import look_for_work
from certwright.lifecycle.renewal.suggestions import ask_authorities
from certwright.lifecycle.server import Server
from certwright.lifecycle.telling.telling import channels_set_up, tell
from certwright.node.briefed import be_briefed

_LOOK_SECONDS = 2.0
_ASK_SECONDS = 60.0
_TELL_SECONDS = 2.0
_END_SECONDS = 10
"""As long as the supervisor waits for it."""
_AT_ONCE = 3
"""Renewals that one node works at; each holds three connections to the database at times."""
_CHANCES = 1 << 20

log = structlog.get_logger()


def main() -> None:
    """Work until SIGTERM."""
    asyncio.run(_work(be_briefed().server))


async def _work(server: Server) -> None:
    surroundings = Surroundings(chance, server.zone)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, begin_to_end, stop)
    app = build_jobs(server, surroundings)
    async with app.open_async():
        # A node has one worker, so whoever worked for it before this one is dead.
        await take_over(app, server.node, silent_for=0)
        worker = asyncio.create_task(
            app.run_worker_async(
                queues=[server.node],
                concurrency=_AT_ONCE,
                install_signal_handlers=False,
                delete_jobs="always",
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
            )
        )
        saying = asyncio.create_task(_keep_saying(server, stop))
        looking = asyncio.create_task(_keep_looking(server, app, surroundings, stop))
        asking = asyncio.create_task(_keep_asking(server, stop))
        telling = asyncio.create_task(_keep_telling(server, stop))
        stopping = asyncio.create_task(stop.wait())
        # A worker that ends by itself ends the process, and the supervisor starts another.
        await asyncio.wait({worker, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker
        await asyncio.gather(saying, looking, asking, telling)


def begin_to_end(stop: asyncio.Event) -> None:
    """Finish what is under way, in ten seconds at most.

    If it was the supervisor's death that sent the signal, nobody is left to kill a worker that
    waits for an authority, or half a minute for the database that ends as well.
    """
    stop.set()
    signal.alarm(_END_SECONDS)


async def _keep_saying(server: Server, stop: asyncio.Event) -> None:
    """By a thread of its own: others may all be held up by authorities that do not answer."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(max_workers=1) as own:
        while not stop.is_set():
            try:
                await loop.run_in_executor(own, be_seen, server)
            except Exception:  # whatever it was, the next time may succeed
                log.exception("saying that this node is there failed")
            await _pause(stop, _LOOK_SECONDS)


async def _keep_looking(
    server: Server, app: App, surroundings: Surroundings, stop: asyncio.Event
) -> None:
    watch = ClockWatch(Reading(server.now(), _steady()))
    while not stop.is_set():
        try:
            await take_over(app, server.node)
            look = await asyncio.to_thread(
                look_for_work, server, watch, _steady(), surroundings.zone
            )
            watch = look.watch
            await enqueue(app, server.node, look.ready)
        except Exception:  # whatever it was, the next look may succeed
            log.exception("looking for what is due failed")
        await _pause(stop, _LOOK_SECONDS)


async def _keep_asking(server: Server, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await asyncio.to_thread(ask_authorities, server)
        except Exception:  # whatever it was, the next time may succeed
            log.exception("asking the authorities failed")
        await _pause(stop, _ASK_SECONDS)


async def _keep_telling(server: Server, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            channels = await asyncio.to_thread(channels_set_up, server)
            # At once, so that one that does not answer keeps no other from telling.
            await asyncio.gather(
                *(asyncio.to_thread(tell, server, name, channels) for name in channels.by_name)
            )
        except Exception:  # whatever it was, the next time may succeed
            log.exception("telling people failed")
        await _pause(stop, _TELL_SECONDS)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def _steady() -> float:
    """Seconds that no setting of the clock changes, those of a machine that sleeps among them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def chance() -> float:
    """From 0 to 1, by the system's randomness."""
    return secrets.randbelow(_CHANCES) / _CHANCES


if __name__ == "__main__":
    main()
