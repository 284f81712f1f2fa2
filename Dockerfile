# The service as an image. Both base images are build arguments, for networks that have their own:
#   docker build --build-arg BUILD_IMAGE=… --build-arg RUNTIME_IMAGE=… --tag dance-lessons-coach .
# Where no image with Rust is to be had, deploy/prebuilt.Dockerfile takes a binary built outside.
ARG BUILD_IMAGE=rust:1.95-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /build

# The dependencies are a layer of their own, built for empty programs, so that a change of the source doesn't build
# them again. Plain layers do this with every builder; cache mounts would need BuildKit. Tests and benchmarks aren't
# copied, and cargo doesn't take a package that names a target it can't find.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
RUN sed -i '/^\[\[\(test\|bench\)\]\]/,/^$/d' Cargo.toml \
    && mkdir src \
    && touch src/lib.rs \
    && echo 'fn main() {}' > src/main.rs \
    && cargo build --release --locked

COPY build.rs ./
COPY migrations migrations
COPY src src
# There is no history in here to read it from.
ARG BUILD_COMMIT=
# Cargo goes by the time of change, and the files that came just now are older than the empty ones.
RUN find src -name '*.rs' -exec touch {} + \
    && BUILD_COMMIT=$BUILD_COMMIT cargo build --release --locked

FROM ${RUNTIME_IMAGE}
COPY --from=build /build/target/release/dance-lessons-coach /usr/local/bin/dance-lessons-coach
# By number: not every base image knows the user nobody by that name.
RUN mkdir /data && chown 65534:65534 /data
USER 65534:65534
WORKDIR /data
VOLUME /data
ENV DLC_SERVER_HOST=0.0.0.0 \
    PORT=8080 \
    DB_PATH=/data/dance-lessons-coach.db
EXPOSE 8080
# bash is in every Debian image, curl is in hardly any.
HEALTHCHECK --interval=10s --timeout=3s --start-period=40s CMD ["bash", "-c", "\
    exec 3<>/dev/tcp/127.0.0.1/$PORT && printf 'GET /api/health HTTP/1.0\\r\\n\\r\\n' >&3 && read -r answer <&3 && [[ $answer == *' 200 '* ]]"]
ENTRYPOINT ["dance-lessons-coach"]
CMD ["serve"]
