import type { FastifyInstance } from 'fastify'
import { type Asset, inside, ours, servePage } from './assets.ts'

const ASSETS: Readonly<Record<string, Asset>> = {
  'swagger-ui.js': { type: 'text/javascript', file: () => inside('swagger-ui-dist', 'swagger-ui-bundle.js') },
  'swagger-ui.css': { type: 'text/css', file: () => inside('swagger-ui-dist', 'swagger-ui.css') },
  'start.js': { type: 'text/javascript', file: () => ours('docs.js') },
}

// Only this origin's own scripts, sheets and answers; the page sets styles on its elements and draws its icons from data.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** The REST door as a page at `/docs`, over `/openapi.json`. Open to everybody; trying a route needs a token. */
export const docsDoor = (app: FastifyInstance): void =>
  servePage(app, '/docs', { page: 'docs.html', assets: ASSETS, policy: POLICY })
