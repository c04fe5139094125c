import type { FieldMappingInput } from '#schema/generated/customers.types.ts'
import { invalid, missing, stale } from '#service/refusal.ts'
import type { MappingRefusal } from '../commands/save-mapping.ts'
import type { Context } from '../context.ts'
import type { FieldChange } from '../domain/changing-mappings.ts'
import { MAPPED_TYPES, type MappedType } from '../domain/hub-fields.ts'
import { judgeMappings, type MappingProblem } from '../domain/mapping-problems.ts'
import { shownMapping, shownProblem } from '../domain/showing-mappings.ts'
import { known } from '../store/catalog.ts'
import { mappingIn } from '../store/mappings.ts'

/** A change as the domain knows it. */
export const changesOf = (inputs: readonly FieldMappingInput[]): FieldChange[] =>
  inputs.map(({ transforms, ...rest }) => ({ ...rest, transforms: transforms as FieldChange['transforms'] }))

/** A connection's mappings as the graph shows them. Read anew, when something of them was just written. */
export const shownMappings = async (ctx: Context, integrationId: string, types = MAPPED_TYPES) => {
  const [mapped, catalog, rederivations] = await Promise.all([
    ctx.mapped.load(integrationId),
    ctx.catalogs.load(integrationId),
    ctx.rederivations.load(integrationId),
  ])
  return types.map((type) => {
    const row = mappingIn(mapped?.rows ?? [], integrationId, type)
    const judged = judgeMappings(type, row.fields, known(catalog?.get(type) ?? []))
    return shownMapping(
      type,
      row,
      judged,
      rederivations?.find((each) => each.type === type),
    )
  })
}

/** A mapping that cannot be saved, with everything that is wrong with it. */
export const mappingRefused = (problems: readonly (MappingProblem & { type: MappedType })[]) => ({
  __typename: 'MappingRefused' as const,
  code: 'MAPPING_REFUSED',
  message: problems.find(({ blocks }) => blocks)?.message ?? 'The mapping cannot be saved.',
  problems: problems.map(({ type, ...problem }) => shownProblem(type, problem)),
})

/** Why there is nothing to map yet. */
export const unread = () =>
  invalid(
    'integrationId',
    'The portal’s properties have not been read yet. Start a sync or refresh the field catalogue, then try again.',
    'CATALOG_NOT_READ',
  )

/** A refusal as the graph answers it. */
export const refusedMapping = (refusal: MappingRefusal, type: MappedType) => {
  if ('missing' in refusal) return missing(refusal.missing)
  if ('unread' in refusal) return unread()
  if ('currentVersion' in refusal) return stale('The mapping', refusal.currentVersion)
  return mappingRefused(refusal.problems.map((problem) => ({ ...problem, type })))
}
