import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'

const require = createRequire(import.meta.url)
const LANDING = join(import.meta.dirname, 'landing')

/** A file that a page loads. It is looked for when it is first asked for. */
export interface Asset {
  type: 'text/javascript' | 'text/css'
  file(): string
}

/** A file of an installed package, also where the package does not export it to programs. */
export const inside = (name: string, file: string): string =>
  join(dirname(require.resolve(`${name}/package.json`)), file)

/** A file beside the landing page's. */
export const ours = (file: string): string => join(LANDING, file)

/**
 * Serves a page and what it loads, as the packages ship it, so that nothing is fetched from elsewhere.
 * @param page its file beside the landing page's
 * @param assets by the name they are served under, below `path`
 * @param policy what the page may load and do
 */
export const servePage = (
  app: FastifyInstance,
  path: string,
  { page, assets, policy }: { page: string; assets: Readonly<Record<string, Asset>>; policy: string },
): void => {
  const kept = new Map<string, Buffer>()
  const bytes = (file: string): Buffer => {
    const found = kept.get(file) ?? readFileSync(file)
    kept.set(file, found)
    return found
  }
  app.get(path, async (_, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policy)
      .send(bytes(ours(page))),
  )
  for (const [name, { type, file }] of Object.entries(assets))
    app.get(`${path}/${name}`, async (_, reply) => reply.type(`${type}; charset=utf-8`).send(bytes(file())))
}
