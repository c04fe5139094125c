import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'

const require = createRequire(import.meta.url)
/** A file of an installed package, also where the package does not export it to programs. */
const inside = (name: string, file: string): string =>
  join(dirname(require.resolve(`${name}/package.json`)), file)
const PAGE = join(import.meta.dirname, 'landing')

/** Assets by the name they are served under: as the packages ship them, so that nothing is fetched from elsewhere. */
const ASSETS: Readonly<Record<string, { type: string; file: () => string }>> = {
  'react.js': { type: 'text/javascript', file: () => inside('react', 'umd/react.production.min.js') },
  'react-dom.js': {
    type: 'text/javascript',
    file: () => inside('react-dom', 'umd/react-dom.production.min.js'),
  },
  'graphiql.js': { type: 'text/javascript', file: () => inside('graphiql', 'graphiql.min.js') },
  'graphiql.css': { type: 'text/css', file: () => inside('graphiql', 'graphiql.min.css') },
  'start.js': { type: 'text/javascript', file: () => join(PAGE, 'graphiql.js') },
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
export const graphiqlDoor = (app: FastifyInstance): void => {
  const kept = new Map<string, Buffer>()
  const bytes = (file: string): Buffer => {
    const found = kept.get(file) ?? readFileSync(file)
    kept.set(file, found)
    return found
  }
  app.get('/graphiql', async (_, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', POLICY)
      .send(bytes(join(PAGE, 'graphiql.html'))),
  )
  for (const [name, { type, file }] of Object.entries(ASSETS))
    app.get(`/graphiql/${name}`, async (_, reply) => reply.type(`${type}; charset=utf-8`).send(bytes(file())))
}
