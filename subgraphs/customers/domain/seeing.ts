import { holds, type Principal } from '#kernel/principal.ts'
import { isPersonal } from './catalog.ts'
import { hubField, type MappedType } from './hub-fields.ts'
import { mappingOf, type Overrides } from './mapping.ts'
import type { Catalog } from './mapping-problems.ts'

/** Whether somebody may see personal data that is in no field of its own: what a portal calls as it likes. */
export const maySeePersons = (principal: Principal): boolean => holds(principal, ['pii:read'])

/** Whether a hub field holds personal data by any of these mappings: by what it is, or by what it comes from. */
export const isPersonalField = (
  type: MappedType,
  field: string,
  mappings: readonly Overrides[],
  catalog: Catalog,
): boolean =>
  hubField(type, field)?.personal !== undefined ||
  mappings
    .flatMap((overrides) => mappingOf(type, field, overrides).properties)
    .some((name) => {
      const known = catalog.get(name)
      return known !== undefined && isPersonal(type, known)
    })
