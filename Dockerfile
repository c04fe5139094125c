# One image for every role; compose names the role. The containers get PostgreSQL by DATABASE_URL.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /hub
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
WORKDIR /hub
ENV NODE_ENV=production
COPY --from=packages /hub/node_modules node_modules
COPY . .
ENV TRIBUTARY_HOME=/home/node/tributary
# A volume mounted there takes its owner from here.
RUN install --directory --owner=node --group=node /home/node/tributary
USER node
ENTRYPOINT ["node_modules/.bin/node", "main.ts"]
CMD ["all"]
