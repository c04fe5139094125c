import { withoutPersons, withoutSecrets } from '#kernel/mask.ts'
import type { CatalogProperty, PropertyOption } from './catalog.ts'

/** A property that the hub wants a portal to keep of each company. */
export interface OwnProperty {
  name: string
  label: string
  description: string
  type: 'string' | 'number' | 'enumeration' | 'bool'
  fieldType: string
  options: readonly PropertyOption[]
}

const options = (values: readonly string[]): PropertyOption[] =>
  values.map((value) => ({
    value,
    label: value === 'ach' ? 'ACH' : value.charAt(0).toUpperCase() + value.slice(1).replaceAll('_', ' '),
  }))

const own = (
  name: string,
  label: string,
  kind: 'text' | 'number' | 'flag' | readonly string[],
  description: string,
): OwnProperty => {
  const shapes = {
    text: { type: 'string', fieldType: 'text', options: [] },
    number: { type: 'number', fieldType: 'number', options: [] },
    flag: {
      type: 'bool',
      fieldType: 'booleancheckbox',
      options: [
        { value: 'true', label: 'Yes' },
        { value: 'false', label: 'No' },
      ],
    },
  } as const
  const shape =
    typeof kind === 'string'
      ? shapes[kind]
      : { type: 'enumeration' as const, fieldType: 'select', options: options(kind) }
  return { name, label, description, ...shape }
}

/** What WARP says of a company, as HubSpot shows it to its people. HubSpot has amounts of money as numbers. */
export const OWN_PROPERTIES: readonly OwnProperty[] = [
  own('warp_ban', 'WARP billing account', 'text', 'Billing account number on WARP.'),
  own('warp_credit_limit', 'WARP credit limit', 'number', 'How much it may owe, in its currency.'),
  own('warp_payment_method', 'WARP payment method', ['card', 'ach', 'wire'], 'How it pays.'),
  own(
    'warp_payment_status',
    'WARP payment status',
    ['current', 'past_due', 'suspended'],
    'Whether it has paid.',
  ),
  own('warp_mtd_minutes', 'WARP minutes this month', 'number', 'Minutes used since the month began.'),
  own('warp_mtd_spend', 'WARP spend this month', 'number', 'Spent since the month began, in its currency.'),
  own('warp_trunk_count', 'WARP trunks', 'number', 'How many trunks it has.'),
  own('warp_number_count', 'WARP numbers', 'number', 'How many telephone numbers it has.'),
  own(
    'warp_service_tier',
    'WARP service tier',
    ['starter', 'growth', 'enterprise'],
    'The tier of its contract.',
  ),
  own('warp_api_enabled', 'WARP API', 'flag', 'Whether it may use the API.'),
  own('warp_sms_enabled', 'WARP SMS', 'flag', 'Whether it may send messages.'),
  own('warp_tcr_brand_id', 'WARP TCR brand', 'text', 'Its brand at The Campaign Registry.'),
  own(
    'warp_resporg_status',
    'WARP RespOrg',
    ['none', 'pending', 'active'],
    'How far its toll-free numbers have come over.',
  ),
]

/** One of them that is there and is not what the hub needs. It is somebody's: the hub leaves it alone. */
export interface Differing {
  name: string
  message: string
  fix: string
}

/** Which of the hub's properties a portal lacks, and which it has otherwise. Pure. */
export const compareOwn = (
  there: readonly Pick<CatalogProperty, 'name' | 'kind' | 'options'>[],
): { lacking: OwnProperty[]; differing: Differing[] } => {
  const by = new Map(there.map((property) => [property.name, property]))
  return {
    lacking: OWN_PROPERTIES.filter(({ name }) => !by.has(name)),
    differing: OWN_PROPERTIES.flatMap((wanted) => {
      const found = by.get(wanted.name)
      return found ? differs(wanted, found) : []
    }),
  }
}

const differs = (wanted: OwnProperty, found: Pick<CatalogProperty, 'kind' | 'options'>): Differing[] => {
  const { name } = wanted
  if (found.kind !== wanted.type)
    return [
      {
        name,
        message: `The portal has ${name} as ${found.kind}; the hub needs ${wanted.type}.`,
        fix: `Change its type in HubSpot, or archive it there and provision again.`,
      },
    ]
  const values = new Set(found.options.map(({ value }) => value))
  const without =
    wanted.type === 'enumeration' ? wanted.options.filter(({ value }) => !values.has(value)) : []
  if (without.length === 0) return []
  const missing = without.map(({ value }) => value).join(', ')
  return [
    {
      name,
      message: `${name} lacks the options ${missing}.`,
      fix: 'Add them in HubSpot, with these values.',
    },
  ]
}

/** One that HubSpot did not make, with its own reason as HubSpot gave it. Pure. */
export const unmade = (refused: { name: string; category: string; message: string | null }): Differing => {
  const { name, category, message } = refused
  const reason = message ? withoutPersons(withoutSecrets(message)).slice(0, 200) : category
  const isThere = category === 'OBJECT_ALREADY_EXISTS'
  return {
    name,
    message: `HubSpot did not make ${name}: ${reason}`,
    fix: isThere
      ? 'Somebody has made it meanwhile: provision again to have it compared.'
      : 'Put right in HubSpot what it names, such as room for more properties, then provision again.',
  }
}
