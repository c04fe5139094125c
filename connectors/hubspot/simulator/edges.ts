import type { Universe } from '#connectors/demo/index.ts'
import { Permutation } from '#connectors/demo/random.ts'
import type { AssociationTypes } from './association-types.ts'
import { generatedCount } from './generated.ts'
import { isGenerated } from './object-types.ts'

/** One association of a record: the other row, and the type ids that hold between them. */
export interface Edge {
  row: number
  typeIds: readonly number[]
}

// One person in fifty also works for a second company; which one must be answerable from both sides.
const SECOND_JOB = { every: 50, offset: 7 }

/** All associations of one portal: those of the universe, and the lists that were changed since. */
export class Edges {
  readonly #universe: Universe
  readonly #types: AssociationTypes
  readonly #seconds: Permutation
  readonly #changed = new Map<string, Map<number, Set<number>>>()

  constructor(universe: Universe, types: AssociationTypes) {
    this.#universe = universe
    this.#types = types
    this.#seconds = new Permutation(universe.companies, universe.seed + 9)
  }

  /** The associations of a row towards a type, by ascending row. */
  of(type: string, row: number, to: string): Edge[] {
    const changed = this.#changed.get(key(type, row, to))
    if (changed === undefined) return this.#generated(type, row, to)
    return [...changed]
      .sort(([a], [b]) => a - b)
      .map(([other, typeIds]) => ({ row: other, typeIds: [...typeIds] }))
  }

  /** Adds type ids to a pair, seen from `type`; the other way round gets their counterparts. */
  add(type: string, row: number, to: string, other: number, typeIds: readonly number[]): void {
    const primary = this.#types.primary(type, to)
    // A record has one primary company: the new one takes over.
    if (primary !== undefined && to === 'companies' && typeIds.includes(primary))
      for (const [old, held] of this.#list(type, row, to))
        if (old !== other && held.delete(primary))
          this.#drop(to, old, type, row, this.#types.primary(to, type))
    this.#put(type, row, to, other, typeIds)
    this.#put(
      to,
      other,
      type,
      row,
      typeIds.map((id) => this.#types.counterpart(type, to, id)),
    )
  }

  /** Takes single type ids from a pair; with the plain one, the whole association. */
  removeTypes(type: string, row: number, to: string, other: number, typeIds: readonly number[]): void {
    const plain = this.#types.plain(type, to)
    if (plain !== undefined && typeIds.includes(plain)) this.remove(type, row, to, other)
    for (const id of typeIds) {
      this.#drop(type, row, to, other, id)
      this.#drop(to, other, type, row, this.#types.counterpart(type, to, id))
    }
  }
  /** Takes every association away that has a type id; for a label that is no more. */
  forget(type: string, to: string, typeId: number): void {
    for (const [name, list] of this.#changed)
      if (name.startsWith(`${type}:`) && name.endsWith(`>${to}`))
        for (const held of list.values()) held.delete(typeId)
  }

  remove(type: string, row: number, to: string, other: number): void {
    this.#list(type, row, to).delete(other)
    this.#list(to, other, type).delete(row)
  }

  #put(type: string, row: number, to: string, other: number, typeIds: readonly number[]): void {
    const list = this.#list(type, row, to)
    list.set(other, new Set([...(list.get(other) ?? []), ...typeIds]))
  }
  #drop(type: string, row: number, to: string, other: number, typeId: number | undefined): void {
    if (typeId !== undefined) this.#list(type, row, to).get(other)?.delete(typeId)
  }

  // The list of a record, copied from the universe when it is first changed.
  #list(type: string, row: number, to: string): Map<number, Set<number>> {
    const name = key(type, row, to)
    let list = this.#changed.get(name)
    if (list === undefined) {
      list = new Map(this.#generated(type, row, to).map((edge) => [edge.row, new Set(edge.typeIds)]))
      this.#changed.set(name, list)
    }
    return list
  }

