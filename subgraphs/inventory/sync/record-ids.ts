import { idFrom } from '#kernel/ids.ts'

/** The hub's id of a C3 record: the same for the same record, always. */
export const localId = (orgId: string, connectionId: string, type: string, externalId: string): string =>
  idFrom(orgId, connectionId, type, externalId)

/** The hub's id of a part: of whichever connection, and whether anybody has told of it yet or not. */
export const componentId = (orgId: string, manufacturer: string, partNumber: string): string =>
  idFrom(orgId, 'component', manufacturer, partNumber)
