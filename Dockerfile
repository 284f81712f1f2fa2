# The image of the service. Both base images are build arguments, for networks with a registry of their own:
#   docker build --build-arg BUILD_IMAGE=… --build-arg RUNTIME_IMAGE=… --tag dance-lessons-coach .
# Where no image with Rust is available, deploy/prebuilt.Dockerfile takes an executable that was built outside.
ARG BUILD_IMAGE=rust:1.95-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /build

# The dependencies are compiled in a layer of their own, with an empty program, so that a change of the source does not
# compile them again. Plain layers work with every builder; cache mounts would need BuildKit. Cargo needs the manifest
# of every workspace member and a file for every target in it. Only the service is built, so the other members get an
# empty library, and targets whose files are not copied are deleted from the manifests.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY tests/harness/Cargo.toml tests/harness/
COPY tests/harness/macros/Cargo.toml tests/harness/macros/
COPY tests/harness/examples/notes/Cargo.toml tests/harness/examples/notes/
RUN members='tests/harness tests/harness/macros tests/harness/examples/notes' \
    && sed -i '/^\[\[\(test\|bench\)\]\]/,/^$/d' Cargo.toml \
    && for member in . $members; do mkdir "$member/src" && touch "$member/src/lib.rs"; done \
    && for member in $members; do sed -i '/^\[\[\(bin\|test\|bench\)\]\]/,/^$/d' "$member/Cargo.toml"; done \
    && echo 'fn main() {}' > src/main.rs \
    && cargo build --release --locked --package dance-lessons-coach

COPY build.rs ./
COPY migrations migrations
COPY scripts/roles.sql scripts/
COPY src src
# The build context has no git history to read the commit from.
ARG BUILD_COMMIT=
# Cargo compares modification times, and the copied files are older than the empty ones that they replace.
RUN find src -name '*.rs' -exec touch {} + \
    && BUILD_COMMIT=$BUILD_COMMIT cargo build --release --locked --package dance-lessons-coach

FROM ${RUNTIME_IMAGE}
COPY --from=build /build/target/release/dance-lessons-coach /usr/local/bin/dance-lessons-coach
# By number, because not every base image has a user with the name nobody.
RUN mkdir /data && chown 65534:65534 /data
USER 65534:65534
WORKDIR /data
VOLUME /data
ENV DLC_ENVIRONMENT=production \
    DLC_SERVER_HOST=0.0.0.0 \
    PORT=8080 \
    DB_PATH=/data/dance-lessons-coach.db
EXPOSE 8080
# Debian images have bash, but usually not curl.
HEALTHCHECK --interval=10s --timeout=3s --start-period=40s CMD ["bash", "-c", "\
    exec 3<>/dev/tcp/127.0.0.1/$PORT && printf 'GET /api/health HTTP/1.0\\r\\n\\r\\n' >&3 && read -r answer <&3 && [[ $answer == *' 200 '* ]]"]
ENTRYPOINT ["dance-lessons-coach"]
CMD ["serve"]
