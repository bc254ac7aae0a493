# The image of ringback: the program, the authorities that it trusts, and two folders
# in which it may write. It runs as user 65532 and opens no port by itself.
#
#	docker build -t ringback .
#	docker run --rm ringback verify --target http://host.docker.internal:3000/callback
#
# Where the files are there already (see make image), the stages before are left out:
#
#	buildah bud --format docker --isolation chroot --build-context files=DIR --target image .
ARG GO_IMAGE=golang:1.26

FROM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION= COMMIT= DATE=
RUN mkdir -p /out/data /out/tmp && cp /etc/ssl/certs/ca-certificates.crt /out/ && \
    CGO_ENABLED=0 go build -trimpath -o /out/ringback -ldflags "-s -w \
      ${VERSION:+-X ringback/cmd/cli.Version=${VERSION}} ${COMMIT:+-X ringback/cmd/cli.Commit=${COMMIT} -X ringback/cmd/cli.Date=${DATE}}" ./cmd/ringback

FROM scratch AS files
COPY --from=build /out /

FROM scratch AS image
COPY --from=files ringback /ringback
COPY --from=files ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=files --chown=65532:65532 data /data
COPY --from=files --chown=65532:65532 tmp /tmp
USER 65532:65532
# Journals and reports go here, and ringback.yaml is read from here.
WORKDIR /data
VOLUME /data
# Asks serve and load where they listen; other commands are well as long as they run.
HEALTHCHECK --interval=5s --timeout=3s --start-period=2s CMD ["/ringback", "health"]
ENTRYPOINT ["/ringback"]
CMD ["--help"]
