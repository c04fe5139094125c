import type {
  AuditActorKind,
  AuditActorResolvers,
  AuditEntryResolvers,
  AuditFilter,
  CustomerResolvers,
  HubPart,
  QueryResolvers,
} from '#schema/generated/hub.types.ts'
import {
  connection,
  isMoment,
  isText,
  type Keyset,
  keyset,
  type Position,
  placeOf,
} from '#service/connection.ts'
import {
  type AuditActorRow,
  type AuditEntryRow,
  type AuditPage,
  type AuditPart,
  auditEntries,
} from '../store/audit.ts'

const place = ({ at, id }: AuditEntryRow): Position => [at.toISOString(), id]
/** What is not asked for, left out. */
const given = <T>(value: T | null | undefined): T | undefined => value ?? undefined

/** A page as the store takes it. */
const pageOf = ({ limit, after }: Keyset, filter: AuditFilter | null | undefined): AuditPage => ({
  limit,
  after: placeOf(after, isMoment, isText),
  part: given(filter?.part)?.toLowerCase() as AuditPart | undefined,
  actorKind: given(filter?.actorKind)?.toLowerCase() as AuditActorRow['kind'] | undefined,
  actorId: given(filter?.actorId),
  operation: given(filter?.operation),
  subjectType: given(filter?.subjectType),
  subjectId: given(filter?.subjectId),
  from: given(filter?.from),
  to: given(filter?.to),
})

export const auditQueries = {
  audit: async (_, { filter, ...args }, { db, orgId }) => {
    const page = keyset(args, 2)
    const rows = await db.read(orgId, (tx) => auditEntries(tx, orgId, pageOf(page, filter)))
    return connection(rows, page, place)
  },
} satisfies QueryResolvers

export const Customer: CustomerResolvers = {
  __resolveReference: (reference) => reference,
  audit: async ({ id, bans = [] }, { filter, ...args }, { customerAudits }) => {
    const page = keyset(args, 2)
    const customer = JSON.stringify({ id, bans: [...bans].sort() })
    return connection((await customerAudits.load(customer, pageOf(page, filter))) ?? [], page, place)
  },
}

const asJson = (value: unknown): string | null =>
  value === null || value === undefined ? null : JSON.stringify(value)

export const AuditEntry: AuditEntryResolvers = {
  part: ({ part }) => part.toUpperCase() as HubPart,
  operation: ({ action }) => action,
  changes: ({ diff }) =>
    Object.entries(diff).map(([field, [before, after]]) => ({
      field,
      before: asJson(before),
      after: asJson(after),
    })),
}

export const AuditActor: AuditActorResolvers = {
  kind: ({ kind }) => kind.toUpperCase() as AuditActorKind,
  name: ({ id, kind }, _args, { actorNames }) => actorNames.load(id, kind),
}
