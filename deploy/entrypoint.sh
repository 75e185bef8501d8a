#!/bin/sh
# What the image runs. A role by name; anything else is run as it stands: `... python manage.py import_people acme f.csv`.
set -eu
cd "$(dirname "$0")/.."
schedule=${BEAT_SCHEDULE:-/tmp/beat-schedule}

health() {
    case "$1" in
    web) exec python deploy/healthcheck.py ;;
    worker) exec celery -A mentoring inspect ping --timeout 8 --destination "celery@$(hostname)" >/dev/null ;;
    # It writes its schedule down every three minutes.
    beat) [ -n "$(find "${schedule%/*}" -maxdepth 1 -name "${schedule##*/}*" -mmin -10)" ] ;;
    *) echo "health: web, worker or beat" >&2 && exit 2 ;;
    esac
}

case "${1:-web}" in
web) exec gunicorn mentoring.wsgi --config deploy/gunicorn.py ;;
worker)
    exec celery -A mentoring worker --hostname "celery@$(hostname)" --concurrency "${WORKER_CONCURRENCY:-2}" \
        --without-mingle --without-gossip --loglevel "${LOG_LEVEL:-INFO}"
    ;;
# Exactly one in an installation.
beat) exec celery -A mentoring beat --schedule "$schedule" --pidfile= --loglevel "${LOG_LEVEL:-INFO}" ;;
migrate) exec python manage.py migrate --no-input ;;
health) health "${2:-web}" ;;
*) exec "$@" ;;
esac
