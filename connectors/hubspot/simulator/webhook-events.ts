import type { WebhookEvent } from '../app-wire.ts'
import type { Happening, Source } from './happening.ts'

/** What an event says beside what happened. */
export interface EventFrame
  extends Pick<
    WebhookEvent,
    'eventId' | 'subscriptionId' | 'portalId' | 'appId' | 'occurredAt' | 'subscriptionType'
  > {
  source: Source
  /** HubSpot's number and singular of a type. */
  factsOf(type: string): { typeId: string; singular: string }
}

/** An event as HubSpot posts it. */
export const eventOf = (happening: Happening, frame: EventFrame): WebhookEvent => {
  const { source, factsOf, ...rest } = frame
  const event: WebhookEvent = {
    ...rest,
    attemptNumber: 0,
    changeSource: source.changeSource,
    sourceId: source.sourceId,
  }
  if (frame.subscriptionType.startsWith('object.')) event.objectTypeId = factsOf(happening.type).typeId
  return Object.assign(event, detail(happening, factsOf))
}

const detail = (happening: Happening, factsOf: EventFrame['factsOf']): Partial<WebhookEvent> => {
  switch (happening.what) {
    case 'creation':
      return { objectId: Number(happening.id), changeFlag: 'NEW' }
    case 'deletion':
      return { objectId: Number(happening.id), changeFlag: 'DELETED' }
    case 'restore':
      return { objectId: Number(happening.id), changeFlag: 'RESTORED' }
    case 'privacyDeletion':
      return { objectId: Number(happening.id) }
    case 'propertyChange':
      return {
        objectId: Number(happening.id),
        propertyName: happening.property,
        propertyValue: happening.value,
        isSensitive: false,
      }
    case 'merge':
      return {
        objectId: Number(happening.survivor),
        primaryObjectId: Number(happening.primary),
        mergedObjectIds: [Number(happening.merged)],
        newObjectId: Number(happening.survivor),
        numberOfPropertiesMoved: happening.moved,
      }
    case 'associationChange': {
      const [from, to] = [factsOf(happening.type), factsOf(happening.to)]
      return {
        associationType: `${from.singular}_to_${to.singular}`.toUpperCase(),
        fromObjectId: Number(happening.id),
        toObjectId: Number(happening.toId),
        fromObjectTypeId: from.typeId,
        toObjectTypeId: to.typeId,
        associationTypeId: happening.typeId,
        associationRemoved: happening.removed,
        isPrimaryAssociation: happening.isPrimary,
      }
    }
  }
}
