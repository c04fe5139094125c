import { DEFAULT_TIMELINE_KINDS, timelineKind } from './timeline-kinds.ts'

/** The kinds of event that a connection tells by itself. */
export const timelineKindsOf = (row: { timeline_kinds: readonly string[] | null }): readonly string[] =>
  row.timeline_kinds ?? DEFAULT_TIMELINE_KINDS

/** What is wrong with the kinds that somebody wants, as a sentence; undefined when nothing is. */
export const flawInKinds = (kinds: readonly string[]): string | undefined => {
  const unknown = kinds.find((kind) => !timelineKind(kind))
  return unknown === undefined ? undefined : 'Name kinds of event as the catalogue of the timeline has them.'
}
