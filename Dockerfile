# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

# Image of ocrd-rapid, see docs/containers.md. Built by BuildKit (Docker 23 or newer; 20.10 with
# DOCKER_BUILDKIT=1), podman or buildah.

# A base with Python 3.10 or newer whose pip installs below /usr/local, as in python:*-slim and in
# the images of OCR-D core.
ARG DOCKER_BASE_IMAGE=python:3.13-slim

FROM $DOCKER_BASE_IMAGE AS wheels
# A folder of the context with wheels for the base's Python, for builds without a network: a kit,
# made by `make kit` and unpacked there by `make docker`.
ARG BUNDLE=
RUN --mount=type=bind,target=/context \
    mkdir /wheels \
    && if [ -n "$BUNDLE" ]; then \
         find "/context/$BUNDLE" -name '*.whl' -exec cp -t /wheels {} +; \
       else \
         mkdir /source \
         && cd /context \
         && cp -r setup.cfg pyproject.toml MANIFEST.in distribution README.md LICENSE LICENSES NOTICE \
              ocrd_rapid /source \
         && python3 -m pip wheel --no-cache-dir --wheel-dir /wheels '/source[all]'; \
       fi

FROM $DOCKER_BASE_IMAGE
ARG DOCKER_BASE_IMAGE=python:3.13-slim
ARG VCS_REF=unknown
ARG BUILD_DATE=unknown
ARG BUNDLE=
LABEL \
    maintainer="The ocrd-rapid developers" \
    org.label-schema.schema-version="1.0" \
    org.label-schema.name="ocrd-rapid" \
    org.label-schema.vcs-ref=$VCS_REF \
    org.label-schema.build-date=$BUILD_DATE \
    org.opencontainers.image.title="ocrd-rapid" \
    org.opencontainers.image.description="Offline OCR: PP-OCR models as OCR-D processors, with a resource manager" \
    org.opencontainers.image.vendor="The ocrd-rapid developers" \
    org.opencontainers.image.licenses="Apache-2.0 AND CC-BY-4.0" \
    org.opencontainers.image.revision=$VCS_REF \
    org.opencontainers.image.created=$BUILD_DATE \
    org.opencontainers.image.base.name=$DOCKER_BASE_IMAGE

# Nobody knows who will be --user, and what home that is: further models and their database are where
# OCR-D looks on the whole system, and that is the volume /models.
ENV PYTHONIOENCODING=utf8 \
    LANG=C.UTF-8 \
    LC_ALL=C.UTF-8 \
    XDG_DATA_HOME=/usr/local/share \
    XDG_CONFIG_HOME=/usr/local/share/ocrd-resources

RUN --mount=type=bind,target=/context --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    touch /tmp/mark \
    && python3 -m pip install --no-cache-dir --no-index --find-links /wheels --compile \
        'ocrd-rapid[all]' \
    && python3 /context/docker/slim.py /tmp/mark \
    && rm /tmp/mark

# Resources that the base has move into the volume; any user may add to it, and to copies of it.
# The check at the end reads a picture with what is left, and so compiles the modules of Python's
# own library that are used, which some bases do not have compiled.
RUN --mount=type=bind,target=/context \
    resources=/usr/local/share/ocrd-resources \
    && mkdir -p /models /data \
    && if [ -d $resources ] && [ ! -L $resources ]; then \
         cp -a $resources/. /models && rm -r $resources; \
       fi \
    && ln -sfn /models $resources \
    && export XDG_CACHE_HOME=/tmp/cache \
    && if [ -n "$BUNDLE" ]; then \
         find "/context/$BUNDLE" -name models.zip -exec ocrd-rapid resmgr import {} +; \
       fi \
    && ocrd-rapid check \
    && chmod -R a+rwX /models && chmod a+rwx /data \
    && rm -rf /tmp/* /root/.cache

# Without OCR-D core, `ocrd resmgr` and `ocrd process` are ours. With it, its files of all tools
# spare it starting them.
RUN if command -v ocrd > /dev/null; then \
      share="$(dirname "$(ocrd bashlib filename)")" \
      && tools="$(python3 -c 'import ocrd_rapid as o; print(o.__path__[0])')/ocrd-tool.json" \
      && ocrd ocrd-tool "$tools" dump-tools > "$share/ocrd-all-tool.json" \
      && ocrd ocrd-tool "$tools" dump-module-dirs > "$share/ocrd-all-module-dir.json"; \
    else \
      ln -s ocrd-rapid /usr/local/bin/ocrd; \
    fi

WORKDIR /data
VOLUME /data
VOLUME /models

CMD ["ocrd-rapid", "--help"]
