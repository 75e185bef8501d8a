"""gunicorn's settings of the image, with limits that a test can wait for."""

import os
import runpy
from dataclasses import replace
from pathlib import Path

from mentoring.serving import BufferedWorker, Limits

_image = runpy.run_path(str(Path(__file__).resolve().parents[2] / "deploy" / "gunicorn.py"))
globals().update({name: value for name, value in _image.items() if not name.startswith("_")})
max_requests = int(os.environ.get("TEST_MAX_REQUESTS", "0"))
max_requests_jitter = 0


class worker_class(BufferedWorker):
    limits = replace(
        Limits(),
        head=1,
        idle=3,
        body_window=1,
        response_window=1,
        run=float(os.environ.get("TEST_RUN_SECONDS", "60")),
        connections=60,
        spooled_uploads=2,
        read_past=4_000_000,
    )
