import { readFile } from '#control/settings-file.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { MAPPED_TYPES, type MappedType } from '../domain/hub-fields.ts'
import { changesTo, MAPPING_FORM } from '../domain/mapping-document.ts'
import type { MappingProblem } from '../domain/mapping-problems.ts'
import { overridesOf } from '../store/mappings.ts'
import { applyPlans, lockedMappings, planMapping, type UnchangeableMappings } from './apply-mappings.ts'

/** A problem, with the kind of record it is about. */
export type TypedProblem = MappingProblem & { type: MappedType }

export type ImportRefusal = UnchangeableMappings | { wrong: string } | { problems: readonly TypedProblem[] }

/**
 * Puts the mappings of a file in the place of a portal's: all of them or, when one cannot work, none. What is the same
 * already is left alone, so that importing twice changes nothing.
 * @param ask.dryRun says what would happen and does nothing
 */
export const importMappings = (
  ctx: Context,
  ask: { integrationId: string; document: string; dryRun: boolean },
): Promise<ImportRefusal | { changed: number; problems: TypedProblem[]; receipt: Receipt | null }> =>
  ctx.write(async (tx) => {
    const held = await lockedMappings(tx, ctx, ask.integrationId)
    if (!('rows' in held)) return held
    const read = readFile(ask.document, MAPPING_FORM)
    if ('wrong' in read) return read
    const changes = changesTo(read.content, overridesOf(held.rows))
    const at = ctx.clock.now()
    const plans = MAPPED_TYPES.map((type) => planMapping(held, type, changes[type], at))
    const problems = plans.flatMap((plan) => plan.problems.map((each) => ({ ...each, type: plan.type })))
    if (problems.some(({ blocks }) => blocks)) return { problems }
    const changing = plans.filter(({ fields }) => fields.length > 0)
    const changed = changing.reduce((sum, { fields }) => sum + fields.length, 0)
    if (ask.dryRun) return { changed, problems, receipt: null }
    await applyPlans(tx, ctx, 'importMappings', held, changing)
    return { changed, problems, receipt: await receiptOf(tx) }
  })
