import type { KnownProperty } from './catalog.ts'
import { type Landing, landingOf, type Unwritable } from './inverting.ts'
import { KINDS, type RecordType } from './kinds.ts'
import { fieldToLinks, linkField, linksToField, mainLink } from './links.ts'
import type { Overrides, Says } from './mapping.ts'
import { mayLeave } from './may-leave.ts'
import { EXTERNAL_KEY } from './own-properties.ts'
import { placeInPipeline, type StageOf } from './placing.ts'
import { saidAlready, sayable } from './sayable.ts'
import { type Said, textOf } from './values.ts'
import { judgeWritable } from './writable.ts'
import {
  BEGINNINGS,
  HAS_PRIMARY,
  isMapped,
  NEEDED,
  REFERENCES,
  STAGED,
  WRITTEN_FIELDS,
  type WrittenField,
} from './written-fields.ts'

/** What somebody wants a record to say, by the fields of its input. What is undefined was left out. */
export type RecordInput = Readonly<Record<string, unknown>>

/** Why an input cannot be used. */
export interface Wrong {
  field: string
  message: string
  code: string
}

/** What is known of a portal around the writing of one kind of record. */
export interface Writing {
  type: RecordType
  overrides: Overrides
  catalog: ReadonlyMap<string, KnownProperty>
  stages: readonly StageOf[]
  at: Date
}

/** What an input names, as the portal names it. Absent: it is not there, or is another organisation's. */
export interface Named {
  owners: ReadonlyMap<string, string>
  /** By kind and our id; a customer is its company. */
  records: ReadonlyMap<string, string>
}

export const namedKey = (type: string, id: string): string => `${type}/${id}`

export type Values = Record<string, string | null | readonly string[]>

/** What a record is to say, by property; only what differs from what it says. */
export interface Judged {
  values: Values
  /** The fields of the input that change something. */
  changed: string[]
}

/**
 * Judges everything that somebody wants a record to say, and says it in the portal's words. Pure.
 * @param held what the record says now; undefined for one that is to be made
 */
export const judgeRecord = (
  writing: Writing,
  input: RecordInput,
  named: Named,
  held?: Says,
): Judged | Wrong => {
  const { type } = writing
  const given = held === undefined ? { ...BEGINNINGS[type], ...withoutAbsent(input) } : withoutAbsent(input)
  if (type === 'notes' && held === undefined) (given as Record<string, unknown>).notedAt ??= writing.at
  const parts = [
    ...Object.keys(given).map((field) => judgePart(writing, field, given, named, held ?? {})),
    judgeStage(writing, given, held),
  ]
  const wrong = parts.find((part) => part && 'message' in part)
  if (wrong && 'message' in wrong) return wrong
  const values: Values = {}
  const changed: string[] = []
  for (const part of parts) {
    if (!part || 'message' in part) continue
    for (const { property, value, field } of part.says) {
      if (property in values) return { field, code: 'INVALID', message: `${property} is given twice.` }
      values[property] = value
      changed.push(field)
    }
  }
  return (
    lacking(writing, { ...held, ...values }, held && changed) ?? { values, changed: [...new Set(changed)] }
  )
}

const withoutAbsent = (input: RecordInput): RecordInput =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))

interface Part {
  says: { field: string; property: string; value: string | null | readonly string[] }[]
}
const NOTHING: Part = { says: [] }

const judgePart = (
  writing: Writing,
  field: string,
  input: RecordInput,
  named: Named,
  held: Says,
): Part | Wrong => {
  const own = WRITTEN_FIELDS[writing.type][field]
  if (own) return judgeField(writing, field, own, input[field], held)
  if (field === 'ownerId') return judgeOwner(writing, input[field], named, held)
  if (REFERENCES[field]) return judgeReference(writing.type, field, input[field], named, held)
  if (field === 'properties') return judgeProperties(writing, input[field], held)
  return NOTHING
}

const judgeField = (
  writing: Writing,
  field: string,
  own: WrittenField,
  given: unknown,
  held: Says,
): Part | Wrong => {
  const said = sayable(own, given)
  if ('wrong' in said) return { field, message: said.wrong, code: 'INVALID' }
  const landing = land(writing, own.hubField, own.property ?? field, said.text)
  if ('message' in landing) return { field, ...landing }
  const { property } = landing
  const text = spelt(own, landing, writing.catalog)
  const refused = refusal(writing, property, text)
  if (refused) return { field, ...refused }
  return saidAlready(own, held[property], text) ? NOTHING : { says: [{ field, property, value: text }] }
}

const land = (
  { type, overrides, catalog }: Writing,
  hubField: string | undefined,
  property: string,
  text: string | null,
): Landing | Unwritable =>
  hubField !== undefined && isMapped(type)
    ? landingOf(type, hubField, text, { overrides, catalog })
    : { property, text }

/** Portals write the same word large or small: as they have it among their options. */
const spelt = (
  { kind }: WrittenField,
  { property, text }: Landing,
  catalog: Writing['catalog'],
): string | null => {
  if (text === null || kind !== 'WORD') return text
  const options = catalog.get(property)?.options ?? []
  return options.find(({ value }) => value.toUpperCase() === text.toUpperCase())?.value ?? text
}

const refusal = ({ type, catalog }: Writing, property: string, text: string | null): Unwritable | null => {
  const isOwn = property === EXTERNAL_KEY || property === KINDS[type].created
  if (isOwn || 'withheld' in mayLeave(type, property, text, { sendsAddresses: false }))
    return { code: 'NEVER_WRITTEN', message: `${property} is never written.` }
  const trouble = judgeWritable(type, catalog).refusalOf(property, text)
  return trouble && { code: 'PORTAL_REFUSES', message: `${trouble.message} ${trouble.fix}` }
}

