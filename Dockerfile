# One image for the web pages, the worker and the scheduler; the demo is left out.
# by digest for production: `python -m tools.images` says how
ARG PYTHON_IMAGE=python:3.12-slim-bookworm
FROM ${PYTHON_IMAGE} AS build
WORKDIR /app
RUN python -m venv /app/.venv
COPY requirements.txt .
RUN /app/.venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml setup.cfg README.md LICENSE NOTICE scheduler.py ./
COPY harvester harvester
COPY spiders spiders
COPY pipelines pipelines
COPY index_mappings index_mappings
# seconds of the commit: with it the same files are the same twice
ARG SOURCE_DATE_EPOCH
RUN /app/.venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM ${PYTHON_IMAGE}
RUN useradd --system --uid 10001 --home-dir /nonexistent harvester && install -d -o harvester /data
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 HARVESTER_DATA=/data HARVESTER_BIND=0.0.0.0:8000
USER harvester
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["harvester"]
CMD ["serve"]
