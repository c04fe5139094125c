/** A portal that has room for all that the hub writes, the customers subgraph before it, and what telephony tells of accounts. */

import type { NewEvent } from '#events/outbox.ts'
import { openVault } from '#kernel/vault.ts'
import { type EventPayload, event } from '#schema/events.ts'
import { type SaidNumber, sealNumber } from '#schema/phone-number.ts'
import { assetsBed, type Dump } from '#test/assets/bed.ts'
import { FIRST_PORTAL } from '#test/connections/bed.ts'
import { nameOf } from '#test/kit/business-names.ts'
import { ORG, TEST_KEY } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { provisioningOf } from '#test/provisioning/provisioning-bed.ts'
import { beginHappening, later } from '#test/timeline/happening.ts'

export { later }

const vault = openVault([TEST_KEY])
const USD = (amount: string) => ({ amount, currency: 'USD' })

type Account = EventPayload<'telephony.account.changed'>
export const account = (ban: string, domain: string | null, more: Partial<Account> = {}): NewEvent =>
  event('telephony.account.changed', ban, {
    ...{
      ban,
      name: nameOf(domain, `Account ${ban}`),
      domain,
      status: 'ACTIVE',
      tier: 'GROWTH',
      mrr: USD('100.0000'),
    },
    ...{ creditLimit: USD('5000.0000'), paymentStatus: 'CURRENT', contractEnd: null },
    ...{ createdAt: later(0), observedAt: later(0), ...more },
  })

type Told = EventPayload<'telephony.number.changed'>
/** @param said what number it is, and where; sealed as telephony seals it */
export const number = (ban: string, id: string, said: SaidNumber, more: Partial<Told> = {}): NewEvent =>
  event('telephony.number.changed', ban, {
    ...{ numberId: id, ban, trunkId: null, type: 'LOCAL', sealed: sealNumber(vault, ORG, id, said) },
    ...{ status: 'ACTIVE', origin: 'PURCHASED', createdAt: later(10), observedAt: later(10), ...more },
  })

type Trunk = EventPayload<'telephony.trunk.changed'>
export const trunk = (ban: string, trunkId: string, more: Partial<Trunk> = {}): NewEvent =>
  event('telephony.trunk.changed', ban, {
    ...{ ban, trunkId, name: `Trunk ${trunkId}`, status: 'ACTIVE', concurrentCalls: 10, monthlyMinutes: 100 },
    ...{ createdAt: later(10), observedAt: later(10), ...more },
  })

type Usage = EventPayload<'telephony.usage.summarised'>
export const usage = (ban: string, day: string, more: Partial<Usage> = {}): NewEvent =>
  event('telephony.usage.summarised', ban, {
    ...{ ban, day, calls: 10, completedCalls: 8, minutes: '16.5', messages: 3, spend: USD('1.6500') },
    ...{ asr: 0.8, acd: 120, monthToDate: { minutes: '100.25', spend: USD('10.0250') } },
    ...{ observedAt: later(20), ...more },
  })

type Alert = EventPayload<'telephony.alert.opened'>
export const alert = (
  name: 'telephony.alert.opened' | 'telephony.alert.closed',
  ban: string,
  alertId: string,
  more: Partial<Alert> = {},
): NewEvent =>
  event(name, ban, {
    ...{ alertId, ban, trunkId: 'trunk_42', measure: 'ANSWER_RATIO', severity: 'HIGH', value: '0.32' },
    ...{ bound: '0.50', limit: null, percent: null, currency: null, period: 'last_hour' },
    ...{ openedAt: later(0), dueAt: later(14_400), closedAt: null, observedAt: later(0), ...more },
  })

/** @param options.kinds the kinds of event that the connection tells */
export const outwardBed = async ({ kinds }: { kinds?: readonly string[] } = {}) => {
  beginHappening()
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await assetsBed(() => [], { usageSettlesMs: 0 }))
  const integrationId = await bed.connect(FIRST_PORTAL)
  await bed.settled()
  await bed.approve(integrationId)
  await provisioningOf(bed, integrationId).provision()
  /** Changes what the connection does by itself. */
  const settle = async (input: object) => {
    const [row] = await bed.integrations()
    const path = `/api/v2/integrations/hubspot/${integrationId}/settings`
    const answer = await bed.rest('PATCH', path, { input, expectedVersion: row!.settings_version })
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
  }
  if (kinds) await settle({ timelineKinds: kinds })
  await bed.settled()
  const records = async (type: string, to = 'companies') =>
    (await bed.sim<{ results: Dump[] }>(`records/${type}?limit=100000&associations=${to}`)).results.filter(
      (each) => !each.archived,
    )
  const company = async (id: string) =>
    (await records('companies')).find((each) => each.id === id)!.properties
  const all = stack.move()
  return {
    ...bed,
    integrationId,
    settle,
    records,
    company,
    /** Waits until a company says these, of its properties named. */
    says: (id: string, wanted: Record<string, string | null>) =>
      until(async () => {
        const properties = await company(id)
        const said = Object.fromEntries(Object.keys(wanted).map((name) => [name, properties[name] || null]))
        if (JSON.stringify(said) !== JSON.stringify(wanted)) throw new Error(JSON.stringify(said))
        return true
      }),
    /** How often companies were written since the journal was last forgotten. */
    companyWrites: async (): Promise<number> =>
      (await bed.journal()).entries.filter(
        ({ method, path }) => method === 'POST' && path.endsWith('/companies/batch/update'),
      ).length,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type OutwardBed = Awaited<ReturnType<typeof outwardBed>>
