import type { ContactRow, DealRow, TicketRow } from './children.ts'
import type { CustomerRow } from './customers.ts'

/** A page of a list, which counts the whole list only when somebody asks how long it is. */
export interface CountedPage<T> {
  nodes: T[]
  edges: { node: T; cursor: string }[]
  pageInfo: {
    endCursor: string | null
    hasNextPage: boolean
    startCursor: string | null
    hasPreviousPage: boolean
  }
  count(): Promise<number>
}

export type CustomerConnectionRow = CountedPage<CustomerRow>
export type ContactConnectionRow = CountedPage<ContactRow>
export type DealConnectionRow = CountedPage<DealRow>
export type TicketConnectionRow = CountedPage<TicketRow>
