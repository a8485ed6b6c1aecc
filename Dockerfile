# Stage 1 has the compiler; what is served carries neither it nor the sources.
FROM python:3.11-slim AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements-bootstrap.lock requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-bootstrap.lock \
    && uv venv /opt/zonescope \
    && uv pip install --no-cache --python /opt/zonescope --require-hashes -r requirements.lock
COPY pyproject.toml setup.py ./
COPY sim_core sim_core
COPY backend backend
COPY frontend frontend
RUN uv pip install --no-cache --python /opt/zonescope --no-deps --no-build-isolation . \
    && uv pip uninstall --python /opt/zonescope cython setuptools

FROM python:3.11-slim
# A new volume is mounted as this folder is: the service's own.
RUN useradd --system --uid 10001 --no-create-home zonescope \
    && install -d -o zonescope -m 700 /var/lib/zonescope
COPY --from=build /opt/zonescope /opt/zonescope
ENV PATH=/opt/zonescope/bin:$PATH PYTHONUNBUFFERED=1 XDG_DATA_HOME=/var/lib
USER zonescope
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# Inside the container every interface is the container's own; the compose file publishes the port
# on the host's loopback only, and the Host header is still checked.
CMD ["zonescope", "serve", "--host", "0.0.0.0", "--allow-host", "localhost", "--allow-host", "127.0.0.1", "--no-browser"]
