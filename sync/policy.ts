import { type FieldValue, mergeLists, same } from './values.ts'

/**
 * Who wins when both sides changed a field since they last agreed.
 * SOURCE, HUB: that side · LAST_WRITE: the later one, the field's owner (or nobody, see `isTieOpen`) when the clocks are too close to tell or one is not known ·
 * FILL_BLANK: SOURCE, but only where the hub has nothing · NEVER_CLEAR: SOURCE, unless it would empty the field · MERGE: of lists
 * what either side added and neither took away · MANUAL: nobody, until somebody decides
 */
export const POLICIES = [
  'SOURCE',
  'HUB',
  'LAST_WRITE',
  'FILL_BLANK',
  'NEVER_CLEAR',
  'MERGE',
  'MANUAL',
] as const
export type Policy = (typeof POLICIES)[number]
export type Side = 'SOURCE' | 'HUB'

/** The policy of each field. `version` is written beside every decision, so that it can be explained later. */
export interface PolicyTable {
  version: number
  of(type: string, field: string): Policy
  /** Two changes closer than this cannot be ordered by their clocks. */
  clockToleranceMs: number
  /** The policy as people call it, where they have more words for it. It is kept beside the decision. */
  wordOf?(type: string, field: string): string
  /** Who is right where clocks cannot tell, and who would be where only a person may decide. Default: the source. */
  ownerOf?(type: string, field: string): Side
  /** Whether a person decides where clocks cannot tell who was last. Default: who `ownerOf` names is right. */
  isTieOpen?(type: string, field: string): boolean
  /** Who is right when one side deleted a record that the other changed. Default: the source. */
  ofDeletion?(type: string): Side | 'MANUAL'
  wordOfDeletion?(type: string): string
  /** Whether only the hub speaks of a kind of record: it is written without asking. Default: of none. */
  isOurs?(type: string): boolean
  /** Merges what is no plain set. Undefined: it is one. */
  merge?(type: string, field: string, sides: Sides): FieldValue | undefined
  /** The other fields without which a field means nothing, as a currency of an amount: they are changed and settled together. */
  together?(type: string, field: string): readonly string[]
  /** Whether the source works a field out by itself: that it is something else by now is nobody's deed. */
  isDerived?(type: string, field: string): boolean
  /** Whether a field holds decimal numbers: 100 and 100.00 are no disagreement. */
  isDecimal?(type: string, field: string): boolean
}

/** The source is right about everything it tells: what a subgraph starts with before somebody decides otherwise. */
export const sourceWins: PolicyTable = { version: 1, of: () => 'SOURCE', clockToleranceMs: 2_000 }

/** The name under which the record as a whole is decided about: one side deleted it, the other changed it. */
export const WHOLE_RECORD = '@record'

/** What a field was, and what each side made of it. */
export interface Sides {
  base: FieldValue
  theirs: FieldValue
  ours: FieldValue
}

/** A field that both sides changed, with their clocks where they are known. */
export interface Contest extends Sides {
  theirsAt: Date | undefined
  oursAt: Date | undefined
}

/** What a table says of a contest. */
export interface Verdict {
  policy: Policy
  /** The policy as people call it. */
  word: string
  policyVersion: number
  outcome: 'theirs' | 'ours' | 'merged' | 'open'
  /** Open: what the field's owner would have had. */
  would: 'theirs' | 'ours' | undefined
  /** What both shall have; undefined while it is open. */
  value: FieldValue | undefined
}

/** Decides a contest by a table. Pure, so that decisions can be made again under another table. */
export const decide = (table: PolicyTable, type: string, field: string, contest: Contest): Verdict => {
  if (field === WHOLE_RECORD) return decideDeletion(table, type, contest)
  const policy = table.of(type, field)
  const owner = table.ownerOf?.(type, field) ?? 'SOURCE'
  const value = valueBy(table, policy, owner, type, field, contest)
  return {
    value,
    policy,
    word: table.wordOf?.(type, field) ?? policy,
    policyVersion: table.version,
    outcome: outcomeOf(value, contest),
    would: value === undefined ? sideOf(owner) : undefined,
  }
}

const decideDeletion = (table: PolicyTable, type: string, contest: Contest): Verdict => {
  const policy = table.ofDeletion?.(type) ?? 'SOURCE'
  const open = policy === 'MANUAL'
  return {
    value: open ? undefined : policy === 'HUB' ? contest.ours : contest.theirs,
    policy,
    word: table.wordOfDeletion?.(type) ?? policy,
    policyVersion: table.version,
    outcome: open ? 'open' : sideOf(policy),
    would: open ? sideOf(table.ownerOf?.(type, WHOLE_RECORD) ?? 'SOURCE') : undefined,
  }
}

const sideOf = (side: Side): 'theirs' | 'ours' => (side === 'SOURCE' ? 'theirs' : 'ours')

const outcomeOf = (value: FieldValue | undefined, { theirs, ours }: Sides): Verdict['outcome'] => {
  if (value === undefined) return 'open'
  return same(value, theirs) ? 'theirs' : same(value, ours) ? 'ours' : 'merged'
}

const isBlank = (value: FieldValue): boolean =>
  value === null || value === '' || (typeof value === 'object' && value.length === 0)

const valueBy = (
  table: PolicyTable,
  policy: Policy,
  owner: Side,
  type: string,
  field: string,
  contest: Contest,
): FieldValue | undefined => {
  const { theirs, ours } = contest
  const owned = owner === 'HUB' ? ours : theirs
  switch (policy) {
    case 'SOURCE':
      return theirs
    case 'HUB':
      return ours
    case 'LAST_WRITE':
      return known(
        lastWritten(contest, table.clockToleranceMs),
        table.isTieOpen?.(type, field) ? undefined : owned,
      )
    case 'FILL_BLANK':
      return isBlank(ours) ? theirs : ours
    case 'NEVER_CLEAR':
      return isBlank(theirs) ? ours : theirs
    case 'MERGE':
      return known(table.merge?.(type, field, contest), known(mergeLists(contest), owned))
    case 'MANUAL':
      return undefined
  }
}

// Nothing is a value, too.
const known = <T extends FieldValue | undefined>(
  value: FieldValue | undefined,
  otherwise: T,
): FieldValue | T => (value === undefined ? otherwise : value)

/** The later value; undefined when the clocks do not tell. */
const lastWritten = (contest: Contest, toleranceMs: number): FieldValue | undefined => {
  const { theirs, ours, theirsAt, oursAt } = contest
  if (!theirsAt || !oursAt) return undefined
  const later = theirsAt.getTime() - oursAt.getTime()
  if (Math.abs(later) <= toleranceMs) return undefined
  return later > 0 ? theirs : ours
}
