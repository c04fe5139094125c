import type { CompanyKindProperty } from '#schema/generated/customers.types.ts'
import { type DecidedKind, KIND_PROPERTIES, type KindProperty, kindsWith } from '../domain/company-kinds.ts'

const SHOWN: Readonly<Record<KindProperty, CompanyKindProperty>> = {
  type: 'TYPE',
  lifecyclestage: 'LIFECYCLE_STAGE',
}

/** A property by the name it has in the graph. */
export const kindProperty = (shown: CompanyKindProperty): KindProperty =>
  shown === 'TYPE' ? 'type' : 'lifecyclestage'

/** A portal's rules as the graph shows them. */
export const shownKinds = (decided: readonly DecidedKind[]) => {
  const rules = kindsWith(decided)
  const names = new Set(decided.map(({ property, value }) => `${property}/${value}`))
  return KIND_PROPERTIES.flatMap((property) =>
    [...rules[property]]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([value, kind]) => ({
        property: SHOWN[property],
        value,
        kind,
        isDecided: names.has(`${property}/${value}`),
      })),
  )
}