const judgeOwner = (writing: Writing, given: unknown, { owners }: Named, held: Says): Part | Wrong => {
  const owner = given === null ? null : owners.get(String(given))
  if (owner === undefined)
    return { field: 'ownerId', code: 'NOT_FOUND', message: 'There is no such colleague in this portal.' }
  const landing = land(writing, isMapped(writing.type) ? 'owner' : undefined, 'hubspot_owner_id', owner)
  if ('message' in landing) return { field: 'ownerId', ...landing }
  const { property, text } = landing
  return (textOf(held[property] as Said) ?? null) === text
    ? NOTHING
    : { says: [{ field: 'ownerId', property, value: text }] }
}

const judgeReference = (
  type: RecordType,
  field: string,
  given: unknown,
  { records }: Named,
  held: Says,
): Part | Wrong => {
  const { type: to, several } = REFERENCES[field]!
  const ids = given === null ? [] : several ? (given as readonly string[]).map(String) : [String(given)]
  const found = ids.map((id) => records.get(namedKey(to, id)))
  if (found.includes(undefined))
    return {
      field,
      code: 'NOT_FOUND',
      message:
        to === 'companies'
          ? 'This portal does not know that customer. Make its company there first.'
          : `Not every one of them is a record of ${to} of this portal.`,
    }
  const property = linkField(to)
  const before = fieldToLinks(held[property])
  const links = several ? listed(before, found as string[]) : replaced(type, before, found[0] ?? null)
  const value = linksToField(links)
  return value.join() === linksToField(before).join() ? NOTHING : { says: [{ field, property, value }] }
}

type Links = ReturnType<typeof fieldToLinks>

const listed = (before: Links, ids: readonly string[]): Links =>
  [...new Set(ids)].map((id) => before.find((link) => link.id === id) ?? { id, primary: false })

/** Another one in the place of the one that the record is mainly about; the others stay. */
const replaced = (type: RecordType, before: Links, id: string | null): Links => {
  const main = mainLink(before)
  const others = before.filter((link) => link.id !== main && link.id !== id)
  return id === null ? others : [...others, { id, primary: HAS_PRIMARY.has(type) }]
}

const judgeProperties = (writing: Writing, given: unknown, held: Says): Part | Wrong => {
  const staged = STAGED[writing.type]
  const says: Part['says'] = []
  for (const { name, value = null } of (given ?? []) as { name: string; value?: string | null }[]) {
    const wrong = (message: string): Wrong => ({
      field: 'properties',
      message: `${name}: ${message}`,
      code: 'INVALID',
    })
    if (name === staged?.stage || name === staged?.pipeline)
      return wrong('Say it by the fields stage and pipeline.')
    const judged = sayable(fieldOf(writing.catalog.get(name)?.kind), value)
    if ('wrong' in judged) return wrong(judged.wrong)
    const refused = refusal(writing, name, judged.text)
    if (refused) return { ...wrong(refused.message), code: refused.code }
    if ((textOf(held[name] as Said) ?? null) !== judged.text)
      says.push({ field: 'properties', property: name, value: judged.text })
  }
  return { says }
}

/** What a value of a property of this type has to look like. */
const fieldOf = (kind: string | undefined): WrittenField => {
  if (kind === 'number') return { kind: 'NUMBER' }
  if (kind === 'date') return { kind: 'DAY' }
  if (kind === 'datetime') return { kind: 'INSTANT' }
  return kind === 'bool' ? { kind: 'FLAG' } : { kind: 'FREE' }
}

const judgeStage = (writing: Writing, input: RecordInput, held: Says | undefined): Part | Wrong => {
  const staged = STAGED[writing.type]
  if (!staged) return NOTHING
  const now = held && {
    pipeline: textOf(held[staged.pipeline] as Said),
    stage: textOf(held[staged.stage] as Said),
  }
  const placed = placeInPipeline(writing.stages, { pipeline: input.pipeline, stage: input.stage }, now)
  if ('message' in placed) return { ...placed, code: 'INVALID' }
  const { pipeline, stage } = placed
  return {
    says: [
      ...(pipeline !== (now?.pipeline ?? null)
        ? [{ field: 'pipeline', property: staged.pipeline, value: pipeline }]
        : []),
      ...(stage !== (now?.stage ?? null) ? [{ field: 'stage', property: staged.stage, value: stage }] : []),
    ],
  }
}

/** What the record would have to say, and would not. Of a known one only what was taken away just now. */
const lacking = (writing: Writing, says: Says, changed: readonly string[] | undefined): Wrong | null => {
  const { type } = writing
  const has = (field: string): boolean => {
    const { hubField, property = field } = WRITTEN_FIELDS[type][field] ?? {}
    const landing = land(writing, hubField, property, null)
    return 'property' in landing && textOf(says[landing.property] as Said) !== null
  }
  const group = NEEDED[type].find(
    (each) => (!changed || each.some((field) => changed.includes(field))) && !each.some(has),
  )
  if (!group) return null
  const what = group.length === 1 ? group[0] : `${group.slice(0, -1).join(', ')} or ${group.at(-1)}`
  return { field: group[0] ?? '', code: 'REQUIRED', message: `A record of ${type} needs ${what}.` }
}

/** What HubSpot will say of a record by itself once it is made: held until it does. */
export const assumedOf = (type: RecordType, at: Date): Record<string, string> => ({
  [KINDS[type].created]: at.toISOString(),
})
