import { publish } from '#events/outbox.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, isRefusal, type MissingRefusal } from '#service/refusal.ts'
import { startRun } from '#sync/queue.ts'
import type { Context } from '../context.ts'
import { mergeCatalog } from '../domain/catalog.ts'
import { isReadInFull } from '../domain/kinds.ts'
import type { OwnedType } from '../domain/own-objects.ts'
import { type Item, isUnknownTo, keyOf, settle } from '../domain/provisioning.ts'
import { allows } from '../domain/settings.ts'
import { runProgressed } from '../domain/telling.ts'
import {
  type CatalogPlace,
  catalogOf,
  known,
  type PortalPropertyRow,
  writeCatalog,
} from '../store/catalog.ts'
import { noteHolders } from '../store/holders.ts'
import { forgetCatalog } from '../store/integrations.ts'
import { writePortalObjects } from '../store/portal-objects.ts'
import type { Transaction } from '../store/transaction.ts'
import { type PlannedPortal, planPortal } from './plan-portal.ts'

/** What was made, what was there, and what is in the way. */
export interface Provisioned {
  /** Company properties, by name. */
  created: string[]
  existing: string[]
  items: Item[]
  receipt: Receipt
}

type Furnished = Awaited<ReturnType<PlannedPortal['provisioner']['furnish']>>

/**
 * Makes what the hub writes in a portal and the portal lacks. What is there is left as it is. Safe to repeat, also when HubSpot's
 * answer got lost, or the hub stopped before it could write down what it had made: what is there is found then.
 * @param ask.planHash of the plan that somebody has seen; when the portal has moved since, nothing is made
 * @throws what HubSpot throws while the portal is looked at
 */
export const provisionPortal = async (
  ctx: Context,
  ask: { integrationId: string; planHash: string | null },
): Promise<Provisioned | InvalidRefusal | MissingRefusal> => {
  const planned = await planPortal(ctx, ask.integrationId)
  if (isRefusal(planned)) return planned
  const { plan, wanted, survey, provisioner, row } = planned
  if (ask.planHash !== null && ask.planHash !== plan.hash) return invalid('planHash', MOVED, 'PLAN_MOVED')
  const furnished = await provisioner.furnish({ plan, survey, own: wanted.objects })
  const items = settle(plan.items, furnished.outcomes)
  const { orgId, principal, clock } = ctx
  const place = { orgId, integrationId: row.id }
  const receipt = await ctx.write(async (tx) => {
    const at = clock.now()
    const subject = { type: 'HubSpotIntegration', id: row.id }
    const after = { made: keysOf(items, 'MADE'), notMade: keysOf(items, 'NOT_MADE') }
    await audit(tx, { orgId, principal, action: 'provisionHubSpot', subject, after, at })
    await writePortalObjects(tx, place, furnished.objects, at)
    const comesIn = allows(row.direction, 'IN')
    const kept = await catalogOf(tx, place)
    const isOurs = (type: OwnedType) => !comesIn || !isReadInFull(type)
    await keepCatalog(tx, place, kept, furnished, isOurs, at)
    const came = items.filter((each) => isUnknownTo(each, kept.get(each.type) ?? []))
    for (const [type, some] of Map.groupBy(came, (each) => each.type))
      if (isOurs(type)) await noteHolders(tx, place, { type, names: some.map(({ name }) => name) }, at)
    if (comesIn && came.some((each) => isReadInFull(each.type))) {
      await forgetCatalog(tx, orgId, row.id)
      const { run, isNew } = await startRun(tx, { orgId, connectionId: row.id, mode: 'INCREMENTAL', clock })
      if (isNew) await publish(tx, orgId, [runProgressed(run)], at)
    }
    return await receiptOf(tx)
  })
  const named = (state: Item['state']) =>
    items
      .filter((each) => each.kind === 'PROPERTY' && each.type === 'companies' && each.state === state)
      .map(({ name }) => name)
  return { created: named('MADE'), existing: [...named('THERE'), ...named('IN_THE_WAY')], items, receipt }
}

const MOVED =
  'The portal, what it grants or the settings have changed since this was planned. Nothing was made: plan again.'

const keysOf = (items: readonly Item[], state: Item['state']) =>
  items.filter((each) => each.state === state).map(keyOf)

/** Writers look up here what they may write. The other kinds' properties are read anew by a run, which tells what became of them. */
const keepCatalog = (
  tx: Transaction,
  place: CatalogPlace,
  kept: ReadonlyMap<string, readonly PortalPropertyRow[]>,
  { properties }: Furnished,
  isOurs: (type: OwnedType) => boolean,
  at: Date,
): Promise<void> =>
  writeCatalog(
    tx,
    place,
    [...properties].flatMap(([type, now]) => {
      if (!isOurs(type)) return []
      const rows = kept.get(type) ?? []
      const read = new Set(rows.filter((row) => row.is_read).map(({ name }) => name))
      return [...mergeCatalog(known(rows), now).values()].map((each) => ({
        ...each,
        type,
        isRead: read.has(each.name),
      }))
    }),
    at,
  )
