# The Intercom store and its MCP server. Built from the wheel, so what runs is what is released.
#
#   docker build -t bi-contracts .
#   docker run -i --rm -v intercom:/data bi-contracts                        MCP on stdin and stdout
#   docker run --rm -v intercom:/data -e INTERCOM_ACCESS_TOKEN bi-contracts intercom sync --days 7

FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
COPY --from=build /wheels /wheels
RUN wheel="$(echo /wheels/*.whl)" \
    && pip install --no-cache-dir --no-compile "$wheel[intercom,postgres]" \
    && rm -rf /wheels \
    && useradd --system --uid 10001 --no-create-home --home-dir /data bi \
    && install -d -o bi -g bi -m 0700 /data
USER bi
WORKDIR /data
VOLUME /data
ENV BI_CONTRACTS_INTERCOM_STORE=/data/intercom.db PYTHONUNBUFFERED=1
# Whether the server would start and the store can be read; before the first sync there is none, which is no illness.
HEALTHCHECK --interval=60s --timeout=10s --start-period=10s \
    CMD ["sh", "-c", "bi-contracts intercom status >/dev/null 2>&1 || [ ! -e \"$BI_CONTRACTS_INTERCOM_STORE\" ]"]
ENTRYPOINT ["bi-contracts"]
CMD ["intercom", "serve"]
