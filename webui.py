"""Starts the studio: python3 webui.py [--host H] [--port P] [--public] [--token T] [--models-dir D] [--offline] ..."""

import argparse
import os
import signal
import sys
import threading
import time

from engine.environment import enter
from ui.startup import check_address, why_not_started


def main() -> int:
    """Serve until a signal comes. Every flag is also an environment variable: POLYPHONE_HOST, POLYPHONE_PORT, ..."""
    from server.flags import PROXIES, is_space, policy_of, sites_of, why_refused

    flags = read_flags()
    policy, sites = policy_of(flags), sites_of(flags)
    if refused := why_refused(flags.host, policy):
        sys.stderr.write(f"{refused}\n")
        return 2
    try:
        check_address(flags.host, flags.port)
    except OSError as error:
        sys.stderr.write(f"{why_not_started(error, flags.host, flags.port)}\n")
        return 2
    if flags.log:
        from server.logs import log_to

        try:
            log_to(flags.log)
        except OSError as error:
            sys.stderr.write(f"the log {flags.log} cannot be written: {error.strerror}; choose another with --log\n")
            return 2
    quiet = dict.fromkeys(("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_XET", "DO_NOT_TRACK"), "1")
    os.environ.update({"GRADIO_ANALYTICS_ENABLED": "False", **quiet})
    if flags.offline:
        os.environ["HF_HUB_OFFLINE"] = "1"
    if is_space():
        # Whoever comes there comes through the host's proxy, which says from where.
        os.environ.setdefault("FORWARDED_ALLOW_IPS", PROXIES)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    from engine.owned import temporary

    with temporary("polyphone-") as folder:
        os.environ["GRADIO_TEMP_DIR"] = str(folder / "gradio")
        from engine.cli.library import fetch, open_library
        from engine.engine import Engine
        from engine.errors import EngineError
        from ui.app import serve
        from ui.zero_gpu import ZeroGpu, is_zero_gpu

        try:
            fetch(open_library(flags), flags.fetch)
            # There the parent computes on the processor; it has no accelerator, but for what stands in for one.
            lent = ZeroGpu(open_library(flags)) if is_zero_gpu() else None
            memory = {"models": flags.loaded, "idle_s": 60 * max(0.0, flags.idle_minutes) or None}
            device = "cpu" if lent else "auto"
            engine = Engine(device=device, queue=flags.queue, library=open_library(flags), **memory)
            place = {"host": flags.host, "port": flags.port, "say": lent and lent.speak}
            studio = serve(engine, **place, folder=folder, queue=flags.queue, policy=policy, sites=sites)
        except (OSError, EngineError) as error:
            why = why_not_started(error, flags.host, flags.port) if isinstance(error, OSError) else error
            sys.stderr.write(f"{why}\n")
            return 2
        sys.stdout.write(f"Polyphone answers at {studio.url}\n")
        sys.stdout.flush()
        studio.backend.warm_up.start()
        stop.wait()
        studio.close()
        engine.close()
    return 0


def read_flags() -> argparse.Namespace:
    """The flags, with the environment for defaults."""
    from engine.cli.library import add_fetch, add_folder, add_network
    from server.flags import add_access, is_space, within

    env = os.environ.get
    everywhere = "0.0.0.0" if is_space() else "127.0.0.1"
    flags = argparse.ArgumentParser(description="Polyphone, a studio for open voices.")
    flags.add_argument("--host", default=env("POLYPHONE_HOST", everywhere), help="address to listen on")
    flags.add_argument(
        "--port", default=env("POLYPHONE_PORT", "7860"), type=within(1, 65_535), help="port to listen on"
    )
    add_folder(flags)
    add_network(flags)
    add_fetch(flags)
    flags.add_argument(
        "--queue", default=env("POLYPHONE_QUEUE", "8"), type=within(0, 1000), help="requests that may wait"
    )
    loaded = env("POLYPHONE_LOADED", "1")
    flags.add_argument("--loaded", default=loaded, type=within(1, 100), help="models kept in memory at once")
    idle = env("POLYPHONE_IDLE_MINUTES", "0")
    log = env("POLYPHONE_LOG", "")
    flags.add_argument("--log", default=log, metavar="FILE", help="write a log as JSON lines; - is the error stream")
    flags.add_argument("--idle-minutes", default=idle, type=float, help="unload a model not used for so long; 0: never")
    add_access(flags)
    return flags.parse_args()


def leave(status: int) -> None:
    """End the process, whatever still computes on other threads: nobody waits for it."""
    give_up = time.monotonic() + 2
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join(max(0.0, give_up - time.monotonic()))
            if thread.is_alive():
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    enter([__file__, *sys.argv[1:]])
    leave(main())
