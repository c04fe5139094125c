import { isId } from '#kernel/ids.ts'
import type { Context } from '../context.ts'
import type { FieldChange } from '../domain/changing-mappings.ts'
import { type FieldKind, hubFields, type MappedType } from '../domain/hub-fields.ts'
import { compileField, mappingOf, propertiesOfMapping, type Says } from '../domain/mapping.ts'
import type { MappingProblem } from '../domain/mapping-problems.ts'
import { isPersonalField, maySeePersons } from '../domain/seeing.ts'
import { currencyOf, dayOf, instantOf, numberOf, type Said, textOf } from '../domain/values.ts'
import { known } from '../store/catalog.ts'
import { sampleRecords } from '../store/record-properties.ts'
import { heldMappings, planMapping } from './apply-mappings.ts'

/** A field of it, before and after. What the caller may not see is left out. */
export interface PreviewedField {
  field: string
  before: string | null
  after: string | null
  changes: boolean
  masked: boolean
  problem: string | null
}

/** A record as a change would make it. */
export interface Previewed {
  externalId: string
  fields: PreviewedField[]
}

export interface MappingPreviewed {
  version: number
  problems: readonly MappingProblem[]
  unreadProperties: string[]
  records: Previewed[]
}

/** What a value becomes in a column of its kind, as text. */
const READ: Record<FieldKind, (said: Said) => string | null> = {
  TEXT: textOf,
  NUMBER: numberOf,
  WHOLE: numberOf,
  MONEY: numberOf,
  CURRENCY: currencyOf,
  DAY: dayOf,
  INSTANT: (said) => instantOf(said)?.toISOString() ?? null,
  FLAG: textOf,
  OWNER: textOf,
}

const lostSays = (filled: readonly string[]): string =>
  `HubSpot has a value under ${filled.join(', ')}, and nothing can be made of it: the field would be empty.`

/** Tries a change of a mapping on records that are here. Nothing is written, and nobody waits for it. */
export const previewMapping = async (
  ctx: Context,
  ask: { integrationId: string; type: MappedType; changes: readonly FieldChange[]; sample: number },
): Promise<MappingPreviewed | null> => {
  const { orgId, clock, db } = ctx
  const { integrationId, type } = ask
  if (!isId(integrationId)) return null
  return await db.read(orgId, async (tx) => {
    const held = await heldMappings(tx, orgId, integrationId)
    if (!held) return null
    const plan = planMapping(held, type, ask.changes, clock.now())
    const before = plan.held.fields
    const named = plan.fields.flatMap((field) => [
      ...mappingOf(type, field, before).properties,
      ...mappingOf(type, field, plan.overrides).properties,
    ])
    const isRead = new Set(held.catalog.get(type)?.flatMap((row) => (row.is_read ? [row.name] : [])))
    const rows =
      plan.fields.length === 0
        ? []
        : await sampleRecords(tx, { orgId, integrationId, type }, named, ask.sample)
    const maySee = maySeePersons(ctx.principal)
    const catalog = known(held.catalog.get(type) ?? [])
    const readers = plan.fields.map((field) => ({
      field,
      masked: !maySee && isPersonalField(type, field, [before, plan.overrides], catalog),
      sources: mappingOf(type, field, plan.overrides).properties,
      read: READ[hubFields(type)[field]?.kind ?? 'TEXT'],
      was: compileField(mappingOf(type, field, before)),
      is: compileField(mappingOf(type, field, plan.overrides)),
    }))
    const tryOn = (says: Says) =>
      readers.map(({ field, masked, sources, read, was, is }): PreviewedField => {
        const [now, then] = [read(was(says)), read(is(says))]
        const shown = masked ? { before: null, after: null } : { before: now, after: then }
        const filled = sources.filter((name) => textOf(says[name] as Said) !== null)
        const problem = then === null && filled.length > 0 ? lostSays(filled) : null
        return { field, ...shown, changes: now !== then, masked, problem }
      })
    return {
      version: plan.held.version,
      problems: plan.problems,
      unreadProperties: propertiesOfMapping(type, plan.overrides).filter(
        (name) => plan.reading.read.includes(name) && !isRead.has(name),
      ),
      records: rows.map((row) => ({ externalId: row.external_id, fields: tryOn(row.properties) })),
    }
  })
}
