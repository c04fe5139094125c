import { ASSOCIATION_TYPE_IDS, type AssociationCategory } from '../wire.ts'
import { conflict, invalid, notFound } from './errors.ts'

/** One thing an association can say, seen from one side. */
export interface AssociationDefinition {
  typeId: number
  category: AssociationCategory
  /** Null for the plain association. */
  label: string | null
  /** What v3 calls it. */
  name: string
  role: 'plain' | 'primary' | 'label'
  /** Its type id from the other side. */
  back: number
  /** How many records one record may be associated with by it, when a portal has set that. */
  max?: number
}

/** A label that a portal makes up. */
export interface LabelWish {
  name?: string
  label?: string
  inverseLabel?: string
}

// Labels that HubSpot has beside primary. Which way round each is read is unsure: clients must ask.
const FAMILY: readonly AssociationDefinition[] = [
  { typeId: 13, back: 14, label: 'Child Company', name: 'parent_to_child_company' },
  { typeId: 14, back: 13, label: 'Parent Company', name: 'child_to_parent_company' },
].map((label) => ({ ...label, category: 'HUBSPOT_DEFINED', role: 'label' }))

/** Everything associations can say in one portal: HubSpot's own types and those its users have made. */
export class AssociationTypes {
  readonly #pairs = new Map<string, AssociationDefinition[]>()
  #given = 600

  /** @param singularOf how a type is called in the names of association types */
  constructor(singularOf: (type: string) => string) {
    for (const [key, ids] of Object.entries(ASSOCIATION_TYPE_IDS)) {
      const [from = '', to = ''] = key.split('>')
      const back = ASSOCIATION_TYPE_IDS[`${to}>${from}`]!
      const name = `${singularOf(from)}_to_${singularOf(to)}`
      const own: AssociationDefinition[] = [
        {
          typeId: ids.plain,
          category: 'HUBSPOT_DEFINED',
          label: null,
          // HubSpot names the primary one after the pair, where there is one, and the plain one by `_unlabeled`.
          name: ids.primary === undefined ? name : `${name}_unlabeled`,
          role: 'plain',
          back: back.plain,
        },
      ]
      if (ids.primary !== undefined)
        own.push({
          typeId: ids.primary,
          category: 'HUBSPOT_DEFINED',
          label: 'Primary',
          name,
          role: 'primary',
          back: back.primary!,
        })
      if (key === 'companies>companies') own.push(...FAMILY)
      this.#pairs.set(key, own)
    }
  }

