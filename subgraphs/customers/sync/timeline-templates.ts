import type { HubSpot, HubSpotTimelineTemplate } from '#connectors/hubspot/index.ts'
import { TIMELINE_OBJECT, type TimelineKind } from '../domain/timeline-kinds.ts'

/** The ids of the app's templates, by the kinds of event that they show. */
export type Templates = (hubspot: HubSpot, kinds: readonly TimelineKind[]) => Promise<Map<string, string>>

/**
 * What makes the app's templates where they are missing, and remembers them for as long as the process lives. The app is one for all
 * portals: who looks first makes them.
 */
export const openTemplates = (): Templates => {
  const known = new Map<string, string>()
  return async (hubspot, kinds) => {
    if (kinds.every(({ name }) => known.has(name))) return known
    let there = oldest(await hubspot.timelineTemplates())
    const missing = kinds.filter(({ name }) => !there.has(name))
    for (const kind of missing) await hubspot.createTimelineTemplate(templateOf(kind))
    // Another process may have made one of the same name in the same moment: all take the older one.
    if (missing.length > 0) there = oldest(await hubspot.timelineTemplates())
    for (const kind of kinds) {
      const template = there.get(kind.name)
      if (!template) continue
      const has = new Set(template.tokens.map(({ name }) => name))
      for (const token of kind.tokens)
        if (!has.has(token.name)) await hubspot.createTimelineToken(template.id, token)
      known.set(kind.name, template.id)
    }
    return known
  }
}

const templateOf = ({ name, header, detail, tokens }: TimelineKind) => ({
  ...{ name, objectType: TIMELINE_OBJECT, headerTemplate: header, detailTemplate: detail },
  tokens,
})

const oldest = (templates: readonly HubSpotTimelineTemplate[]): Map<string, HubSpotTimelineTemplate> => {
  const byName = new Map<string, HubSpotTimelineTemplate>()
  for (const template of templates.filter(({ objectType }) => objectType === TIMELINE_OBJECT)) {
    const other = byName.get(template.name)
    if (!other || Number(template.id) < Number(other.id)) byName.set(template.name, template)
  }
  return byName
}
