# The studio as an image: docs/hosting.md#docker.
#   docker build -t polyphone .                              on the processor
#   docker build -t polyphone:cuda --build-arg TORCH=cuda .  on a graphics card of Nvidia's
ARG PYTHON=python:3.12-slim

FROM ${PYTHON} AS packages
# cpu: torch without CUDA, from torch's own index; cuda: as the package index has it, with CUDA
ARG TORCH=cpu
# codes as in `make run LANGUAGES=...`, with spaces
ARG LANGUAGES=
WORKDIR /build
RUN python3 -m venv /opt/polyphone && /opt/polyphone/bin/python -m pip install --no-cache-dir --quiet uv
COPY requirements.txt requirements-ja.txt requirements-ko.txt requirements-latin.txt ./
RUN set -e; set -- -r requirements.txt; \
    for language in ${LANGUAGES}; do set -- "$@" -r "requirements-${language}.txt"; done; \
    case "${TORCH}" in \
        cpu) set -- --torch-backend cpu "$@" ;; \
        cuda) ;; \
        *) echo "TORCH is cpu or cuda, not ${TORCH}" >&2; exit 1 ;; \
    esac; \
    /opt/polyphone/bin/uv pip install --no-cache --python /opt/polyphone/bin/python --compile-bytecode "$@"; \
    /opt/polyphone/bin/uv pip uninstall --python /opt/polyphone/bin/python uv pip

FROM ${PYTHON}
LABEL org.opencontainers.image.title="Polyphone" \
      org.opencontainers.image.description="A web studio for open text-to-speech" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 1000 --create-home --shell /usr/sbin/nologin polyphone \
    && install -d -o polyphone -g polyphone /models
COPY --from=packages /opt/polyphone /opt/polyphone
WORKDIR /app
COPY LICENSE README.md requirements.txt webui.py ./
COPY assets assets
COPY engine engine
COPY server server
COPY ui ui
ENV PATH=/opt/polyphone/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    POLYPHONE_HOST=0.0.0.0 \
    POLYPHONE_PORT=7860 \
    POLYPHONE_MODELS_DIR=/models
USER polyphone
VOLUME /models
EXPOSE 7860
# It answers under this machine's names; whom else it may hear of, and who may do what, the flags say.
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/health', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["python3", "webui.py"]
