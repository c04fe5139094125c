import type { FastifyInstance } from 'fastify'
import { type Asset, inside, ours, servePage } from './assets.ts'

const ASSETS: Readonly<Record<string, Asset>> = {
  'react.js': { type: 'text/javascript', file: () => inside('react', 'umd/react.production.min.js') },
  'react-dom.js': {
    type: 'text/javascript',
    file: () => inside('react-dom', 'umd/react-dom.production.min.js'),
  },
  'graphiql.js': { type: 'text/javascript', file: () => inside('graphiql', 'graphiql.min.js') },
  'graphiql.css': { type: 'text/css', file: () => inside('graphiql', 'graphiql.min.css') },
  'start.js': { type: 'text/javascript', file: () => ours('graphiql.js') },
  // Start's own neighbour, as the browser and whoever checks imports find it.
  'session.js': { type: 'text/javascript', file: () => ours('session.js') },
}

// Only this origin's own scripts; the editor sets styles on its elements and draws its icons from data.
const POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/** GraphiQL at `/graphiql`. Open to everybody; what it sends needs a token like everything else. */
export const graphiqlDoor = (app: FastifyInstance): void =>
  servePage(app, '/graphiql', { page: 'graphiql.html', assets: ASSETS, policy: POLICY })