  /** What associations from one type to another can say; empty when they cannot be associated. */
  of = (from: string, to: string): readonly AssociationDefinition[] => this.#pairs.get(`${from}>${to}`) ?? []
  pairs = (): [string, string][] => [...this.#pairs.keys()].map((key) => key.split('>') as [string, string])
  find = (from: string, to: string, typeId: number | string): AssociationDefinition | undefined =>
    this.of(from, to).find((definition) => definition.typeId === Number(typeId))
  plain = (from: string, to: string): number | undefined =>
    this.of(from, to).find(({ role }) => role === 'plain')?.typeId
  primary = (from: string, to: string): number | undefined =>
    this.of(from, to).find(({ role }) => role === 'primary')?.typeId

  /** The plain type id, or Refused when two types cannot be associated. */
  mustBePlain = (from: string, to: string): number =>
    this.plain(from, to) ?? invalid(`No association is defined from ${from} to ${to}`)
  mustFind = (from: string, to: string, typeId: number): AssociationDefinition =>
    this.find(from, to, typeId) ?? invalid(`Association type ${typeId} is not defined from ${from} to ${to}`)

  /** The type id that the same association has from the other side. Throws RangeError for a type id of no such pair. */
  counterpart(from: string, to: string, typeId: number): number {
    const found = this.find(from, to, typeId)
    if (found === undefined)
      throw new RangeError(`association type ${typeId} is not one from ${from} to ${to}`)
    return found.back
  }

  /** The type that a type id leads to from `from`. */
  targetOf = (from: string, typeId: number | undefined): string | undefined =>
    this.pairs().find(([own, to]) => own === from && typeId !== undefined && this.find(own, to, typeId))?.[1]

  /** Makes two types associable. Answers the definition seen from the first; it may exist already. */
  connect(from: string, to: string, name: string): AssociationDefinition {
    const there = this.of(from, to).find(({ role }) => role === 'plain')
    if (there !== undefined) return there
    return this.#define(from, to, { name, label: null, inverse: null, role: 'plain' })
  }
  disconnect(from: string, typeId: number): void {
    const to = this.targetOf(from, typeId) ?? notFound('resource not found', { id: [String(typeId)] })
    this.#pairs.delete(`${from}>${to}`)
    this.#pairs.delete(`${to}>${from}`)
  }

  /** Adds a label to a pair; it reads the same from both sides when the wish has no inverse. Throws Refused. */
  add(from: string, to: string, { name, label, inverseLabel }: LabelWish): AssociationDefinition {
    this.mustBePlain(from, to)
    if (!label) return invalid('label is required')
    if (!name || !/^[a-z][a-z0-9_]*$/i.test(name)) return invalid(`name ${name ?? ''} is not valid`)
    if (this.of(from, to).some((other) => other.name === name || other.label === label))
      return conflict(`An association label ${label} exists already.`, { category: 'OBJECT_ALREADY_EXISTS' })
    return this.#define(from, to, { name, label, inverse: inverseLabel ?? label, role: 'label' })
  }

  #define(
    from: string,
    to: string,
    {
      name,
      label,
      inverse,
      role,
    }: { name: string; label: string | null; inverse: string | null; role: 'plain' | 'label' },
  ): AssociationDefinition {
    this.#given += 1
    const isMutual = from === to && label === inverse
    const back = isMutual ? this.#given : this.#given + 1
    const made = { category: 'USER_DEFINED', role, name } as const
    const forth: AssociationDefinition = { ...made, typeId: this.#given, back, label }
    this.#put(from, to, [...this.of(from, to), forth])
    if (isMutual) return forth
    this.#given += 1
    this.#put(to, from, [...this.of(to, from), { ...made, typeId: back, back: forth.typeId, label: inverse }])
    return forth
  }

  /** Renames a made-up label, and its inverse when that is given. Throws Refused. */
  relabel(from: string, to: string, typeId: number, { label, inverseLabel }: LabelWish): void {
    const old = this.#made(from, to, typeId)
    this.change(from, to, typeId, { label: label ?? old.label })
    if (inverseLabel !== undefined && old.back !== typeId)
      this.change(to, from, old.back, { label: inverseLabel })
  }
  /** Takes a made-up label out of a portal. Throws Refused. */
  remove(from: string, to: string, typeId: number): AssociationDefinition {
    const old = this.#made(from, to, typeId)
    this.#put(
      from,
      to,
      this.of(from, to).filter((other) => other.typeId !== typeId),
    )
    this.#put(
      to,
      from,
      this.of(to, from).filter((other) => other.typeId !== old.back),
    )
    return old
  }
  #made(from: string, to: string, typeId: number): AssociationDefinition {
    const old = this.find(from, to, typeId) ?? notFound('resource not found', { id: [String(typeId)] })
    return old.category === 'USER_DEFINED' && old.role === 'label'
      ? old
      : invalid(`Association type ${typeId} cannot be changed`)
  }

  /** Alters one definition, seen from one side. */
  change(from: string, to: string, typeId: number, change: Partial<AssociationDefinition>): void {
    this.#put(
      from,
      to,
      this.of(from, to).map((old) => (old.typeId === typeId ? { ...old, ...change } : old)),
    )
  }

  #put(from: string, to: string, definitions: AssociationDefinition[]): void {
    this.#pairs.set(`${from}>${to}`, definitions)
  }
}
