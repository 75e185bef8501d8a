# One image for every role: `web`, `worker`, `beat`, `migrate` (deploy/entrypoint.sh).
FROM ghcr.io/astral-sh/uv:0.13.9 AS uv

FROM python:3.13-slim-bookworm AS build
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --locked --no-default-groups
COPY . .
# The settings want an address and a key; nothing of either stays in the files.
RUN SECRET_KEY=only-while-building BASE_URL=https://build.invalid \
    DATABASE_URL=postgresql://build@build.invalid/upward \
    .venv/bin/python manage.py collectstatic --no-input

FROM python:3.13-slim-bookworm
RUN groupadd --gid 10001 upward && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp upward
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY --from=build /app /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=10s --start-period=40s --retries=3 CMD ["deploy/entrypoint.sh", "health", "web"]
ENTRYPOINT ["deploy/entrypoint.sh"]
CMD ["web"]
