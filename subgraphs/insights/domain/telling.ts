import { event } from '#schema/events.ts'
import { changedParts } from './settings.ts'

/** What others are told of settings. */
export const settingsChanged = (
  { version, document }: { version: number; document: Parameters<typeof changedParts>[0] },
  changedAt: Date,
) =>
  event('insights.settings.changed', 'settings', {
    version,
    changed: changedParts(document),
    changedAt: changedAt.toISOString(),
  })
