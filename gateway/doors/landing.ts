import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Forbidden } from '#kernel/errors.ts'
import type { Manifest } from '#operations/manifest.ts'
import type { Issuer } from '../identity/issuer.ts'

const FOLDER = join(import.meta.dirname, 'landing')
const FILES: Readonly<Record<string, [file: string, type: string]>> = {
  '/': ['index.html', 'text/html'],
  '/landing/page.js': ['page.js', 'text/javascript'],
  '/landing/session.js': ['session.js', 'text/javascript'],
  '/landing/page.css': ['page.css', 'text/css'],
}
// Only this origin's own files run; sockets and requests go to this origin only.
const POLICY =
  "default-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
const SHOWN = ['UnifiedCustomers', 'SyncRuns', 'SyncEvents']
const TOKEN_SECONDS = 3600

/** The page at `/`: what runs, a first query to try, and the sync while it moves. */
export const landingDoor = (
  app: FastifyInstance,
  { demo, manifest }: { demo: Issuer | undefined; manifest: Manifest },
): void => {
  for (const [path, [file, type]] of Object.entries(FILES)) {
    const text = readFileSync(join(FOLDER, file))
    app.get(path, async (_, reply) =>
      reply.type(`${type}; charset=utf-8`).header('content-security-policy', POLICY).send(text),
    )
  }
  app.get('/landing/operations.json', async () =>
    Object.fromEntries(
      manifest.operations.filter((o) => SHOWN.includes(o.name)).map((o) => [o.name, o.text]),
    ),
  )
  app.get('/landing/demo-token', async (request, reply) => {
    if (!demo || !isFromThisMachine(request)) throw Forbidden.with()
    const token = await demo.issue({ role: 'readonly', org: 'demo', seconds: TOKEN_SECONDS })
    return reply.header('cache-control', 'no-store').send({ token })
  })
}

// A page elsewhere could name its own address 127.0.0.1: the host it asked for gives it away.
export const isFromThisMachine = (request: FastifyRequest): boolean =>
  /^(127\.0\.0\.1|\[::1\]|localhost)$/.test(request.hostname) &&
  /^(127\.|::1$|::ffff:127\.)/.test(request.ip) &&
  (request.headers['sec-fetch-site'] ?? 'same-origin') === 'same-origin'
