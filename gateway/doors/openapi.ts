import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { OPENAPI_FILE } from '#operations/manifest.ts'

/** `/openapi.json`: the REST door as OpenAPI 3.1. Open to everybody: it tells what may be asked, not what there is. */
export const openApiDoor = (app: FastifyInstance): void => {
  const text = readFileSync(OPENAPI_FILE)
  const tag = `"${createHash('sha256').update(text).digest('base64url')}"`
  app.get('/openapi.json', async (request, reply) => {
    reply.header('etag', tag).header('cache-control', 'no-cache')
    if (request.headers['if-none-match'] === tag) return reply.code(304).send()
    return reply.type('application/json; charset=utf-8').send(text)
  })
}
