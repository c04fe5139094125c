import type {
  AuditActorKind,
  AuditActorResolvers,
  AuditEntryResolvers,
  HubPart,
  QueryResolvers,
} from '#schema/generated/hub.types.ts'
import { connection, isMoment, isText, keyset, type Position, placeOf } from '#service/connection.ts'
import { type AuditActorRow, type AuditEntryRow, type AuditPart, auditEntries } from '../store/audit.ts'

const place = ({ at, id }: AuditEntryRow): Position => [at.toISOString(), id]
/** What is not asked for, left out. */
const given = <T>(value: T | null | undefined): T | undefined => value ?? undefined

export const auditQueries = {
  audit: async (_, { filter, ...args }, { db, orgId }) => {
    const page = keyset(args, 2)
    const { limit } = page
    const rows = await db.read(orgId, (tx) =>
      auditEntries(tx, orgId, {
        limit,
        after: placeOf(page.after, isMoment, isText),
        part: given(filter?.part)?.toLowerCase() as AuditPart | undefined,
        actorKind: given(filter?.actorKind)?.toLowerCase() as AuditActorRow['kind'] | undefined,
        actorId: given(filter?.actorId),
        operation: given(filter?.operation),
        subjectType: given(filter?.subjectType),
        subjectId: given(filter?.subjectId),
        from: given(filter?.from),
        to: given(filter?.to),
      }),
    )
    return connection(rows, page, place)
  },
} satisfies QueryResolvers

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
