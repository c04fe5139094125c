import { ControlRefusal } from './exchange.ts'

/** What goes wrong with the webhooks that a vendor posts, as chances from 0 to 1. */
export interface Mishaps {
  /** A delivery is made twice. */
  duplicate: number
  /** An event is never delivered. */
  drop: number
  /** A stranger posts the same, with a signature of his own; nobody retries that one. */
  forge: number
  /** What waits is shuffled, and a delivery is overtaken by the next. */
  reorder: number
  /** How long every delivery is held back, milliseconds. */
  delayMs: number
}

export const NO_MISHAPS: Mishaps = { duplicate: 0, drop: 0, forge: 0, reorder: 0, delayMs: 0 }

/** Reads the `webhooks` setting of a fault script: any of `Mishaps`, or `"off"`. Throws ControlRefusal. */
export const readMishaps = (value: unknown, old: Mishaps): Mishaps => {
  if (value === 'off') return NO_MISHAPS
  if (typeof value !== 'object' || value === null)
    throw new ControlRefusal('webhooks takes "off" or { duplicate, drop, forge, reorder, delayMs }')
  for (const [name, chance] of Object.entries(value))
    if (!Object.hasOwn(NO_MISHAPS, name) || typeof chance !== 'number' || chance < 0)
      throw new ControlRefusal(`webhooks has no ${name} that takes ${JSON.stringify(chance)}`)
  return { ...old, ...value }
}

/** Chance that plays the same each time. */
export class Chance {
  #state = 0x2545f491
  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return this.#state / 2 ** 32
  }
  happens = (probability: number): boolean => probability > 0 && this.next() < probability
  shuffled<T>(list: readonly T[]): T[] {
    const out = [...list]
    for (let i = out.length - 1; i > 0; i -= 1) {
      const j = Math.floor(this.next() * (i + 1))
      ;[out[i], out[j]] = [out[j]!, out[i]!]
    }
    return out
  }
}
