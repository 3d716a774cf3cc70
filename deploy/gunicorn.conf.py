"""How gunicorn serves the portal on a real server.

It listens on the socket that systemd hands over, or else on `bind`. GUNICORN_CMD_ARGS overrides
everything here.
"""

import os

bind = "127.0.0.1:8000"
worker_class = "gthread"
# A process occupies a processor. While one of its two threads waits for the database, the other
# works; more would only take turns on one interpreter.
workers = int(os.environ.get("WEB_CONCURRENCY") or max(2, len(os.sched_getaffinity(0))))
threads = 2
# Requests that have begun may end before a restart; systemd waits a little longer.
graceful_timeout = 30
# Headers that may change which address is asked for: none. The portal is at the root of its host.
forwarder_headers = ""
control_socket_disable = True
loglevel = "warning"
