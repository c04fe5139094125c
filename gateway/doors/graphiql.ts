import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'

const require = createRequire(import.meta.url)
const PAGE = join(import.meta.dirname, 'landing')

/** Assets by the name they are served under: as the packages ship them, so that nothing is fetched from elsewhere. */
const ASSETS: Readonly<Record<string, { type: string; file: () => string }>> = {
  'react.js': { type: 'text/javascript', file: () => require.resolve('react/umd/react.production.min.js') },
  'react-dom.js': {
    type: 'text/javascript',
    file: () => require.resolve('react-dom/umd/react-dom.production.min.js'),
  },
  'graphiql.js': { type: 'text/javascript', file: () => require.resolve('graphiql/graphiql.min.js') },
  'graphiql.css': { type: 'text/css', file: () => require.resolve('graphiql/graphiql.min.css') },
  'start.js': { type: 'text/javascript', file: () => join(PAGE, 'graphiql.js') },
}

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
      .header('x-frame-options', 'DENY')
      .send(bytes(join(PAGE, 'graphiql.html'))),
  )
  for (const [name, { type, file }] of Object.entries(ASSETS))
    app.get(`/graphiql/${name}`, async (_, reply) => reply.type(`${type}; charset=utf-8`).send(bytes(file())))
}
