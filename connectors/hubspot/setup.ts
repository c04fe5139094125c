import * as z from 'zod'
import { VendorInconsistent } from '../contract.ts'
import type { Check } from '../http.ts'
import type { Wire } from './http.ts'
import { path, query } from './read.ts'
import type {
  HubSpotAccount,
  HubSpotOwner,
  HubSpotPipeline,
  HubSpotProperty,
  NewHubSpotProperty,
  NotMade,
} from './record.ts'
import { VENDOR } from './verdict.ts'

/** What a portal tells about itself: read once per run, before its records. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null)
const flag = z.boolean().catch(false)
const order = z.number().catch(0)
const id = z.coerce.string()

const account = z.object({
  portalId: id,
  timeZone: z.string().catch('UTC'),
  companyCurrency: z.string().optional().catch(undefined),
  accountType: z.string().optional().catch(undefined),
  uiDomain: z.string().optional().catch(undefined),
})

const owner = z.object({
  id,
  email: text,
  firstName: text,
  lastName: text,
  userId: z
    .union([z.number(), z.string()])
    .nullish()
    .transform((value) => (value == null ? null : String(value))),
  archived: flag,
  teams: z.array(z.object({ id, name: z.string(), primary: flag })).catch([]),
})

const ownerPage = z.object({
  results: z.array(owner),
  paging: z.object({ next: z.object({ after: id }).optional() }).optional(),
})

const stage = z.object({
  id,
  label: z.string(),
  displayOrder: order,
  archived: flag,
  metadata: z.record(z.string(), z.coerce.string()).catch({}),
})
const pipelines = z.object({
  results: z.array(
    z.object({ id, label: z.string(), displayOrder: order, archived: flag, stages: z.array(stage) }),
  ),
})

/** One property's definition. */
export const property = z
  .object({
    name: z.string(),
    label: z.string().catch(''),
    type: z.string(),
    fieldType: z.string().catch(''),
    archived: flag,
    calculated: flag,
    hasUniqueValue: flag,
    hidden: flag,
    description: z.string().catch(''),
    groupName: z.string().catch(''),
    hubspotDefined: flag,
    dataSensitivity: z.string().catch('non_sensitive'),
    options: z.array(z.object({ label: z.string(), value: z.string() })).catch([]),
    modificationMetadata: z.object({ readOnlyValue: flag }).optional().catch(undefined),
  })
  .transform(({ modificationMetadata, dataSensitivity, ...rest }) => ({
    ...rest,
    // `non_sensitive`, `sensitive` or `highly_sensitive`; portals without the feature leave it out.
    sensitive: dataSensitivity.endsWith('sensitive') && dataSensitivity !== 'non_sensitive',
    readOnlyValue: modificationMetadata?.readOnlyValue ?? false,
  }))
const properties = z.object({ results: z.array(property) })

/** Reads something about a portal. */
export const read = <T>(wire: Wire, target: string, check: Check<T>): Promise<T> =>
  wire.send({ counts: 'setup', method: 'GET', target, check })

/** See `HubSpot.account`. The wire learns the time zone, at whose midnight the daily limit is reset. */
export const readAccount = async (wire: Wire): Promise<HubSpotAccount> => {
  const found = await read(wire, '/account-info/v3/details', (body) => account.parse(body))
  wire.timeZone = found.timeZone
  return {
    ...found,
    companyCurrency: found.companyCurrency,
    accountType: found.accountType,
    uiDomain: found.uiDomain,
  }
}

/** See `HubSpot.owners`. */
export const readOwners = async (wire: Wire): Promise<HubSpotOwner[]> => {
  const found = new Map<string, HubSpotOwner>()
  // Archived owners are a list of their own; live ones win where both name the same.
  for (const archived of [true, false]) {
    const cursors = new Set<string>()
    for (let after: string | undefined; ; ) {
      const page = await read(
        wire,
        `/crm/v3/owners/${query({ limit: 100, after, archived: archived || undefined })}`,
        (body) => ownerPage.parse(body),
      )
      for (const each of page.results) found.set(each.id, each)
      after = page.paging?.next?.after
      if (after === undefined) break
      if (cursors.has(after)) throw VendorInconsistent.with({ vendor: VENDOR })
      cursors.add(after)
    }
  }
  return [...found.values()]
}

/** See `HubSpot.pipelines`. */
export const readPipelines = async (wire: Wire, type: string): Promise<HubSpotPipeline[]> =>
  (await read(wire, path`/crm/v3/pipelines/${type}`, (body) => pipelines.parse(body))).results

/** See `HubSpot.properties`. */
export const readProperties = async (wire: Wire, type: string): Promise<HubSpotProperty[]> =>
  (await read(wire, path`/crm/v3/properties/${type}`, (body) => properties.parse(body))).results

const made = z.object({
  results: z.array(z.object({ name: z.string() })),
  errors: z
    .array(
      z.object({
        category: z.string(),
        message: z.string().optional(),
        context: z.record(z.string(), z.array(z.string())).optional(),
      }),
    )
    .optional(),
})
type MakingError = NonNullable<z.infer<typeof made>['errors']>[number]

/** Whether an error is about a property: by its context, or by its words. */
const isAbout = ({ message = '', context = {} }: MakingError, name: string): boolean =>
  Object.values(context).some((values) => values.includes(name)) || message.split(/[^\w]+/).includes(name)

/** See `HubSpot.createProperties`. */
export const createProperties = async (
  wire: Wire,
  type: string,
  properties: readonly NewHubSpotProperty[],
): Promise<NotMade[]> => {
  if (properties.length === 0) return []
  const { results, errors = [] } = await wire.send({
    counts: 'setup',
    method: 'POST',
    target: path`/crm/v3/properties/${type}/batch/create`,
    body: { inputs: properties },
    write: true,
    check: (body) => made.parse(body),
  })
  // What is not among the results was not made. Errors name no row reliably: one that names no property is about those that none names.
  const names = new Set(results.map(({ name }) => name))
  const unmade = properties.filter(({ name }) => !names.has(name))
  const general = errors.filter((error) => !unmade.some(({ name }) => isAbout(error, name)))
  return unmade.map(({ name }) => {
    const error = errors.find((each) => isAbout(each, name)) ?? general[0]
    return { name, category: error?.category ?? 'UNKNOWN', message: error?.message ?? null }
  })
}
