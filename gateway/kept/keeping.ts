import type { Principal } from '#kernel/principal.ts'
import { keptAnswers } from '#telemetry/measures.ts'
import { textOf } from '../identity/principal-text.ts'
import { Basis, type Read } from './basis.ts'
import type { TouchedPart } from './part.ts'
import type { KeptTexts } from './store.ts'

/** Entities that one question to a part asks for: the same question, the same entity, the same answer. */
export interface KeptEntities {
  /** What is kept of an entity, by its representation as JSON; undefined when it has to be asked for. */
  find(representation: string): unknown
  /** Keeps what was answered, if it may be kept. @param basis of the question that was asked */
  keep(representation: string, entity: unknown, basis: Basis): void
}

/** One answer in the making, of which something is to be kept: what it rests on, and what of it is there already. */
export class Keeping {
  readonly basis = new Basis()
  readonly #principal: Principal
  readonly #parts: Readonly<Record<string, TouchedPart>>
  readonly #texts: KeptTexts

  constructor(principal: Principal, parts: Readonly<Record<string, TouchedPart>>, texts: KeptTexts) {
    this.#principal = principal
    this.#parts = parts
    this.#texts = texts
  }

  /** The same for one question of it, which is asked with a basis of its own. */
  apart(): Keeping {
    return new Keeping(this.#principal, this.#parts, this.#texts)
  }

  /** What a part has told of so far: taken down before it is asked. */
  countOf(part: string): number {
    return this.#parts[part]?.count ?? 0
  }

  /** A part has answered. @param read what it said of its answer, if it said anything */
  answered(part: string, read: Read | undefined): void {
    const touched = this.#parts[part]
    const { orgId } = this.#principal
    if (touched) this.basis.add(touched, orgId ?? '', orgId === null ? undefined : read)
  }

  /** @param question the whole of it but for which entities it asks for */
  entities(part: string, question: string): KeptEntities {
    const texts = this.#texts
    const whose = `${texts.nameOf(textOf(this.#principal))} ${texts.nameOf(`${part}\n${question}`)} `
    return {
      find: (representation) => {
        const kept = texts.find(whose + representation)
        keptAnswers.inc({ what: 'entity', outcome: kept ? 'kept' : 'asked' })
        if (!kept) return undefined
        this.basis.join(kept)
        return JSON.parse(kept.text)
      },
      keep: (representation, entity, basis) => {
        const rests = basis.rests()
        if (rests) texts.keep(whose + representation, JSON.stringify(entity), rests)
      },
    }
  }
}
