import type { ChangeRecords } from '../context.ts'
import { goesOut } from '../domain/going-out.ts'
import { blankProperties, type CompanyOfCustomer, companiesOfCustomers } from '../store/companies.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'
import type { Transaction } from '../store/transaction.ts'
import { writableProperties } from '../store/writable.ts'

type Said = string | null | undefined | ((portal: IntegrationRow) => string | null | undefined)

/**
 * What a company is to say in a property: the same everywhere, or what its portal can say; undefined leaves what it says. What holds where
 * a company says nothing (`ifBlank`) is left to its people once it says something.
 */
export type Saying = Said | { ifBlank: Said }

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
  const blanks = await blanksIn(tx, orgId, companies, fields)
  for (const portal of (await integrationsOf(tx, orgId, [...byPortal.keys()])).filter(goesOut)) {
    const place = { orgId, integrationId: portal.id, type: 'companies' as const }
    const writable = await writableProperties(tx, place, 'companies')
    const updates = (byPortal.get(portal.id) ?? []).map(({ id, customer_id }) => {
      const values = Object.entries(fields.get(customer_id) ?? {}).flatMap(([name, saying]) => {
        const said = saying !== null && typeof saying === 'object' ? saying.ifBlank : saying
        if (said !== saying && !blanks.get(id)?.has(name)) return []
        const value = typeof said === 'function' ? said(portal) : said
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

/** Which properties companies say nothing in, of those that are only filled in: at most one statement. */
const blanksIn = async (
  tx: Transaction,
  orgId: string,
  companies: readonly CompanyOfCustomer[],
  fields: CompanyFields,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const filledIn = [...fields.values()].flatMap((said) =>
    Object.entries(said).flatMap(([name, saying]) =>
      saying !== null && typeof saying === 'object' ? [name] : [],
    ),
  )
  if (filledIn.length === 0) return new Map()
  const ids = companies.map(({ id }) => id)
  return await blankProperties(tx, orgId, ids, [...new Set(filledIn)])
}
