/**
 * projection   from what the subgraphs answered, what was asked for: nothing else, in its order, with nulls where types demand
 */
import { ERRORS } from '@apollo/federation-internals'
import {
  type GraphQLCompositeType,
  type GraphQLError,
  type GraphQLLeafType,
  type GraphQLOutputType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql'
import { type Answered, own } from './merge.ts'
import { type Selected, type Selecting, selectedOf } from './selections.ts'

/** What stands for a value that may not be null and is: what holds it is null then. */
const BROKEN = Symbol('broken')

interface Flaw {
  /** Without where, until the place it lies in adds that. */
  says: string
  /** From the innermost outwards: each level adds itself on the way back. */
  path: (string | number)[]
}

/** Makes the part of a result that one value is. Never null for what was null: its caller asks first. */
type Show = (value: NonNullable<unknown>, flaws: Flaw[]) => unknown

export interface Projected {
  data: Answered | null
  /** What subgraphs answered against the schema. */
  flaws: GraphQLError[]
}

/** Compiles the projection of an operation with its switches set. */
export const projecting = (
  root: GraphQLCompositeType,
  set: SelectionSetNode,
  options: Selecting,
): ((answered: Answered) => Projected) => {
  const show = showingObject(root, [set], options)
  return (answered) => {
    const flaws: Flaw[] = []
    const data = show(answered, flaws)
    return {
      data: data === null ? null : (data as Answered),
      flaws: flaws.map(({ says, path }) =>
        ERRORS.INVALID_GRAPHQL.err(says, { path: path.reverse() as never }),
      ),
    }
  }
}

const showing = (type: GraphQLOutputType, inner: SelectionSetNode[], options: Selecting): Show => {
  if (isListType(type)) return showingList(type.ofType, inner, options)
  if (isNonNullType(type)) return showing(type.ofType, inner, options)
  return isCompositeType(type) ? showingObject(type, inner, options) : showingValue(type as GraphQLLeafType)
}

/** Shows a value in its place, where it may be null or not. */
const placing = (
  type: GraphQLOutputType,
  inner: SelectionSetNode[],
  options: Selecting,
  describe: (place: string | number) => string,
): ((value: unknown, place: string | number, flaws: Flaw[]) => unknown) => {
  const mustBe = isNonNullType(type)
  const show = showing(type, inner, options)
  return (value, place, flaws) => {
    if (value === null || value === undefined) {
      if (!mustBe) return null
      flaws.push({ says: `Cannot return null for non-nullable ${describe(place)}.`, path: [place] })
      return BROKEN
    }
    const before = flaws.length
    const shown = show(value, flaws)
    for (let at = before; at < flaws.length; at++) {
      const flaw = flaws[at]!
      if (flaw.path.length === 0) flaw.says += ` ${describe(place)}.`
      flaw.path.push(place)
    }
    return shown === null && mustBe ? BROKEN : shown
  }
}

const showingList = (type: GraphQLOutputType, inner: SelectionSetNode[], options: Selecting): Show => {
  const named = isNonNullType(type) ? type.ofType : type
  const place = placing(type, inner, options, (at) => `array element of type ${named} at index ${at}`)
  return (value, flaws) => {
    if (!Array.isArray(value)) throw new Error('a subgraph answered no list where the schema has one')
    const shown = new Array(value.length)
    let isBroken = false
    for (let at = 0; at < value.length; at++) {
      shown[at] = place(value[at], at, flaws)
      isBroken ||= shown[at] === BROKEN
    }
    return isBroken ? null : shown
  }
}

interface Field extends Selected {
  place: ReturnType<typeof placing>
  /** Whether every object has something of that name. */
  isRisky: boolean
}

const showingObject = (
  declared: GraphQLCompositeType,
  inner: SelectionSetNode[],
  options: Selecting,
): Show => {
  const byType = new Map<string, Field[]>()
  const fieldsOf = (type: GraphQLCompositeType): Field[] => {
    const known = byType.get(type.name)
    if (known) return known
    const made = selectedOf(inner, type, options).map((field) => fieldOf(field, options))
    byType.set(type.name, made)
    return made
  }
  return (value, flaws) => {
    if (typeof value !== 'object') throw new Error('a subgraph answered no object where the schema has one')
    const from = value as Answered
    const type = typeOf(from.__typename, declared, options)
    if (!type) {
      flaws.push({ says: 'Invalid __typename found for object at', path: [] })
      return null
    }
    const shown: Answered = {}
    for (const field of byType.get(type.name) ?? fieldsOf(type)) {
      const { key } = field
      const found = field.isRisky ? own(from, key) : from[key]
      const made = field.name === '__typename' ? nameOf(type) : field.place(found, key, flaws)
      if (made === BROKEN) return null
      if (field.isRisky) Object.defineProperty(shown, key, { value: made, enumerable: true })
      else shown[key] = made
    }
    return shown
  }
}

const fieldOf = (selected: Selected, options: Selecting): Field => {
  const { key, name, parent, inner } = selected
  const isRisky = key in Object.prototype
  if (name === '__typename') return { ...selected, isRisky, place: () => null }
  const type = 'getFields' in parent ? parent.getFields()[name]?.type : undefined
  if (!type) throw new Error(`${parent.name} has no field ${name}`)
  return { ...selected, isRisky, place: placing(type, inner, options, (at) => `field ${parent}.${at}`) }
}

const nameOf = (type: GraphQLCompositeType): string | typeof BROKEN =>
  isObjectType(type) ? type.name : BROKEN

const typeOf = (
  typename: unknown,
  declared: GraphQLCompositeType,
  { schema }: Selecting,
): GraphQLCompositeType | undefined => {
  if (typename === undefined || typename === declared.name) return declared
  const type = typeof typename === 'string' ? schema.getType(typename) : undefined
  return isObjectType(type) || isInterfaceType(type) ? type : undefined
}

const showingValue = (type: GraphQLLeafType): Show => {
  const isValid = validating(type)
  return (value, flaws) => {
    if (isValid(value)) return value
    flaws.push({ says: 'Invalid value found for', path: [] })
    return null
  }
}

const IS_WHOLE = /^-?\d+$/

const validating = (type: GraphQLLeafType): ((value: unknown) => boolean) => {
  if (isEnumType(type)) return (value) => typeof value === 'string' && type.getValue(value) !== undefined
  const isWhole = (value: unknown) => typeof value === 'number' && IS_WHOLE.test(String(value))
  switch (type.name) {
    case 'Boolean':
      return (value) => typeof value === 'boolean'
    case 'Int':
      return isWhole
    case 'Float':
      return (value) => typeof value === 'number'
    case 'ID':
      return (value) => typeof value === 'string' || isWhole(value)
    case 'String':
      return (value) => typeof value === 'string'
    default:
      return () => true
  }
}
