"""The web server's settings, the same in the demo and in the image. The application logs requests."""

import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
preload_app = True
timeout = 60
graceful_timeout = 20
max_requests = 5000
max_requests_jitter = 500
control_socket_disable = True
# Only the included proxy reaches the port, and the application decides whether to believe it (TRUST_PROXY).
forwarded_allow_ips = "*"
