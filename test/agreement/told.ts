import type { LoggedEvent } from '#events/event.ts'
import type { EventPayload } from '#schema/events.ts'

type Field = { value: unknown; confidence: string; asOf: string }

/** What insights told last of everything, as somebody knows it who has listened from the beginning. */
export class Told {
  events = 0
  readonly health = new Map<string, EventPayload<'insights.health.changed'>>()
  /** By customer and field. */
  readonly fields = new Map<string, Map<string, Field>>()
  readonly insights = new Map<string, EventPayload<'insights.insight.changed'>>()
  readonly recommendations = new Map<string, EventPayload<'insights.recommendation.changed'>>()

  /** In order; whatever comes twice is heard twice. */
  hear(events: readonly LoggedEvent[]): void {
    this.events += events.length
    for (const { name, payload } of events) {
      const said = payload as never
      if (name === 'insights.health.changed') this.#keep(this.health, 'customerId', said)
      else if (name === 'insights.recommendation.changed')
        this.#keep(this.recommendations, 'recommendationId', said)
      else if (name === 'insights.profile.changed') this.#profile(said)
      else this.#keep(this.insights, 'insightId', said)
    }
  }

  #keep<T extends object>(map: Map<string, T>, by: keyof T, said: T): void {
    map.set(String(said[by]), said)
  }

  #profile({ customerId, fields }: EventPayload<'insights.profile.changed'>): void {
    const held = this.fields.get(customerId) ?? new Map<string, Field>()
    this.fields.set(customerId, held)
    for (const [name, said] of Object.entries(fields)) if (said) held.set(name, said)
  }
}
