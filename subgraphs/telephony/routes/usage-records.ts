import type { FastifyInstance } from 'fastify'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { writing } from '#service/context.ts'
import { ndjsonRoute } from '#service/ndjson.ts'
import { ingestUsage } from '../commands/ingest-usage.ts'
import type { Context } from '../context.ts'

interface Around extends Pick<Context, 'clock'> {
  database: Context['db']
  seal: PrincipalSeal
  published(): void
}

/** `POST /usage/records`: calls and messages as NDJSON. Each record counts once, however often it is sent. */
export const usageRoutes = (app: FastifyInstance, { database, clock, seal, published }: Around): void =>
  ndjsonRoute(app, {
    ...{ path: '/usage/records', seal, scope: 'telephony:write', most: 250_000, batch: 20_000 },
    take: (principal, batch) => {
      const { orgId } = principal
      return ingestUsage({ orgId, principal, clock, write: writing(database, orgId, published) }, batch)
    },
  })