  #generated(type: string, row: number, to: string): Edge[] {
    const u = this.#universe
    const plain = (rows: readonly number[]): Edge[] => {
      const id = this.#types.plain(type, to)
      return id === undefined
        ? []
        : [...new Set(rows)].sort((a, b) => a - b).map((other) => ({ row: other, typeIds: [id] }))
    }
    const main = (rows: readonly number[]): Edge[] => {
      const [id, first] = [this.#types.plain(type, to), this.#types.primary(type, to)]
      const typeIds = id === undefined || first === undefined ? [] : [id, first]
      return rows.map((other) => ({ row: other, typeIds }))
    }
    if (!isGenerated(type) || row >= generatedCount(u, type)) return []
    switch (`${type}>${to}`) {
      case 'contacts>companies': {
        const employer = u.employerOf(row)
        return merged(main(employer === null ? [] : [employer]), plain(this.#secondJob(row)))
      }
      case 'companies>contacts':
        return merged(main(u.peopleOf(row)), plain(this.#secondStaff(row)))
      case 'deals>companies':
        return main([u.buyerOf(row)])
      case 'companies>deals':
        return main(u.dealsOf(row))
      case 'tickets>companies':
        return main([u.askerOf(row)])
      case 'companies>tickets':
        return main(u.ticketsOf(row))
      case 'deals>contacts':
        return plain(this.#dealPeople(row))
      case 'contacts>deals': {
        const employer = u.employerOf(row)
        return plain(
          employer === null ? [] : u.dealsOf(employer).filter((d) => this.#dealPeople(d).includes(row)),
        )
      }
      case 'tickets>contacts':
        return plain(this.#ticketPerson(row))
      case 'contacts>tickets': {
        const employer = u.employerOf(row)
        return plain(
          employer === null ? [] : u.ticketsOf(employer).filter((t) => this.#ticketPerson(t).includes(row)),
        )
      }
      case 'tasks>companies':
        return plain([u.companyOfTask(row)])
      case 'notes>companies':
        return plain([u.companyOfNote(row)])
      case 'companies>tasks':
        return plain(u.tasksOf(row))
      case 'companies>notes':
        return plain(u.notesOf(row))
      default:
        return plain(this.#activities(type, row, to))
    }
  }

  // Activities are with the company; whom or what else they concern is one of the company's own.
  #activities(type: string, row: number, to: string): number[] {
    if (type === 'tasks' || type === 'notes') return this.#concerned(type, row, to)
    if (to !== 'tasks' && to !== 'notes') return []
    const company = this.#companyOf(type, row)
    if (company === null) return []
    const all = to === 'tasks' ? this.#universe.tasksOf(company) : this.#universe.notesOf(company)
    return all.filter((activity) => this.#concerned(to, activity, type).includes(row))
  }
  #companyOf(type: string, row: number): number | null {
    const u = this.#universe
    if (type === 'contacts') return u.employerOf(row)
    return type === 'deals' ? u.buyerOf(row) : type === 'tickets' ? u.askerOf(row) : null
  }
  #concerned(type: 'tasks' | 'notes', row: number, to: string): number[] {
    const u = this.#universe
    const { business, about } = type === 'tasks' ? u.task(row) : u.note(row)
    if (to === 'contacts') return about.person === null ? [] : [u.personAt(business, about.person)]
    if (to === 'deals') return about.deal === null ? [] : [u.dealAt(business, about.deal)]
    return to !== 'tickets' || about.ticket === null ? [] : [u.ticketAt(business, about.ticket)]
  }

  #dealPeople(deal: number): number[] {
    const company = this.#universe.buyerOf(deal)
    return this.#universe.deal(deal).people.map((position) => this.#universe.personAt(company, position))
  }
  #ticketPerson(ticket: number): number[] {
    const { business, person } = this.#universe.ticket(ticket)
    return person === null ? [] : [this.#universe.personAt(business, person)]
  }
  #secondJob(contact: number): number[] {
    if (contact % SECOND_JOB.every !== SECOND_JOB.offset) return []
    const company = this.#seconds.at((contact - SECOND_JOB.offset) / SECOND_JOB.every)
    return company === this.#universe.employerOf(contact) ? [] : [company]
  }
  #secondStaff(company: number): number[] {
    const contact = this.#seconds.indexOf(company) * SECOND_JOB.every + SECOND_JOB.offset
    return contact < this.#universe.people && this.#universe.employerOf(contact) !== company ? [contact] : []
  }
}

const key = (type: string, row: number, to: string): string => `${type}:${row}>${to}`

const merged = (a: Edge[], b: Edge[]): Edge[] => [...a, ...b].sort((x, y) => x.row - y.row)
