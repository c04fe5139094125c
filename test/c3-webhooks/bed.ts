/** A gateway and an inventory subgraph whose C3 posts what has changed, and to which a test posts as C3 would. */
import { randomUUID } from 'node:crypto'
import { signDelivery } from '#connectors/c3/index.ts'
import { openIssuer } from '#gateway/identity/issuer.ts'
import { systemClock } from '#kernel/clock.ts'
import { openVault } from '#kernel/vault.ts'
import { secretPlace } from '#subgraphs/inventory/domain/webhook-secret.ts'
import { connectionBed } from '#test/c3-connections/bed.ts'
import { openGateway } from '#test/kit/gateway.ts'
import { freePorts } from '#test/kit/processes.ts'
import { temporaryDirectory } from '#test/kit/server.ts'
import { DEMO, NO_SIBLINGS, SHARED_SECRET, TEST_KEY } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

export interface Sending {
  connection?: string
  secret?: string
  /** The moment it is stamped with, in milliseconds from now. */
  offsetMs?: number
  /** What is signed, where it differs from what is sent. */
  signs?: string
  headers?: Record<string, string>
}

/** Starts it with everything imported and C3 posting. @param options.through how the subgraph reaches its database */
export const webhookBed = async (
  options: { companies?: number; opsWebhookUrl?: string; through?: (url: string) => string } = {},
) => {
  await using stack = new AsyncDisposableStack()
  const port = await freePorts(1)
  const publicUrl = `http://127.0.0.1:${port}`
  const bed = stack.use(await connectionBed({ ...options, publicUrl }))
  const home = stack.use(await temporaryDirectory())
  const issuer = await openIssuer({ home: home.path, clock: systemClock })
  const subgraphs = { ...NO_SIBLINGS, inventory: bed.inventoryUrl ?? '' }
  stack.use(await openGateway(issuer, subgraphs, { port, sharedSecret: SHARED_SECRET }))
  const { id } = (await bed.connect()).integration
  await bed.calm()
  await until(async () => (await bed.shown(id)).webhook?.setAt)
  const vault = openVault([TEST_KEY])
  /** The secrets that count, newest first. */
  const secrets = async (): Promise<string[]> => {
    const rows = await bed.rows('inventory.webhook_secrets')
    return rows
      .toSorted((a, b) => b.made_at - a.made_at)
      .map((row) => vault.open(row.secret_sealed, secretPlace(DEMO, row.id)))
  }
  let [secret] = await secrets()
  const all = stack.move()
  return {
    ...{ ...bed, id, secrets, publicUrl },
    /** Signs with what counts now. */
    refresh: async () => {
      ;[secret] = await secrets()
    },
    body: (events: readonly object[], more: object = {}) => ({
      ...{ deliveryId: randomUUID(), accountId: 'C3-7', attempt: 1, events, ...more },
    }),
    event: (entity: string, eventId: string, more: object = {}) => ({
      ...{ eventId: randomUUID(), entity, id: eventId, version: 2, kind: 'CHANGED' },
      ...{ occurredAt: systemClock.now().toISOString(), ...more },
    }),
    deliver: (body: unknown, sending: Sending = {}) => {
      const sent = typeof body === 'string' ? body : JSON.stringify(body)
      const stamp = String(Math.floor((systemClock.now().getTime() + (sending.offsetMs ?? 0)) / 1000))
      const signed = Buffer.from(sending.signs ?? sent)
      return fetch(`${publicUrl}/api/v1/webhooks/c3/${sending.connection ?? id}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-c3-timestamp': stamp,
          'x-c3-signature': signDelivery(sending.secret ?? secret ?? '', stamp, signed),
          ...sending.headers,
        },
        body: sent,
      })
    },
    records: async <T = Record<string, string>>(kind: string) =>
      (await bed.sim<{ records: T[] }>(`records/${kind}`)).records,
    /** Waits until nothing is left to be read. */
    settled: () => until(async () => (await bed.rows('sync.signals')).length === 0),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type WebhookBed = Awaited<ReturnType<typeof webhookBed>>
