import { openFieldsOf } from './decisions.ts'
import type { Opened } from './execute.ts'
import type { Lane } from './lanes.ts'
import { isPlaceholder, type Link, type LinkPlace, linksOfLocals } from './links.ts'
import { WHOLE_RECORD } from './policy.ts'
import type { BatchOptions } from './signal-batch.ts'
import type { Sink, Write } from './sink.ts'
import type { Target } from './target.ts'
import { type FieldValue, same, type Values } from './values.ts'
import { perhapsMade, type Risked } from './writes.ts'

/** What is still to be written of a record of ours, and why. */
export interface Pending extends Omit<Write, 'id'> {
  link: Link
  /** What the hub holds. */
  held: Values
}

/** A record as it will be once what the source has of it was brought over. */
export interface Ahead {
  externalId: string
  /** It goes, so that nothing of it is written. */
  isGone: boolean
  /** What the hub will hold, and what both sides will agree on: undefined when that is the same. Left out: as now. */
  values?: { held: Values; base: Values | undefined }
  /** Fields about which somebody will have to decide. */
  open: ReadonlySet<string>
}

/** What a plan foresees before any of it is done. */
export interface Foreseen {
  /** By local id. Records that are absent stay as they are. */
  ahead?: ReadonlyMap<string, Ahead>
  /** Placeholders of records that will have ids by then: links to them can be written. */
  coming?: Pick<ReadonlySet<string>, 'has'> | undefined
}

/** Whatever record is named: it will have an id. */
export const EVERY: NonNullable<Foreseen['coming']> = { has: () => true }

/** What a batch is written with. */
export interface Pushing {
  options: BatchOptions
  opened: Opened & { sink: Sink }
  lane: Lane
}

/** A write under way, with what it was made from. */
export interface Sent extends Risked, Pick<Pending, 'link' | 'held'> {}

/**
 * What is still to be written of records: three statements at most, and those of `sink.takes`. Records of which nothing is are absent.
 * @param foreseen what will be so by the time that it is written; left out: it is written as things stand
 */
export const pendingOf = async (
  tx: object,
  { target, sink }: { target: Target; sink: Pick<Sink, 'takes'> },
  place: LinkPlace,
  localIds: readonly string[],
  { ahead, coming }: Foreseen = {},
): Promise<Pending[]> => {
  const links = await linksOfLocals(tx, place, localIds)
  const found = [...links.values()]
  const current = await target.current(tx, place.type, localIds)
  const open = await openFieldsOf(tx, place, localIds)
  const unborn = found.filter(isUnborn).map(({ localId }) => localId)
  const made = await perhapsMade(tx, place.orgId, unborn)
  const mayBeWritten = await sink.takes(tx)
  return found.flatMap((link) => {
    // Nobody has decided yet: neither side's word is written over the other's.
    const held = current.get(link.localId) ?? {}
    const next = ahead?.get(link.localId)
    if (next?.isGone) return []
    const isOpen = (field: string) => (next?.open.has(field) || open.get(link.localId)?.has(field)) ?? false
    if (isOpen(WHOLE_RECORD)) return []
    const takes = (field: string, value: FieldValue) =>
      !isOpen(field) && mayBeWritten(place.type, field, value, coming)
    const as = next?.values ? foreseen(link, next.externalId, next.values.base) : link
    const pending = pendingOfRecord(as, next?.values?.held ?? held, takes, made.has(link.localId))
    return pending ? [{ ...pending, link: as, held }] : []
  })
}

const foreseen = (link: Link, externalId: string, base: Values | undefined): Link => ({
  ...link,
  externalId,
  base,
  goneReason: undefined,
})

const isUnborn = (link: Link): boolean => link.goneReason === 'deleted' && isPlaceholder(link.externalId)

const pendingOfRecord = (
  link: Link,
  held: Values,
  takes: (field: string, value: FieldValue) => boolean,
  isPerhapsMade: boolean,
): Omit<Write, 'id'> | undefined => {
  const { localId } = link
  const isNew = isPlaceholder(link.externalId)
  const externalId = isNew ? undefined : link.externalId
  if (link.goneReason === 'deleted') {
    if (!isNew) return { localId, externalId, operation: 'ARCHIVE', fields: {} }
    // It may be there although nobody told us: asking for it again tells its id, and then it can go.
    if (!isPerhapsMade) return undefined
  } else if (link.goneReason !== undefined) return undefined
  const base = link.base ?? (isNew ? {} : held)
  const fields: Record<string, { from: FieldValue; to: FieldValue }> = {}
  for (const field of new Set([...Object.keys(held), ...Object.keys(base)])) {
    const [from, to] = [base[field] ?? null, held[field] ?? null]
    if (!same(from, to) && takes(field, to)) fields[field] = { from, to }
  }
  if (isNew) return { localId, externalId, operation: 'CREATE', fields }
  return Object.keys(fields).length > 0 ? { localId, externalId, operation: 'UPDATE', fields } : undefined
}
