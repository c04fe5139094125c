import { readEvent } from '#schema/events.ts'
import type { CompanyRow } from '../store/companies.ts'

/** What an event says of a company that may be told to those who are asked about it; most events say nothing. */
export const readCompanies = (event: {
  name: string
  version: number
  payload: unknown
  pos: number
}): CompanyRow[] => {
  if (event.name !== 'customers.company.changed') return []
  const { companyId, domain, industry, deleted } = readEvent(event.name, event.version, event.payload)
  const said = deleted ? { domain: null, industry: null } : { domain, industry }
  return [{ companyId, ...said, sourcePos: event.pos }]
}
