import type { TimelineEvent } from '../app-wire.ts'

/** The events that apps have put on the records of one portal. They never change. */
export class TimelineEvents {
  readonly #events = new Map<string, TimelineEvent>()
  #given = 0

  list = (): TimelineEvent[] => [...this.#events.values()]
  find = (templateId: string, id: string): TimelineEvent | undefined =>
    this.#events.get(`${templateId} ${id}`)
  add(event: TimelineEvent): void {
    this.#events.set(`${event.eventTemplateId} ${event.id}`, event)
  }
  newId(): string {
    this.#given += 1
    return `simulated:event:${this.#given}`
  }
}
