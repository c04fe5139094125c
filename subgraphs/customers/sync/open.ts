import { publish } from '#events/outbox.ts'
import type { OpenRun } from '#sync/execute.ts'
import type { RateLimit } from '#sync/limiter.ts'
import { openQueue, paced, type Queue } from '#sync/pace.ts'
import { isOn, mayRead } from '../domain/features.ts'
import { kindOf, RECORD_TYPES } from '../domain/kinds.ts'
import { OWN_OBJECT_TYPES } from '../domain/own-objects.ts'
import { moneyFields, tableOf } from '../domain/policy.ts'
import { allows, isPaused } from '../domain/settings.ts'
import { catalogOf, derivedIn } from '../store/catalog.ts'
import { type IntegrationRow, noteIntegration } from '../store/integrations.ts'
import { mappingsOf, overridesOf, takeRelisting } from '../store/mappings.ts'
import { pausesOf } from '../store/pauses.ts'
import { policyOf } from '../store/policies.ts'
import { writePortal } from '../store/portal.ts'
import { portalObjectsOf } from '../store/portal-objects.ts'
import { suppressionKey } from '../store/suppressions.ts'
import { asTransaction } from '../store/transaction.ts'
import { admittedOwners } from './admit.ts'
import { knownFacts } from './known-facts.ts'
import { rulesFor } from './leaving.ts'
import { followStages, movedStages } from './moved-stages.ts'
import { withOwnTypes } from './own-records.ts'
import { ownTypes } from './own-source.ts'
import type { Portals, PortalsOptions } from './portals.ts'
import { takeCatalog } from './prepare.ts'
import { readSetup } from './setup.ts'
import { hubSpotSink } from './sink.ts'
import { hubSpotSource } from './source.ts'
import { takesNow } from './takes.ts'
import { partOf } from './taking-part.ts'
import { customersTarget } from './target.ts'

/** What is assumed of a portal: what HubSpot grants the smallest account. */
export const SMALLEST_LIMITS: Readonly<Record<string, RateLimit>> = {
  burst: { max: 100, intervalMs: 10_000 },
  search: { max: 5, intervalMs: 1_000 },
}

/** For how long what a portal told about itself is believed by runs that only read changes. */
const SETUP_VALID_MS = 6 * 3_600_000

/** Opens a run's portal and our tables: reads what the portal tells about itself when that is old. */
export const openPortalRun = (
  { database, clock, vault }: Pick<PortalsOptions, 'database' | 'clock' | 'vault'>,
  portals: Portals,
): OpenRun => {
  const queues = new Map<string, Queue>()
  const paceOf = async (row: IntegrationRow) => {
    const queue = queues.get(row.id) ?? openQueue()
    queues.set(row.id, queue)
    return paced(await portals.budget(row), { clock, bucket: 'burst', queue })
  }
  return async (run, signal) => {
    const { orgId } = run
    const place = { orgId, integrationId: run.connectionId }
    const row = await portals.connection(place)
    // Records that somebody told of are wanted soon, and come a few at a time.
    const pace = run.id === undefined ? await paceOf(row) : undefined
    const hubspot = await portals.open(row, { signal, ...(pace ? { limiter: pace } : {}) })
    const pauses = (await database.read(orgId, (tx) => pausesOf(tx, orgId, [row.id]))).get(row.id) ?? []
    const types = RECORD_TYPES.filter(
      (type) => allows(row.direction, 'IN') && mayRead(row, type) && !isPaused(pauses, 'IN', type),
    )
    const age = clock.now().getTime() - (row.prepared_at?.getTime() ?? 0)
    let { properties, portal_id: portal } = row
    const key = await database.transaction(orgId, (tx) => suppressionKey(tx, orgId, vault, clock.now()))
    const isUnknown = types.some((type) => kindOf(type).properties === undefined && !properties[type])
    const isSync = run.purpose === undefined || run.purpose === 'SYNC'
    if (
      (isSync && run.mode !== 'INCREMENTAL') ||
      age > SETUP_VALID_MS ||
      isUnknown ||
      row.catalog_read_at === null
    ) {
      const setup = await readSetup(hubspot, place, types, { owners: isOn(row, 'OWNERS') })
      const { portalId, timeZone, currency } = setup
      portal = portalId
      const at = clock.now()
      await database.transaction(orgId, async (tx) => {
        const moved = await movedStages(tx, place, setup.stages)
        await writePortal(tx, place, await admittedOwners(tx, key, setup.owners), setup.stages)
        const taken = await takeCatalog(tx, place, setup.catalog, at)
        properties = { ...properties, ...taken.properties }
        await followStages(tx, place, moved, at)
        const told = { portalId, timeZone, currency, properties, preparedAt: at, catalogReadAt: at }
        await noteIntegration(tx, orgId, row.id, told, at)
        await publish(tx, orgId, taken.events, at)
      })
    }
    const { id: runId } = run
    if (runId && isSync) await database.transaction(orgId, (tx) => takeRelisting(tx, place, types, runId))
    const { facts, catalog, objects, policy } = await database.read(orgId, async (tx) => {
      const catalog = await catalogOf(tx, place)
      return {
        facts: await knownFacts(tx, place, runId),
        catalog,
        objects: await portalObjectsOf(tx, place),
        policy: tableOf(
          await policyOf(tx, place),
          moneyFields(overridesOf(await mappingsOf(tx, orgId, [row.id]))),
          derivedIn(catalog),
        ),
      }
    })
    const part = partOf(hubspot, row.inclusion)
    const source = part.asked(hubSpotSource(hubspot, part.properties(properties), clock, types))
    // Runs go by kinds that people have; records of our own kinds are looked at one by one.
    const own = runId === undefined && allows(row.direction, 'IN') ? [...objects.keys()] : []
    const turn = pace ? { turn: () => pace.turn(signal) } : {}
    const rules = { sendsAddresses: row.sends_addresses }
    return {
      source: {
        ...source,
        types: [...source.types, ...ownTypes(withOwnTypes(hubspot, objects), own, rules)],
        ...turn,
      },
      writes: [...RECORD_TYPES, ...OWN_OBJECT_TYPES].filter((type) => !isPaused(pauses, 'OUT', type)),
      brakes: { deletePercent: row.delete_percent, changePercent: row.change_percent },
      target: customersTarget(facts, { portal: portal ?? row.id, key }, part.takesPart),
      policy,
      ...(allows(row.direction, 'OUT') && isOn(row, 'WRITE')
        ? {
            sink: {
              ...hubSpotSink(
                withOwnTypes(hubspot, objects),
                catalog,
                (tx) => takesNow(asTransaction(tx), place),
                rulesFor({ database, vault }, place),
              ),
              ...turn,
            },
          }
        : {}),
    }
  }
}
