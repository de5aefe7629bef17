# Fills a running API with the demo's data and ends: a simulated payment company, and a model trained on it in a minute.
# Used by `docker compose --profile demo up --build`, see compose.yaml.
FROM node:24-slim
WORKDIR /app
RUN chown node:node /app
USER node
COPY --chown=node:node . .
RUN npx -y pnpm@10 install --frozen-lockfile
CMD ["sh", "-c", "for step in 'simulate --out .tidemark/sample' 'fetch --source duckdb --history .tidemark/sample' prepare train \"publish --api $TIDEMARK_API\"; do node trainer/src/cli.ts $step || exit; done"]
