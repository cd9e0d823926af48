FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends libegl1 libegl-mesa0 libgbm1 libgl1-mesa-dri \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /studio
COPY requirements requirements
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir -r requirements/serve.txt -r requirements/front-end.txt
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts
RUN PATH="/studio/.venv/bin:$PATH" scripts/front-end.sh && rm -rf node_modules
COPY . .
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e . \
    && useradd --create-home studio && install -d -o studio /data
USER studio
ENV PATH="/studio/.venv/bin:$PATH" HNDP_DATA_DIR=/data HNDP_HOST=0.0.0.0
ENTRYPOINT ["hndp"]
CMD ["serve"]
