"""Whether the web server in this container answers: for a container engine, which wants an exit code."""

import http.client
import os
import sys
from urllib.parse import urlsplit

host = urlsplit(os.environ.get("BASE_URL", "http://127.0.0.1:8000")).netloc
connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=8)
try:
    connection.request("GET", "/healthz", headers={"Host": host})
    status = connection.getresponse().status
except (OSError, http.client.HTTPException) as error:
    sys.exit(f"no answer: {error}")
sys.exit(0 if status == 200 else f"answered {status}")
