# The API on Node, as one image: `docker build -t tidemark .`, then see compose.yaml and docs/deploy.md.
FROM node:24-slim AS install
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY api/package.json api/
COPY shared/package.json shared/
# Nothing is built: Node 24 runs the TypeScript, and the databases' drivers come compiled.
RUN npx -y pnpm@10 install --frozen-lockfile --prod --ignore-scripts --filter "@tidemark/api..."

FROM node:24-slim
ENV NODE_ENV=production \
    TIDEMARK_HOST=0.0.0.0 \
    TIDEMARK_DATABASE=/data/tidemark.db
WORKDIR /app
COPY --from=install /app ./
COPY api/migrations api/migrations
COPY api/migrations-postgres api/migrations-postgres
COPY api/src api/src
COPY shared/src shared/src
# All of it belongs to root; only /data can be written.
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8787
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "api/src/entry/node.ts", "health"]
STOPSIGNAL SIGTERM
# Node itself, without a package manager or a shell above it: it gets the signal.
ENTRYPOINT ["node", "--max-semi-space-size=32", "api/src/entry/node.ts"]
