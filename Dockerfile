# syntax=docker/dockerfile:1
# botmcp in a container: `serve` by default, `worker` and every other command by name.

FROM python:3.12-slim AS wheel
WORKDIR /source
RUN pip install --no-cache-dir "hatchling>=1.27,<2"
COPY pyproject.toml README.md LICENSE ./
COPY bottemplates bottemplates
COPY designer designer
COPY hostbridge hostbridge
COPY keywords keywords
COPY mcp_server mcp_server
COPY memory memory
COPY migrations migrations
COPY smartrouter smartrouter
COPY storage storage
COPY workflow workflow
RUN python -m hatchling build -t wheel -d /wheels

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home --home-dir /var/lib/botmcp --shell /usr/sbin/nologin botmcp
COPY --from=wheel /wheels /wheels
RUN pip install --no-cache-dir "$(ls /wheels/*.whl)[otel]" && rm -r /wheels
USER 10001
ENV BOTMCP_HOME=/var/lib/botmcp/data BOTMCP_HOST=0.0.0.0 BOTMCP_PORT=8765 PYTHONUNBUFFERED=1
VOLUME /var/lib/botmcp/data
EXPOSE 8765
# STOPSIGNAL is SIGTERM: a worker gives its work back and leaves.
ENTRYPOINT ["botmcp"]
CMD ["serve"]
