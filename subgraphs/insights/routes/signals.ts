import type { FastifyInstance } from 'fastify'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { writing } from '#service/context.ts'
import { ndjsonRoute } from '#service/ndjson.ts'
import { ingestSignals } from '../commands/ingest-signals.ts'
import type { Context } from '../context.ts'

interface Around extends Pick<Context, 'clock'> {
  database: Context['db']
  seal: PrincipalSeal
  published(): void
}

/** `POST /signals`: facts that other platforms tell of customers, as NDJSON. Of each record the latest word counts, however often it is sent. */
export const signalRoutes = (app: FastifyInstance, { database, clock, seal, published }: Around): void =>
  ndjsonRoute(app, {
    ...{ path: '/signals', seal, scope: 'insights:write', most: 100_000, batch: 5_000 },
    take: (principal, batch) => {
      const { orgId } = principal
      return ingestSignals({ orgId, principal, clock, write: writing(database, orgId, published) }, batch)
    },
  })
