# See docs/container.md. tests/container/check.py runs these steps without Docker.
FROM debian:stable-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*

COPY pyproject.toml constraints.txt README.md LICENSE /src/
COPY tokenx /src/tokenx/
COPY templates /src/templates/
COPY static /src/static/
RUN python3 -m venv /opt/tokenx \
    && /opt/tokenx/bin/pip install --no-cache-dir -c /src/constraints.txt "/src[postgres]" \
    && install -d -m 0700 -o 10001 -g 10001 /data \
    && install -d /init

# TMPDIR is for large uploads: only the volume can be written to.
ENV PATH=/opt/tokenx/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    TMPDIR=/data \
    TOKENX_DATA_DIR=/data \
    TOKENX_HOST=0.0.0.0 \
    TOKENX_INIT=/init \
    TOKENX_PORT=8000 \
    TOKENX_SCENARIO=demo
WORKDIR /data
VOLUME /data
EXPOSE 8000
USER 10001:10001
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s CMD ["tokenx", "ready"]
ENTRYPOINT ["tokenx"]
CMD ["serve"]
