import { hubField, type MappedType } from './hub-fields.ts'
import { compileField, mappingOf, type Overrides } from './mapping.ts'
import type { Catalog } from './mapping-problems.ts'
import { invert, isInvertible } from './transforms.ts'
import { numberOf, textOf } from './values.ts'

/** Why a value cannot be written, with what to do. */
export interface Unwritable {
  code: string
  message: string
}

/** Where a value of a hub field goes in a portal, and as what. */
export interface Landing {
  property: string
  text: string | null
}

/**
 * The way back through a field's mapping: the property it is written to, and what it is there. A mapping that somebody made is gone
 * back exactly, or not at all; where nobody has, the first of the field's properties that the portal lets be written is taken.
 * Pure. @param text null takes the value away
 */
export const landingOf = (
  type: MappedType,
  field: string,
  text: string | null,
  { overrides, catalog }: { overrides: Overrides; catalog: Catalog },
): Landing | Unwritable => {
  const mapping = mappingOf(type, field, overrides)
  const { properties, transforms, direction } = mapping
  const label = hubField(type, field)?.label ?? field
  const [first] = properties
  if (first === undefined)
    return {
      code: 'FIELD_UNMAPPED',
      message: `No property of the portal is mapped to ${label}. Map one first.`,
    }
  if (overrides[field] === undefined) return { property: free(properties, catalog) ?? first, text }
  if (direction === 'IN')
    return {
      code: 'FIELD_ONLY_READ',
      message: `${label} is mapped to be read only. Let its mapping go both ways, then write it.`,
    }
  const lossy = transforms.find((transform) => !isInvertible(transform))
  if (properties.length > 1 || lossy)
    return {
      code: 'FIELD_NOT_INVERTIBLE',
      message: `${label} is mapped from ${properties.join(', ')}${lossy ? ` through ${lossy.kind}` : ''}: what is read so cannot be written back. Map it from one property, with transforms that can be undone.`,
    }
  if (text === null) return { property: first, text }
  const back = transforms.reduceRight<string | null>((value, transform) => {
    const change = invert(transform)
    return value === null || !change ? null : change(value)
  }, text)
  const again = back === null ? null : textOf(compileField(mapping)({ [first]: back }))
  return back !== null && isSame(again, text)
    ? { property: first, text: back }
    : {
        code: 'FIELD_NOT_INVERTIBLE',
        message: `The mapping of ${label} has nothing in the portal that reads as this value.`,
      }
}

const free = (properties: readonly string[], catalog: Catalog): string | undefined =>
  properties.find((name) => {
    const there = catalog.get(name)
    return there && !there.isArchived && !there.isReadOnly && !there.isCalculated
  })

const isSame = (a: string | null, b: string): boolean => {
  if (a === null) return false
  if (a.toUpperCase() === b.toUpperCase()) return true
  const [one, other] = [numberOf(a), numberOf(b)]
  if (one !== null && other !== null) return one === other
  const [at, then] = [Date.parse(a), Date.parse(b)]
  return !Number.isNaN(at) && at === then
}
