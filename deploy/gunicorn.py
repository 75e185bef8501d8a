"""The web server's settings, the same in the demo and in the image. The application logs requests; what a
client may hold, and for how long, stands in `mentoring.serving.Limits`."""

import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "mentoring.serving.BufferedWorker"
preload_app = True
timeout = 60
graceful_timeout = 20
max_requests = 5000
max_requests_jitter = 500
control_socket_disable = True
# Without a proxy nobody may say where a request comes from: such headers do not reach the application.
forwarded_allow_ips = "*" if os.environ.get("TRUST_PROXY", "0").lower() in {"1", "true", "yes", "on"} else ""
# A page that asks the database for longer is not worth waiting for. Workers have no such limit.
os.environ.setdefault("DATABASE_STATEMENT_SECONDS", "30")
