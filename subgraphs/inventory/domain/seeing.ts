import { isPersonalName, personalKind } from '#kernel/mask.ts'

/** What C3's records are called in the graph, which says of each field whether it is personal data. */
const IN_THE_GRAPH: Readonly<Record<string, string>> = { rfqs: 'Rfq', customers: 'C3Account' }

/** Whether what a record of C3's says under a field is personal data: what is written of people, and how companies of one person are reached. */
export const isPersonalField = (type: string, field: string): boolean => {
  const name = IN_THE_GRAPH[type]
  return name !== undefined && (isPersonalName(field) || personalKind(field, name) !== undefined)
}
