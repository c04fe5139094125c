import { mappingIn, mappingsOf } from '../store/mappings.ts'
import { type StageRow, stagesOf } from '../store/portal.ts'
import { askRederivation } from '../store/rederivations.ts'
import type { Transaction } from '../store/transaction.ts'

interface Place {
  orgId: string
  integrationId: string
}
type Staged = StageRow['type']
const STAGED = ['deals', 'tickets'] as const satisfies Staged[]

const nameOf = ({ type, pipeline_id, stage_id }: StageRow): string => `${type}/${pipeline_id}/${stage_id}`

/**
 * Kinds of records with a stage that has become open, closed, won or lost since it was last told: records in it are not touched by
 * that, so no reading of changes finds them. To be asked before the new stages are written.
 */
export const movedStages = async (
  tx: Transaction,
  place: Place,
  told: Readonly<Partial<Record<Staged, readonly StageRow[]>>>,
): Promise<Staged[]> => {
  const before = new Map((await stagesOf(tx, place)).map((stage) => [nameOf(stage), stage]))
  return STAGED.filter((type) =>
    (told[type] ?? []).some((stage) => {
      const was = before.get(nameOf(stage))
      return was !== undefined && (was.is_open !== stage.is_open || was.is_won !== stage.is_won)
    }),
  )
}

/** Has stored records follow their stages. */
export const followStages = async (
  tx: Transaction,
  place: Place,
  types: readonly Staged[],
  at: Date,
): Promise<void> => {
  if (types.length === 0) return
  const mappings = await mappingsOf(tx, place.orgId, [place.integrationId])
  for (const type of types) {
    const { version } = mappingIn(mappings, place.integrationId, type)
    await askRederivation(tx, place, { type, version, fields: [] }, at)
  }
}
