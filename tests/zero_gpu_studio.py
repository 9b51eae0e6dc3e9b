"""A studio as on a ZeroGPU Space, but for the accelerator: python -m tests.zero_gpu_studio PORT FOLDER.

The package `spaces` is the real one, with all that it does: it asks its host, forks, pickles, hands events on. It keeps
its hands off a torch that it does not find, and so off CUDA, which no machine for tests has; the child computes on the
processor.
"""

import sys
import threading
from pathlib import Path

sys.modules["torch"] = None  # type: ignore[assignment]
import spaces  # noqa: E402, F401

del sys.modules["torch"]

from engine.engine import Engine  # noqa: E402
from engine.library import Library  # noqa: E402
from ui.app import serve  # noqa: E402
from ui.zero_gpu import ZeroGpu  # noqa: E402


def main() -> None:
    """Serve until it is killed."""
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    lent = ZeroGpu(Library(), device="cpu")
    engine = Engine(library=Library(), device="cpu")
    studio = serve(engine, host="127.0.0.1", port=port, folder=folder, say=lent.speak)
    sys.stdout.write(f"{studio.url}\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
