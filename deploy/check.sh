#!/bin/sh
# Every check of `make check`: each line is printed, all of them run, and one that fails fails the whole.
cd "$(dirname "$0")/.." || exit 1
bin=.venv/bin
failed=""
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

check() {
    name=$1
    shift
    printf '%s\n' "--- $name: $*"
    "$@" || failed="$failed $name"
}

code="manage.py mentoring programs matching sessions outcomes benchmarks tests deploy"
check style $bin/ruff check $code
check format $bin/ruff format --check --quiet $code
check types env UPWARD_TESTING=1 $bin/python -m mypy --no-error-summary
check imports $bin/lint-imports --no-logo
# Its formatter stays out: the white space that it moves shows in mails, titles and between links.
check templates $bin/python -m djlint --quiet --lint templates

# Not the demo's database: an empty one that is gone afterwards.
check migrations env STATE_DIR="$scratch/state" $bin/python manage.py makemigrations --check --dry-run
check production env DATABASE_URL=postgresql://upward_app@db/upward BASE_URL=https://upward.example.com \
    SECRET_KEY=this-one-only-serves-the-check-and-is-long-enough-for-it \
    STATIC_ROOT="$scratch/static" $bin/python manage.py check --deploy --fail-level WARNING

cp deploy/example.env "$scratch/env"
check compose $bin/docker-compose --env-file "$scratch/env" -f docker-compose.yml config -q
check compose-keys $bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
check image $bin/hadolint Dockerfile
check proxy env SITE_ADDRESS=https://upward.example.com HOME="$scratch" \
    $bin/caddy validate --adapter caddyfile --config deploy/proxy/Caddyfile

[ -z "$failed" ] && echo "All checks passed." && exit 0
echo "Failed:$failed" >&2
exit 1
