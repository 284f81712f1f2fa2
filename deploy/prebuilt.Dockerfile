# The image of the service, from an executable that was built outside, for networks without an image of Rust:
#   cargo build --release --package dance-lessons-coach
#   scripts/build-postgres-image.sh --runtime
#   docker build --file deploy/prebuilt.Dockerfile --build-arg RUNTIME_IMAGE=dance-lessons-coach/debian:bookworm \
#                --tag dance-lessons-coach .
# The machine that builds must not have a newer C library than the base image. The lines after COPY are the same as in
# the Dockerfile.
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${RUNTIME_IMAGE}
ARG EXECUTABLE=target/release/dance-lessons-coach
COPY ${EXECUTABLE} /usr/local/bin/dance-lessons-coach
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
