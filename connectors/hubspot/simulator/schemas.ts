import type { ObjectSchema } from '../schema-wire.ts'

/** The made-up object types of one portal, by their number. */
export class Schemas {
  readonly portalId: string
  readonly #schemas = new Map<string, ObjectSchema>()
  #given = 4_710

  constructor(portalId: string) {
    this.portalId = portalId
  }

  list = (archived: boolean): ObjectSchema[] =>
    [...this.#schemas.values()].filter((schema) => schema.archived === archived)
  find = (typeId: string): ObjectSchema | undefined => this.#schemas.get(typeId)
  /** An archived type still holds its name. */
  named = (name: string): ObjectSchema | undefined =>
    [...this.#schemas.values()].find((schema) => schema.name === name)
  put(schema: ObjectSchema): void {
    this.#schemas.set(schema.objectTypeId, schema)
  }
  purge(typeId: string): void {
    this.#schemas.delete(typeId)
  }
  newNumber(): number {
    this.#given += 1
    return this.#given
  }
}
