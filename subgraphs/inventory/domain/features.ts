/**
 * capability  what a connection can be allowed to do, as a salesperson would ask for it
 * permission  C3's own word for it, such as rfqs:read
 * feature     a capability of one connection: on, or off with the permission that is missing and what is done instead
 */
interface Demand {
  permission: string
  /** What is done while it is off. */
  fallback: string
}

const DEMANDS = {
  CUSTOMERS: { permission: 'customers:read', fallback: 'C3’s customers are not read.' },
  STOCK: { permission: 'inventory:read', fallback: 'Stock and parts are not read from C3.' },
  RFQS: { permission: 'rfqs:read', fallback: 'Requests for prices are not read from C3.' },
  SUPPLIERS: { permission: 'suppliers:read', fallback: 'Suppliers are not read from C3.' },
  TRANSACTIONS: {
    permission: 'transactions:read',
    fallback: 'What was bought and sold is not read from C3.',
  },
  RFQ_ANSWERS: {
    permission: 'rfq-updates:write',
    fallback: 'Answers to requests for prices stay in the hub.',
  },
  PRICE_RECOMMENDATIONS: {
    permission: 'price-recommendations:write',
    fallback: 'Recommended prices stay in the hub.',
  },
  STOCK_RECOMMENDATIONS: {
    permission: 'inventory-recommendations:write',
    fallback: 'Recommended stock levels stay in the hub.',
  },
  SUPPLIER_ALERTS: {
    permission: 'supplier-alerts:write',
    fallback: 'Warnings of suppliers stay in the hub.',
  },
} as const satisfies Readonly<Record<string, Demand>>

export type Capability = keyof typeof DEMANDS
export const CAPABILITIES = Object.keys(DEMANDS) as Capability[]

/** What is known of a key's permissions: null while C3 was not asked. */
export interface Granted {
  permissions: readonly string[] | null
  lackingPermissions: readonly string[]
}

/** A capability of one connection as the graph shows it. */
export interface Feature {
  capability: Capability
  isOn: boolean
  missingPermission: string | null
  fallback: string | null
}

/** Whether a key may do something, as far as is known. */
export const may = ({ permissions, lackingPermissions }: Granted, permission: string): boolean =>
  !lackingPermissions.includes(permission) && (permissions?.includes(permission) ?? true)

/** Whether records of a kind may be read, by C3's name for it. */
export const mayRead = (granted: Granted, kind: string): boolean => may(granted, `${kind}:read`)

/** Whether what is ours may be written, by the name it waits under: requests go as answers to them. */
export const mayWrite = (granted: Granted, type: string): boolean =>
  may(granted, `${type === 'rfqs' ? 'rfq-updates' : type}:write`)

/** Whether a connection can do something. */
export const isOn = (granted: Granted, capability: Capability): boolean =>
  may(granted, DEMANDS[capability].permission)

export const featuresOf = (granted: Granted): Feature[] =>
  CAPABILITIES.map((capability) => {
    const { permission, fallback } = DEMANDS[capability]
    return isOn(granted, capability)
      ? { capability, isOn: true, missingPermission: null, fallback: null }
      : { capability, isOn: false, missingPermission: permission, fallback }
  })
