"""Assembles the studio: the page over the backend, and the server that answers for both."""

from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from starlette.middleware import Middleware

from engine.engine import Engine
from server.backend import Backend
from server.connections import Bounds, bound
from server.desk import Say
from server.gate import Sites, host_name
from server.rights import Policy
from server.static_routes import Preload, StaticRoutes
from ui.clone_tab import clone_tab
from ui.compare_tab import compare_tab
from ui.endpoints import add_endpoints
from ui.framework import FILES, surrounded
from ui.listener_page import ListenerPage
from ui.look import files, head, links, theme
from ui.models_tab import models_tab
from ui.speak_tab import speak_tab
from ui.tests_tab import tests_tab
from ui.words import Wording

SESSIONS = 32


@dataclass(frozen=True, slots=True)
class Studio:
    """A running server. ``url`` ends in a slash."""

    url: str
    backend: Backend
    blocks: gr.Blocks

    def close(self) -> None:
        """End every job, every download and the server."""
        self.backend.close()
        self.blocks.close(verbose=False)


def serve(
    engine: Engine,
    *,
    host: str,
    port: int,
    folder: Path,
    queue: int = 8,
    policy: Policy | None = None,
    sites: Sites | None = None,
    say: Say | None = None,
) -> Studio:
    """Start a studio and return once it answers.

    Results are kept under ``folder``, which nobody else should be able to read. ``policy`` says who may do what, by
    default everybody everything; ``sites`` under which names it answers, and to which other sites. Where the named
    endpoint has its own way to ``say`` a request, the page speaks through it. Raises OSError when the port is taken.
    """
    backend, static, wording = Backend.over(engine, folder, policy), StaticRoutes(files()), Wording()
    sites = sites or Sites(hosts=frozenset({host_name(host) or host}))
    preload = Middleware(Preload, links=links(static.base))
    blocks, names = build(backend, wording, say)
    blocks.queue(max_size=queue + 8, default_concurrency_limit=None)
    # The routes go into the app that Gradio itself launches: a Gradio app that is mounted into another one does not
    # check the paths in its input and would hand out any file of the machine.
    _, url, _ = blocks.launch(
        server_name=f"[{host}]" if ":" in host and not host.startswith("[") else host,
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        footer_links=[],
        theme=theme(),
        head=head(static.base, names, endpoint=say is not None),
        i18n=wording.i18n(),
        max_file_size="50mb",
        # Gradio keeps what each of them has sent last.
        state_session_capacity=SESSIONS,
        ssr_mode=False,
        enable_monitoring=False,
        # Gradio asks the page once more after it has answered, and calls it unreachable when that takes 3 s.
        _frontend=False,
        app_kwargs={
            "routes": [
                *backend.routes(),
                backend.takes_under(FILES),
                *static.table(backend.rights),
                *ListenerPage(static.base).table(backend.rights),
            ],
            "middleware": [preload],
            "lifespan": surrounded(backend.rights, sites, backend.metrics),
            "docs_url": None,
            "redoc_url": None,
            "openapi_url": None,
        },
    )
    bound(blocks.server.config, Bounds())
    return Studio(url, backend, blocks)


def build(backend: Backend, wording: Wording, say: Say | None = None) -> tuple[gr.Blocks, list[str]]:
    """The page, and the names of its form's fields in the order in which the script gets their values."""
    with gr.Blocks(title="Polyphone", analytics_enabled=False, fill_width=True, delete_cache=(3600, 86_400)) as blocks:
        gr.HTML('<header id="studio-header"></header>', apply_default_css=False)
        with gr.Tabs(elem_id="studio-tabs"):
            with gr.Tab(wording.word("speak"), id="speak", elem_id="studio-tab-speak"):
                form = speak_tab(backend.engine.systems(), wording)
            with gr.Tab(wording.word("clone"), id="clone", elem_id="studio-tab-clone"):
                clone_tab()
            with gr.Tab(wording.word("compare"), id="compare", elem_id="studio-tab-compare"):
                compare_tab()
            with gr.Tab(wording.word("models"), id="models", elem_id="studio-tab-models"):
                models_tab()
            with gr.Tab(wording.word("tests"), id="tests", elem_id="studio-tab-tests"):
                tests_tab()
        add_endpoints(backend, say or Engine.synthesize)
        blocks.load(None, None, None, js="() => { window.polyphone.start(); }", api_visibility="private")
    return blocks, list(form)
