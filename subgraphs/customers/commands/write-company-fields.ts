import type { ChangeRecords } from '../context.ts'
import { goesOut } from '../domain/going-out.ts'
import { companiesOfCustomers } from '../store/companies.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'
import type { Transaction } from '../store/transaction.ts'
import { writableProperties } from '../store/writable.ts'

/** What a company is to say in a property: the same everywhere, or what its portal can say; undefined leaves what it says. */
type Saying = string | null | ((portal: IntegrationRow) => string | null | undefined)

/** What the hub knows of customers, by the properties that HubSpot's companies have for it. */
export type CompanyFields = ReadonlyMap<string, Readonly<Record<string, Saying>>>

/** What came of writing it. */
export interface FieldsWritten {
  /** Companies that are those customers, in portals that the hub writes to. */
  companies: number
  /** Of those, companies that said something else until now. */
  changed: number
  /** Why some of it was not written, with what to do, each reason once. */
  troubles: { message: string; fix: string }[]
}

/**
 * Lets every HubSpot company of customers say what the hub knows of them. What a portal has no property for, or cannot take, is left
 * out. Nobody waits for it; what a company says already is no change. The statements do not depend on how many they are.
 * @param integrationId only this portal; null: all
 */
export const writeCompanyFields = async (
  tx: Transaction,
  changeRecords: ChangeRecords,
  ask: { orgId: string; integrationId: string | null; fields: CompanyFields; at: Date },
): Promise<FieldsWritten> => {
  const { orgId, fields, at } = ask
  const written: FieldsWritten = { companies: 0, changed: 0, troubles: [] }
  const companies = await companiesOfCustomers(tx, orgId, [...fields.keys()], ask.integrationId)
  const byPortal = Map.groupBy(companies, (company) => company.integration_id)
  const troubles = new Map<string, { message: string; fix: string }>()
  for (const portal of (await integrationsOf(tx, orgId, [...byPortal.keys()])).filter(goesOut)) {
    const place = { orgId, integrationId: portal.id, type: 'companies' as const }
    const writable = await writableProperties(tx, place, 'companies')
    const updates = (byPortal.get(portal.id) ?? []).map(({ id, customer_id }) => {
      const values = Object.entries(fields.get(customer_id) ?? {}).flatMap(([name, saying]) => {
        const value = typeof saying === 'function' ? saying(portal) : saying
        if (value === undefined) return []
        const trouble = writable.refusalOf(name, value)
        if (trouble) troubles.set(trouble.message, trouble)
        return trouble === null ? [[name, value] as const] : []
      })
      return { localId: id, values: Object.fromEntries(values) }
    })
    const { noted } = await changeRecords(tx, place, { updates }, at, { isUrgent: false })
    written.companies += updates.length
    written.changed += noted.length
  }
  return { ...written, troubles: [...troubles.values()] }
}
